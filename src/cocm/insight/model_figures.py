"""Every figure of the model's year with its numerator and denominator."""

from __future__ import annotations

from fractions import Fraction

from cocm.basics.money import dollars
from cocm.insight.break_even import break_even_figures
from cocm.insight.figures import Figure, FigureUnit, decimal_text, rounded
from cocm.insight.model import ModelYear
from cocm.insight.model_inputs import BHCM_VISITS, MONTHS_IN_YEAR, WEEKS_IN_YEAR, ActivityKind

_CENTS, _NUMBER, _PERCENT = FigureUnit.CENTS, FigureUnit.NUMBER, FigureUnit.PERCENT


def model_figures(year: ModelYear) -> tuple[Figure, ...]:
    """Volume, rate, money, break-even and staffing, in the order of the calculation."""
    return (*_volume(year), *_money(year), *break_even_figures(year), *_staffing(year))


def _volume(year: ModelYear) -> tuple[Figure, ...]:
    inputs, volume = year.inputs, year.volume
    units = volume.units
    services = sum((units[kind] for kind in BHCM_VISITS), Fraction(0))
    words = {
        ActivityKind.ASSESSMENT: "assessments a year",
        ActivityKind.ONGOING: "follow-up visits a year",
        ActivityKind.GROUP: "group visits a year",
    }
    worked_out = (
        "given in the inputs"
        if inputs.caseload_override is not None
        else f"{_n(services)} visits x {_n(inputs.weeks_in_care)} weeks in care"
    )
    return (
        *(
            Figure(
                f"units_{kind}",
                words[kind],
                _NUMBER,
                units[kind],
                f"weekly hours x {_n(inputs.working_weeks)} weeks x {_n(inputs.bhcm_fte)} posts",
                "hours of a unit",
            )
            for kind in BHCM_VISITS
        ),
        Figure(
            "caseload_capacity",
            "caseload capacity",
            _NUMBER,
            volume.caseload,
            worked_out,
            ""
            if inputs.caseload_override is not None
            else f"{_n(inputs.services_per_patient)} services a patient x {WEEKS_IN_YEAR} weeks",
        ),
        Figure(
            "annual_caseload",
            "patients a year",
            _NUMBER,
            volume.annual_caseload,
            f"{WEEKS_IN_YEAR} weeks x caseload {_n(volume.caseload)}",
            f"{_n(inputs.weeks_in_care)} weeks in care",
        ),
        Figure(
            "turnover_per_month",
            "patients who finish in a month",
            _NUMBER,
            volume.turnover_per_month,
            f"{_n(volume.annual_caseload)} patients a year",
            f"{MONTHS_IN_YEAR} months",
        ),
        Figure(
            "served_per_month",
            "patients served in a month",
            _NUMBER,
            volume.served_per_month,
            f"caseload {_n(volume.caseload)} + {_n(volume.turnover_per_month)} who finish",
        ),
        Figure(
            "case_months",
            "patient-months a year",
            _NUMBER,
            volume.case_months,
            f"{_n(volume.served_per_month)} patients served x {MONTHS_IN_YEAR} months",
        ),
    )


def _money(year: ModelYear) -> tuple[Figure, ...]:
    def cents(name: str, label: str, value: int, how: str) -> Figure:
        return Figure(name, label, _CENTS, Fraction(value), how)

    cocm_months = sum((payer.months for payer in year.payers), Fraction(0))
    lost = sum(payer.denied_cents for payer in year.payers)
    uncollected = sum(payer.uncollected_cents for payer in year.payers)
    given = year.inputs.average_rate_override_cents is not None
    return (
        Figure(
            "average_rate",
            "average CoCM payment of a month",
            _CENTS,
            year.average_rate_cents,
            "given in the inputs" if given else "each tier's share x the amounts of its codes, added up",
            "",
            f"the shares and amounts listed come to {dollars(rounded(year.listed_rate_cents))}"
            if given
            else "",
        ),
        Figure(
            "cocm_share",
            "patient-months billed as CoCM",
            _PERCENT,
            100 * year.eligible_share,
            f"{_n(cocm_months)} months of patients whose payer pays CoCM",
            f"{_n(year.volume.case_months)} patient-months",
        ),
        Figure(
            "denied_claims",
            "CoCM claims denied a year",
            _NUMBER,
            year.denied_claims,
            "each payer's months x the share billed x its denial rate, added up",
        ),
        cents("gross_revenue", "revenue before denials and collection", year.gross_cents, "units x payment"),
        cents("lost_to_denials", "lost to denials", lost, "denied, less what rework brings in"),
        cents("uncollected", "allowed and not collected", uncollected, "allowed x the share not collected"),
        cents(
            "cocm_revenue", "CoCM revenue", year.cocm_cents, "by payer and code, after denials and collection"
        ),
        cents("fee_revenue", "revenue from visits", year.fee_cents, "by payer and kind of visit, likewise"),
        cents("total_revenue", "total revenue", year.revenue_cents, "CoCM revenue + revenue from visits"),
        cents(
            "total_cost",
            "total cost",
            year.cost_cents,
            " + ".join(name for name, cents in year.costs if cents),
        ),
        cents("net_impact", "net impact", year.net_impact_cents, "total revenue - total cost"),
        Figure(
            "margin_percent",
            "margin",
            _PERCENT,
            Fraction(100 * year.net_impact_cents, year.revenue_cents) if year.revenue_cents else None,
            f"net impact {dollars(year.net_impact_cents)}",
            f"total revenue {dollars(year.revenue_cents)}",
        ),
    )


def _staffing(year: ModelYear) -> tuple[Figure, ...]:
    inputs = year.inputs
    consultant = inputs.consultant.fte_per_bhcm * inputs.bhcm_fte
    return (
        Figure(
            "caseload_per_bhcm",
            "patients per full-time care manager",
            _NUMBER,
            year.volume.caseload / inputs.bhcm_fte,
            f"caseload {_n(year.volume.caseload)}",
            f"{_n(inputs.bhcm_fte)} posts",
        ),
        Figure(
            "consultant_hours_per_week",
            "psychiatric consultant, hours a week",
            _NUMBER,
            consultant * inputs.hours_per_fte,
            f"{_n(inputs.consultant.fte_per_bhcm, 4)} posts x {_n(inputs.bhcm_fte)} care managers x "
            f"{_n(inputs.hours_per_fte)} hours",
        ),
        Figure(
            "cost_per_case_month",
            "cost of a patient-month",
            _CENTS,
            Fraction(year.cost_cents) / year.volume.case_months if year.volume.case_months else None,
            f"total cost {dollars(year.cost_cents)}",
            f"{_n(year.volume.case_months)} patient-months",
        ),
    )


def _n(value: Fraction, places: int = 2) -> str:
    return decimal_text(value, places)
