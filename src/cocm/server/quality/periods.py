"""Which months the figures are of, as the address says it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import QueryDict

from cocm.basics.months import Month

MONTHS_MAX = 36
MONTHS_ON_THE_CHART = 12
MONTHS_AT_FIRST = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """From one month to another, both included. `last_day`: not after today."""

    first: Month
    last: Month
    today: date

    @property
    def first_day(self) -> date:
        return self.first.first_day

    @property
    def last_day(self) -> date:
        return min(self.last.last_day, self.today)

    @property
    def query(self) -> str:
        return f"from={self.first}&to={self.last}"

    @property
    def words(self) -> str:
        """The days that the figures are of."""
        return f"{self.first_day} to {self.last_day}"

    @property
    def months_before(self) -> list[Month]:
        """The months of the chart: those up to the last one."""
        return [self.last.plus(-back) for back in range(MONTHS_ON_THE_CHART - 1, -1, -1)]


def asked_of(query: QueryDict, today: date) -> Asked:
    """What the address says; else the last whole months. A later month than this one, or too many, are cut."""
    this = Month.of(today)
    last = min(_month(query.get("to", "")) or this.plus(-1), this)
    first = _month(query.get("from", "")) or last.plus(1 - MONTHS_AT_FIRST)
    first = max(min(first, last), last.plus(1 - MONTHS_MAX))
    return Asked(first, last, today)


def _month(text: str) -> Month | None:
    try:
        month = Month.parse(text)
    except ValueError:
        return None
    return month if 2000 <= month.year <= 9000 else None


def choices_of(today: date) -> list[tuple[str, Asked]]:
    """Periods that people ask for."""
    this = Month.of(today)
    before = this.plus(-1)
    quarter = Month(this.year, (this.number - 1) // 3 * 3 + 1)
    return [
        ("This month", Asked(this, this, today)),
        ("Last month", Asked(before, before, today)),
        ("This quarter", Asked(quarter, this, today)),
        ("Last 3 months", Asked(before.plus(-2), before, today)),
        ("Last 12 months", Asked(before.plus(-11), before, today)),
    ]
