"""What a receiver says of the form of what it got: interchange (TA1), group and transactions (999)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cocm.x12.claim_record import PlacedSegment
from cocm.x12.loop_tree import Origin

ACCEPTED: Final = "A"
ACCEPTED_WITH_ERRORS: Final = "E"
PARTLY_ACCEPTED: Final = "P"
REJECTED: Final = "R"


@dataclass(frozen=True, slots=True)
class InterchangeAcknowledgment:
    """One TA1. `created_at` is the date and time of the interchange it answers; `status` is A, E or R, and `note`
    the reason's code (000: none).
    """

    interchange_control_number: str
    created_at: datetime | None
    status: str
    note: str
    origin: Origin | None = field(default=None, compare=False)
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)

    @property
    def is_accepted(self) -> bool:
        """Whether the interchange was taken in, perhaps with errors."""
        return self.status != REJECTED


@dataclass(frozen=True, slots=True)
class NoteContext:
    """What a note hangs on (CTX): a trigger, or the business unit (`CLM01` and the claim's id in `reference`)."""

    context: str
    reference: str = ""
    segment_tag: str = ""
    segment_position: int | None = None
    loop_id: str = ""
    element_position: int | None = None
    component_position: int | None = None
    repetition_position: int | None = None


@dataclass(frozen=True, slots=True)
class ElementNote:
    """An element that is wrong (IK4). Positions count from 1. `bad_value` may hold patient data."""

    element_position: int
    component_position: int | None
    code: str
    repetition_position: int | None = None
    data_element: str = ""
    bad_value: str = ""
    contexts: tuple[NoteContext, ...] = ()


@dataclass(frozen=True, slots=True)
class SegmentNote:
    """A segment that is wrong or missing (IK3). `segment_position` counts from ST, which is 1."""

    segment_tag: str
    segment_position: int
    loop_id: str
    code: str
    elements: tuple[ElementNote, ...] = ()
    contexts: tuple[NoteContext, ...] = ()

    @property
    def claim_id(self) -> str:
        """The claim that the note names as its business unit; empty where it names none."""
        return next((one.reference for one in self.contexts if one.context == "CLM01"), "")


@dataclass(frozen=True, slots=True)
class TransactionResponse:
    """The answer to one transaction (AK2 to IK5). `status`: A accepted, E with errors, R rejected (and M, W, X)."""

    transaction: str
    control_number: str
    guide_version: str
    notes: tuple[SegmentNote, ...]
    status: str
    codes: tuple[str, ...] = ()

    @property
    def is_accepted(self) -> bool:
        """Whether the transaction was taken in, perhaps with errors."""
        return self.status in (ACCEPTED, ACCEPTED_WITH_ERRORS)


@dataclass(frozen=True, slots=True)
class GroupAcknowledgment:
    """One 999: the answer to one group. `status`: A accepted, E with errors, P partly, R rejected.

    Counts are of transactions: as the group's trailer said, as they were received, and accepted. `segments` are those
    of no field here, among them any that the guide does not know.
    """

    functional_identifier: str
    group_control_number: str
    guide_version: str
    transactions: tuple[TransactionResponse, ...]
    status: str
    included_count: int
    received_count: int
    accepted_count: int
    codes: tuple[str, ...] = ()
    origin: Origin | None = field(default=None, compare=False)
    segments: tuple[PlacedSegment, ...] = field(default=(), compare=False, repr=False)
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)

    @property
    def is_accepted(self) -> bool:
        """Whether every transaction of the group was taken in."""
        return self.status in (ACCEPTED, ACCEPTED_WITH_ERRORS)
