"""What a code proposal says, for the minutes alone and for a whole patient-month."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from cocm.basics.months import Month
from cocm.basics.records import quickly_made
from cocm.care.minutes import MinutesLedger
from cocm.rules import RuleValue, Severity


class MonthKind(StrEnum):
    """First or later month of an episode; unknown where the records cannot tell."""

    FIRST = "first"
    LATER = "later"
    UNKNOWN = "unknown"


@quickly_made
@dataclass(frozen=True, slots=True)
class ProposedLine:
    """A code with its units, and the rule value that makes it the payer's code."""

    hcpcs_code: str
    units: int
    code_rule: RuleValue


@quickly_made
@dataclass(frozen=True, slots=True)
class Reason:
    """Why something was decided: our words, and the rule values it rests on."""

    text: str
    rules: tuple[RuleValue, ...]


@quickly_made
@dataclass(frozen=True, slots=True)
class RejectedAlternative:
    """A code that was considered and not chosen. `is_offered`: lawful as well, for a person to choose."""

    hcpcs_code: str
    units: int
    reason: Reason
    is_offered: bool = False


@quickly_made
@dataclass(frozen=True, slots=True)
class NextTier:
    """The next lawful line: its code, its units in all, and the minutes the month stands short of it."""

    hcpcs_code: str
    units: int
    minutes_short: int


@quickly_made
@dataclass(frozen=True, slots=True)
class TimeProposal:
    """The lawful CoCM lines for a number of minutes under one payer's rules.

    `has_no_data`: a rule that decides is unknown for this payer, so that nothing is proposed. `reviews` are
    reasons for a person to look (an assumed value, units above the level that payers question).
    """

    lines: tuple[ProposedLine, ...]
    rejected: tuple[RejectedAlternative, ...]
    reasons: tuple[Reason, ...]
    reviews: tuple[Reason, ...]
    next_tier: NextTier | None
    has_no_data: bool


class Gap(StrEnum):
    """What a patient-month may lack."""

    CONSENT = "consent"
    CONSENT_FORM = "consent_form"
    DIAGNOSIS = "diagnosis"
    SITE = "site"
    BILLING_PRACTITIONER = "billing_practitioner"
    RENDERING_PRACTITIONER = "rendering_practitioner"
    COVERAGE = "coverage"
    INITIATING_VISIT = "initiating_visit"
    MONTH_KIND = "month_kind"
    CASELOAD_REVIEW = "caseload_review"
    PATIENT_REVIEW = "patient_review"
    SCALE = "scale"
    LATE_ENTRY = "late_entry"
    CONFLICTING_SERVICE = "conflicting_service"
    REQUIRED_BASE = "required_base"
    AUTHORIZATION = "authorization"
    PATIENT_AGE = "patient_age"
    ATTESTATION = "attestation"
    PRACTITIONER_TYPE = "practitioner_type"
    CONSULTANT_TYPE = "consultant_type"


@dataclass(frozen=True, slots=True)
class Missing:
    """Something the month lacks: how grave, whether it is merely not known, and what to do."""

    gap: Gap
    severity: Severity
    is_no_data: bool
    reason: Reason
    action: str


class CareDue(StrEnum):
    """Care that is clinically due at the month's end, whatever its minutes are or earn."""

    CONTACT = "contact"
    SCALE = "scale"
    CASELOAD_REVIEW = "caseload_review"
    PATIENT_REVIEW = "patient_review"

    @property
    def words(self) -> str:
        """What is due, for the care team."""
        return _CARE_WORDS[self]


_CARE_WORDS: Final = MappingProxyType(
    {
        CareDue.CONTACT: "no contact with the patient in the last two weeks",
        CareDue.SCALE: "no symptom scale this month",
        CareDue.CASELOAD_REVIEW: "no caseload consultation this month",
        CareDue.PATIENT_REVIEW: "not discussed with the psychiatric consultant this month",
    }
)


@quickly_made
@dataclass(frozen=True, slots=True)
class Proposal:
    """The code proposal for one patient-month.

    `lines` are what the minutes earn; whether they may be billed is said by `missing`: any block holds the
    month, any review or no-data needs a person. `expected_payment_cents` values the lines even when they are
    held (None where no rate is known); `expected_basis` says which rate. `care_due` is clinical and never a
    count of minutes.
    """

    month: Month
    pack_id: str
    month_kind: MonthKind
    month_kind_reason: Reason
    ledger: MinutesLedger
    lines: tuple[ProposedLine, ...]
    rejected: tuple[RejectedAlternative, ...]
    reasons: tuple[Reason, ...]
    reviews: tuple[Reason, ...]
    missing: tuple[Missing, ...]
    next_tier: NextTier | None
    has_no_data: bool
    expected_payment_cents: int | None
    expected_basis: str
    care_due: tuple[CareDue, ...]

    @property
    def is_blocked(self) -> bool:
        """Whether something missing stops the claim."""
        return any(item.severity is Severity.BLOCK and not item.is_no_data for item in self.missing)

    @property
    def needs_person(self) -> bool:
        """Whether a person must look before the claim may go."""
        return (
            self.has_no_data
            or bool(self.reviews)
            or any(item.is_no_data or item.severity is Severity.REVIEW for item in self.missing)
        )
