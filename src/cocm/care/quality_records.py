"""What the quality metrics read, an episode, and what they answer: a figure with those behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from cocm.care.course import CareCourse
from cocm.care.recommendations import Advice
from cocm.rules.care_quality import MetricKind, MetricRule


@dataclass(frozen=True, slots=True)
class CareEpisode:
    """One episode that has been in care, as the metrics see it. `key` is opaque and comes back in the results.

    `course` holds every day on which the patient was reached. `maintenance_from`: since when in relapse prevention.
    """

    key: str
    course: CareCourse
    birth_date: date
    end_date: date | None = None
    is_graduated: bool = False
    care_manager: str = ""
    diagnosis_codes: tuple[str, ...] = ()
    maintenance_from: date | None = None
    treatment_changed_on: tuple[date, ...] = ()
    plan_revised_on: tuple[date, ...] = ()
    relapse_plan_on: date | None = None
    advice: tuple[Advice, ...] = ()

    @property
    def start(self) -> date:
        return self.course.start_date

    def is_in_care(self, day: date) -> bool:
        return self.start <= day and (self.end_date is None or day <= self.end_date)


@dataclass(frozen=True, slots=True)
class Counted:
    """One thing that a metric looked at: an episode, or a month or a recommendation of it (`about`).

    `excluded` says why it is left out. `amount` is what it adds where the metric adds up and does not count.
    """

    key: str
    is_met: bool = False
    excluded: str = ""
    about: str = ""
    amount: int = 0


@dataclass(frozen=True, slots=True)
class MetricResult:
    """A metric's figures with those behind them. `units`: what a ratio is divided by, where that is not what counts."""

    rule: MetricRule
    counted: tuple[Counted, ...]
    units: int | None = None

    @property
    def within(self) -> tuple[Counted, ...]:
        """Those of the denominator."""
        return tuple(item for item in self.counted if not item.excluded)

    @property
    def left_out(self) -> tuple[Counted, ...]:
        return tuple(item for item in self.counted if item.excluded)

    @property
    def numerator(self) -> int:
        if self.rule.kind is MetricKind.MEAN:
            return sum(item.amount for item in self.within)
        return sum(1 for item in self.within if item.is_met)

    @property
    def denominator(self) -> int:
        return len(self.within) if self.units is None else self.units

    @property
    def figure(self) -> Decimal | None:
        """A count; a percentage, a mean or a ratio with one decimal. None where there is nothing to divide by."""
        if self.rule.kind is MetricKind.NONE:
            return None
        if self.rule.kind is MetricKind.COUNT:
            return Decimal(self.numerator)
        if not self.denominator:
            return None
        times = 100 if self.rule.kind is MetricKind.SHARE else 1
        exact = Decimal(self.numerator * times) / self.denominator
        return exact.quantize(Decimal("0.1"), ROUND_HALF_UP)

    @property
    def is_at_target(self) -> bool | None:
        """None without a target or a figure."""
        if self.rule.target is None or self.figure is None:
            return None
        return self.figure >= self.rule.target
