"""A professional claim as it was read: typed values, the place of each part in the file, and every segment it had."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple

from cocm.basics.records import maker
from cocm.care.people import Address
from cocm.claims.records import LineAdjudication, Paperwork, PayerAdjustment
from cocm.x12.guide_parts import SegmentUse
from cocm.x12.tokens import Delimiters, Segment

# The segments that the records below hold as values, by loop and name; all others are `other_segments`.
_HELD: Final[Set[tuple[str, str]]] = frozenset(
    {
        ("2300", "claim"),
        ("2300", "payer_claim_control_number"),
        ("2300", "diagnoses"),
        ("2300", "claim_paperwork"),
        ("2300", "prior_authorization"),
        ("2300", "referral_number"),
        ("2300", "claim_note"),
        ("2310A", "referring_name"),
        ("2310B", "rendering_name"),
        ("2310B", "rendering_taxonomy"),
        ("2310C", "service_facility_name"),
        ("2310C", "service_facility_address"),
        ("2310C", "service_facility_city"),
        ("2310D", "supervising_name"),
        ("2400", "line_number"),
        ("2400", "service"),
        ("2400", "service_date"),
        ("2400", "line_control_number"),
        ("2400", "line_paperwork"),
        ("2400", "line_prior_authorization"),
        ("2400", "line_referral_number"),
        ("2400", "line_note"),
        ("2420A", "line_rendering_name"),
        ("2420A", "line_rendering_taxonomy"),
        ("2420D", "line_supervising_name"),
        ("2420F", "line_referring_name"),
        ("2320", "other_coverage"),
        ("2320", "claim_adjustments"),
        ("2320", "payer_paid"),
        ("2320", "total_noncovered"),
        ("2320", "remaining_liability"),
        ("2320", "other_coverage_details"),
        ("2330A", "other_subscriber_name"),
        ("2330A", "other_subscriber_address"),
        ("2330A", "other_subscriber_city"),
        ("2330B", "other_payer_name"),
        ("2330B", "other_payer_address"),
        ("2330B", "other_payer_city"),
        ("2330B", "adjudication_date"),
        ("2330B", "other_payer_claim_control_number"),
        ("2430", "line_adjudication"),
        ("2430", "line_adjustments"),
        ("2430", "line_adjudication_date"),
        ("2430", "line_remaining_liability"),
    }
)

ADDITIONAL_NOTE: Final = "ADD"


class PlacedSegment(NamedTuple):
    """A segment with its place in the guide; `use` is None where the guide has no such segment in that loop."""

    loop_id: str
    use: SegmentUse | None
    segment: Segment

    @property
    def name(self) -> str:
        """The map's name of the segment; empty where it has none."""
        return self.use.name if self.use is not None else ""

    def value(self, name: str) -> str:
        """The element of this name without blanks around it; empty where the file leaves it out."""
        element = self.use.by_name.get(name) if self.use is not None else None
        return self.segment.value(element.position, element.component).strip() if element is not None else ""


@dataclass(frozen=True, slots=True)
class PartyRecord:
    """A person or organization in the file. What it does not say is empty (`address` None)."""

    is_person: bool
    last_or_organization_name: str
    first_name: str
    middle_name: str
    name_suffix: str
    identifier_type: str
    identifier: str
    tin: str = ""
    taxonomy_code: str = ""
    address: Address | None = None
    phone: str = ""
    birth_date: date | None = None
    sex: str = ""


def name_and_number(party: PartyRecord) -> PartyRecord:
    """The party with nothing else, as answers name it."""
    return _party(
        party.is_person,
        party.last_or_organization_name,
        party.first_name,
        party.middle_name,
        party.name_suffix,
        party.identifier_type,
        party.identifier,
    )


_party = maker(PartyRecord)


@dataclass(frozen=True, slots=True)
class Transmission:
    """The envelope a claim came in. `created_at` is local to the sender, without offset.

    `segments` are those before the first level: interchange, group and transaction headers, submitter and receiver.
    """

    sender_type: str
    sender_id: str
    receiver_type: str
    receiver_id: str
    created_at: datetime
    interchange_control_number: int
    group_control_number: int
    transaction_control_number: str
    guide_version: str
    is_test: bool
    acknowledgment_requested: bool
    delimiters: Delimiters
    submitter: PartyRecord | None
    submitter_contact_name: str
    submitter_contact_phone: str
    receiver: PartyRecord | None
    segments: tuple[PlacedSegment, ...]


@dataclass(frozen=True, slots=True)
class UnreadableClaim:
    """A claim of which a value cannot be read: its id, where it begins, and why. `why` holds no value of the claim."""

    claim_id: str
    start: int
    segment_number: int
    why: str


@dataclass(frozen=True, slots=True)
class OtherPayerRecord:
    """Another payer of the patient (loop 2320) with what it decided on the claim; amounts it does not name are None.

    `relationship_code` is the patient's to this policy's `subscriber` (18 self).
    """

    payer_sequence: str
    relationship_code: str
    group_number: str
    insurance_type_code: str
    claim_filing_code: str
    subscriber: PartyRecord
    payer: PartyRecord
    paid_amount_cents: int | None
    noncovered_amount_cents: int | None
    remaining_liability_cents: int | None
    adjustments: tuple[PayerAdjustment, ...]
    adjudication_date: date | None
    payer_claim_control_number: str


@dataclass(frozen=True, slots=True)
class LineRecord:
    """One service line. `place_of_service_code` is empty where it is the claim's; `end` is the byte after the line.

    Numbers that the file gives for another payer than the one addressed are among the claim's `other_segments`.
    """

    claim_line_number: int
    hcpcs_code: str
    modifiers: tuple[str, ...]
    charge_amount_cents: int
    unit: str
    service_unit_quantity: Decimal
    place_of_service_code: str
    diagnosis_pointers: tuple[int, ...]
    service_from_date: date
    service_to_date: date
    line_control_number: str
    rendering: PartyRecord | None
    supervising: PartyRecord | None
    referring: PartyRecord | None
    prior_authorization_number: str
    referral_number: str
    note: str
    paperwork: tuple[Paperwork, ...]
    adjudications: tuple[LineAdjudication, ...]
    start: int
    end: int

    @property
    def has_whole_units(self) -> bool:
        """Whether its units are a whole number from 1."""
        units = self.service_unit_quantity
        return units >= 1 and units == int(units)


@dataclass(frozen=True, slots=True)
class ClaimRecord:
    """One claim with the levels it stands under.

    `relationship_code` is the patient's to the subscriber (18 self). `level_segments` are those of the billing,
    subscriber and patient levels above, `segments` those of the claim itself, made when they are looked at; `start` and
    `end` are the claim's bytes.
    """

    transmission: Transmission
    claim_id: str
    charge_amount_cents: int
    place_of_service_code: str
    frequency_code: str
    payer_claim_control_number: str
    payer_sequence: str
    relationship_code: str
    group_number: str
    claim_filing_code: str
    insurance_type_code: str
    prior_authorization_number: str
    referral_number: str
    note: str
    paperwork: tuple[Paperwork, ...]
    billing: PartyRecord
    subscriber: PartyRecord
    patient: PartyRecord
    payer: PartyRecord
    rendering: PartyRecord | None
    supervising: PartyRecord | None
    referring: tuple[PartyRecord, ...]
    service_facility: PartyRecord | None
    other_payers: tuple[OtherPayerRecord, ...]
    diagnosis_codes: tuple[str, ...]
    lines: tuple[LineRecord, ...]
    level_segments: Sequence[PlacedSegment]
    segments: Sequence[PlacedSegment]
    start: int
    end: int

    @property
    def member_id(self) -> str:
        """The subscriber's number at the payer."""
        return self.subscriber.identifier

    @property
    def patient_is_subscriber(self) -> bool:
        return self.relationship_code == "18"

    @property
    def other_segments(self) -> tuple[PlacedSegment, ...]:
        """The claim's segments that are not held as values here, among them any that the guide does not know."""
        return tuple(placed for placed in self.segments if not _is_held(placed))


def _is_held(placed: PlacedSegment) -> bool:
    """Whether the records have the segment's values: not a note of another kind, nor a number for another payer."""
    if (placed.loop_id, placed.name) not in _HELD:
        return False
    if placed.segment.tag == "NTE":
        return placed.value("note_type") == ADDITIONAL_NOTE
    return not placed.value("payer_number") or placed.segment.tag != "REF"
