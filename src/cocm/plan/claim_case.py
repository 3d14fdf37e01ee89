"""A claim on its way to its decision, with what the plan holds beside it; and the same for a person to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from cocm.basics.records import quickly_made
from cocm.care.records import ClaimStatus
from cocm.edits.finding import CheckResult
from cocm.plan.decision import DecisionReason
from cocm.plan.duplicates import Comparison
from cocm.plan.history import DecidedClaim, DecidedLine
from cocm.plan.mistakes import NO_MISTAKES, Mistake
from cocm.plan.record_triggers import RecordsRead
from cocm.plan.records import Accumulator, CoverageSpan, Member
from cocm.plan.route import LineRoute
from cocm.rules import PackOn
from cocm.rules.review_reasons import ReasonNeeds
from cocm.x12.claim_record import ClaimRecord, LineRecord


@dataclass(frozen=True, slots=True)
class ClaimCase:
    """A claim with what the plan holds beside it: its earlier decisions, what was met, the claim that it corrects.

    `later_numbers` are the plan's numbers of claims of the history that came in after this one.
    `took_nothing_back`: a replacement or void that was decided before and took no other claim back.
    `settled_edits` are those that a named reviewer has settled for the claim, `refusals` a reviewer's denials by line
    number; `records_read` is what a reviewer read in the records that came in.
    """

    record: ClaimRecord
    claim_number: str
    received_date: date
    history: tuple[DecidedLine, ...]
    met: Accumulator
    original: DecidedClaim | None
    mistakes: frozenset[Mistake] = NO_MISTAKES
    settled_edits: frozenset[str] = frozenset()
    refusals: Mapping[int, DecisionReason] = field(default_factory=dict)
    records_read: RecordsRead | None = None
    later_numbers: frozenset[str] = frozenset()
    took_nothing_back: bool = False

    @property
    def awaited_numbers(self) -> tuple[str, ...]:
        """The plan's numbers of the member's claims that came before this one, still wait, and may be paid."""
        came_first = (line.claim_number for line in self.history if line.may_be_paid)
        return tuple(sorted({number for number in came_first if number not in self.later_numbers}))

    def with_awaited_paid(self) -> ClaimCase:
        """The case as if every claim that it waits for were paid."""
        awaited = frozenset(self.awaited_numbers)
        history = tuple(
            replace(line, status=ClaimStatus.PAID) if line.claim_number in awaited else line
            for line in self.history
        )
        return replace(self, history=history)


@dataclass(frozen=True, slots=True)
class Hindrance:
    """What keeps a claim from being decided. `ends_with` is what a person may deny it for; `NOTHING` where it is the
    plan's own table that must be mended."""

    text: str
    ends_with: ReasonNeeds = ReasonNeeds.NOTHING


@quickly_made
@dataclass(frozen=True, slots=True)
class CoveredLine:
    """A line of a member in force, with its route."""

    line: LineRecord
    span: CoverageSpan
    policy: PackOn
    route: LineRoute


@dataclass(frozen=True, slots=True)
class ExaminedLine:
    """A line beside the member's other services. `route` is None, `product` empty, where no coverage was in force."""

    line: LineRecord
    product: str
    route: LineRoute | None
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True)
class Examination:
    """What a claim is decided by. `check` is what the catalogue says of the plan's own CoCM lines: None where there are
    none, words where they cannot be checked. `hindrance` is what keeps the claim as a whole from being decided."""

    member: Member | None
    lines: tuple[ExaminedLine, ...]
    check: CheckResult | str | None
    hindrance: Hindrance | None = None
