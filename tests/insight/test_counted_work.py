"""A practice's own minutes and volumes in the place of the assumptions."""

from __future__ import annotations

from fractions import Fraction

import pytest

from cocm.insight.counted_work import COUNTED_MIN, CountedTask, task_assumptions, with_own_counts
from cocm.insight.given import Given, given
from cocm.insight.overhead import WorkCause, WorkVolume, overhead
from cocm.rules import Rulebook
from cocm.rules.insight_tables import overhead_defaults


@pytest.fixture(scope="module")
def inputs() -> Given:
    return given(overhead_defaults(Rulebook()))


def minutes_of(inputs: Given, name: str) -> Fraction:
    tasks = (task for cause in overhead(inputs) for task in cause.tasks)
    return next(task.minutes_each for task in tasks if task.name == name)


def test_every_task_has_its_assumption_with_its_basis(inputs: Given) -> None:
    found = {task.name: task for task in task_assumptions(inputs)}
    packet = found["collect_records"]
    assert (packet.minutes, packet.cause, packet.basis) == (60, WorkCause.DENIAL, "assumption")
    assert found["claim_status"].basis.startswith("CAQH")
    assert packet.removed_by == ("cocm packet",)


@pytest.mark.parametrize(("times", "minutes"), [(COUNTED_MIN - 1, 60), (COUNTED_MIN, 10)])
def test_a_mean_stands_in_place_of_the_assumption_from_enough_entries_on(
    inputs: Given, times: int, minutes: int
) -> None:
    counted = with_own_counts(inputs, [CountedTask("collect_records", times, 10 * times)], {})
    assert minutes_of(counted, "collect_records") == minutes


def test_a_task_that_was_never_timed_stays_an_assumption(inputs: Given) -> None:
    counted = with_own_counts(inputs, [CountedTask("collect_records", 0, 0)], {})
    assert minutes_of(counted, "collect_records") == 60


def test_own_volumes_scale_the_cost(inputs: Given) -> None:
    volumes = {WorkVolume.CLAIMS: Fraction(10), WorkVolume.DENIALS: Fraction(2)}
    counted = with_own_counts(inputs, [], volumes, Fraction(50_000))
    denial = next(cause for cause in overhead(counted) if cause.cause is WorkCause.DENIAL)
    late = next(task for task in denial.tasks if task.name == "late_money")
    assert late.times == 2 and late.cost_cents == 370  # $500 x 45 days / 365 x 6 %
