"""The first months of a programme: a caseload that grows, costs from the first day, money that comes later."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final

from cocm.insight.figures import rounded
from cocm.insight.model import ModelYear
from cocm.insight.model_inputs import MONTHS_IN_YEAR

DAYS_IN_MONTH: Final = 30
FORECAST_MONTHS_MAX: Final = 120


@dataclass(frozen=True, slots=True)
class ForecastMonth:
    """One month from the start. `caseload_share` is of the full caseload; `cash_cents` is what was paid in it."""

    number: int
    caseload_share: Fraction
    revenue_cents: int
    cost_cents: int
    cash_cents: int
    cumulative_cash_cents: int

    @property
    def margin_cents(self) -> int:
        """Revenue of the month's services less the month's cost."""
        return self.revenue_cents - self.cost_cents


def forecast(year: ModelYear, months: int = MONTHS_IN_YEAR) -> tuple[ForecastMonth, ...]:
    """The first months. Start-up cost stands in the first; with no ramp, twelve months equal the year to the cent.

    The caseload of month m is m / ramp of the full one. All costs but the work on denials run in full from the start.
    """
    ramp = year.inputs.ramp_months
    shares = [
        min(Fraction(1), Fraction(number, ramp)) if ramp else Fraction(1) for number in _numbers(months)
    ]
    grown = [sum(shares[:number], Fraction(0)) for number in range(months + 1)]
    revenue = _monthly(year.revenue_cents, grown)
    work = dict(year.costs).get("work on denied claims", 0)
    fixed = _monthly(year.cost_cents - work, [Fraction(number) for number in range(months + 1)])
    rework = _monthly(work, grown)
    cash = [0] * months
    for payer in year.payers:
        lag = -(
            -next(one.days_to_pay for one in year.inputs.payers if one.name == payer.payer) // DAYS_IN_MONTH
        )
        for place, cents in enumerate(_monthly(payer.net_cents, grown)):
            if place + lag < months:
                cash[place + lag] += cents
    startup = rounded(year.inputs.startup_cents)
    found = []
    balance = 0
    for place in range(months):
        cost = fixed[place] + rework[place] + (startup if place == 0 else 0)
        balance += cash[place] - cost
        found.append(ForecastMonth(place + 1, shares[place], revenue[place], cost, cash[place], balance))
    return tuple(found)


def _numbers(months: int) -> range:
    return range(1, months + 1)


def _monthly(year_cents: int, grown: list[Fraction]) -> list[int]:
    """A year's sum by month: the difference of rounded running sums, so that months add up to their whole."""
    running = [rounded(year_cents * months / MONTHS_IN_YEAR) for months in grown]
    return [later - earlier for earlier, later in pairwise(running)]
