"""A professional claim and its service lines, in the field's own terms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from cocm.basics.identity import Provenance
from cocm.basics.months import Month
from cocm.care.people import Address, Subscriber

DIAGNOSES_MAX: Final = 12
"""Diagnoses that a professional claim holds."""
POINTERS_MAX: Final = 4
"""Diagnoses that a service line points to."""


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
class ServiceLine:
    """One code with its units. `diagnosis_pointers` are 1-based positions in the claim's diagnoses."""

    claim_line_number: int
    hcpcs_code: str
    modifiers: tuple[str, ...]
    service_unit_quantity: int
    charge_amount_cents: int
    service_date: date
    diagnosis_pointers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """One 837P claim: one patient-month to one payer.

    `frequency_code` is 1 original, 7 replacement, 8 void; 7 and 8 need `payer_claim_control_number`.
    `payer_sequence` is P primary, S secondary, T tertiary. `relationship` is self, spouse, child or other; unless it
    is self, `subscriber` is set. `rendering` is None when the billing entity renders. Money is in cents.
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

    @property
    def charge_amount_cents(self) -> int:
        """The claim's total: the sum of its lines."""
        return sum(line.charge_amount_cents for line in self.lines)
