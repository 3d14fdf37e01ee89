"""What is kept by claim answers as if it were worked out from scratch, whatever was added, taken back or changed."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from closed_practice import ClosedPractice
from remittance_maker import Decided, Line, remittance

from cocm.claims.lifecycle import ClaimEvent, ClaimEventKind
from cocm.receivables import timelines
from cocm.receivables.kept import Kept
from cocm.receivables.post import post_files
from cocm.receivables.practice_books import BooksRequest, OpenBooks, open_books
from cocm.receivables.record import record_event
from cocm.receivables.settle import Settlement, settle
from cocm.receivables.timelines import standings
from cocm.receivables.worklist import WorkItem, worklist
from cocm.remits.account import ActionKind
from cocm.store.accounts import AccountRows

AS_OF = date(2026, 5, 4)
BASE = 18000
Step = Callable[[ClosedPractice], None]


def decided(closed: ClosedPractice, patient_id: str, *adjustments: tuple[str, str, int]) -> Decided:
    line = Line("99493", BASE, adjustments)
    return Decided(closed.claim_ids[patient_id], (line,), payer_number=f"ICN{patient_id}")


def posted(
    name: str,
    patient_id: str,
    *adjustments: tuple[str, str, int],
    trace: str = "EFT1",
    total: int | None = None,
) -> Step:
    def step(closed: ClosedPractice) -> None:
        content = remittance(decided(closed, patient_id, *adjustments), trace=trace, total_cents=total)
        post_files(BooksRequest(closed.folder, AS_OF), [closed.file(name, content)])

    return step


def settled(closed: ClosedPractice) -> None:
    claim_id = closed.claim_ids["P2"]
    action = Settlement(claim_id, ActionKind.PATIENT_PAYMENT, 500, AS_OF, "R. Moss", "at the desk")
    settle(BooksRequest(closed.folder, AS_OF), action)


def escalated(closed: ClosedPractice) -> None:
    with open_books(BooksRequest(closed.folder, AS_OF)) as books:
        record_event(books, closed.claim_ids["P1"], ClaimEventKind.ESCALATED, AS_OF, "R. Moss", "asked")


def records_changed(closed: ClosedPractice) -> None:
    """The cover of P1 goes to another payer: nothing of it is in the state."""
    path = closed.folder / "coverages.csv"
    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        if row["patient_id"] == "P1":
            row["payer_id"] = "MEDICARE"
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


STEPS: dict[str, Step] = {
    "denied": posted("a.835", "P1", ("CO", "109", BASE)),
    "paid": posted("b.835", "P2", ("CO", "45", 3000), ("PR", "3", 1000), trace="EFT2"),
    "held": posted("c.835", "P3", ("CO", "45", 3000), trace="EFT3", total=2 * (BASE - 3000)),
    "no longer held": posted("d.835", "P4", ("CO", "45", 3000), trace="EFT3", total=2 * (BASE - 3000)),
    "settled": settled,
    "escalated": escalated,
    "records": records_changed,
}


@pytest.fixture
def worked_out(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The claims whose standing was worked out."""
    found: list[str] = []
    kept = timelines._standing

    def counted(books: OpenBooks, rows: AccountRows, *more: object) -> timelines.ClaimStanding:
        found.append(rows.claim.patient_id)
        return kept(books, rows, *more)  # type: ignore[arg-type]  # handed through

    monkeypatch.setattr(timelines, "_standing", counted)
    yield found


def both(
    closed: ClosedPractice, kept: Kept | None, as_of: date = AS_OF
) -> tuple[list[object], list[WorkItem]]:
    with open_books(BooksRequest(closed.folder, as_of, kept=kept)) as books:
        return list(standings(books)), worklist(books)


def test_what_is_kept_is_what_is_worked_out_from_scratch(closed: ClosedPractice) -> None:
    kept, seen = Kept(), []
    for name, step in STEPS.items():
        step(closed)
        found = both(closed, kept)
        assert found == both(closed, None), name
        assert both(closed, kept) == found, name
        seen.append(found)
    assert all(one != other for one, other in pairwise(seen))  # each step shows
    later = AS_OF + timedelta(days=60)
    assert both(closed, kept, later) == both(closed, None, later)


def test_only_claims_that_something_was_added_to_are_worked_out(
    closed: ClosedPractice, worked_out: list[str]
) -> None:
    kept = Kept()
    touched = {"denied": {"P1"}, "paid": {"P2"}, "held": {"P3"}, "no longer held": {"P3", "P4"}, "settled": {"P2"},
               "escalated": {"P1"}, "records": set()}  # fmt: skip
    with open_books(BooksRequest(closed.folder, AS_OF, kept=kept)) as books:
        assert len(list(standings(books))) == len(worked_out) == 4
    for name, step in STEPS.items():
        step(closed)
        worked_out.clear()
        with open_books(BooksRequest(closed.folder, AS_OF, kept=kept)) as books:
            list(standings(books))
        assert set(worked_out) == touched[name], name


def test_what_was_taken_back_is_forgotten_even_where_as_much_was_added_again(closed: ClosedPractice) -> None:
    """Rows that were never committed leave their place to others; the last row alone would not tell."""
    kept = Kept()
    request = BooksRequest(closed.folder, AS_OF, kept=kept)

    def asked(number: int, patient_id: str) -> ClaimEvent:
        claim_id = closed.claim_ids[patient_id]
        return ClaimEvent(
            f"V{number}", claim_id, ClaimEventKind.ESCALATED, AS_OF, detail=(("by", "R. Moss"),)
        )

    with open_books(request) as books:
        books.remittances.add_claim_events([asked(1, "P1"), asked(3, "P3")], None)
        assert len(list(standings(books))) == 4
    with open_books(request) as books:
        books.remittances.add_claim_events([asked(2, "P2"), asked(3, "P3")], None)
        books.state.commit()
    assert both(closed, kept) == both(closed, None)


def test_another_practices_state_is_not_taken_for_ones_own(closed: ClosedPractice, tmp_path: Path) -> None:
    other = replace(closed, folder=tmp_path / "other" / "practice")
    shutil.copytree(closed.folder, other.folder)
    STEPS["denied"](closed)
    STEPS["paid"](other)
    kept = Kept()
    for one in (closed, other, closed):
        assert both(one, kept) == both(one, None)
