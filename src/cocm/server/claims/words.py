"""What the core's states and events are called on the pages, with a tone and a sign each."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final, NamedTuple

from django.utils.safestring import SafeString

from cocm.basics.money import dollars
from cocm.benefits.records import CoverageState, RouteKind
from cocm.claims.lifecycle import ClaimEventKind, ClaimState
from cocm.claims.submission import ORIGINAL, REPLACEMENT, VOID
from cocm.edits.edit import Verdict
from cocm.server.look.badges import badge


class Words(NamedTuple):
    """A label, its tone, and its sign."""

    label: str
    tone: str = "neutral"
    icon: str = ""


STATES: Final = MappingProxyType(
    {
        ClaimState.BUILT: Words("Built"),
        ClaimState.SENT: Words("Sent", "info"),
        ClaimState.RECEIVED: Words("Received", "info"),
        ClaimState.ACCEPTED: Words("Accepted", "info"),
        ClaimState.REJECTED: Words("Rejected", "danger"),
        ClaimState.PENDED: Words("Pended", "attention"),
        ClaimState.RECORDS_REQUESTED: Words("Records wanted", "attention"),
        ClaimState.PAID: Words("Paid", "success"),
        ClaimState.PARTLY_PAID: Words("Partly paid", "attention"),
        ClaimState.DENIED: Words("Denied", "danger"),
        ClaimState.REVERSED: Words("Reversed", "attention"),
        ClaimState.APPEALED: Words("Appealed", "info"),
        ClaimState.CORRECTED: Words("Replaced"),
        ClaimState.VOIDED: Words("Voided"),
        ClaimState.CLOSED: Words("Closed"),
    }
)
EVENTS: Final = MappingProxyType(
    {
        ClaimEventKind.SENT: Words("Sent", "info", "send"),
        ClaimEventKind.FILE_ACCEPTED: Words("File accepted", "info", "check-circle"),
        ClaimEventKind.FILE_REJECTED: Words("File rejected", "danger", "x-circle"),
        ClaimEventKind.ACCEPTED: Words("Accepted for a decision", "info", "check-circle"),
        ClaimEventKind.REJECTED: Words("Rejected before a decision", "danger", "x-circle"),
        ClaimEventKind.PENDED: Words("Pended", "attention", "clock"),
        ClaimEventKind.RECORDS_REQUESTED: Words("Records asked for", "attention", "file-earmark-text"),
        ClaimEventKind.RECORDS_SENT: Words("Records sent", "info", "send"),
        ClaimEventKind.FORWARDED: Words("Passed on by the payer", "attention", "arrow-right"),
        ClaimEventKind.ESCALATED: Words("Taken up with the plan", "info", "send"),
        ClaimEventKind.PAID: Words("Paid", "success", "check-circle"),
        ClaimEventKind.PARTLY_PAID: Words("Partly paid", "attention", "exclamation-triangle"),
        ClaimEventKind.DENIED: Words("Denied", "danger", "x-circle"),
        ClaimEventKind.REVERSED: Words("Decision taken back", "attention", "exclamation-triangle"),
        ClaimEventKind.APPEALED: Words("Appealed", "info", "send"),
        ClaimEventKind.CORRECTED: Words("Replaced by a later claim", "neutral", "arrow-right"),
        ClaimEventKind.VOIDED: Words("Voided", "neutral", "x-circle"),
        ClaimEventKind.CLOSED: Words("Closed", "neutral", "check-circle"),
        ClaimEventKind.OVERPAYMENT_FOUND: Words("Overpayment found", "attention", "exclamation-triangle"),
        ClaimEventKind.OVERPAYMENT_RETURNED: Words("Overpayment returned", "neutral", "check-circle"),
        ClaimEventKind.REOPENED: Words("Month reopened", "attention", "unlock"),
        ClaimEventKind.LEFT_AS_BILLED: Words("Left as billed", "neutral", "check-circle"),
    }
)
DETAILS: Final = MappingProxyType({"status": "payer's code", "loinc": "LOINC"})
"""What an event tells besides, where its name in the books is no word."""
FREQUENCIES: Final = MappingProxyType({ORIGINAL: "Original", REPLACEMENT: "Replacement", VOID: "Void"})
VERDICTS: Final = MappingProxyType(
    {
        Verdict.FAIL: Words("Fails", "danger"),
        Verdict.NO_DATA: Words("No data", "attention"),
        Verdict.PASS: Words("Passes", "success"),
        Verdict.NOT_APPLICABLE: Words("Does not apply"),
    }
)

COVERAGE_TONES: Final = {
    CoverageState.WHOLE: "success",
    CoverageState.PART: "attention",
    CoverageState.NONE: "danger",
    CoverageState.UNKNOWN: "attention",
}
ROUTES: Final = {
    RouteKind.PAYER: ("Medical: the payer", "success"),
    RouteKind.DELEGATED_GROUP: ("Medical group", "attention"),
    RouteKind.OTHER_PLAN: ("Other plan or administrator", "attention"),
    RouteKind.BEHAVIORAL_ADMINISTRATOR: ("Behavioral administrator", "danger"),
    RouteKind.UNKNOWN: ("Not told", "attention"),
}


def note_words(note: str) -> str:
    """A note of an event; the name of a letter or task, which is one word with dashes below, as words."""
    return note.replace("_", " ").capitalize() if note.isidentifier() and "_" in note else note


def state_badge(state: ClaimState) -> SafeString:
    """The state in a frame."""
    words = STATES[state]
    return badge(words.label, words.tone)


def money(cents: int | None) -> str:
    """Dollars; nothing for nothing known."""
    return "" if cents is None else dollars(cents)


def coverage_badge(state: str) -> SafeString:
    """Whether the month is covered, in a frame."""
    known = CoverageState(state)
    return badge(known.value.capitalize(), COVERAGE_TONES[known])


def route_badge(kind: str) -> SafeString:
    """Where the claim goes, in a frame."""
    label, tone = ROUTES[RouteKind(kind)]
    return badge(label, tone)
