"""What the check of professional claims has seen so far: the subscriber, the claim, its lines and other payers."""

from __future__ import annotations

from dataclasses import dataclass, field

from cocm.x12.tokens import Segment


@dataclass(slots=True)
class SeenSubscriber:
    """What was seen of a subscriber's level."""

    level: Segment
    coverage: Segment | None = None
    is_patient: bool = False
    seen: set[str] = field(default_factory=set)


@dataclass(slots=True)
class SeenOtherPayer:
    """What was seen of another payer of a claim (loop 2320): its decision on the claim as a whole."""

    coverage: Segment
    identifier: str = ""
    paid: Segment | None = None
    paid_cents: int | None = None
    adjusted_cents: int = 0
    has_adjustments: bool = False
    has_date: bool = False
    is_read: bool = True


@dataclass(slots=True)
class SeenLineDecision:
    """What another payer decided on a line (loop 2430); several where the payer split the line."""

    service: Segment
    paid_cents: int
    adjusted_cents: int = 0
    is_bundled: bool = False
    is_read: bool = True


@dataclass(slots=True)
class SeenClaim:
    """What was seen of a claim so far. Days are CCYYMMDD; amounts cents, None where the text is none."""

    claim: Segment
    charge_cents: int | None
    frequency_code: str
    lines_cents: int = 0
    all_charges_read: bool = True
    line_count: int = 0
    line_cents: int | None = None
    diagnoses: Segment | None = None
    diagnosis_kinds: tuple[str, ...] = ()
    diagnosis_count: int = 0
    has_control_number: bool = False
    first_day: str = ""
    last_day: str = ""
    accident_date: bool = False
    line_numbers: set[str] = field(default_factory=set)
    other_payers: list[SeenOtherPayer] = field(default_factory=list)
    decided_lines: dict[str, int] = field(default_factory=dict)
    decided_cents: dict[str, int] = field(default_factory=dict)
    line_decisions: dict[str, SeenLineDecision] = field(default_factory=dict)
    adjudicated_on: list[str] = field(default_factory=list)


@dataclass(slots=True)
class ProfessionalState:
    """Where the check stands in a transaction. `created_on` is the file's own day (BHT04)."""

    created_on: str = ""
    billing_has_npi: bool = True
    subscriber: SeenSubscriber | None = None
    claim: SeenClaim | None = None
    patient_has_claim: bool = False
    born_on: str = ""
    died_on: str = ""
