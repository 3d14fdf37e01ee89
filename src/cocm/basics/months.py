"""A calendar month and a span of dates as values.

A month is the unit that is closed and billed; it is local to the practice's site. A `Period` includes its first
date and excludes its last, so that periods meet without overlap.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

_MONTH_TEXT: Final = re.compile(r"(\d{4})-(\d{2})")


@lru_cache(maxsize=4096)
def _last_day(year: int, number: int) -> date:
    return date(year, number, calendar.monthrange(year, number)[1])


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """One calendar month, ordered in time. Raises `ValueError` for a month that does not exist."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not (1900 <= self.year <= 9998 and 1 <= self.number <= 12):
            raise ValueError(f"no such month: year {self.year}, month {self.number}")

    @classmethod
    def parse(cls, text: str) -> Month:
        """Read `YYYY-MM`. Raises `ValueError` naming what was expected."""
        matched = _MONTH_TEXT.fullmatch(text.strip())
        if matched is None:
            raise ValueError(f"{text!r} is not a month; write it as YYYY-MM, for example 2026-03")
        return cls(int(matched[1]), int(matched[2]))

    @classmethod
    def of(cls, day: date) -> Month:
        """The month a date lies in."""
        return _month(day.year, day.month)

    @classmethod
    def from_index(cls, index: int) -> Month:
        """The month of an `index`."""
        return cls(index // 12, index % 12 + 1)

    @property
    def index(self) -> int:
        """Months since year 0: consecutive months have consecutive indexes. Tables carry it as `month_index`."""
        return self.year * 12 + self.number - 1

    @property
    def first_day(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def last_day(self) -> date:
        return _last_day(self.year, self.number)

    @property
    def period(self) -> Period:
        """The month as a span of dates."""
        return Period(self.first_day, self.last_day + timedelta(days=1))

    def plus(self, months: int) -> Month:
        """The month so many months later (earlier when negative)."""
        return Month.from_index(self.index + months)

    def __contains__(self, day: date) -> bool:
        return day.year == self.year and day.month == self.number

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


@lru_cache(maxsize=4096)
def _month(year: int, number: int) -> Month:
    return Month(year, number)


@dataclass(frozen=True, slots=True)
class Period:
    """Dates from `effective_from` (inclusive) to `effective_to` (exclusive; None means no end is known)."""

    effective_from: date
    effective_to: date | None = None

    def __post_init__(self) -> None:
        if self.effective_to is not None and self.effective_to <= self.effective_from:
            raise ValueError(f"period ends on {self.effective_to}, not after its start {self.effective_from}")

    def __contains__(self, day: date) -> bool:
        return self.effective_from <= day and (self.effective_to is None or day < self.effective_to)

    def overlaps(self, other: Period) -> bool:
        """Whether any date lies in both."""
        starts_before_other_ends = other.effective_to is None or self.effective_from < other.effective_to
        other_starts_before_end = self.effective_to is None or other.effective_from < self.effective_to
        return starts_before_other_ends and other_starts_before_end

    def __str__(self) -> str:
        if self.effective_to is None:
            return f"{self.effective_from} onwards"
        return f"{self.effective_from} to {self.effective_to - timedelta(days=1)}"


_DAY_ZERO: Final = date(2000, 1, 1)


def day_number(day: date) -> int:
    """Days since 2000-01-01, the portable form of a date in tables (date arithmetic differs between engines)."""
    return (day - _DAY_ZERO).days


def day_from_number(number: int) -> date:
    """The date of a `day_number`."""
    return _DAY_ZERO + timedelta(days=number)
