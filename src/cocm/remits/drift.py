"""Whether a share changed between two periods: a two-sided comparison of two proportions, in exact numbers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import isqrt

from cocm.rules.audit import DriftThreshold

_EXPECTED_MIN = 5
"""Below so many expected cases of either kind in a period the comparison does not hold."""


class DriftVerdict(StrEnum):
    """What the comparison says."""

    CHANGED = "changed"
    NO_CHANGE = "no_change"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True)
class Drift:
    """A share before and since a day: how many of how many months, and the verdict."""

    what: str
    before: int
    before_of: int
    since: int
    since_of: int
    z_hundredths: int | None
    verdict: DriftVerdict


def drift(what: str, before: tuple[int, int], since: tuple[int, int], threshold: DriftThreshold) -> Drift:
    """Compare (cases, of all) before and since, with the pooled share's standard error."""
    (some, count), (later_some, later_count) = before, since
    made = Drift(what, some, count, later_some, later_count, None, DriftVerdict.TOO_FEW)
    if min(count, later_count) < threshold.months_min:
        return made
    pooled = Fraction(some + later_some, count + later_count)
    expected = min(pooled, 1 - pooled) * min(count, later_count)
    if expected < _EXPECTED_MIN:
        return made
    difference = Fraction(some, count) - Fraction(later_some, later_count)
    squared = difference**2 / (pooled * (1 - pooled) * (Fraction(1, count) + Fraction(1, later_count)))
    z_hundredths = _root(squared * 10_000)
    is_changed = squared * 10_000 >= threshold.z_hundredths**2
    return Drift(
        what, some, count, later_some, later_count, z_hundredths,
        DriftVerdict.CHANGED if is_changed else DriftVerdict.NO_CHANGE,
    )  # fmt: skip


def _root(number: Fraction) -> int:
    """The whole part of a square root."""
    return isqrt(number.numerator // number.denominator)
