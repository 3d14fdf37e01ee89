"""The practice, its sites and staff, its payers, and the patients with their coverage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from cocm.basics.records import quickly_made


class Role(StrEnum):
    """The three roles of the model, and clinical staff who help."""

    BHCM = "bhcm"
    BILLING_PRACTITIONER = "billing_practitioner"
    PSYCHIATRIC_CONSULTANT = "psychiatric_consultant"
    CLINICAL_STAFF = "clinical_staff"


@quickly_made
@dataclass(frozen=True, slots=True)
class Address:
    """A postal address in the United States. `postal_code` has five or nine digits without a dash."""

    line: str
    city: str
    state: str
    postal_code: str


@dataclass(frozen=True, slots=True)
class Practice:
    """The organization whose minutes are billed, as its payers know it.

    `contacts_complete_from` is the first day from which the contacts table holds every contact; before it, absence
    of a contact proves nothing. `submitter_id` is the electronic transmitter number in the interchange.
    """

    organization_id: str
    name: str
    billing_npi: str
    billing_tin: str
    taxonomy_code: str
    address: Address
    phone: str
    contact_name: str
    time_zone: str
    submitter_id: str
    contacts_complete_from: date | None


@dataclass(frozen=True, slots=True)
class Site:
    """A place where a billing practitioner sees patients, with the place of service it is credentialed as."""

    site_id: str
    name: str
    npi: str
    place_of_service_code: str
    address: Address
    time_zone: str
    fee_locality: str


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A person on the care team. `site_ids` are the sites a practitioner is credentialed at."""

    staff_id: str
    last_name: str
    first_name: str
    role: Role
    npi: str
    taxonomy_code: str
    credential: str
    site_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Payer:
    """A payer product as the practice's contracts have it, bound to a rulebook pack.

    `payer_identifier` goes into the claim (NM109 of the payer). `behavioral_payer_identifier` is the behavioral-health
    administrator's, kept so that a claim addressed to it is caught. `filing_limit_days` is the contract's, where it
    differs from the pack's. `attested_from` is the first day on which the practice's attestation to the model, or the
    approval of its site, stands with a payer that asks for one.
    """

    payer_id: str
    name: str
    pack_id: str
    payer_identifier: str
    behavioral_payer_identifier: str
    receiver_id: str
    filing_limit_days: int | None
    attested_from: date | None = None


@quickly_made
@dataclass(frozen=True, slots=True)
class Patient:
    """The person treated. `sex` is F, M or U as on a claim."""

    patient_id: str
    last_name: str
    first_name: str
    birth_date: date
    sex: str
    address: Address


@quickly_made
@dataclass(frozen=True, slots=True)
class Subscriber:
    """The policy holder, where that is not the patient."""

    last_name: str
    first_name: str
    birth_date: date | None
    sex: str
    address: Address


@quickly_made
@dataclass(frozen=True, slots=True)
class Coverage:
    """One policy of a patient. `relationship` is self, spouse, child or other; `rank` 1 pays first.

    `prior_authorization_number` is the payer's for Collaborative Care, good up to and including
    `prior_authorization_to`.
    """

    patient_id: str
    payer_id: str
    member_id: str
    group_number: str
    relationship: str
    subscriber: Subscriber | None
    coverage_from: date
    coverage_to: date | None
    rank: int
    prior_authorization_number: str = ""
    prior_authorization_to: date | None = None

    def covers(self, day: date) -> bool:
        """Whether the policy is in force on a day (`coverage_to` is its last day)."""
        return self.coverage_from <= day and (self.coverage_to is None or day <= self.coverage_to)

    def is_authorized_until(self, day: date) -> bool:
        """Whether an authorization is on record that reaches to a day."""
        until = self.prior_authorization_to
        return bool(self.prior_authorization_number) and (until is None or day <= until)

    def is_same_policy(self, other: Coverage) -> bool:
        """Whether both are one payer's policy of one member: a renewal is a further row of it."""
        return (self.payer_id, self.member_id) == (other.payer_id, other.member_id)

    def covers_all(self, first_day: date, last_day: date) -> bool:
        """Whether the policy is in force on every day from the first to the last."""
        return self.coverage_from <= first_day and (self.coverage_to is None or last_day <= self.coverage_to)
