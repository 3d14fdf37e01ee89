"""The records that components draw: tabs, timeline entries, citations, rows with faults, charts, pages of a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from cocm.server.look.tables import Table


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab is a link to a page of its own; `count` stands beside its label."""

    label: str
    href: str
    is_current: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """Something that happened: when, what, who, and where to read more. `icon` is a name of the sprite."""

    at: date | datetime
    title: object
    body: object = ""
    who: str = ""
    icon: str = "clock"
    tone: str = "neutral"
    href: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """Why something was decided: the rule, since when, by which source, on which facts."""

    rule: str
    label: str
    value: str = ""
    effective_from: date | None = None
    effective_to: date | None = None
    source: str = ""
    source_url: str = ""
    confidence: str = ""
    facts: Sequence[tuple[str, object]] = ()
    fix: str = ""


@dataclass(frozen=True, slots=True)
class RowFault:
    """A fault of an uploaded file: the row (None for the whole file), the field, what stands there, what to do."""

    row: int | None
    field: str
    found: str
    message: str
    is_blocking: bool = True


@dataclass(frozen=True, slots=True)
class Chart:
    """A Vega-Lite chart with its data as a table beside it. Colours and fonts come from the page's theme.

    `spec` is Vega-Lite without width, colours or config; `description` is one sentence that says what it shows.
    """

    key: str
    title: str
    description: str
    spec: Mapping[str, Any]
    table: Table


@dataclass(frozen=True, slots=True)
class Pages:
    """Where one stands in a list that is cut into pages."""

    number: int
    count: int
    rows_total: int
    query: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def address(self, number: int) -> str:
        """The query of a page's link."""
        return "?" + urlencode({**self.query, "page": number}, doseq=True)

    @property
    def links(self) -> list[tuple[int | None, str]]:
        """Page numbers with their addresses: first, last, those around; None where some are left out."""
        near = {1, self.count, *range(self.number - 1, self.number + 2)}
        shown = sorted(number for number in near if 1 <= number <= self.count)
        result: list[tuple[int | None, str]] = []
        before = 0
        for number in shown:
            if number - before > 1:
                result.append((None, ""))
            result.append((number, self.address(number)))
            before = number
        return result

    @property
    def previous(self) -> str:
        return self.address(self.number - 1) if self.number > 1 else ""

    @property
    def following(self) -> str:
        return self.address(self.number + 1) if self.number < self.count else ""
