"""A professional claim as it was read: typed values, the place of each part in the file, and every segment it had."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple

from cocm.care.people import Address
from cocm.x12.guide_parts import SegmentUse
from cocm.x12.tokens import Delimiters, Segment

# The segments that the records below hold as values, by loop and name; all others are `other_segments`.
_HELD: Final[Set[tuple[str, str]]] = frozenset(
    {
        ("2300", "claim"),
        ("2300", "payer_claim_control_number"),
        ("2300", "diagnoses"),
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
        ("2420A", "line_rendering_name"),
        ("2420A", "line_rendering_taxonomy"),
    }
)


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


@dataclass(frozen=True, slots=True)
class Transmission:
    """The envelope a claim came in. `created_at` is local to the sender, without offset."""

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


@dataclass(frozen=True, slots=True)
class UnreadableClaim:
    """A claim of which a value cannot be read: its id, where it begins, and why. `why` holds no value of the claim."""

    claim_id: str
    start: int
    segment_number: int
    why: str


@dataclass(frozen=True, slots=True)
class LineRecord:
    """One service line. `place_of_service_code` is empty where it is the claim's; `end` is the byte after the line."""

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
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ClaimRecord:
    """One claim with the levels it stands under.

    `relationship_code` is the patient's to the subscriber (18 self). `level_segments` are those of the billing,
    subscriber and patient levels above, `segments` those of the claim itself; `start` and `end` are the claim's bytes.
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
    billing: PartyRecord
    subscriber: PartyRecord
    patient: PartyRecord
    payer: PartyRecord
    rendering: PartyRecord | None
    supervising: PartyRecord | None
    referring: tuple[PartyRecord, ...]
    service_facility: PartyRecord | None
    diagnosis_codes: tuple[str, ...]
    lines: tuple[LineRecord, ...]
    level_segments: tuple[PlacedSegment, ...]
    segments: tuple[PlacedSegment, ...]
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
        return tuple(placed for placed in self.segments if (placed.loop_id, placed.name) not in _HELD)
