"""A professional claim and its service lines, in the field's own terms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from cocm.basics.identity import Provenance
from cocm.basics.months import Month
from cocm.basics.records import quickly_made
from cocm.care.people import Address, Subscriber

DIAGNOSES_MAX: Final = 12
"""Diagnoses that a professional claim holds."""
POINTERS_MAX: Final = 4
"""Diagnoses that a service line points to."""


@quickly_made
@dataclass(frozen=True, slots=True)
class Person:
    """A practitioner named on a claim."""

    last_name: str
    first_name: str
    npi: str
    taxonomy_code: str


@dataclass(frozen=True, slots=True)
class Organization:
    """An organization named on a claim: billing entity, service facility or payer."""

    name: str
    identifier: str
    tin: str
    taxonomy_code: str
    address: Address | None


@dataclass(frozen=True, slots=True)
class Paperwork:
    """A document that goes to the payer beside the claim.

    `report_type` says what it is and `transmission` how it comes, in the claim form's own codes (PWK01, PWK02: `AA`
    at the payer's request, `BM` by mail, `EL` electronically, `EM` by e-mail, `FT` as a file, `FX` by fax). Unless it
    waits for a request, `control_number` is the number under which both sides file it.
    """

    report_type: str
    transmission: str
    control_number: str = ""


@dataclass(frozen=True, slots=True)
class PayerAdjustment:
    """Why another payer did not pay a part of a charge. A positive amount lowers what it paid.

    `group_code` is CO, CR, OA, PI or PR; `quantity` counts units that were not paid, where the payer said so.
    """

    group_code: str
    reason_code: str
    amount_cents: int
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class LineAdjudication:
    """What another payer decided on a service line; its paid amount and adjustments make up the line's charge.

    `payer_identifier` is that of one of the claim's `other_payers`. The code is the one that was paid, which may
    differ from the one billed; `bundled_line_number` is the line into which it was bundled. `remaining_liability_cents`
    is what the patient still owes in the practice's judgement.
    """

    payer_identifier: str
    paid_amount_cents: int
    hcpcs_code: str
    modifiers: tuple[str, ...]
    paid_unit_quantity: Decimal
    adjudication_date: date
    adjustments: tuple[PayerAdjustment, ...] = ()
    remaining_liability_cents: int | None = None
    bundled_line_number: int | None = None


@dataclass(frozen=True, slots=True)
class OtherPayer:
    """Another policy of the patient, and what its payer decided on this claim (coordination of benefits).

    `payer_sequence`, `relationship` and `subscriber` are as in `Claim`, for this policy. `paid_amount_cents` is None
    as long as the payer has not decided. `adjustments` are those of the claim as a whole; where the payer decided line
    by line, the lines carry theirs as `adjudications` with the date, and `adjudication_date` and
    `remaining_liability_cents` are left out here. `insurance_type_code` is needed where Medicare pays after another
    (SBR05). `payer_claim_control_number` is this payer's own number of the claim.
    """

    payer: Organization
    payer_sequence: str
    claim_filing_code: str
    member_id: str
    relationship: str = "self"
    subscriber: Subscriber | None = None
    group_number: str = ""
    insurance_type_code: str = ""
    paid_amount_cents: int | None = None
    adjustments: tuple[PayerAdjustment, ...] = ()
    noncovered_amount_cents: int | None = None
    remaining_liability_cents: int | None = None
    adjudication_date: date | None = None
    payer_claim_control_number: str = ""


@quickly_made
@dataclass(frozen=True, slots=True)
class ServiceLine:
    """One code with its units. `diagnosis_pointers` are 1-based positions in the claim's diagnoses.

    What follows the pointers is for lines that differ from their claim: another place of service, the first day of a
    span that ends on `service_date`, other providers than the claim's, numbers, a note and documents of their own, and
    what other payers decided on the line. `unit_basis_code` is UN for units and MJ for minutes; `is_whole_quantity` is
    false where a file gave a fraction of a unit, which `service_unit_quantity` leaves out.
    """

    claim_line_number: int
    hcpcs_code: str
    modifiers: tuple[str, ...]
    service_unit_quantity: int
    charge_amount_cents: int
    service_date: date
    diagnosis_pointers: tuple[int, ...]
    place_of_service_code: str = ""
    service_from_date: date | None = None
    rendering: Person | None = None
    supervising: Person | None = None
    referring: Person | None = None
    prior_authorization_number: str = ""
    referral_number: str = ""
    note: str = ""
    paperwork: tuple[Paperwork, ...] = ()
    adjudications: tuple[LineAdjudication, ...] = ()
    unit_basis_code: str = "UN"
    is_whole_quantity: bool = True


@quickly_made
@dataclass(frozen=True, slots=True)
class Claim:
    """One 837P claim: one patient-month to one payer.

    `frequency_code` is 1 original, 7 replacement, 8 void; 7 and 8 need `payer_claim_control_number`.
    `payer_sequence` is P primary, S secondary, T tertiary. `relationship` is self, spouse, child or other; unless it
    is self, `subscriber` is set. `rendering` is None when the billing entity renders. Money is in cents.

    A claim to a later payer carries the earlier ones' decisions in `other_payers`, and `insurance_type_code` where it
    goes to Medicare. `prior_authorization_number` and `referral_number` are the payer's; `note` is free text.
    """

    claim_id: str
    organization_id: str
    month: Month
    pack_id: str
    patient_id: str
    patient_last_name: str
    patient_first_name: str
    patient_birth_date: date
    patient_sex: str
    patient_address: Address
    relationship: str
    subscriber: Subscriber | None
    member_id: str
    group_number: str
    claim_filing_code: str
    payer_sequence: str
    payer: Organization
    billing: Organization
    billing_phone: str
    rendering: Person | None
    supervising: Person | None
    referring: Person | None
    service_facility: Organization | None
    place_of_service_code: str
    frequency_code: str
    payer_claim_control_number: str
    diagnosis_codes: tuple[str, ...]
    lines: tuple[ServiceLine, ...]
    provenance: Provenance
    insurance_type_code: str = ""
    prior_authorization_number: str = ""
    referral_number: str = ""
    note: str = ""
    paperwork: tuple[Paperwork, ...] = ()
    other_payers: tuple[OtherPayer, ...] = ()

    @property
    def charge_amount_cents(self) -> int:
        """The claim's total: the sum of its lines."""
        return sum(line.charge_amount_cents for line in self.lines)
