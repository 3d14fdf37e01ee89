"""Eligibility: what is asked of a payer about a person (270) and what it answers (271), as one set of records.

A transaction names an information source (the payer), under it receivers (who asks), under these subscribers, and under
these dependents. The patient is the innermost person: a subscriber without dependents, or a dependent. The same records
are read and written; what a file gives beyond its content (origin, bytes, segments) takes no part in comparing them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple

from cocm.x12.claim_record import PartyRecord, PlacedSegment
from cocm.x12.loop_tree import Origin
from cocm.x12.wire_parts import AmountRecord, ContactRecord, DateSpan, Reference

YES: Final = "Y"


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why the payer could not answer, or not fully (AAA): reason, and what to do next. `is_valid`: AAA01 is Y."""

    is_valid: bool
    reason_code: str
    follow_up_code: str


@dataclass(frozen=True, slots=True)
class TraceRecord:
    """A trace (TRN). `kind` 1: the sender's own; 2: one that was sent and comes back. `company` is who gave it."""

    kind: str
    number: str
    company: str = ""
    company_supplement: str = ""


@dataclass(frozen=True, slots=True)
class MemberRelationship:
    """How a person stands to the subscriber (INS), and the order of birth among siblings."""

    relationship_code: str
    maintenance_type_code: str = ""
    maintenance_reason_code: str = ""
    birth_sequence: int | None = None


@dataclass(frozen=True, slots=True)
class BenefitPlace:
    """A place or kind of facility, or an injury, that a benefit is limited to (III)."""

    code_type: str
    code: str
    category: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class BenefitDelivery:
    """How much of a service is delivered how often (HSD)."""

    quantity_type: str = ""
    quantity: Decimal | None = None
    measure: str = ""
    sample_modulus: Decimal | None = None
    time_period_code: str = ""
    period_count: int | None = None
    frequency_code: str = ""
    pattern_code: str = ""


@dataclass(frozen=True, slots=True)
class BenefitEntity:
    """Someone a benefit names: another payer, the administrator, a provider. `entity_code` is NM101.

    `party.taxonomy_code` goes with `provider_role`.
    """

    entity_code: str
    party: PartyRecord
    contacts: tuple[ContactRecord, ...] = ()
    provider_role: str = ""
    relationship_code: str = ""


@dataclass(frozen=True, slots=True)
class Benefit:
    """One statement about coverage (EB): `information_code` 1 active, 6 inactive, A coinsurance, B copayment,
    C deductible, G out of pocket, F limitation, U contact that entity, I not covered …

    `percent` is a fraction (0.2). `is_authorization_required` and `in_network` are the code as given (Y, N, U; W: both)
    or empty. A benefit may be for service types or for one procedure (`hcpcs_code` to `hcpcs_code_end`).
    """

    information_code: str
    coverage_level_code: str = ""
    service_type_codes: tuple[str, ...] = ()
    insurance_type_code: str = ""
    plan_description: str = ""
    time_period_code: str = ""
    amount_cents: int | None = None
    percent: Decimal | None = None
    quantity_type: str = ""
    quantity: Decimal | None = None
    is_authorization_required: str = ""
    in_network: str = ""
    code_type: str = ""
    hcpcs_code: str = ""
    modifiers: tuple[str, ...] = ()
    hcpcs_code_end: str = ""
    diagnosis_pointers: tuple[int, ...] = ()
    deliveries: tuple[BenefitDelivery, ...] = ()
    numbers: tuple[Reference, ...] = ()
    dates: tuple[DateSpan, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    messages: tuple[str, ...] = ()
    places: tuple[BenefitPlace, ...] = ()
    entities: tuple[BenefitEntity, ...] = ()
    segments: tuple[PlacedSegment, ...] = field(default=(), compare=False, repr=False)
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class BenefitInquiry:
    """One question (EQ): for service types or for one procedure."""

    service_type_codes: tuple[str, ...] = ()
    coverage_level_code: str = ""
    code_type: str = ""
    hcpcs_code: str = ""
    modifiers: tuple[str, ...] = ()
    diagnosis_pointers: tuple[int, ...] = ()
    amounts: tuple[AmountRecord, ...] = ()
    places: tuple[BenefitPlace, ...] = ()
    numbers: tuple[Reference, ...] = ()
    dates: tuple[DateSpan, ...] = ()


@dataclass(frozen=True, slots=True)
class EligibilityMember:
    """A subscriber, with the dependents below, or a dependent.

    A 271 has `benefits` and perhaps `rejections`; a 270 has `inquiries`. `diagnoses` are (code type, code).
    `segments` are those of the person's own level and name, among them any that the guide does not know.
    """

    party: PartyRecord
    traces: tuple[TraceRecord, ...] = ()
    numbers: tuple[Reference, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    provider_role: str = ""
    relationship: MemberRelationship | None = None
    diagnoses: tuple[tuple[str, str], ...] = ()
    dates: tuple[DateSpan, ...] = ()
    benefits: tuple[Benefit, ...] = ()
    inquiries: tuple[BenefitInquiry, ...] = ()
    dependents: tuple[EligibilityMember, ...] = ()
    segments: tuple[PlacedSegment, ...] = field(default=(), compare=False, repr=False)
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class EligibilityReceiver:
    """Who asks. `entity_code` is NM101: 1P a provider, 2B a third-party administrator, FA a facility …"""

    entity_code: str
    party: PartyRecord
    numbers: tuple[Reference, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    provider_role: str = ""
    subscribers: tuple[EligibilityMember, ...] = ()


@dataclass(frozen=True, slots=True)
class EligibilitySource:
    """Who knows: PR the payer, GP a gateway, 2B a third-party administrator, P5 the plan's sponsor …"""

    entity_code: str
    party: PartyRecord
    contacts: tuple[ContactRecord, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    receivers: tuple[EligibilityReceiver, ...] = ()


class Asked(NamedTuple):
    """One patient of a transaction, with who stands above. `dependent` None: the patient is the subscriber."""

    source: EligibilitySource
    receiver: EligibilityReceiver
    subscriber: EligibilityMember
    dependent: EligibilityMember | None

    @property
    def patient(self) -> EligibilityMember:
        """The person that is asked about."""
        return self.dependent if self.dependent is not None else self.subscriber


@dataclass(frozen=True, slots=True)
class EligibilityRecord:
    """One transaction: 270 `purpose_code` 13 asks, 01 cancels; 271 has 11 answers, 06 confirms.

    `reference` (BHT03) comes back as it was sent. `created_at` is the one in the file; a written file takes the
    envelope's.
    """

    purpose_code: str
    reference: str
    sources: tuple[EligibilitySource, ...]
    kind: str = ""
    created_at: datetime | None = field(default=None, compare=False)
    origin: Origin | None = field(default=None, compare=False)
    segments: tuple[PlacedSegment, ...] = field(default=(), compare=False, repr=False)
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)

    def patients(self) -> Iterator[Asked]:
        """Every patient that the transaction asks or tells about, in its order."""
        for source in self.sources:
            for receiver in source.receivers:
                for subscriber in receiver.subscribers:
                    if not subscriber.dependents:
                        yield Asked(source, receiver, subscriber, None)
                    for dependent in subscriber.dependents:
                        yield Asked(source, receiver, subscriber, dependent)
