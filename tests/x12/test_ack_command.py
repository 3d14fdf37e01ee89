"""`cocm x12 ack`: what a receiver owes for a file, from the check of the file, judged by an independent reader."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from claim_samples import ENVELOPE, make_claim, make_dependent, written
from click.testing import CliRunner, Result
from judge import judged
from remittance_samples import REMITTANCE

from cocm.basics.errors import X12Error
from cocm.cli import cli
from cocm.x12 import read_277ca, read_999, read_ta1, validate
from cocm.x12.reply import Reply, ReplyKind, reply

AT = datetime(2026, 4, 3, 8, 15)
CLAIMS = written([make_claim(1), make_dependent(2)])
# The first claim's amounts do not add up; its form is right.
UNBALANCED = CLAIMS.replace(b"CLM*C-00000000000001*284.32", b"CLM*C-00000000000001*284.33")
# A place of service is missing: the form is wrong.
MALFORMED = CLAIMS.replace(b"***11:B:1*Y*A*Y*Y~HI", b"***:B:1*Y*A*Y*Y~HI", 1)


def replies(content: bytes) -> list[Reply]:
    return list(reply(content, at=AT, first_control_number=70))


def kinds(content: bytes) -> list[tuple[str, int, int]]:
    return [(one.kind.value, one.accepted_count, one.rejected_count) for one in replies(content)]


def test_a_good_file_of_claims_gets_a_999_and_a_277ca() -> None:
    assert kinds(CLAIMS) == [("999", 1, 0), ("277CA", 2, 0)]
    form, claims = replies(CLAIMS)
    (said,) = read_999(form.content)
    assert (said.group_control_number, said.status, said.accepted_count) == ("1", "A", 1)
    (answer,) = read_277ca(claims.content)
    found = [claim.claim_id for batch in answer.batches for one in batch.providers for claim in one.claims]
    assert found == ["C-00000000000001", "C-00000000000002"]


def test_the_answer_goes_back_to_the_sender_under_numbers_of_its_own() -> None:
    for number, one in enumerate(replies(CLAIMS), 70):
        header = one.content[:106].decode()
        assert (header[35:50].strip(), header[54:69].strip()) == ("CLEARHOUSE", "LAKESIDE01")
        assert header[90:99] == f"{number:09d}"


@pytest.mark.parametrize(
    "content", [CLAIMS, UNBALANCED, MALFORMED, REMITTANCE], ids=["good", "sums", "form", "835"]
)
def test_what_is_answered_is_valid_and_an_independent_judge_accepts_it(
    content: bytes, tmp_path: Path
) -> None:
    for one in replies(content):
        assert validate(one.content) == ()
        assert judged(one.content, tmp_path) == []


def test_a_claim_that_does_not_add_up_is_rejected_alone_and_by_name() -> None:
    assert kinds(UNBALANCED) == [("999", 1, 0), ("277CA", 1, 1)]
    (answer,) = read_277ca(replies(UNBALANCED)[1].content)
    claims = [claim for batch in answer.batches for one in batch.providers for claim in one.claims]
    assert [(one.claim_id, one.is_accepted) for one in claims] == [
        ("C-00000000000001", False),
        ("C-00000000000002", True),
    ]


def test_a_fault_of_form_is_told_by_the_999_and_ends_there() -> None:
    assert kinds(MALFORMED) == [("999", 0, 1)]
    (said,) = read_999(replies(MALFORMED)[0].content)
    note = said.transactions[0].notes[0]
    assert (note.segment_tag, note.elements[0].element_position) == ("CLM", 5)


def test_a_refused_interchange_gets_a_ta1_alone() -> None:
    broken = CLAIMS.replace(b"IEA*1*000000001", b"IEA*1*000000009")
    assert kinds(broken) == [("TA1", 0, 1)]
    (answer,) = read_ta1(replies(broken)[0].content)
    assert (answer.interchange_control_number, answer.status, answer.note) == ("000000001", "R", "001")


def test_a_file_that_was_cut_off_is_refused_as_an_interchange() -> None:
    assert [kind for kind, _, _ in kinds(CLAIMS[:-200])] == ["TA1"]


def test_a_ta1_is_sent_where_it_was_asked_for() -> None:
    asking = written([make_claim(1)], replace(ENVELOPE, acknowledgment_requested=True))
    assert kinds(asking) == [("TA1", 1, 0), ("999", 1, 0), ("277CA", 1, 0)]


def test_every_interchange_of_a_file_is_answered_for_itself() -> None:
    broken = CLAIMS.replace(b"IEA*1*000000001", b"IEA*1*000000009")
    assert [kind for kind, _, _ in kinds(REMITTANCE + broken + CLAIMS)] == ["999", "TA1", "999", "277CA"]


def test_an_acknowledgment_that_cannot_be_written_says_why_and_does_not_stop_the_others() -> None:
    nameless = CLAIMS.replace(
        b"GS*HC*LAKESIDE01*CLEARHOUSE*20260402*0930*1*X", b"GS*HC*LAKESIDE01*CLEARHOUSE*20260402*0930**X"
    )
    found = replies(nameless + CLAIMS)
    assert [(one.kind.value, bool(one.content), bool(one.why)) for one in found] == [
        ("999", False, True),
        ("999", True, False),
        ("277CA", True, False),
    ]
    assert not found[0].is_accepted
    assert found[1].content[90:99] == b"000000070"


def test_an_acknowledgment_is_not_answered_by_another() -> None:
    assert kinds(replies(CLAIMS)[0].content) == []


def test_the_same_file_and_moment_make_the_same_bytes() -> None:
    assert replies(UNBALANCED) == replies(UNBALANCED)


@pytest.mark.parametrize("content", [b"", b"\x89PNG" + bytes(300), b"a;b\n" * 60])
def test_what_is_no_interchange_cannot_be_answered(content: bytes) -> None:
    with pytest.raises(X12Error, match=r"byte 0"):
        replies(content)


def command(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["x12", "ack", "--at", "2026-04-03T08:15", *arguments])


def test_the_command_writes_each_acknowledgment_and_tells_the_count(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        archive.writestr("a.837", CLAIMS)
        archive.writestr("b.837", UNBALANCED)
    out = tmp_path / "out"
    result = command(str(tmp_path / "in.zip"), "--out", str(out), "--first-control-number", "500", "--json")
    assert result.exit_code == 1
    listed = json.loads(result.stdout)["acknowledgments"]
    assert [(one["file"], one["accepted"], one["rejected"]) for one in listed] == [
        ("00001-999.x12", 1, 0),
        ("00002-277ca.x12", 2, 0),
        ("00003-999.x12", 1, 0),
        ("00004-277ca.x12", 1, 1),
    ]
    numbers = [path.read_bytes()[90:99] for path in sorted(out.iterdir())]
    assert numbers == [b"000000500", b"000000501", b"000000502", b"000000503"]
    assert "DAVIS" not in result.output


def test_the_exit_status_of_an_accepted_file_is_0(tmp_path: Path) -> None:
    (tmp_path / "a.837").write_bytes(CLAIMS)
    result = command(str(tmp_path / "a.837"), "--out", str(tmp_path / "out"))
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0].startswith("999   for 1: 1 accepted, 0 rejected")
    assert ReplyKind.CLAIMS.value in result.stdout
