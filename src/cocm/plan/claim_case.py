"""A claim on its way to its decision, with what the plan holds beside it; and the same for a person to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from cocm.basics.records import quickly_made
from cocm.edits.finding import CheckResult
from cocm.plan.decision import DecisionReason
from cocm.plan.duplicates import Comparison
from cocm.plan.history import DecidedClaim, DecidedLine
from cocm.plan.mistakes import NO_MISTAKES, Mistake
from cocm.plan.record_triggers import RecordsRead
from cocm.plan.records import Accumulator, CoverageSpan, Member
from cocm.plan.route import LineRoute
from cocm.rules import PackOn
from cocm.x12.claim_record import ClaimRecord, LineRecord


@dataclass(frozen=True, slots=True)
class ClaimCase:
    """A claim with what the plan holds beside it: its earlier decisions, what was met, the claim that it corrects.

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
    none, words where they cannot be checked."""

    member: Member | None
    lines: tuple[ExaminedLine, ...]
    check: CheckResult | str | None
