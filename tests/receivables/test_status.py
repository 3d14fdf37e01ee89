"""Status files move a claim along its timeline, in any order, each once."""

from __future__ import annotations

import io
import itertools
from datetime import date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from closed_practice import ClosedPractice
from remittance_maker import Decided, Line, remittance
from status_maker import ENVELOPE, acknowledged, answered, requested

from cocm.basics.errors import UnusableInput
from cocm.claims.lifecycle import ClaimState, Timeline
from cocm.cli.status import command
from cocm.receivables.post import post_files
from cocm.receivables.practice_books import BooksRequest, open_books
from cocm.receivables.status import StatusResult, take_in_statuses
from cocm.receivables.timelines import standings
from cocm.receivables.worklist import WorkKind, worklist
from cocm.x12 import (
    GroupAcknowledgment,
    InterchangeAcknowledgment,
    TransactionResponse,
    write_999,
    write_ta1,
)

AS_OF = date(2026, 5, 4)


def form_answer(closed: ClosedPractice, status: str) -> bytes:
    """A 999 for the interchange that P1's claim went out in."""
    with open_books(BooksRequest(closed.folder, AS_OF)) as books:
        ((rows, _),) = books.accounts(closed.claim_ids["P1"])
        number = rows.claim.control_number
    response = TransactionResponse("837", "0001", "005010X222A1", (), status, ("5",) if status == "R" else ())
    group = GroupAcknowledgment(
        "HC", str(number), "005010X222A1", (response,), status, 1, 1, int(status == "A")
    )
    out = io.BytesIO()
    write_999([group], ENVELOPE, out)
    return out.getvalue()


def taken(closed: ClosedPractice, *files: bytes) -> StatusResult:
    paths = [closed.file(f"s{number}.277", content) for number, content in enumerate(files)]
    return take_in_statuses(BooksRequest(closed.folder, AS_OF), paths)


def life(closed: ClosedPractice, patient_id: str = "P1") -> Timeline:
    with open_books(BooksRequest(closed.folder, AS_OF)) as books:
        return next(standings(books, closed.claim_ids[patient_id])).timeline


def test_an_accepted_claim_is_with_the_payer(closed: ClosedPractice) -> None:
    result = taken(closed, form_answer(closed, "A"), acknowledged(closed.claim_ids["P1"], "A2:20"))
    assert result.exit_status == 0
    found = life(closed)
    assert (found.state, found.is_with_payer) == (ClaimState.ACCEPTED, True)
    assert found.payer_claim_control_number == "ICN1"


def test_a_rejected_claim_was_never_with_the_payer(closed: ClosedPractice) -> None:
    result = taken(closed, acknowledged(closed.claim_ids["P1"], "A3:116"))
    assert result.exit_status == 1 and result.files[0].rejected == [closed.claim_ids["P1"]]
    assert not life(closed).is_with_payer
    assert life(closed, "P2").state is ClaimState.SENT


def test_a_refused_transaction_takes_its_claims_with_it(closed: ClosedPractice) -> None:
    taken(closed, form_answer(closed, "R"))
    assert {life(closed, name).state for name in ("P1", "P2", "P3")} == {ClaimState.REJECTED}
    assert life(closed, "P4").state is ClaimState.SENT


def test_a_refused_interchange_takes_its_claims_with_it(closed: ClosedPractice) -> None:
    with open_books(BooksRequest(closed.folder, AS_OF)) as books:
        ((rows, _),) = books.accounts(closed.claim_ids["P4"])
    out = io.BytesIO()
    number = str(rows.claim.control_number)
    write_ta1([InterchangeAcknowledgment(number, datetime(2026, 4, 2, 12, 0), "R", "024")], ENVELOPE, out)
    taken(closed, out.getvalue())
    assert life(closed, "P4").state is ClaimState.REJECTED
    assert life(closed).state is ClaimState.SENT


def test_a_pended_claim_waits_and_is_not_billed_again(closed: ClosedPractice) -> None:
    assert taken(closed, answered(closed.claim_ids["P1"], "P2:20")).exit_status == 0
    found = life(closed)
    assert (found.state, found.is_with_payer) == (ClaimState.PENDED, True)


def test_a_finalized_status_says_nothing_that_the_remittance_does_not(closed: ClosedPractice) -> None:
    assert taken(closed, answered(closed.claim_ids["P1"], "F1:65")).files[0].new_events == 0
    assert life(closed).state is ClaimState.SENT


def test_a_request_for_records_has_its_day(closed: ClosedPractice) -> None:
    due = date(2026, 5, 29)
    result = taken(closed, requested(closed.claim_ids["P1"], "11506-3", "18776-5", due=due))
    assert result.files[0].requested == [(closed.claim_ids["P1"], due)]
    found = life(closed)
    assert found.open_request is not None and found.open_request.due == due
    assert [value for name, value in found.open_request.detail if name == "loinc"] == ["11506-3", "18776-5"]
    with open_books(BooksRequest(closed.folder, AS_OF)) as books:
        (item,) = [one for one in worklist(books) if one.kind is WorkKind.RECORDS]
    assert (item.deadline.day, item.days_left(AS_OF)) == (due, 25)


def test_any_order_of_files_ends_in_the_same_state(closed: ClosedPractice, tmp_path: Path) -> None:
    claim_id = closed.claim_ids["P1"]
    paid = Decided(claim_id, (Line("99493", 18000, (("CO", "45", 3000),)),))
    lost = Decided("0", (Line("99493", 18000, (("CO", "109", 18000),)),), status="4", payer_number="ICN1")
    files = {
        "ack": acknowledged(claim_id, "A2:20"),
        "denied": remittance(lost, trace="EFT1", day=date(2026, 4, 20)),
        "paid": remittance(paid, trace="EFT2", day=date(2026, 5, 1)),
    }
    seen = set()
    for number, order in enumerate(itertools.permutations(files)):
        state = tmp_path / f"state{number}.sqlite"
        state.write_bytes((closed.folder / "cocm-state.sqlite").read_bytes())
        request = BooksRequest(closed.folder, AS_OF, state)
        for name in order:
            path = closed.file(f"{number}-{name}", files[name])
            take_in_statuses(request, [path]) if name == "ack" else post_files(request, [path])
        with open_books(request) as books:
            standing = next(standings(books, claim_id))
        seen.add((standing.account.balance, tuple(entry.event.kind for entry in standing.timeline.entries)))
    assert len(seen) == 1
    ((balance, kinds),) = seen
    assert balance.paid_cents == 15000 and kinds == ("sent", "accepted", "denied", "paid")


def test_the_same_file_again_changes_nothing(closed: ClosedPractice) -> None:
    content = acknowledged(closed.claim_ids["P1"], "A2:20")
    assert taken(closed, content).files[0].new_events == 1
    again = taken(closed, content).files[0]
    assert (again.is_known, again.new_events) == (True, 0)


def test_a_claim_of_somebody_else_is_named(closed: ClosedPractice) -> None:
    result = taken(closed, acknowledged("C-000000000000", "A2:20"))
    assert result.files[0].unknown_claims == ["C-000000000000"] and result.exit_status == 1


def test_a_remittance_is_sent_to_the_right_command(closed: ClosedPractice) -> None:
    with pytest.raises(UnusableInput, match="remittances go to cocm post"):
        taken(closed, remittance(Decided("C-1", (Line("99493", 100),))))


def test_the_command_names_what_to_do(closed: ClosedPractice) -> None:
    path = closed.file("ack.277", acknowledged(closed.claim_ids["P1"], "A7:249"))
    done = CliRunner().invoke(command, [str(path), "--practice", str(closed.folder)])
    assert done.exit_code == 1 and "rejected: it was never in the payer's system" in done.output


@pytest.mark.parametrize("number", ["ABCDEFGHI", "9" * 25, "²", "", "77"], ids=str)
@pytest.mark.parametrize("kind", ["TA1", "999"])
def test_an_answer_to_a_file_that_was_never_sent_is_told(
    closed: ClosedPractice, kind: str, number: str
) -> None:
    answer = b"TA1*@*260401*1200*R*006~" if kind == "TA1" else b"AK1*HC*@*005010X222A1~AK9*R*1*1*0~"
    (file,) = taken(closed, _wrapped(kind, answer.replace(b"@", number.encode()))).files
    assert file.unknown_files == [number] and not file.statements


def test_an_answer_to_another_sender_rejects_nothing_of_ours(closed: ClosedPractice) -> None:
    content = form_answer(closed, "R").replace(b"SUB001", b"SUB002")
    result = taken(closed, content)
    assert (result.exit_status, len(result.files[0].unknown_files)) == (1, 1)
    assert life(closed).state is ClaimState.SENT
    path = closed.file("again.999", content)
    told = CliRunner().invoke(command, [str(path), "--practice", str(closed.folder)]).output
    assert "this state sent none of that number" in told


def _wrapped(kind: str, answer: bytes) -> bytes:
    head = (
        b"ISA*00*          *00*          *ZZ*GTP01          *ZZ*SUB001         "
        b"*260501*1200*^*00501*000000077*0*P*:~"
    )
    if kind == "TA1":
        return head + answer + b"IEA*0*000000077~"
    body = b"ST*999*0001*005010X231A1~" + answer + b"SE*4*0001~"
    return head + b"GS*FA*GTP01*SUB001*20260501*1200*78*X*005010X231A1~" + body + b"GE*1*78~IEA*1*000000077~"
