"""The desk opened: the plan's books with its tables and rules, as the core's review desk wants them.

with open_desk(actor) as desk: queue(desk.file)
with open_desk(actor, to_write=True) as desk: decide_claim(...state=desk.state...)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.functional import cached_property

from cocm.intake.problems import RowProblem
from cocm.plan.records import PlanBook
from cocm.plandesk.case_file import CaseFile
from cocm.plandesk.state import PlanState
from cocm.rules import PackOn, Rulebook
from cocm.server.access.actor import Actor
from cocm.server.books.port import plan_books
from cocm.server.plandesk.tables import reading_of
from cocm.server.rules_in_force import rulebook


@dataclass
class Desk:
    """An open desk. `problems` are rows of members that cannot be read: their claims wait."""

    actor: Actor
    state: PlanState
    book: PlanBook
    rulebook: Rulebook
    today: date
    problems: tuple[RowProblem, ...]

    @cached_property
    def file(self) -> CaseFile:
        """The claims as cases."""
        return CaseFile(self.state, self.book, self.rulebook, self.today)

    def policy(self, day: date) -> PackOn:
        """The plan's rules on a date of service."""
        return self.rulebook.pack(self.book.profile.pack_id).on(day)


@contextmanager
def open_desk(actor: Actor, *, to_write: bool = False, today: date | None = None) -> Iterator[Desk]:
    """The acting person's plan. Raises `PlanNotSetUp` where its tables are not complete."""
    reading = reading_of(actor=actor)
    plan_id = reading.book.profile.plan_id
    with plan_books(actor, plan_id=plan_id, to_write=to_write) as state:
        yield Desk(actor, state, reading.book, rulebook(), today or timezone.localdate(), reading.problems)
