"""The course of a synthetic patient: which months of care there are, and what each comes to."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from cocm.basics.months import Month
from cocm.synth.world import Tier, World

PATIENT_ID_DIGITS = 6
_START_DAY_MAX = 18
_WHOLE = 10**10
_GOLDEN_STEP = 6_180_339_887
_SEED_STEP = 1_234_567_891
_NUMBER_STEP, _MONTH_STEP = 7_548_776_662, 5_698_402_910


@dataclass(frozen=True, slots=True)
class PlannedMonth:
    """A month of an episode: its place in it (0 is the first), its tier and its minutes of countable care."""

    month: Month
    place: int
    tier: Tier
    minutes: int

    @property
    def is_first(self) -> bool:
        return self.place == 0


@dataclass(frozen=True, slots=True)
class Course:
    """An episode with its months up to the last one the practice knows."""

    patient_id: str
    number: int
    start_date: date
    end_date: date | None
    months: tuple[PlannedMonth, ...]

    @property
    def episode_id(self) -> str:
        return f"{self.patient_id}-E{self.number}"


@dataclass(frozen=True, slots=True)
class Window:
    """The months whose contacts are in the tables; `until` is the one to close."""

    first: Month
    until: Month

    def __contains__(self, month: Month) -> bool:
        return self.first <= month <= self.until


def episode_age(world: World, seed: int, number: int) -> int:
    """Months since the first one, as they come out when so many per cent of episodes end each month.

    Spread evenly over the patients' numbers (a golden-ratio sequence), so that the mix of a small practice is
    not left to chance.
    """
    drawn = (number * _GOLDEN_STEP + seed * _SEED_STEP) % _WHOLE
    ending, oldest = world.number("ending_percent_per_month"), world.number("months_of_age_max")
    age, older = 0, _WHOLE
    while age < oldest:
        older = older * (100 - ending) // 100
        if drawn >= older:
            break
        age += 1
    return age


def plan_course(
    world: World, rng: random.Random, patient_id: str, first: Month, last: Month, *, is_ended: bool
) -> Course:
    """An episode from one month to another. `is_ended`: it ends on a day of its last month."""
    evenly = int(patient_id.lstrip("P")) * _NUMBER_STEP
    start_day = rng.randint(1, _START_DAY_MAX)
    start_date = first.first_day + timedelta(days=start_day - 1)
    end_date = None
    if is_ended:
        earliest = max(start_day + 7, 20) if first == last else 20
        end_date = date(last.year, last.number, rng.randint(earliest, last.last_day.day))
    months = []
    for place in range(last.index - first.index + 1):
        tiers = world.first_tiers if place == 0 else world.later_tiers
        month = first.plus(place)
        tier = _tier(tiers, evenly + month.index * _MONTH_STEP)
        months.append(PlannedMonth(month, place, tier, rng.randint(*tier.minutes)))
    return Course(patient_id, 1, start_date, end_date, tuple(months))


def _tier(tiers: Sequence[Tier], position: int) -> Tier:
    """The tier at a place in the run of all tiers by weight, so that each has its share in every month."""
    left = position % _WHOLE * sum(tier.weight for tier in tiers) // _WHOLE
    for tier in tiers:
        left -= tier.weight
        if left < 0:
            break
    return tier


def weekdays(first: date, last: date, without: tuple[date, date] | None = None) -> list[date]:
    """The days from Monday to Friday in a span, without those of a stay."""
    days = []
    day = first
    while day <= last:
        if day.weekday() < 5 and (without is None or not without[0] <= day <= without[1]):
            days.append(day)
        day += timedelta(days=1)
    return days
