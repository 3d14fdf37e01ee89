"""Exact percentiles of whole numbers from a histogram, and percentages."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction


def percentile(histogram: Mapping[int, int], percent: int) -> int:
    """The smallest value within which so many percent of all lie (nearest rank).

    Raises `ValueError` for an empty histogram and for a percentage outside 1 to 100.
    """
    total = sum(histogram.values())
    if total < 1 or not 1 <= percent <= 100:
        raise ValueError(f"no {percent}th percentile of {total} values")
    wanted = -(-total * percent // 100)
    reached = 0
    for value in sorted(histogram):
        reached += histogram[value]
        if reached >= wanted:
            return value
    raise AssertionError("the whole histogram was passed")


def median(histogram: Mapping[int, int]) -> Fraction:
    """The middle value; of an even count the mean of both in the middle. Raises `ValueError` for an empty histogram."""
    total = sum(histogram.values())
    if total < 1:
        raise ValueError("no median of nothing")
    lower, upper = _ranked(histogram, (total + 1) // 2), _ranked(histogram, total // 2 + 1)
    return Fraction(lower + upper, 2)


def _ranked(histogram: Mapping[int, int], rank: int) -> int:
    reached = 0
    for value in sorted(histogram):
        reached += histogram[value]
        if reached >= rank:
            return value
    raise AssertionError("the rank is within the count")


def percent_of(part: int, whole: int) -> Decimal | None:
    """A share in percent with one decimal, half up; None of nothing."""
    if not whole:
        return None
    return (Decimal(100 * part) / Decimal(whole)).quantize(Decimal("0.1"), ROUND_HALF_UP)
