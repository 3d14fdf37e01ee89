"""What a programme did, month by month, beside what its plan says: from its own books and its own caseload.

A month is the month of service: what was paid in May for care in March belongs to March, and a month's money is whole
only when its claims are decided, which each month says of itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from cocm.basics.money import dollars
from cocm.basics.months import Month
from cocm.insight.figures import Figure, FigureUnit, decimal_text
from cocm.insight.forecast import ForecastMonth
from cocm.insight.model import ModelYear
from cocm.insight.model_inputs import MONTHS_IN_YEAR
from cocm.insight.payers import PayerClaim, PayerPerformance, payer_performance, performance_figures

_CENTS, _NUMBER, _PERCENT = FigureUnit.CENTS, FigureUnit.NUMBER, FigureUnit.PERCENT
_FROM_PERFORMANCE: Final = ("denial_rate", "days_to_pay_median", "cost_of_denials")


@dataclass(frozen=True, slots=True)
class MonthClaim:
    """A patient-month billed to one payer, with its month of service."""

    month: Month
    claim: PayerClaim


@dataclass(frozen=True, slots=True)
class ActualMonth:
    """What became of one month of service. `served`: patients in care at any time in it."""

    month: Month
    served: int
    performance: PayerPerformance | None
    """Of all its claims together; None where nothing was billed."""

    @property
    def billed(self) -> int:
        """Patient-months with a claim."""
        return 0 if self.performance is None else self.performance.sent

    @property
    def decided(self) -> int:
        """Claims that a payer paid or denied."""
        return 0 if self.performance is None else self.performance.decided

    @property
    def revenue_cents(self) -> int:
        """What payers paid, and what is the patients' part."""
        return 0 if self.performance is None else self.performance.paid_cents + self.performance.patient_cents

    @property
    def is_whole(self) -> bool:
        """Whether every claim of the month is decided."""
        return self.decided == self.billed


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One figure of a month: planned and actual. `how` says what the actual one counts."""

    name: str
    label: str
    unit: FigureUnit
    planned: Fraction
    actual: Fraction | None
    how: str

    @property
    def difference(self) -> Fraction | None:
        """Actual less planned."""
        return None if self.actual is None else self.actual - self.planned

    def text(self, value: Fraction | None) -> str:
        """A value of the line for people."""
        return Figure(self.name, self.label, self.unit, value, "").text


def actual_months(
    claims: Iterable[MonthClaim], served: Mapping[Month, int], cost_of_denial_cents: Fraction
) -> tuple[ActualMonth, ...]:
    """The months of `served`, earliest first, each with its claims; claims of other months are left out."""
    by_month: dict[Month, list[PayerClaim]] = {month: [] for month in served}
    for one in claims:
        if one.month in by_month:
            by_month[one.month].append(one.claim)
    found = []
    for month in sorted(served, key=lambda month: month.index):
        performance = payer_performance(by_month[month], cost_of_denial_cents)
        found.append(ActualMonth(month, served[month], performance[-1] if performance else None))
    return tuple(found)


def money_figures(
    performance: PayerPerformance | None, served: int, minutes_of_denial: Fraction
) -> tuple[Figure, ...]:
    """Billable share, money, days to pay and the cost of denials of some months together.

    `performance` is of all their claims; `served` are patient-months in care; `minutes_of_denial` is the staff's time
    for one.
    """
    sent = 0 if performance is None else performance.sent
    share = Fraction(100 * sent, served) if served else None
    billable = Figure(
        "billable_share", "patient-months billed", _PERCENT, share, f"{sent} patient-months with a claim",
        f"{served} patient-months in care",
    )  # fmt: skip
    if performance is None:
        return (billable,)
    charged = f"charged {dollars(performance.charge_cents)}"
    by_name = {figure.name: figure for figure in performance_figures(performance)}
    denied = performance.denied_at_first
    minutes = Figure(
        "minutes_of_denials", "staff minutes for the denials", _NUMBER, denied * minutes_of_denial,
        f"{denied} claims denied at first x {decimal_text(minutes_of_denial, 1)} minutes",
    )  # fmt: skip
    return (
        billable,
        _sum("paid", "paid by payers", performance.paid_cents, charged),
        _sum("patients_part", "the patients' part", performance.patient_cents, charged),
        _sum("outstanding", "outstanding", performance.open_cents, charged),
        _sum("written_off", "written off", performance.written_off_cents, charged),
        *(by_name[name] for name in _FROM_PERFORMANCE),
        minutes,
    )


def against_plan(actual: ActualMonth, planned: ForecastMonth, year: ModelYear) -> tuple[PlanLine, ...]:
    """A month beside the plan's month of the same number since the start.

    Costs are the plan's: the books hold what came in, not what was spent.
    """
    performance = actual.performance
    share = planned.caseload_share
    claims_planned = _claims_of_a_month(year) * share
    denied_planned = Fraction(year.denied_claims, MONTHS_IN_YEAR) * share
    revenue_planned = Fraction(year.cocm_cents, MONTHS_IN_YEAR) * share
    days_planned = _days_to_pay(year)
    decided = actual.decided
    rates = {figure.name: figure.value for figure in performance_figures(performance)} if performance else {}
    per_claim = Fraction(actual.revenue_cents, decided) if decided else None
    per_claim_planned = revenue_planned / claims_planned if claims_planned else Fraction(0)
    lines = [
        PlanLine(
            "served", "patients in care", _NUMBER, year.volume.served_per_month * share, Fraction(actual.served),
            "patients in care at any time in the month",
        ),
        PlanLine(
            "billed", "patient-months billed as CoCM", _NUMBER, claims_planned, Fraction(actual.billed),
            "patient-months with a claim",
        ),
        PlanLine(
            "revenue", "CoCM revenue", _CENTS, revenue_planned, Fraction(actual.revenue_cents),
            "paid by payers and the patients' part, of the month's claims"
            + ("" if actual.is_whole else f"; {actual.billed - decided} not yet decided"),
        ),
        PlanLine(
            "per_claim", "revenue of a claim", _CENTS, per_claim_planned, per_claim,
            f"{dollars(actual.revenue_cents)} / {decided} claims paid or denied",
        ),
        PlanLine(
            "denial_rate", "claims denied at first", _PERCENT,
            100 * denied_planned / claims_planned if claims_planned else Fraction(0), rates.get("denial_rate"),
            f"claims denied at first / {decided} claims paid or denied",
        ),
    ]  # fmt: skip
    if days_planned is not None:
        lines.append(
            PlanLine(
                "days_to_pay", "days to pay", _NUMBER, days_planned, rates.get("days_to_pay_median"),
                "median, from the day a claim was first sent",
            )
        )  # fmt: skip
    cost = Fraction(planned.cost_cents)
    lines.append(
        PlanLine(
            "net", "CoCM revenue less the plan's cost", _CENTS, revenue_planned - cost,
            actual.revenue_cents - cost, f"the plan's cost of the month is {dollars(planned.cost_cents)}",
        )
    )  # fmt: skip
    return tuple(lines)


def _claims_of_a_month(year: ModelYear) -> Fraction:
    billed = sum((tier.share for tier in year.inputs.tiers if tier.codes), Fraction(0))
    months = sum((payer.months for payer in year.payers), Fraction(0))
    return months * billed / MONTHS_IN_YEAR


def _days_to_pay(year: ModelYear) -> Fraction | None:
    """The payers' days, each weighted by its CoCM months."""
    months = {payer.payer: payer.months for payer in year.payers}
    whole = sum(months.values(), Fraction(0))
    if not whole:
        return None
    return sum((one.days_to_pay * months[one.name] for one in year.inputs.payers), Fraction(0)) / whole


def _sum(name: str, label: str, cents: int, how: str) -> Figure:
    return Figure(name, label, _CENTS, Fraction(cents), how)
