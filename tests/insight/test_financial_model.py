"""The financial model: the workbook's check to the cent, a programme worked by hand, sums, and denials."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from cocm.basics.errors import UnusableInput
from cocm.basics.months import Month
from cocm.insight.figures import decimal_text, rounded, split
from cocm.insight.forecast import forecast
from cocm.insight.given import Given, UserInput, given
from cocm.insight.model import ConsultantValuation, ModelYear, model_year
from cocm.insight.model_figures import model_figures
from cocm.insight.model_inputs import read_model_inputs
from cocm.insight.what_if import Scenario, usual_scenarios, what_if
from cocm.insight.worked_check import check_lines
from cocm.rules import Rulebook
from cocm.rules.denial_evidence import denial_evidence
from cocm.rules.insight_tables import caseload_ranges, model_defaults

MONTH = Month(2026, 1)
DEFAULTS = given(model_defaults(Rulebook()))
BY_HAND = {
    # 10 visits of 1 hour a week, 50 weeks, 52 weeks in care, 10 services a patient: caseload 50; 50 a year finish.
    "activity.warm_connection.hours_per_week": "0",
    "activity.initial_assessment.hours_per_week": "0",
    "activity.group.hours_per_week": "0",
    "activity.follow_up.hours_per_week": "10",
    "activity.follow_up.hours_per_unit": "1",
    "general.working_weeks": "50",
    "general.weeks_in_care": "52",
    "general.services_per_patient": "10",
    "general.mode": "cocm_only",
    "payer.medicare.share_percent": "100",
    "payer.medicaid.share_percent": "0",
    "payer.commercial_cocm.share_percent": "0",
    "payer.commercial_other.share_percent": "0",
    "code.99493.amount": "100",
    "tier.subsequent.share_percent": "100",
    **{
        f"tier.{name}.share_percent": "0"
        for name in (
            "not_met", "short", "initial", "initial_addon", "initial_two_addons", "subsequent_addon",
            "subsequent_two_addons",
        )
    },
}  # fmt: skip


def laid(changes: dict[str, str], base: Given = DEFAULTS) -> Given:
    return base.with_inputs([UserInput("test", name, value) for name, value in changes.items()])


def year(changes: dict[str, str], valuation: ConsultantValuation | None = None) -> ModelYear:
    return model_year(read_model_inputs(laid(changes)), MONTH, valuation)


def figure(worked: ModelYear, name: str) -> Fraction | None:
    return {one.name: one.value for one in model_figures(worked)}[name]


def test_the_workbooks_check_is_reproduced_to_the_cent() -> None:
    lines = {line.told.figure: line for line in check_lines(Rulebook(), MONTH)}
    assert all(line.is_reproduced for line in lines.values())
    in_cents = {name: rounded(line.reproduced * 100) for name, line in lines.items()}
    assert in_cents["cocm_revenue"] == 12_581_553
    assert in_cents["fee_revenue"] == 17_024_682
    assert in_cents["total_revenue"] == 29_606_235
    assert in_cents["total_cost"] == 14_820_313
    assert in_cents["net_impact"] == 14_785_922


def test_where_the_sources_own_figures_do_not_add_up_it_is_said() -> None:
    for line in check_lines(Rulebook(), MONTH):
        listed = decimal_text(line.from_listed_inputs, 2).replace(",", "")
        places = -int(line.told.told.as_tuple().exponent)
        assert decimal_text(line.from_listed_inputs, places).replace(",", "") == str(
            line.told.from_listed_inputs
        ).rstrip("0").removesuffix("."), listed
        assert bool(line.told.why) or line.told.told == line.told.from_listed_inputs


def test_a_programme_worked_by_hand() -> None:
    worked = year(BY_HAND)
    # 50 + 50/12 = 54 1/6 served a month, 650 patient-months a year, each $100.
    assert worked.volume.caseload == 50
    assert worked.volume.case_months == 650
    assert worked.revenue_cents == 6_500_000
    assert worked.cost_cents == 14_820_313
    # 148,203.13 / (100 x 12) = 123.502608 patients served a month.
    assert figure(worked, "break_even_served_per_month") == Fraction(14_820_313, 120_000)


def test_denials_and_collection_by_hand() -> None:
    worked = year(
        BY_HAND
        | {
            "payer.medicare.denial_percent": "20",
            "general.denial_recovered_percent": "50",
            "payer.medicare.collection_percent": "90",
        }
    )
    payer = worked.payers[0]
    # $65,000: $13,000 denied, half comes back; of $58,500 a tenth is not collected. 130 claims are worked at $25.
    assert (payer.gross_cents, payer.denied_cents, payer.uncollected_cents, payer.net_cents) == (
        6_500_000,
        650_000,
        585_000,
        5_265_000,
    )
    assert dict(worked.costs)["work on denied claims"] == 325_000


def test_at_the_break_even_denial_rate_nothing_is_earned() -> None:
    changes = BY_HAND | {"code.99493.amount": "300", "general.rework_cost_per_denial": "0"}
    rate = figure(year(changes), "break_even_denial_percent")
    assert rate is not None
    at_rate = year(changes | {"payer.medicare.denial_percent": f"{float(rate):.9f}"})
    assert abs(at_rate.net_impact_cents) <= 1


def test_no_break_even_denial_rate_where_the_programme_loses_or_always_earns() -> None:
    assert figure(year(BY_HAND), "break_even_denial_percent") is None
    always = {"bhcm.salary": "0", "consultant.salary": "0", "general.rework_cost_per_denial": "0"}
    assert figure(year(BY_HAND | always), "break_even_denial_percent") == 100


@pytest.mark.parametrize(
    ("terms", "cents"),
    [
        ({"consultant.model": "retainer", "consultant.amount": "1000"}, 1_200_000),
        (
            {
                "consultant.model": "per_review",
                "consultant.amount": "50",
                "consultant.reviews_per_month": "16",
            },
            960_000,
        ),
        ({"consultant.model": "share_of_collections", "consultant.percent": "10"}, 650_000),
    ],
)
def test_the_consultant_is_paid_by_agreement(terms: dict[str, str], cents: int) -> None:
    costs = dict(year(BY_HAND | terms | {"general.overhead_percent": "0"}).costs)
    assert abs(costs["psychiatric consultant"] - cents) <= 12


def test_an_agreement_without_its_term_is_refused() -> None:
    with pytest.raises(UnusableInput, match="retainer needs amount"):
        year({"consultant.model": "retainer"})


def test_a_payer_that_needs_a_licence_pays_nothing_for_an_unlicensed_care_manager() -> None:
    terms = {"bhcm.is_licensed": "no", "payer.medicare.cocm_needs_licence": "yes"}
    assert year(BY_HAND | terms).revenue_cents == 0
    assert year(BY_HAND | {"bhcm.is_licensed": "no"}).revenue_cents == 6_500_000


def test_a_patient_month_is_billed_as_cocm_or_as_visits_never_both() -> None:
    half = year({"payer.medicaid.cocm_eligible_percent": "50"})
    full = year({})
    of_medicaid = [
        sum(line.gross_cents for line in worked.revenue if line.payer == "medicaid" and not line.is_cocm)
        for worked in (half, full)
    ]
    assert abs(2 * of_medicaid[0] - of_medicaid[1]) <= 2


def test_twelve_months_without_a_ramp_are_the_year() -> None:
    worked = year({"general.ramp_months": "0", "general.startup_cost": "0"})
    months = forecast(worked)
    assert sum(month.revenue_cents for month in months) == worked.revenue_cents
    assert sum(month.cost_cents for month in months) == worked.cost_cents


def test_money_comes_as_late_as_the_payer_pays_and_start_up_is_spent_first() -> None:
    months = forecast(
        year(BY_HAND | {"payer.medicare.days_to_pay": "45", "general.ramp_months": "2"}), months=4
    )
    assert [month.caseload_share for month in months] == [Fraction(1, 2), 1, 1, 1]
    assert [month.cash_cents for month in months[:2]] == [0, 0]
    assert months[2].cash_cents == months[0].revenue_cents == 270_833
    assert months[0].cost_cents - months[1].cost_cents in range(3_927_999, 3_928_002)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"payer.medicare.share_percent": "30"}, "add up to 110 %"),
        ({"payer.medicare.share_percent": "-1"}, "expected a number from 0 to 100"),
        ({"payer.medicare.denial_percent": "101"}, "expected a number from 0 to 100"),
        ({"bhcm.fte": "0"}, "expected a number above 0"),
        ({"bhcm.fte": "one"}, "bhcm.fte is 'one'; expected a number"),
        ({"bhcm.fte": "1e9"}, "expected a number"),
        ({"bhcm.fte": "NaN"}, "expected a number"),
        ({"bhcm.salary": "9" * 30}, "expected a number"),
        ({"bhcm.is_licensed": "perhaps"}, "expected yes or no"),
        ({"general.mode": "free"}, "expected one of mixed, cocm_only, therapy_only"),
        ({"general.weeks_in_care": ""}, "expected a number"),
        ({"tier.initial.codes": "99999"}, "99999 has no amount"),
        ({"payer.acme.share_percent": "0"}, "payer.acme: the input payer.acme.label is missing"),
        ({"bhcm.salery": "1"}, "did you mean bhcm.salary"),
        ({"payer..share_percent": "1"}, "there is no input"),
        ({"activity.follow_up.hours_per_unit": ""}, "a visit of kind ongoing needs it"),
        ({"general.ramp_months": "1.5"}, "expected a whole number"),
        (
            {"general.average_rate_override": "100"}
            | {f"code.{code}.amount": "0" for code in DEFAULTS.members("code")},
            "no tier has a code with an amount",
        ),
    ],
)
def test_an_input_that_cannot_be_is_named(changes: dict[str, str], message: str) -> None:
    with pytest.raises(UnusableInput, match=message.replace("(", r"\(")):
        year(changes)


def test_an_input_given_twice_is_refused() -> None:
    twice = [UserInput("row 2", "bhcm.fte", "1"), UserInput("row 3", "bhcm.fte", "2")]
    with pytest.raises(UnusableInput, match=r"row 3: bhcm.fte is given twice \(first in row 2\)"):
        DEFAULTS.with_inputs(twice)


def test_every_default_says_where_it_is_from() -> None:
    bases = {one.name: one.basis for one in DEFAULTS.inputs}
    assert all(bases.values())
    assert bases["bhcm.salary"].startswith("AIMS")
    assert bases["payer.medicaid.denial_percent"] == "assumption"
    assert {one.name: one.basis for one in laid({"bhcm.salary": "1"}).inputs}["bhcm.salary"] == "your own"


def test_the_usual_questions_are_answered_beside_the_inputs_as_given() -> None:
    scenarios = usual_scenarios(DEFAULTS, denial_evidence(Rulebook()), caseload_ranges(Rulebook()))
    outcomes = {
        outcome.scenario.name: outcome
        for outcome in what_if(DEFAULTS, (*scenarios, Scenario("nothing", ())), MONTH)
    }
    assert outcomes["nothing"].difference_cents == 0
    losses = [outcomes[f"{percent} % of CoCM claims denied"].difference_cents for percent in (5, 8, 20, 32)]
    assert losses == sorted(losses, reverse=True) and losses[0] < 0


percents = st.decimals(0, 100, places=2)


@settings(max_examples=25, deadline=None)
@examples(fewer=percents, more=percents, recovered=percents, collected=percents)
def test_more_denials_are_never_more_revenue(
    fewer: object, more: object, recovered: object, collected: object
) -> None:
    base = {"general.denial_recovered_percent": str(recovered)}
    base |= {f"payer.{payer}.collection_percent": str(collected) for payer in DEFAULTS.members("payer")}
    low, high = sorted([fewer, more], key=lambda one: Fraction(str(one)))
    few = year(base | {"payer.medicare.denial_percent": str(low)})
    many = year(base | {"payer.medicare.denial_percent": str(high)})
    assert many.revenue_cents <= few.revenue_cents
    assert many.net_impact_cents <= few.net_impact_cents
    assert figure(many, "gross_revenue") == figure(few, "gross_revenue")


@settings(max_examples=25, deadline=None)
@examples(
    denied=percents, collected=percents, posts=st.decimals("0.05", 40, places=2), own=st.integers(0, 50)
)
def test_parts_are_the_whole_to_the_cent(denied: object, collected: object, posts: object, own: int) -> None:
    worked = year(
        {
            "payer.medicare.denial_percent": str(denied),
            "payer.commercial_cocm.collection_percent": str(collected),
            "bhcm.fte": str(posts),
            "payer.medicaid.cocm_eligible_percent": str(own),
        }
    )
    assert sum(payer.net_cents for payer in worked.payers) == worked.revenue_cents
    assert sum(payer.gross_cents for payer in worked.payers) == worked.gross_cents
    assert all(payer.denied_cents >= 0 <= payer.uncollected_cents for payer in worked.payers)
    lost = sum(payer.denied_cents + payer.uncollected_cents for payer in worked.payers)
    assert worked.gross_cents - lost == worked.revenue_cents
    assert sum(cents for _, cents in worked.costs) == worked.cost_cents


@examples(total=st.integers(0, 10**9), weights=st.lists(st.fractions(0, 1000), min_size=1, max_size=12))
def test_a_sum_is_split_without_loss(total: int, weights: list[Fraction]) -> None:
    if not any(weights):
        return
    parts = split(total, weights)
    assert sum(parts) == total
    whole = sum(weights)
    assert all(abs(part - total * weight / whole) < 1 for part, weight in zip(parts, weights, strict=True))
