import io
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from judge import judged
from remittance_samples import REMITTANCE

from cocm.basics.errors import X12Error
from cocm.x12.acknowledgment import read_999, read_ta1, write_999, write_ta1
from cocm.x12.acknowledgment_build import acknowledge_groups, acknowledge_interchanges
from cocm.x12.acknowledgment_record import (
    ElementNote,
    GroupAcknowledgment,
    InterchangeAcknowledgment,
    NoteContext,
    SegmentNote,
    TransactionResponse,
)
from cocm.x12.envelope import Envelope
from cocm.x12.validate import validate

ENVELOPE = Envelope("LAKESIDE01", "", "", "", "GHP01", "", datetime(2026, 5, 2, 9, 30), 7, 8)
REJECTED = GroupAcknowledgment(
    functional_identifier="HC",
    group_control_number="42",
    guide_version="005010X222A1",
    transactions=(
        TransactionResponse("837", "0001", "005010X222A1", (), "A"),
        TransactionResponse(
            "837",
            "0002",
            "005010X222A1",
            (
                SegmentNote(
                    "CLM",
                    22,
                    "2300",
                    "8",
                    (ElementNote(5, 3, "7", bad_value="Q"), ElementNote(2, None, "1")),
                    (NoteContext("CLM01", "C-1"),),
                ),
                SegmentNote("N3", 9, "2010", "3"),
            ),
            "R",
            ("5",),
        ),
    ),
    status="P",
    included_count=2,
    received_count=2,
    accepted_count=1,
)


def written(*acknowledgments: GroupAcknowledgment) -> bytes:
    out = io.BytesIO()
    write_999(acknowledgments, ENVELOPE, out)
    return out.getvalue()


def faulty(old: str, new: str) -> bytes:
    assert old.encode() in REMITTANCE
    return REMITTANCE.replace(old.encode(), new.encode(), 1)


def test_the_judge_and_our_own_check_accept_what_is_written(tmp_path: Path) -> None:
    content = written(REJECTED)

    assert judged(content, tmp_path) == []
    assert validate(content) == ()
    assert b"ST*999*0001*005010X231A1~AK1*HC*42*005010X222A1~AK2*837*0001*005010X222A1~IK5*A~" in content
    assert (
        b"IK3*CLM*22*2300*8~CTX*CLM01:C-1~IK4*5:3**7*Q~IK4*2**1~IK3*N3*9*2010*3~IK5*R*5~AK9*P*2*2*1~"
        in content
    )


def test_what_is_written_is_read_back_with_its_origin_and_bytes() -> None:
    content = written(REJECTED, replace(REJECTED, group_control_number="43"))

    first, second = read_999(content)

    assert (first, second.group_control_number) == (REJECTED, "43")
    assert first.origin is not None
    assert (first.origin.sender_id, first.origin.transaction_control_number) == ("LAKESIDE01", "0001")
    assert content[second.start : second.end].startswith(b"ST*999*0002*")
    assert content[second.start : second.end].endswith(b"SE*13*0002~")
    assert first.transactions[1].notes[0].claim_id == "C-1"


def test_a_trigger_and_an_unknown_segment_are_kept() -> None:
    content = written(REJECTED).replace(
        b"CTX*CLM01:C-1~", b"CTX*SITUATIONAL TRIGGER*CLM*43**5:3~CTX*CLM01:C-1~ZZ9*NEW~"
    )

    (read,) = read_999(content)

    assert read.transactions[1].notes[0].contexts[0] == NoteContext(
        "SITUATIONAL TRIGGER",
        segment_tag="CLM",
        segment_position=43,
        element_position=5,
        component_position=3,
    )
    assert [one.segment.text for one in read.segments] == ["ZZ9*NEW"]


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (replace(REJECTED, status="Q"), "AK901"),
        (replace(REJECTED, functional_identifier=""), "AK101"),
        (replace(REJECTED, codes=("1", "2", "3", "4", "5", "6")), "at most 5 codes"),
        (replace(REJECTED, guide_version="005010*222"), "AK103 .*holds one of the delimiters"),
    ],
)
def test_what_the_guide_forbids_is_refused_by_name(wrong: GroupAcknowledgment, expected: str) -> None:
    out = io.BytesIO()

    with pytest.raises(X12Error, match=expected):
        write_999([wrong], ENVELOPE, out)

    assert out.getvalue() == b""


def test_a_right_file_is_accepted() -> None:
    (group,) = acknowledge_groups(REMITTANCE, validate(REMITTANCE))

    assert (group.status, group.included_count, group.accepted_count) == ("A", 1, 1)
    assert group.transactions == (TransactionResponse("835", "0001", "", (), "A"),)


@pytest.mark.parametrize(
    ("old", "new", "note"),
    [
        (
            "CAS*CO*109*150.47~",
            "CAS*CX*109*150.47~",
            SegmentNote("CAS", 40, "2110", "8", (ElementNote(1, None, "7"),)),
        ),
        ("PER*BL*EDI HELP*TE*8005550111~", "", SegmentNote("PER", 6, "1000", "3")),
        ("LX*1~", "QQ9*1~LX*1~", SegmentNote("QQ9", 14, "1000", "1")),
        ("LX*1~", "HL*1**20~LX*1~", SegmentNote("HL", 14, "1000", "1")),
        ("*20260502~TRN", "*20260532~TRN", SegmentNote("BPR", 2, "", "8", (ElementNote(16, None, "8"),))),
        ("BPR*I*170.06*", "BPR*I**", SegmentNote("BPR", 2, "", "8", (ElementNote(2, None, "1"),))),
        (
            "N3*1 PLAN PLAZA~",
            f"N3*{'X' * 56}~",
            SegmentNote("N3", 7, "1000", "8", (ElementNote(1, None, "5"),)),
        ),
    ],
)
def test_a_fault_of_form_rejects_its_transaction_with_place_and_code(
    old: str, new: str, note: SegmentNote
) -> None:
    content = faulty(old, new)

    (group,) = acknowledge_groups(content, validate(content))

    (response,) = group.transactions
    told = [replace(one, contexts=()) for one in response.notes]
    assert note in told
    assert (response.status, group.status, group.accepted_count) == ("R", "R", 0)
    assert "5" in response.codes
    assert list(read_999(written(group))) == [group]


@pytest.mark.parametrize(
    ("old", "new", "codes", "group_codes"),
    [
        ("SE*47*", "SE*46*", ("4",), ()),
        ("SE*47*0001~", "SE*47*0002~", ("3",), ()),
        ("GE*1*42~", "GE*2*42~", (), ("5",)),
        ("GE*1*42~", "GE*1*43~", (), ("4",)),
        ("X*005010X221A1", "X*005010X999A1", ("I6",), ()),
    ],
)
def test_faults_of_the_envelope_have_codes_of_their_own(
    old: str, new: str, codes: tuple[str, ...], group_codes: tuple[str, ...]
) -> None:
    content = faulty(old, new)

    (group,) = acknowledge_groups(content, validate(content))

    assert (group.transactions[0].codes, group.codes) == (codes, group_codes)
    assert not group.is_accepted


def test_a_payment_out_of_balance_is_right_in_form() -> None:
    content = faulty("BPR*I*170.06*", "BPR*I*170.07*")

    (group,) = acknowledge_groups(content, validate(content))

    assert group.is_accepted


@pytest.mark.parametrize(
    ("old", "new", "status", "note"),
    [
        ("GE*1*42~", "GE*1*42~", "A", "000"),
        ("IEA*1*000000042~", "IEA*1*000000043~", "R", "001"),
        ("IEA*1*", "IEA*2*", "R", "021"),
        ("IEA*1*000000042~", "", "R", "023"),
        ("*0*P*:~", "*0*Q*:~", "R", "020"),
    ],
)
def test_an_interchange_is_acknowledged_by_its_envelope_alone(
    old: str, new: str, status: str, note: str
) -> None:
    content = faulty(old, new)

    (one,) = acknowledge_interchanges(content, validate(content))

    assert (one.interchange_control_number, one.created_at) == ("000000042", datetime(2026, 5, 1, 12))
    assert (one.status, one.note) == (status, note)


def test_an_interchange_may_hold_acknowledgments_alone() -> None:
    answer = InterchangeAcknowledgment("000000042", datetime(2026, 5, 1, 12), "A", "000")
    out = io.BytesIO()

    result = write_ta1([answer], ENVELOPE, out)

    content = out.getvalue()
    assert content.endswith(b"~TA1*000000042*260501*1200*A*000~IEA*0*000000007~")
    assert result.byte_count == len(content)
    (read,) = read_ta1(content)
    assert read == answer
    assert read.origin is not None and read.origin.receiver_id == "GHP01"
    assert list(read_999(content)) == []
    assert validate(content) == ()


def test_a_wrong_interchange_acknowledgment_is_refused() -> None:
    with pytest.raises(X12Error, match="TA104"):
        write_ta1([InterchangeAcknowledgment("42", datetime(2026, 5, 1), "Q", "000")], ENVELOPE, io.BytesIO())


def test_nothing_to_say_writes_nothing() -> None:
    out = io.BytesIO()

    assert write_999([], ENVELOPE, out).byte_count == write_ta1([], ENVELOPE, out).byte_count == 0
    assert out.getvalue() == b""


def test_another_transaction_is_named() -> None:
    with pytest.raises(X12Error, match=r"835 of guide 005010X221A1.*005010X231A1"):
        list(read_999(REMITTANCE))


@pytest.mark.parametrize("odd", ["\x80", "\u20ac"])
def test_a_number_to_repeat_that_no_file_can_hold_is_named(odd: str) -> None:
    interchange = InterchangeAcknowledgment(f"0000000{odd}1", datetime(2026, 5, 1), "R", "001")
    with pytest.raises(X12Error, match="TA1"):
        write_ta1([interchange], ENVELOPE, io.BytesIO())
    with pytest.raises(X12Error, match="AK1"):
        write_999([replace(REJECTED, group_control_number=odd)], ENVELOPE, io.BytesIO())
