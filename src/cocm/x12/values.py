"""Dates and amounts as the wire has them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Final

VALUES_KEPT_MAX: Final = 4096
DAYS_KEPT_MAX: Final = 40_000  # more days than people alive were born on


def date_digits(day: date) -> str:
    """A date as CCYYMMDD."""
    return day.isoformat().replace("-", "")


class DayTexts:
    """Many dates as CCYYMMDD; a day seen before is looked up."""

    def __init__(self) -> None:
        self._known: dict[date, str] = {}

    def __call__(self, days: Sequence[date]) -> list[str]:
        """The texts of some dates."""
        known = self._known
        try:
            return list(map(known.__getitem__, days))
        except KeyError:
            new = [day for day in set(days) if day not in known]
        if len(known) + len(new) > DAYS_KEPT_MAX:
            known.clear()
            new = list(set(days))
        known.update(zip(new, map(date_digits, new), strict=True))
        return list(map(known.__getitem__, days))


@lru_cache(maxsize=VALUES_KEPT_MAX)
def dollars_text(cents: int) -> str:
    """Money as the standard wants it: no needless zeros after the point."""
    whole, rest = divmod(abs(cents), 100)
    sign = "-" if cents < 0 else ""
    return f"{sign}{whole}.{rest:02d}" if rest else f"{sign}{whole}"
