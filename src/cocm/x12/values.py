"""Dates and amounts as the wire has them."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Final

VALUES_KEPT_MAX: Final = 4096


def date_digits(day: date) -> str:
    """A date as CCYYMMDD."""
    return day.isoformat().replace("-", "")


@lru_cache(maxsize=VALUES_KEPT_MAX)
def dollars_text(cents: int) -> str:
    """Money as the standard wants it: no needless zeros after the point."""
    whole, rest = divmod(abs(cents), 100)
    sign = "-" if cents < 0 else ""
    return f"{sign}{whole}.{rest:02d}" if rest else f"{sign}{whole}"
