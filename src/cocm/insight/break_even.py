"""Where revenue covers cost: the caseload, and the denial rate, at which nothing is earned and nothing lost."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from cocm.basics.money import dollars
from cocm.insight.figures import Figure, FigureUnit, decimal_text, rounded
from cocm.insight.model import ModelYear
from cocm.insight.model_inputs import MONTHS_IN_YEAR

_ZERO: Final = Fraction(0)


def break_even_figures(year: ModelYear) -> tuple[Figure, ...]:
    """Break-even caseload of the whole programme and of CoCM alone, and the break-even denial rate."""
    return _served(year), _cocm_alone(year), _denials(year)


def _fixed_cents(year: ModelYear) -> int:
    """Costs that do not follow the number of claims."""
    return year.cost_cents - dict(year.costs)["work on denied claims"]


def _served(year: ModelYear) -> Figure:
    follows = year.revenue_cents - (year.cost_cents - _fixed_cents(year))
    served = year.volume.served_per_month
    value = _fixed_cents(year) * served / follows if follows > 0 else None
    return Figure(
        "break_even_served_per_month",
        "break-even: patients served a month",
        FigureUnit.NUMBER,
        value,
        f"cost {dollars(_fixed_cents(year))} x {decimal_text(served, 2)} patients served a month",
        f"revenue less work on denials {dollars(follows)}",
        "" if value is not None else "no caseload covers the cost: each patient brings less than it costs",
    )


def _cocm_alone(year: ModelYear) -> Figure:
    """Cost / (rate x 12 x the share of patient-months that is paid)."""
    case_months = year.volume.case_months
    follows = year.cocm_cents - (year.cost_cents - _fixed_cents(year))
    per_month = Fraction(follows) / case_months if case_months else _ZERO
    value = _fixed_cents(year) / (per_month * MONTHS_IN_YEAR) if per_month > 0 else None
    return Figure(
        "break_even_served_cocm_alone",
        "break-even: patients served a month, CoCM revenue alone",
        FigureUnit.NUMBER,
        value,
        f"cost {dollars(_fixed_cents(year))}",
        f"CoCM revenue of a patient-month {dollars(rounded(per_month))} x {MONTHS_IN_YEAR}",
        "" if value is not None else "CoCM alone brings nothing",
    )


def _denials(year: ModelYear) -> Figure:
    """The one denial rate of every CoCM payer at which the margin is nothing."""
    inputs = year.inputs
    by_payer = {payer.name: payer for payer in inputs.payers}
    gross = claims = _ZERO
    billed = sum((tier.share for tier in inputs.tiers if tier.codes), _ZERO)
    for line in year.revenue:
        if line.is_cocm:
            gross += line.gross_cents * by_payer[line.payer].collected_share
    for payer in year.payers:
        claims += payer.months * billed
    lost_at_all = gross * (1 - inputs.recovered_share) + claims * inputs.rework_cents
    spare = gross + year.fee_cents - _fixed_cents(year)
    value: Fraction | None = None
    note = ""
    if spare < 0:
        note = "none: cost is above revenue even without a denial"
    elif not lost_at_all or spare > lost_at_all:
        note = "none: revenue covers cost even if every CoCM claim is denied"
    else:
        value = 100 * spare / lost_at_all
    return Figure(
        "break_even_denial_percent",
        "break-even: CoCM claims denied",
        FigureUnit.PERCENT,
        value,
        f"margin without denials {dollars(rounded(spare))}",
        f"what denying every claim would cost {dollars(rounded(lost_at_all))}",
        note,
    )
