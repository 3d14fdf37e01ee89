"""What an eligibility answer says about one person's Collaborative Care month, and what it leaves open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from cocm.basics.months import Month
from cocm.x12.claim_record import PartyRecord


class CoverageState(StrEnum):
    """Whether the person is covered in the month."""

    WHOLE = "whole month"
    PART = "part of the month"
    NONE = "not covered"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Coverage:
    """The covered days of the month, both ends included (None: no such day, or not known).

    `is_dated` False: the answer gives no dates, and the state is that of the day it was asked for.
    `reason` says in a sentence what decided.
    """

    state: CoverageState
    from_date: date | None
    to_date: date | None
    is_dated: bool
    plan_description: str
    reason: str


class RouteKind(StrEnum):
    """Who is to receive the claim."""

    PAYER = "payer"
    DELEGATED_GROUP = "delegated group"
    OTHER_PLAN = "other plan or administrator"
    BEHAVIORAL_ADMINISTRATOR = "behavioral administrator"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class NamedEntity:
    """Someone the answer names: what it is, its name and number, and a telephone number where one is given."""

    label: str
    name: str
    identifier: str
    phone: str


@dataclass(frozen=True, slots=True)
class Route:
    """Where the month's claim goes, and why. `behavioral` are those named for behavioral services only."""

    kind: RouteKind
    entity: NamedEntity | None
    reason: str
    cite: str
    behavioral: tuple[NamedEntity, ...]


@dataclass(frozen=True, slots=True)
class CentsRange:
    """An amount that is known to lie between two, in cents; equal where it is known."""

    low_cents: int
    high_cents: int

    @property
    def is_exact(self) -> bool:
        return self.low_cents == self.high_cents


@dataclass(frozen=True, slots=True)
class CostShare:
    """What the patient owes in one network, as the medical benefit says. None: not said.

    `coinsurance` is a fraction (0.2). `basis` names the statement that copayment and coinsurance were read from.
    `deductible_remaining` may be a range; `deductible_total_cents` is the year's.
    """

    copayment: CentsRange | None = None
    coinsurance_low: Decimal | None = None
    coinsurance_high: Decimal | None = None
    basis: str = ""
    deductible_total_cents: int | None = None
    deductible_remaining: CentsRange | None = None
    out_of_pocket_remaining_cents: int | None = None
    is_not_covered: bool = False

    @property
    def is_stated(self) -> bool:
        """Whether the answer says what a month costs the patient."""
        return self.copayment is not None or self.coinsurance_low is not None


class Authorization(StrEnum):
    """Whether the plan wants a prior authorization."""

    REQUIRED = "required"
    NOT_REQUIRED = "not required"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class OtherPayer:
    """Another payer of the same person. `label` says which place it has (primary payer …), as far as it is said."""

    label: str
    name: str
    identifier: str


@dataclass(frozen=True, slots=True)
class RejectedInquiry:
    """A reason why the plan did not answer, and what to do."""

    reason_code: str
    reason: str
    action: str
    follow_up: str


@dataclass(frozen=True, slots=True)
class Question:
    """Something to ask the plan, in words that can be read out on the telephone, and why it is open."""

    text: str
    why: str


@dataclass(frozen=True, slots=True)
class MonthBenefits:
    """One person's benefits for one month.

    `patient` is None where the plan refused the whole request. `unused_behavioral` are cost shares of behavioral
    services, told so that nobody takes them for this service's. `hints` are what else matters for billing.
    """

    month: Month
    trace_number: str
    payer_name: str
    payer_identifier: str
    patient: PartyRecord | None
    member_id: str
    relationship_code: str
    answered_on: date | None
    coverage: Coverage
    route: Route
    in_network: CostShare
    out_of_network: CostShare
    authorization: Authorization
    is_qmb: bool
    other_payers: tuple[OtherPayer, ...]
    rejections: tuple[RejectedInquiry, ...]
    unused_behavioral: tuple[str, ...]
    hints: tuple[str, ...]
    messages: tuple[str, ...]
    questions: tuple[Question, ...]

    @property
    def is_refused(self) -> bool:
        """The plan gave reasons instead of an answer."""
        return bool(self.rejections) and self.coverage.state is CoverageState.UNKNOWN

    @property
    def is_clear(self) -> bool:
        """Covered for the whole month, nothing refused and nothing left to ask."""
        return (
            self.coverage.state is CoverageState.WHOLE
            and self.coverage.is_dated
            and not self.rejections
            and not self.questions
        )
