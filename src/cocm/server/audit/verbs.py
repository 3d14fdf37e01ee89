"""What can have happened, each with its sentence for people. A new event is a new line here."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Verb(StrEnum):
    """What was done."""

    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    REFUSED = "refused"
    CHART_OPENED = "chart_opened"
    PATIENTS_SEEN = "patients_seen"
    GLASS_BROKEN = "glass_broken"
    REVIEWED = "reviewed"
    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    CORRECTED = "corrected"
    FROZEN = "frozen"
    REOPENED = "reopened"
    IMPORTED = "imported"
    REFUSED_FILE = "refused_file"
    HANDED_OVER = "handed_over"
    TOLD = "told"
    EXPORTED = "exported"
    REMINDED = "reminded"
    ESCALATED = "escalated"
    FORECAST = "forecast"
    CLOSED = "closed"
    SIGNED = "signed"
    DECIDED = "decided"


SENTENCES: Final = MappingProxyType(
    {
        Verb.SIGNED_IN: "signed in",
        Verb.SIGNED_OUT: "signed out",
        Verb.REFUSED: "asked for a page and was refused",
        Verb.CHART_OPENED: "opened a chart",
        Verb.PATIENTS_SEEN: "saw patients on a page",
        Verb.GLASS_BROKEN: "opened a chart outside the care team",
        Verb.REVIEWED: "reviewed an opening outside the care team",
        Verb.ADDED: "added a record",
        Verb.CHANGED: "changed a record",
        Verb.REMOVED: "removed a record",
        Verb.CORRECTED: "corrected an entry by a new one",
        Verb.FROZEN: "froze a month",
        Verb.REOPENED: "opened a frozen month again",
        Verb.IMPORTED: "brought in data",
        Verb.REFUSED_FILE: "was given a payer's file that cannot be used",
        Verb.HANDED_OVER: "put a file into a payer's folder",
        Verb.TOLD: "told a patient the cost share",
        Verb.EXPORTED: "took data out as a file",
        Verb.REMINDED: "told a person by e-mail that something waits",
        Verb.ESCALATED: "told the next people of an open safety alert",
        Verb.FORECAST: "forecast a month",
        Verb.CLOSED: "closed a month",
        Verb.SIGNED: "signed entries of a month",
        Verb.DECIDED: "decided about a claim of a month",
    }
)
