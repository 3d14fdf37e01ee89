"""The books over an open state, another's tables and a rulebook that was read already: as a server gives them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from closed_practice import ClosedPractice

from cocm.close.run import default_state_path
from cocm.intake.groups import PatientRows
from cocm.intake.practice import PracticeSource, open_practice
from cocm.receivables.month_case import month_cases
from cocm.receivables.practice_books import BooksRequest, open_books
from cocm.receivables.settle import Settlement, settle
from cocm.receivables.timelines import standings
from cocm.receivables.worklist import work_of, worklist
from cocm.remits.account import ActionKind
from cocm.rules import Rulebook
from cocm.store.state import PracticeState

AS_OF = date(2026, 7, 1)


class Named:
    """A practice's tables that count what is asked of them."""

    def __init__(self, source: PracticeSource) -> None:
        self.reference, self.notes, self.damaged_rows = source.reference, source.notes, source.damaged_rows
        self._rows = {rows.patient_id: rows for rows in source.patient_groups()}
        self.asked: list[set[str]] = []

    def patient_groups(self) -> Iterator[PatientRows]:
        yield from self._rows.values()

    def groups_named(self, patient_ids: Collection[str]) -> Iterator[PatientRows]:
        self.asked.append(set(patient_ids))
        return (rows for name, rows in self._rows.items() if name in patient_ids)


def test_an_open_state_and_named_tables_answer_like_the_folder(closed: ClosedPractice) -> None:
    with open_practice(closed.folder) as source:
        tables = Named(source)
    book = Rulebook()
    with open_books(BooksRequest(closed.folder, AS_OF), is_read_only=True) as books:
        from_folder = worklist(books)
        patients = [rows.patient_id for rows in books.patient_groups()]
        some = [rows.patient_id for rows in books.patient_groups(["P3", "P1"])]
        assert list(books.patient_groups([])) == []
    assert patients == ["P1", "P2", "P3", "P4"] and some == ["P1", "P3"]
    path = default_state_path(closed.folder)
    with PracticeState(path, tables.reference.practice.organization_id) as state:
        request = BooksRequest(closed.folder / "none", AS_OF, state, tables=tables, rulebook=book)
        with open_books(request) as books:
            assert books.rulebook is book and books.state is state
            assert worklist(books) == from_folder
            (one,) = (found for found in standings(books) if found.rows.claim.patient_id == "P1")
            case = month_cases(books, [one.rows.claim])[one.rows.claim.claim_id]
            assert tables.asked[-1] == {"P1"}
            own = [item for item in from_folder if item.claim_id == one.rows.claim.claim_id]
            assert work_of(books, one, case) == own
        assert state.connection.in_transaction  # it stays open, and is its owner's to commit
        settlement = Settlement(
            one.rows.claim.claim_id, ActionKind.PATIENT_PAYMENT, 500, AS_OF, "Dana Lee", "check"
        )
        assert settle(request, settlement).patient_paid_cents == 500
