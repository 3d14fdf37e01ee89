"""Months as they were beside the plan: figures worked by hand, and sums that keep to the plan's own."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest

from cocm.basics.months import Month
from cocm.claims.lifecycle import ClaimEvent, ClaimEventKind
from cocm.insight.actuals import ActualMonth, MonthClaim, actual_months, against_plan, money_figures
from cocm.insight.forecast import forecast
from cocm.insight.given import given
from cocm.insight.model import model_year
from cocm.insight.model_inputs import read_model_inputs
from cocm.insight.overhead import cost_of_one_denial, minutes_of_one_denial
from cocm.insight.payers import PayerClaim
from cocm.remits.account import Balance
from cocm.rules import Rulebook
from cocm.rules.insight_tables import model_defaults, overhead_defaults

K = ClaimEventKind
MARCH, APRIL = Month(2026, 3), Month(2026, 4)


def claim(month: Month, *events: tuple[ClaimEventKind, int], paid: int = 0, patient: int = 0) -> MonthClaim:
    start = month.last_day + timedelta(days=1)
    told = [ClaimEvent(f"{kind}{day}", "C", kind, start + timedelta(days=day)) for kind, day in events]
    balance = Balance(charge_cents=20_000, paid_cents=paid, patient_cents=patient)
    return MonthClaim(month, PayerClaim("A", tuple(told), balance))


CLAIMS = (
    claim(MARCH, (K.SENT, 0), (K.PAID, 20), paid=12_000, patient=3_000),
    claim(MARCH, (K.SENT, 0), (K.PAID, 40), paid=13_000),
    claim(MARCH, (K.SENT, 0), (K.DENIED, 30)),
    claim(APRIL, (K.SENT, 0)),
    claim(Month(2025, 12), (K.SENT, 0), (K.PAID, 5), paid=99_999),
)


@pytest.fixture(scope="module")
def march() -> ActualMonth:
    return actual_months(CLAIMS, {APRIL: 5, MARCH: 4}, Fraction(2_500))[0]


def test_months_come_in_order_with_their_own_claims_only() -> None:
    march, april = actual_months(CLAIMS, {APRIL: 5, MARCH: 4}, Fraction(2_500))
    assert (march.month, march.served, march.billed, march.decided) == (MARCH, 4, 3, 3)
    assert (march.revenue_cents, march.is_whole) == (28_000, True)
    assert (april.month, april.billed, april.decided, april.revenue_cents, april.is_whole) == (
        APRIL,
        1,
        0,
        0,
        False,
    )


def test_figures_by_hand(march: ActualMonth) -> None:
    told = {figure.name: figure for figure in money_figures(march.performance, march.served, Fraction(45))}
    # three of four patients billed; one of three decided claims denied; 45 minutes and 25 dollars for it
    assert told["billable_share"].value == 75
    assert told["paid"].value == 25_000 and told["patients_part"].value == 3_000
    assert told["outstanding"].value == 60_000 - 25_000 - 3_000
    assert told["denial_rate"].value == Fraction(100, 3)
    assert told["days_to_pay_median"].value == 30
    assert told["cost_of_denials"].value == 2_500 and told["minutes_of_denials"].value == 45
    assert all(figure.how for figure in told.values())


def test_a_month_without_claims_has_a_share_of_nothing() -> None:
    (empty,) = actual_months((), {MARCH: 4}, Fraction(0))
    assert [(one.name, one.value) for one in money_figures(empty.performance, 4, Fraction(45))] == [
        ("billable_share", Fraction(0))
    ]
    assert money_figures(None, 0, Fraction(45))[0].value is None


def test_a_month_beside_the_plan(march: ActualMonth) -> None:
    year = model_year(read_model_inputs(given(model_defaults(Rulebook()))), MARCH)
    planned = forecast(year, 12)[11]
    lines = {line.name: line for line in against_plan(march, planned, year)}
    # the workbook's own plan: 131 patients in the caseload and a twelfth of 486 who finish
    assert lines["served"].text(lines["served"].planned) == "171.43"
    assert lines["served"].actual == 4
    assert lines["revenue"].actual == 28_000
    assert lines["revenue"].planned == Fraction(year.cocm_cents, 12)
    assert lines["per_claim"].actual == Fraction(28_000, 3)
    assert lines["denial_rate"].actual == Fraction(100, 3)
    assert lines["net"].actual == 28_000 - planned.cost_cents
    assert lines["net"].difference == lines["revenue"].difference


def test_what_a_ramp_plans_for_its_first_month_is_its_share(march: ActualMonth) -> None:
    from cocm.insight.given import UserInput

    asked = given(model_defaults(Rulebook()), [UserInput("test", "general.ramp_months", "4")])
    year = model_year(read_model_inputs(asked), MARCH)
    full = against_plan(march, forecast(year, 12)[11], year)
    first = against_plan(march, forecast(year, 12)[0], year)
    for one, whole in zip(first, full, strict=True):
        if one.name in ("served", "billed", "revenue"):
            assert one.planned * 4 == whole.planned
        if one.name in ("per_claim", "denial_rate", "days_to_pay"):
            assert one.planned == whole.planned


def test_an_undecided_month_says_so() -> None:
    (april,) = actual_months(CLAIMS, {APRIL: 5}, Fraction(0))
    year = model_year(read_model_inputs(given(model_defaults(Rulebook()))), MARCH)
    lines = {line.name: line for line in against_plan(april, forecast(year, 12)[1], year)}
    assert "1 not yet decided" in lines["revenue"].how
    assert lines["per_claim"].actual is None and lines["per_claim"].difference is None


def test_minutes_of_a_denial_are_what_its_cost_is_made_of() -> None:
    inputs = given(overhead_defaults(Rulebook()))
    wage = inputs.cents("general.wage_per_hour")
    fee = inputs.cents("general.rework_fee_per_denial")
    assert minutes_of_one_denial(inputs) > 0
    assert cost_of_one_denial(inputs) == fee + minutes_of_one_denial(inputs) * wage / 60
