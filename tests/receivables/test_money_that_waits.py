"""Money that is held, taken back or another practice's is never booked as ours and never out of sight."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from closed_practice import ClosedPractice
from remittance_maker import Decided, Line, remittance, reversed_of

from cocm.receivables.ledger import ledger_entries
from cocm.receivables.post import PostResult, post_files
from cocm.receivables.practice_books import BooksRequest, open_books
from cocm.receivables.settle import Settlement, settle
from cocm.receivables.worklist import WorkItem, WorkKind, worklist
from cocm.remits.account import ActionKind
from cocm.remits.journal import LedgerAccount, totals

AS_OF = date(2026, 5, 4)
OURS = b"1234567893"
STRANGE = b"1999999984"


def posted(closed: ClosedPractice, *files: bytes) -> PostResult:
    paths = [closed.file(f"{number}.835", content) for number, content in enumerate(files)]
    return post_files(BooksRequest(closed.folder, AS_OF), paths)


def waiting(closed: ClosedPractice) -> list[WorkItem]:
    with open_books(BooksRequest(closed.folder, AS_OF)) as books:
        return worklist(books)


def cash(closed: ClosedPractice) -> int:
    with open_books(BooksRequest(closed.folder, AS_OF)) as books:
        return totals(ledger_entries(books)).get(LedgerAccount.CASH, 0)


def paid(closed: ClosedPractice, patient_id: str = "P1") -> Decided:
    line = Line("99493", closed.charges_cents[patient_id], (("CO", "45", 3000), ("PR", "3", 1000)))
    return Decided(closed.claim_ids[patient_id], (line,))


def test_a_held_payment_waits_as_held_and_not_as_underpaid(closed: ClosedPractice) -> None:
    claim = paid(closed, "P4")
    posted(closed, remittance(claim, total_cents=50000))
    (item,) = waiting(closed)
    assert (item.kind, item.cents) == (WorkKind.DOES_NOT_ADD_UP, claim.paid_cents)


def test_a_payment_that_was_taken_back_waits_until_it_is_given_up(closed: ClosedPractice) -> None:
    claim = paid(closed)
    posted(
        closed,
        remittance(claim, trace="E1"),
        remittance(reversed_of(claim), trace="E2", day=date(2026, 5, 1)),
    )
    (item,) = waiting(closed)
    assert (item.kind, item.cents) == (WorkKind.STILL_OPEN, 18000)
    given_up = Settlement(claim.number, ActionKind.WRITE_OFF, 18000, AS_OF, "Dana", "small")
    settle(BooksRequest(closed.folder, AS_OF), given_up)
    assert waiting(closed) == []


def test_what_a_secondary_payer_leaves_open_before_the_first_ones_decision_waits(
    closed: ClosedPractice,
) -> None:
    line = Line("99493", 18000, (("OA", "23", 13000), ("PR", "3", 1000)))
    posted(closed, remittance(Decided(closed.claim_ids["P1"], (line,), status="2")))
    (item,) = waiting(closed)
    assert (item.kind, item.cents) == (WorkKind.STILL_OPEN, 13000)


def test_another_practices_remittance_is_held_and_never_cash(closed: ClosedPractice) -> None:
    theirs = Decided("C-THEIRS", (Line("99493", 18000),), payer_number="ICN8")
    result = posted(closed, remittance(theirs).replace(OURS, STRANGE))
    assert result.exit_status == 1 and "no number of this practice" in result.held[0].explanation
    assert cash(closed) == 0


def test_a_payment_for_our_claim_is_ours_whatever_number_it_names(closed: ClosedPractice) -> None:
    result = posted(closed, remittance(paid(closed)).replace(OURS, STRANGE))
    assert (result.exit_status, cash(closed)) == (0, 14000)


def test_a_second_file_that_names_our_claim_frees_the_payment(closed: ClosedPractice) -> None:
    other = replace(paid(closed), number="VISIT", lines=(Line("99213", 9000),), payer_number="ICN9")
    whole = 14000 + 9000
    first = posted(closed, remittance(other, total_cents=whole).replace(OURS, STRANGE))
    assert len(first.held) == 1
    posted(closed, remittance(paid(closed), total_cents=whole).replace(OURS, STRANGE))
    assert cash(closed) == whole
