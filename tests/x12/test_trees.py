"""What holds for every transaction with a map: many in a file, damage, foreign guides, unknown segments."""

import io
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest
import test_acknowledgments
import test_attachment
import test_claim_acknowledgment
import test_claim_status
import test_eligibility
import test_information_request
import test_write_835
from hypothesis import given, settings
from hypothesis import strategies as st

from cocm.basics.errors import RulebookError, X12Error
from cocm.x12 import (
    Envelope,
    InterchangeAcknowledgment,
    LoopValues,
    SegmentValues,
    detect,
    read_270,
    read_271,
    read_275,
    read_276,
    read_277,
    read_277_request,
    read_277ca,
    read_835,
    read_999,
    read_transactions,
    tree_reader,
    validate,
    values_of,
    write_ta1,
    write_trees,
)
from cocm.x12.claim_status import write_276, write_277
from cocm.x12.eligibility_writer import write_270, write_271
from cocm.x12.guide import guide_versions, load_guide

Read = Callable[[Any], Any]

CLAIM_ACKNOWLEDGMENT = test_claim_acknowledgment.acknowledgment(test_claim_acknowledgment.CLAIM)
STATUS_REQUEST = test_claim_status.record(
    test_claim_status.StatusMember(test_claim_status.ASKED, (test_claim_status.REQUEST,))
)
STATUS_ANSWER = test_claim_status.record(
    test_claim_status.StatusMember(test_claim_status.MEMBER, (test_claim_status.ANSWER,))
)
FILES: dict[str, tuple[bytes, Read, str]] = {
    "270": (test_eligibility.written(write_270, test_eligibility.INQUIRY), read_270, "270-005010X279A1"),
    "271": (
        test_eligibility.written(write_271, test_eligibility.answer(*test_eligibility.BENEFITS)),
        read_271,
        "271-005010X279A1",
    ),
    "275": (test_attachment.written(test_attachment.ATTACHMENT), read_275, "006020X314"),
    "275 old": (test_attachment.old_attachment(b"~*~ISA"), read_275, "005010X210"),
    "276": (test_claim_status.written(write_276, STATUS_REQUEST), read_276, "276-005010X212"),
    "277": (test_claim_status.written(write_277, STATUS_ANSWER), read_277, "277-005010X212"),
    "277CA": (test_claim_acknowledgment.written(CLAIM_ACKNOWLEDGMENT), read_277ca, "005010X214"),
    "277 request": (
        test_information_request.written(test_information_request.request(test_information_request.CLAIM)),
        read_277_request,
        "006020X313",
    ),
    "835": (test_write_835.written(test_write_835.sample()), read_835, "005010X221A1"),
    "999": (test_acknowledgments.written(test_acknowledgments.REJECTED), read_999, "005010X231A1"),
}
EVERY_FILE = pytest.mark.parametrize(("content", "read", "guide"), FILES.values(), ids=FILES)


def several(content: bytes) -> bytes:
    """Two interchanges; the first with two groups, of two transactions and one."""
    group, transaction = content.index(b"GS*"), content.index(b"ST*")
    group_end, interchange_end = content.rindex(b"GE*"), content.rindex(b"IEA*")
    head, body, tail = content[:group], content[transaction:group_end], content[interchange_end:]
    group_head, group_tail = content[group:transaction], content[group_end:interchange_end]
    first = head + group_head + body + body + group_tail + group_head + body + group_tail + tail
    return first + b"\r\n" + content


@EVERY_FILE
def test_many_transactions_groups_and_interchanges_are_read(content: bytes, read: Read, guide: str) -> None:
    (once,) = read(content)

    found = list(read(io.BytesIO(several(content))))

    assert len(found) == 4
    if guide != "005010X221A1":  # a remittance holds its control numbers as values
        assert found == [once] * 4


@EVERY_FILE
def test_what_a_file_holds_is_detected(content: bytes, read: Read, guide: str) -> None:
    (found,) = detect(several(content))

    assert (found.transaction, found.guide_name, found.count) == (load_guide(guide).transaction, guide, 4)


@EVERY_FILE
def test_every_segment_is_reachable_in_the_tree(content: bytes, read: Read, guide: str) -> None:
    damaged = content.replace(b"~SE*", b"~ZZ9*NEW~SE*", 1)

    (tree,) = read_transactions(damaged)

    kept = sorted(tree.root.all_segments(), key=lambda placed: placed.segment.start)
    assert tree.guide_name == guide
    assert kept[0].segment.start == tree.root.start == damaged.index(b"ST*")
    assert kept[-1].segment.end == tree.root.end == damaged.index(b"GE*")
    assert [one.segment.text for one in kept if one.use is None] == ["ZZ9*NEW"]
    assert all(one.segment.start == other.segment.end for other, one in pairwise(kept))


@EVERY_FILE
def test_a_file_is_written_again_from_its_tree(content: bytes, read: Read, guide: str) -> None:
    (tree,) = read_transactions(content)
    sender, number = tree.origin, int(tree.origin.interchange_control_number)
    assert sender.created_at is not None
    envelope = Envelope(
        sender.sender_id,
        "",
        "",
        "",
        sender.receiver_id,
        "",
        sender.created_at,
        number,
        int(sender.group_control_number),
    )
    out = io.BytesIO()

    write_trees(guide, [values_of(tree.root)], envelope, out)

    assert out.getvalue() == content


def test_a_segment_that_no_guide_knows_is_not_written_again() -> None:
    (tree,) = read_transactions(FILES["999"][0].replace(b"~AK9*", b"~ZZ9*NEW~AK9*"))

    with pytest.raises(
        X12Error, match=r"^byte \d+, segment \d+: loop 2000 has a segment that the guide does not know"
    ):
        values_of(tree.root)


@EVERY_FILE
def test_a_transaction_that_is_cut_off_is_named(content: bytes, read: Read, guide: str) -> None:
    start, end = content.index(b"SE*"), content.index(b"GE*")

    with pytest.raises(X12Error, match=r"^byte \d+, segment 3: the transaction has no end"):
        list(read(content[:start] + content[end:]))


@EVERY_FILE
def test_a_guide_without_a_map_is_named(content: bytes, read: Read, guide: str) -> None:
    version = load_guide(guide).version.encode()

    with pytest.raises(X12Error, match=r"(of|names the) guide 005010X999"):
        list(read(content.replace(version, b"005010X999")))
    assert [one.guide_name for one in detect(content.replace(version, b"005010X999"))] == [""]
    assert "unknown-guide" in [one.kind for one in validate(content.replace(version, b"005010X999"))]


@EVERY_FILE
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_damaged_file_ends_in_problems_or_a_named_error(
    content: bytes, read: Read, guide: str, data: st.DataObject
) -> None:
    damaged = bytearray(content)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        if data.draw(st.booleans()):
            damaged[at] = data.draw(st.integers(0, 255))
        else:
            del damaged[at : at + data.draw(st.integers(1, 40))]
        if not damaged:
            return

    with suppress(X12Error):
        validate(bytes(damaged))
    with suppress(X12Error):
        list(read(bytes(damaged)))


def test_a_file_of_several_kinds_is_told_apart() -> None:
    content = b"".join(one for one, _, _ in FILES.values())

    found = detect(content)

    assert [(one.transaction, one.guide_name) for one in found] == [
        (load_guide(guide).transaction, guide) for _, _, guide in FILES.values()
    ]
    assert len(list(read_transactions(content))) == len(FILES)


def test_every_guide_of_the_index_has_a_file_here() -> None:
    known = {guide for _, _, guide in FILES.values()} | {"005010X222A1", "005010X213"}

    assert set(guide_versions().values()) == known


def test_interchange_acknowledgments_are_detected() -> None:
    out = io.BytesIO()
    answer = InterchangeAcknowledgment("1", test_write_835.ENVELOPE.created_at, "A", "000")

    write_ta1([answer], test_write_835.ENVELOPE, out)

    assert [(one.transaction, one.guide_name, one.count) for one in detect(out.getvalue())] == [
        ("TA1", "", 1)
    ]


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        (LoopValues("2000A"), "begins with transaction"),
        (LoopValues("transaction", (SegmentValues("gone", {}),)), "no segment gone"),
        (LoopValues("transaction", (), (LoopValues("9999"),)), "no loop 9999"),
        (LoopValues("transaction", (SegmentValues("group_response", {"gone": "1"}),)), "no element 'gone'"),
    ],
)
def test_what_the_map_does_not_have_is_a_mistake_of_the_program(tree: LoopValues, expected: str) -> None:
    with pytest.raises(RulebookError, match=expected):
        write_trees("005010X231A1", [tree], test_write_835.ENVELOPE, io.BytesIO())


def test_a_transaction_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree_reader, "SEGMENTS_PER_TRANSACTION_MAX", 100)
    content = FILES["999"][0]
    at = content.index(b"AK9*")
    hostile = content[:at] + b"AK2*837*1~" * 100 + content[at:]

    with pytest.raises(X12Error, match="more than 100 segments in one transaction"):
        list(read_999(hostile))
