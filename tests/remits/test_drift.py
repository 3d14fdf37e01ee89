"""Drift is told by a stated test, and small numbers say that they are too few."""

from __future__ import annotations

from math import sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cocm.remits.drift import DriftVerdict, drift
from cocm.rules import Rulebook
from cocm.rules.audit import DriftMeasure, DriftThreshold, drift_thresholds

AT_ONE_PERCENT = DriftThreshold(258, 30)


@pytest.mark.parametrize(
    ("before", "since", "verdict"),
    [
        ((10, 200), (30, 200), DriftVerdict.CHANGED),
        ((30, 200), (10, 200), DriftVerdict.CHANGED),
        ((20, 200), (28, 200), DriftVerdict.NO_CHANGE),
        ((0, 20), (20, 20), DriftVerdict.TOO_FEW),
        ((0, 200), (2, 200), DriftVerdict.TOO_FEW),
        ((200, 200), (200, 200), DriftVerdict.TOO_FEW),
        ((0, 0), (5, 100), DriftVerdict.TOO_FEW),
    ],
)
def test_a_change_is_told_from_chance(
    before: tuple[int, int], since: tuple[int, int], verdict: DriftVerdict
) -> None:
    assert drift("x", before, since, AT_ONE_PERCENT).verdict is verdict


shares = st.integers(30, 5_000).flatmap(lambda count: st.tuples(st.integers(0, count), st.just(count)))


@settings(max_examples=100, deadline=None)
@given(shares, shares)
def test_z_is_that_of_the_textbook(before: tuple[int, int], since: tuple[int, int]) -> None:
    found = drift("x", before, since, AT_ONE_PERCENT)
    if found.z_hundredths is None:
        return
    (some, count), (later, later_count) = before, since
    pooled = (some + later) / (count + later_count)
    error = sqrt(pooled * (1 - pooled) * (1 / count + 1 / later_count))
    assert abs(found.z_hundredths - 100 * abs(some / count - later / later_count) / error) < 1.01


def test_both_measures_have_their_threshold() -> None:
    assert set(drift_thresholds(Rulebook())) == set(DriftMeasure)
