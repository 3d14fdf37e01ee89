"""A claim's life after it was built: one timeline worked out from what was recorded, never overwritten.

Events are put in the order of their own dates, so that files may arrive in any order. What could not have happened
where it stands (a payment before the claim was sent) is kept and flagged, and the claim's state goes on from it.
A rejection is not a denial: a rejected claim was never in the payer's system.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple


class ClaimEventKind(StrEnum):
    """What happened to a claim, in the order in which it can happen on one day."""

    SENT = "sent"
    """Built and written for the payer; the files it went into were handed over."""
    FILE_ACCEPTED = "file_accepted"
    """The file was taken (TA1, 999)."""
    FILE_REJECTED = "file_rejected"
    """The file, or the claim's part of it, was refused (TA1, 999): nothing of it is with the payer."""
    ACCEPTED = "accepted"
    """Taken for a decision (277CA)."""
    REJECTED = "rejected"
    """Refused before any decision (277CA)."""
    PENDED = "pended"
    """With the payer, waiting (277)."""
    RECORDS_REQUESTED = "records_requested"
    RECORDS_SENT = "records_sent"
    FORWARDED = "forwarded"
    """Passed on to another payer or administrator."""
    ESCALATED = "escalated"
    """Taken up with the plan's provider relations."""
    PAID = "paid"
    PARTLY_PAID = "partly_paid"
    """Paid, with a line denied."""
    DENIED = "denied"
    REVERSED = "reversed"
    """The payer took its decision back."""
    APPEALED = "appealed"
    CORRECTED = "corrected"
    """A later claim of ours took its place."""
    VOIDED = "voided"
    CLOSED = "closed"
    """A person closed it: nothing more is to be done."""
    OVERPAYMENT_FOUND = "overpayment_found"
    """The records do not carry what was paid; `due` is by when it must be returned, where that is known."""
    OVERPAYMENT_RETURNED = "overpayment_returned"
    """It was returned, or a person found that there was none."""
    REOPENED = "reopened"
    """A person opened the billed month again for a note that came late, and said why."""
    LEFT_AS_BILLED = "left_as_billed"
    """A person looked at what came late and left the claim as it is, and said why."""


class ClaimState(StrEnum):
    """Where a claim stands."""

    BUILT = "built"
    SENT = "sent"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    PENDED = "pended"
    RECORDS_REQUESTED = "records_requested"
    PAID = "paid"
    PARTLY_PAID = "partly_paid"
    DENIED = "denied"
    REVERSED = "reversed"
    APPEALED = "appealed"
    CORRECTED = "corrected"
    VOIDED = "voided"
    CLOSED = "closed"


class ClaimEvent(NamedTuple):
    """One thing that happened. `reference` is the payer's number of the claim where its source tells it.

    `due` is by when an answer is asked for (a records request); `detail` holds codes and counts, never patient data.
    """

    event_id: str
    claim_id: str
    kind: ClaimEventKind
    day: date
    reference: str = ""
    due: date | None = None
    detail: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """An event with the state after it. `is_out_of_order`: it could not have happened where it stands."""

    event: ClaimEvent
    state: ClaimState
    is_out_of_order: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """A claim's whole life so far."""

    claim_id: str
    entries: tuple[TimelineEntry, ...]

    @property
    def state(self) -> ClaimState:
        """Where the claim stands now."""
        return self.entries[-1].state if self.entries else ClaimState.BUILT

    @property
    def is_with_payer(self) -> bool:
        """Whether the payer has it and has not decided: such a claim is never billed again."""
        return self.state in _WITH_PAYER

    @property
    def open_request(self) -> ClaimEvent | None:
        """The last request for records that nothing was sent for and no decision followed."""
        open_event = None
        for entry in self.entries:
            if entry.event.kind is ClaimEventKind.RECORDS_REQUESTED:
                open_event = entry.event
            elif entry.event.kind in _ANSWERS_REQUEST:
                open_event = None
        return open_event

    @property
    def open_overpayment(self) -> ClaimEvent | None:
        """The last overpayment found that was not returned; closing a claim does not return money."""
        found = self.last(ClaimEventKind.OVERPAYMENT_FOUND, ClaimEventKind.OVERPAYMENT_RETURNED)
        return found if found is not None and found.kind is ClaimEventKind.OVERPAYMENT_FOUND else None

    @property
    def payer_claim_control_number(self) -> str:
        """The payer's number of the claim, as last told; empty where nobody told it."""
        return next((entry.event.reference for entry in reversed(self.entries) if entry.event.reference), "")

    def last(self, *kinds: ClaimEventKind) -> ClaimEvent | None:
        """The last event of these kinds."""
        return next((entry.event for entry in reversed(self.entries) if entry.event.kind in kinds), None)


_STATE_AFTER: Final[Mapping[ClaimEventKind, ClaimState | None]] = {
    ClaimEventKind.SENT: ClaimState.SENT,
    ClaimEventKind.FILE_ACCEPTED: ClaimState.RECEIVED,
    ClaimEventKind.FILE_REJECTED: ClaimState.REJECTED,
    ClaimEventKind.ACCEPTED: ClaimState.ACCEPTED,
    ClaimEventKind.REJECTED: ClaimState.REJECTED,
    ClaimEventKind.PENDED: ClaimState.PENDED,
    ClaimEventKind.RECORDS_REQUESTED: ClaimState.RECORDS_REQUESTED,
    ClaimEventKind.RECORDS_SENT: ClaimState.PENDED,
    ClaimEventKind.FORWARDED: None,
    ClaimEventKind.ESCALATED: None,
    ClaimEventKind.PAID: ClaimState.PAID,
    ClaimEventKind.PARTLY_PAID: ClaimState.PARTLY_PAID,
    ClaimEventKind.DENIED: ClaimState.DENIED,
    ClaimEventKind.REVERSED: ClaimState.REVERSED,
    ClaimEventKind.APPEALED: ClaimState.APPEALED,
    ClaimEventKind.CORRECTED: ClaimState.CORRECTED,
    ClaimEventKind.VOIDED: ClaimState.VOIDED,
    ClaimEventKind.CLOSED: ClaimState.CLOSED,
    ClaimEventKind.OVERPAYMENT_FOUND: None,
    ClaimEventKind.OVERPAYMENT_RETURNED: None,
    ClaimEventKind.REOPENED: None,
    ClaimEventKind.LEFT_AS_BILLED: None,
}
_WITH_PAYER: Final = frozenset(
    {
        ClaimState.SENT,
        ClaimState.RECEIVED,
        ClaimState.ACCEPTED,
        ClaimState.PENDED,
        ClaimState.RECORDS_REQUESTED,
        ClaimState.APPEALED,
    }
)
_BEFORE_DECISION: Final = _WITH_PAYER - {ClaimState.APPEALED}
_DECIDED: Final = frozenset({ClaimState.PAID, ClaimState.PARTLY_PAID, ClaimState.DENIED, ClaimState.REVERSED})
_ANY: Final = frozenset(ClaimState)
_AFTER_SENDING: Final = _ANY - {ClaimState.BUILT}
_NOT_REJECTED: Final = _AFTER_SENDING - {ClaimState.REJECTED, ClaimState.VOIDED}

_POSSIBLE_FROM: Final[Mapping[ClaimEventKind, frozenset[ClaimState]]] = {
    ClaimEventKind.SENT: frozenset({ClaimState.BUILT}),
    ClaimEventKind.FILE_ACCEPTED: frozenset({ClaimState.SENT, ClaimState.RECEIVED}),
    ClaimEventKind.FILE_REJECTED: frozenset({ClaimState.SENT, ClaimState.RECEIVED}),
    ClaimEventKind.ACCEPTED: frozenset({ClaimState.SENT, ClaimState.RECEIVED, ClaimState.ACCEPTED}),
    ClaimEventKind.REJECTED: frozenset({ClaimState.SENT, ClaimState.RECEIVED, ClaimState.ACCEPTED}),
    ClaimEventKind.PENDED: _WITH_PAYER | {ClaimState.REVERSED},
    ClaimEventKind.RECORDS_REQUESTED: _WITH_PAYER | _DECIDED,
    ClaimEventKind.RECORDS_SENT: frozenset(
        {ClaimState.RECORDS_REQUESTED, ClaimState.PENDED, ClaimState.DENIED}
    ),
    ClaimEventKind.FORWARDED: _NOT_REJECTED,
    ClaimEventKind.ESCALATED: _AFTER_SENDING,
    ClaimEventKind.PAID: _NOT_REJECTED,
    ClaimEventKind.PARTLY_PAID: _NOT_REJECTED,
    ClaimEventKind.DENIED: _NOT_REJECTED,
    ClaimEventKind.REVERSED: _DECIDED | {ClaimState.APPEALED, ClaimState.CLOSED},
    ClaimEventKind.APPEALED: frozenset({ClaimState.DENIED, ClaimState.PARTLY_PAID, ClaimState.PAID}),
    ClaimEventKind.CORRECTED: _DECIDED | {ClaimState.REJECTED, ClaimState.APPEALED, ClaimState.VOIDED},
    ClaimEventKind.VOIDED: _DECIDED,
    ClaimEventKind.CLOSED: _ANY,
    ClaimEventKind.OVERPAYMENT_FOUND: _AFTER_SENDING,
    ClaimEventKind.OVERPAYMENT_RETURNED: _AFTER_SENDING,
    ClaimEventKind.REOPENED: _AFTER_SENDING,
    ClaimEventKind.LEFT_AS_BILLED: _AFTER_SENDING,
}
_ANSWERS_REQUEST: Final = frozenset(
    {
        ClaimEventKind.RECORDS_SENT,
        ClaimEventKind.PAID,
        ClaimEventKind.PARTLY_PAID,
        ClaimEventKind.DENIED,
        ClaimEventKind.VOIDED,
        ClaimEventKind.CLOSED,
    }
)
_ORDER: Final = {kind: position for position, kind in enumerate(ClaimEventKind)}
# A reversal comes before the decision that replaces it, and a request stands after the file was taken.
_SAME_DAY: Final = _ORDER | {ClaimEventKind.REVERSED: _ORDER[ClaimEventKind.PAID] - 0.5}


def timeline(claim_id: str, events: Iterable[ClaimEvent]) -> Timeline:
    """The life of a claim from its events, in whatever order they are given; a repeated event counts once."""
    by_id = {event.event_id: event for event in events}
    ordered = sorted(by_id.values(), key=lambda event: (event.day, _SAME_DAY[event.kind], event.event_id))
    entries = []
    state = ClaimState.BUILT
    for event in ordered:
        is_possible = state in _POSSIBLE_FROM[event.kind]
        after = _STATE_AFTER[event.kind]
        if after is not None and (is_possible or not _goes_back(state, event.kind)):
            state = after
        entries.append(TimelineEntry(event, state, not is_possible))
    return Timeline(claim_id, tuple(entries))


def _goes_back(state: ClaimState, kind: ClaimEventKind) -> bool:
    """Whether an event that does not fit tells less than is known: an acknowledgment dated after the decision."""
    early = kind in (
        ClaimEventKind.SENT,
        ClaimEventKind.FILE_ACCEPTED,
        ClaimEventKind.FILE_REJECTED,
        ClaimEventKind.ACCEPTED,
        ClaimEventKind.REJECTED,
        ClaimEventKind.PENDED,
    )
    return early and state not in _BEFORE_DECISION and state is not ClaimState.BUILT
