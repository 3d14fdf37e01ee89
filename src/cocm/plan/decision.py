"""What the plan decides of a claim: each line's answer with its reasons, and what was taken back before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, TypeAlias

from cocm.basics.records import quickly_made
from cocm.plan.cost_share import MemberShare
from cocm.plan.duplicates import Comparison
from cocm.plan.history import DecidedClaim
from cocm.plan.records import Entity, MemberKey
from cocm.plan.route import LineRoute
from cocm.rules.plan_decisions import RemitCodes
from cocm.x12.claim_record import ClaimRecord, LineRecord
from cocm.x12.remittance_record import Adjustment


class Answer(StrEnum):
    """What becomes of a line or claim."""

    PAID = "paid"
    DENIED = "denied"
    PENDED = "pended"
    FORWARDED = "forwarded"
    REVERSED = "reversed"


@dataclass(frozen=True, slots=True)
class DecisionReason:
    """Why: the step or edit, in words, with the rule values that stand behind it, the facts and the codes used."""

    step: str
    text: str
    cites: tuple[str, ...]
    facts: Mapping[str, Any]
    codes: RemitCodes | None


Answered: TypeAlias = tuple[Answer, tuple[DecisionReason, ...]]
"""What becomes of a line of which nothing is paid now, and why."""


@quickly_made
@dataclass(frozen=True, slots=True)
class LineDecision:
    """A line's answer. What was charged less the adjustments is what is paid."""

    line: LineRecord
    answer: Answer
    allowed_amount_cents: int
    share: MemberShare
    paid_amount_cents: int
    adjustments: tuple[Adjustment, ...]
    remark_codes: tuple[str, ...]
    route: LineRoute | None
    reasons: tuple[DecisionReason, ...]
    comparisons: tuple[Comparison, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """Who decided a claim by hand: the person, the day, what was done (`accept`, `deny`, `readjudicate`, `correct`).

    `reason` is the reason of a denial or the wrongful rule of a correction; `facts` are what the person read or
    settled.
    """

    reviewer: str
    day: date
    action: str
    reason: str
    note: str
    facts: Mapping[str, Any]


@quickly_made
@dataclass(frozen=True, slots=True)
class ClaimDecisionMade:
    """A claim's answer. `reversal` is the earlier decision that it takes back (frequency 7 and 8, and corrections).
    `settles` is the plan's number of the pended claim that it decides at last, `review` the person who did.

    `forward_to` and `forward_by_date` are those of a misdirected claim, which keeps its `received_date`.
    `pended_for` tells a person what to settle. `payment_due_date` is None where no clock is known.
    """

    claim_number: str
    record: ClaimRecord
    member: MemberKey | None
    received_date: date
    answer: Answer
    status_code: str
    lines: tuple[LineDecision, ...]
    reversal: DecidedClaim | None = None
    pended_for: tuple[str, ...] = ()
    forward_to: Entity | None = None
    forward_by_date: date | None = None
    payment_due_date: date | None = None
    cites: tuple[str, ...] = ()
    unknown_edits: tuple[str, ...] = ()
    settles: str = ""
    review: Review | None = None

    @property
    def paid_amount_cents(self) -> int:
        """What is paid; nothing while it waits."""
        return sum([line.paid_amount_cents for line in self.lines])

    @property
    def member_share_cents(self) -> int:
        return sum([line.share.total_cents for line in self.lines])

    @property
    def deductible_cents(self) -> int:
        return sum(line.share.deductible_cents for line in self.lines)

    @property
    def year(self) -> int:
        """The calendar year whose deductible it counts towards."""
        return min(line.line.service_to_date for line in self.lines).year
