"""Eligibility answers read for one month: coverage, route, cost share, and what to ask the plan."""

from __future__ import annotations

from decimal import Decimal

import pytest
from answers import (
    ACTIVE,
    COINSURANCE,
    COPAY,
    COPAY_BEHAVIORAL,
    DEDUCTIBLE,
    DEDUCTIBLE_OPEN,
    NO_AUTHORIZATION,
    answer,
    dependent,
    entity,
    person,
)

from cocm.basics.months import Month
from cocm.benefits.answer import read_answers
from cocm.benefits.estimate import estimate, patient_share
from cocm.benefits.explain import benefits_in_words, share_in_words
from cocm.benefits.records import (
    Authorization,
    CentsRange,
    CostShare,
    CoverageState,
    MonthBenefits,
    RouteKind,
)
from cocm.rules import PackOn
from cocm.rules.rulebook import shipped_rulebook
from cocm.x12 import validate
from cocm.x12.eligibility_reader import read_271

MARCH = Month(2026, 3)


def policy(payer_id: str = "cpt") -> PackOn:
    return shipped_rulebook().pack(payer_id).on(MARCH.last_day)


def month_of(content: bytes, payer_id: str = "cpt", month: Month = MARCH) -> MonthBenefits:
    assert validate(content) == ()
    (record,) = read_271(content)
    (benefits,) = read_answers(record, month, policy(payer_id), place_of_service_code="11")
    return benefits


def benefits_of(*segments: str, payer_id: str = "cpt", **options: str) -> MonthBenefits:
    return month_of(answer(person(benefits="".join(segments), **options)), payer_id)


def asked(benefits: MonthBenefits) -> str:
    return " ".join(question.text for question in benefits.questions)


# Coverage ---------------------------------------------------------------------------------------------------


def test_an_active_member_with_an_office_copayment_and_no_open_deductible_is_clear() -> None:
    benefits = benefits_of(ACTIVE, COPAY, DEDUCTIBLE, NO_AUTHORIZATION)
    assert benefits.is_clear
    assert benefits.coverage.state is CoverageState.WHOLE
    assert benefits.coverage.plan_description == "GOLD HMO"
    assert benefits.route.kind is RouteKind.PAYER
    assert benefits.in_network.copayment == CentsRange(2500, 2500)
    assert benefits.in_network.deductible_remaining == CentsRange(0, 0)
    assert benefits.authorization is Authorization.NOT_REQUIRED
    assert (benefits.member_id, benefits.trace_number) == ("GHP000000001", "REQ00001")


@pytest.mark.parametrize(
    ("dates", "benefit", "state", "first_day", "last_day"),
    [
        ("DTP*346*D8*20260101~", ACTIVE, CoverageState.WHOLE, 1, 31),
        ("DTP*291*RD8*20260101-20261231~", ACTIVE, CoverageState.WHOLE, 1, 31),
        ("DTP*356*D8*20250101~DTP*357*D8*20260315~", ACTIVE, CoverageState.PART, 1, 15),
        ("DTP*346*D8*20260310~", ACTIVE, CoverageState.PART, 10, 31),
        ("DTP*346*D8*20260310~DTP*442*D8*20260320~", ACTIVE, CoverageState.PART, 10, 20),
        ("DTP*357*D8*20260315~", "EB*6**30~", CoverageState.PART, 1, 15),
        ("DTP*357*D8*20260228~", "EB*6**30~", CoverageState.NONE, None, None),
        ("DTP*346*D8*20260401~", ACTIVE, CoverageState.NONE, None, None),
        ("", "EB*6**30~", CoverageState.NONE, None, None),
        ("", "EB*1**35~", CoverageState.UNKNOWN, None, None),
        ("", COPAY, CoverageState.UNKNOWN, None, None),
    ],
)
def test_the_covered_days_of_the_month(
    dates: str, benefit: str, state: CoverageState, first_day: int | None, last_day: int | None
) -> None:
    coverage = benefits_of(benefit, dates=dates).coverage
    assert coverage.state is state
    days = [day.day if day else None for day in (coverage.from_date, coverage.to_date)]
    assert days == [first_day, last_day]


def test_a_member_whose_coverage_ended_mid_month_is_told_which_days_count() -> None:
    benefits = benefits_of(ACTIVE, COPAY, DEDUCTIBLE, dates="DTP*356*D8*20250101~DTP*357*D8*20260315~")
    assert not benefits.is_clear
    assert any("2026-03-01 to 2026-03-15 only" in hint for hint in benefits.hints)


def test_an_answer_without_dates_holds_for_its_day_and_asks() -> None:
    benefits = benefits_of(ACTIVE, COPAY, DEDUCTIBLE, dates="DTP*291*D8*20260302~")
    assert (benefits.coverage.state, benefits.coverage.is_dated) == (CoverageState.WHOLE, False)
    assert "on every day of 2026-03" in asked(benefits)
    old = month_of(answer(person(benefits=ACTIVE, dates=""), day="20260215"))
    assert old.coverage.state is CoverageState.UNKNOWN


def test_the_plan_that_is_active_counts_beside_one_that_ended() -> None:
    benefits = benefits_of("EB*6**30~DTP*357*D8*20251231~", ACTIVE, "DTP*346*D8*20260101~", dates="")
    assert benefits.coverage.state is CoverageState.WHOLE


def test_a_dental_plan_is_no_coverage() -> None:
    assert benefits_of("EB*1**35~").coverage.state is CoverageState.UNKNOWN


# Cost share -------------------------------------------------------------------------------------------------


def test_a_copayment_for_mental_health_alone_is_never_used() -> None:
    benefits = benefits_of(ACTIVE, COPAY_BEHAVIORAL, "EB*A*IND*A8*****.5****Y~", DEDUCTIBLE)
    assert not benefits.in_network.is_stated
    assert benefits.unused_behavioral == (
        "copayment $10.00 for mental health",
        "coinsurance 50% for psychiatric outpatient care",
    )
    question = next(one.text for one in benefits.questions if "What does the member pay" in one.text)
    assert question == (
        "What does the member pay in 2026-03 for 99492, 99493, 99494, billed once a month by the primary care "
        "practitioner under the medical benefit: a copayment, a coinsurance or nothing? Does the deductible apply?"
    )
    found = estimate(benefits, policy(), place_of_service_code="11", rates_cents={"99492": 16032})
    assert all(month.share is None for month in found.months)


def test_the_office_copayment_wins_over_the_behavioral_one_in_any_order() -> None:
    for segments in ((COPAY, COPAY_BEHAVIORAL), (COPAY_BEHAVIORAL, COPAY)):
        share = benefits_of(ACTIVE, *segments).in_network
        assert (share.copayment, share.basis) == (CentsRange(2500, 2500), "doctor's office visit")


def test_the_procedure_itself_wins_over_the_office_visit() -> None:
    benefits = benefits_of(ACTIVE, COPAY, "EB*B*IND****27*0*****Y*HC:99492~", DEDUCTIBLE)
    assert (benefits.in_network.copayment, benefits.in_network.basis) == (CentsRange(0, 0), "procedure 99492")
    other = benefits_of(ACTIVE, COPAY, "EB*B*IND****27*0*****Y*HC:90834~")
    assert other.in_network.copayment == CentsRange(2500, 2500)


def test_repeated_service_types_count_where_the_office_is_among_them() -> None:
    assert benefits_of(ACTIVE, "EB*B*IND*MH^98***27*15*****Y~").in_network.copayment == CentsRange(1500, 1500)


def test_a_copayment_of_another_place_or_time_is_not_this_months() -> None:
    video = "EB*B*IND*98***27*5*****Y~III*ZZ*10~"
    assert benefits_of(ACTIVE, video, COPAY).in_network.copayment == CentsRange(2500, 2500)
    assert not benefits_of(ACTIVE, video).in_network.is_stated
    office = "EB*B*IND*98***27*30*****Y~III*ZZ*11~"
    assert benefits_of(ACTIVE, video, office).in_network.copayment == CentsRange(3000, 3000)
    old = "EB*B*IND*98***27*15*****Y~DTP*349*D8*20251231~"
    assert benefits_of(ACTIVE, old, COPAY).in_network.copayment == CentsRange(2500, 2500)


def test_networks_are_kept_apart() -> None:
    benefits = benefits_of(ACTIVE, COPAY, "EB*A*IND*98*****.4****N~", "EB*C*IND*30***29*900*****N~")
    assert benefits.in_network.copayment == CentsRange(2500, 2500)
    assert benefits.in_network.coinsurance_low is None
    assert benefits.out_of_network.coinsurance_low == Decimal("0.4")
    assert benefits.out_of_network.deductible_remaining == CentsRange(90000, 90000)


def test_several_office_copayments_are_a_range_and_a_question() -> None:
    benefits = benefits_of(ACTIVE, COPAY, "EB*B*IND*98***27*45*****Y~", DEDUCTIBLE)
    assert benefits.in_network.copayment == CentsRange(2500, 4500)
    assert "Which of the office copayments" in asked(benefits)


def test_what_is_left_of_the_deductible_is_the_smaller_of_person_and_family() -> None:
    share = benefits_of(ACTIVE, "EB*C*IND*30***29*300*****Y~EB*C*FAM*30***29*120*****Y~").in_network
    assert share.deductible_remaining == CentsRange(12000, 12000)


def test_a_deductible_without_what_is_left_is_a_range_and_a_question() -> None:
    benefits = benefits_of(ACTIVE, COINSURANCE, "EB*C*IND*30***23*500*****Y~")
    assert benefits.in_network.deductible_remaining == CentsRange(0, 50000)
    assert "How much of the member's 2026 deductible is left?" in asked(benefits)


def test_what_was_left_last_year_says_nothing_about_this_year() -> None:
    content = answer(person(benefits=ACTIVE + COINSURANCE + DEDUCTIBLE), day="20251220")
    benefits = month_of(content)
    assert benefits.in_network.deductible_remaining == CentsRange(0, 50000)
    assert any("another year" in question.why for question in benefits.questions)


def test_a_percent_written_as_a_whole_number_means_the_same() -> None:
    assert benefits_of(ACTIVE, "EB*A*IND*98*****20****Y~").in_network.coinsurance_low == Decimal("0.2")


def test_not_covered_is_told_and_asked() -> None:
    benefits = benefits_of(ACTIVE, "EB*I**98~")
    assert benefits.in_network.is_not_covered
    assert "covered under the medical benefit?" in asked(benefits)
    found = estimate(benefits, policy(), place_of_service_code="11", rates_cents={"99492": 16032})
    assert found.months[0].share is None


# Route ------------------------------------------------------------------------------------------------------


def test_a_delegated_medical_group_receives_the_claim() -> None:
    benefits = benefits_of(ACTIVE, entity("I3", "BAY MEDICAL GROUP", "BMG77"), COPAY)
    route = benefits.route
    assert route.kind is RouteKind.DELEGATED_GROUP
    assert route.entity is not None and (route.entity.name, route.entity.identifier) == (
        "BAY MEDICAL GROUP",
        "BMG77",
    )
    assert "Who pays" not in asked(benefits)


def test_a_behavioral_administrator_is_named_as_where_not_to_send() -> None:
    benefits = benefits_of(ACTIVE, COPAY, "EB*U**MH~", entity("VN", "MINDCARE", "MC01"))
    assert benefits.route.kind is RouteKind.PAYER
    assert [one.name for one in benefits.route.behavioral] == ["MINDCARE"]
    text = "\n".join(
        benefits_in_words(benefits, estimate(benefits, policy(), place_of_service_code="11", rates_cents={}))
    )
    assert "not to MINDCARE (MC01), vendor: named for behavioral services only" in text
    assert "claim.benefit_side = medical" in benefits.route.cite


def test_a_managed_care_plan_named_with_medicaid_receives_the_claim() -> None:
    benefits = benefits_of("EB*1**30*MC~", entity("Y2", "SUN PLAN", "SUN1"))
    assert benefits.route.kind is RouteKind.OTHER_PLAN
    assert benefits.route.entity is not None and benefits.route.entity.name == "SUN PLAN"
    assert any("Medicaid" in hint for hint in benefits.hints)


def test_two_groups_are_nobodys_guess() -> None:
    benefits = benefits_of(ACTIVE, entity("I3", "BAY GROUP", "B1"), COPAY, entity("I3", "HILL GROUP", "H1"))
    assert benefits.route.kind is RouteKind.UNKNOWN
    assert "the plan itself or a medical group?" in asked(benefits)


def test_the_primary_care_provider_is_no_payer() -> None:
    benefits = benefits_of(ACTIVE, "EB*L~", entity("P3", "OKAFOR", "1679576722"))
    assert benefits.route.kind is RouteKind.PAYER


# Other payers, Medicare, dependents, refusals ---------------------------------------------------------------


def test_another_payer_and_a_qualified_medicare_beneficiary() -> None:
    benefits = benefits_of(
        "EB*1**30*MB~",
        "EB*1**30*QM~",
        "EB*R**30*C1~",
        entity("PRP", "STEEL UNION PLAN", "SU1"),
        payer_id="medicare",
    )
    assert benefits.is_qmb
    assert [(one.name, one.label) for one in benefits.other_payers] == [("STEEL UNION PLAN", "primary payer")]
    found = estimate(benefits, policy("medicare"), place_of_service_code="11", rates_cents={})
    assert {month.share for month in found.months} == {CentsRange(0, 0)}


def test_medicare_second_and_part_a_alone_are_told() -> None:
    assert any("pays second" in hint for hint in benefits_of("EB*1**30*12~").hints)
    assert any("Part B pays" in hint for hint in benefits_of("EB*1**30*MA~").hints)


def test_a_dependent_is_the_patient_under_the_subscribers_number() -> None:
    benefits = month_of(answer(dependent(benefits=ACTIVE + COPAY + DEDUCTIBLE + NO_AUTHORIZATION)))
    assert benefits.is_clear
    assert benefits.patient is not None and benefits.patient.first_name == "ARIANA"
    assert (benefits.member_id, benefits.relationship_code, benefits.trace_number) == (
        "GHP000000009",
        "19",
        "REQ00009",
    )


def test_a_refused_member_number_says_what_to_do() -> None:
    benefits = month_of(answer(person(rejection="AAA*N**72*C~", dates="")))
    (refused,) = benefits.rejections
    assert refused.reason_code == "72"
    assert refused.action.startswith("copy the number from the front and back of the card")
    assert refused.follow_up == "correct it and ask again"
    assert not benefits.is_clear and not benefits.questions


def test_a_refusal_of_the_whole_request_is_not_lost() -> None:
    benefits = month_of(answer(source_rejection="AAA*Y**42*P~"))
    assert benefits.patient is None
    assert [one.reason for one in benefits.rejections] == ["the plan cannot answer now"]
    assert benefits.trace_number == "REF0001"


def test_every_reason_and_follow_up_of_the_guide_has_words() -> None:
    from cocm.benefits.codes import benefit_codes
    from cocm.x12.guide import load_guide

    codes = benefit_codes(shipped_rulebook())
    guide = load_guide("271-005010X279A1")
    for loop_id in ("2000A", "2100A", "2100B", "2100C", "2100D"):
        use = guide.use(loop_id, "rejection")
        assert use.element("reason").codes <= set(codes.rejections)
        assert use.element("follow_up").codes <= set(codes.follow_ups)


def test_a_payer_that_wants_an_authorization_later_is_told_with_its_rule() -> None:
    hints = benefits_of(ACTIVE, COPAY, payer_id="mi-medicaid").hints
    assert any(
        hint.startswith("after 12 months of care") and "authorization.after_months" in hint for hint in hints
    )


def test_a_month_that_is_not_covered_says_what_to_do() -> None:
    assert any("new card" in hint for hint in benefits_of("EB*6**30~", dates="").hints)


# Estimates, checked by hand ---------------------------------------------------------------------------------


def cents(value: int | None, low: int | None = None) -> CentsRange | None:
    return None if value is None else CentsRange(value if low is None else low, value)


@pytest.mark.parametrize(
    ("allowed", "copay", "percent", "left", "limit", "expected", "is_open"),
    [
        (16032, None, "0.2", cents(0), None, cents(3206), False),  # 160.32 x 20% = 32.064
        (16032, None, "0.2", cents(10000), None, cents(11206), False),  # 100 + 60.32 x 20% = 112.064
        (16032, None, "0.2", cents(28300), None, cents(16032), False),  # all under the deductible
        (16032, None, "0.2", None, None, CentsRange(3206, 16032), False),
        (16032, 2500, None, cents(0), None, cents(2500), False),
        (16032, 2500, None, cents(10000), None, CentsRange(2500, 12500), False),
        (2000, 2500, None, cents(0), None, cents(2000), False),  # never more than the allowed amount
        (16032, None, "0.2", cents(28300), 5000, cents(5000), False),  # the out-of-pocket limit
        (16032, None, "0.2", cents(28300), 0, cents(0), False),
        (16032, 2500, "0.2", cents(0), None, CentsRange(2500, 5706), False),  # one of the two, or both
        (16032, None, None, cents(0), None, None, True),
        (None, 2500, None, cents(0), None, cents(2500), False),
        (None, 2500, None, cents(10000), None, cents(2500), True),
        (None, None, "0.2", cents(0), None, None, True),
        (15047, None, "0.125", cents(0), None, cents(1881), False),  # 18.80875
    ],
)
def test_the_patients_share_to_the_cent(
    allowed: int | None,
    copay: int | None,
    percent: str | None,
    left: CentsRange | None,
    limit: int | None,
    expected: CentsRange | None,
    is_open: bool,
) -> None:
    fraction = Decimal(percent) if percent is not None else None
    share = CostShare(
        copayment=cents(copay),
        coinsurance_low=fraction,
        coinsurance_high=fraction,
        deductible_remaining=left,
        out_of_pocket_remaining_cents=limit,
    )
    assert patient_share(allowed, share) == (expected, is_open)


def test_medicares_published_rates_and_usual_coinsurance_fill_in_what_the_answer_leaves_out() -> None:
    benefits = benefits_of("EB*1**30*MB~", "EB*C*IND*30***29*0~", payer_id="medicare")
    found = estimate(benefits, policy("medicare"), place_of_service_code="11", rates_cents={})
    shares = {month.kind: (month.allowed_cents, month.share) for month in found.months}
    assert shares["first month"] == (16032, CentsRange(3206, 3206))
    assert shares["later month"][1] == CentsRange(2899, 2899)  # 28.99 in the fact sheet
    assert any("payment.coinsurance_percent = 20" in one for one in found.assumptions)
    assert "What does the member pay" not in asked(benefits)


def test_medicare_without_a_deductible_in_the_answer_is_a_range_up_to_the_years_deductible() -> None:
    benefits = benefits_of("EB*1**30*MB~", payer_id="medicare")
    found = estimate(benefits, policy("medicare"), place_of_service_code="11", rates_cents={})
    assert found.months[0].share == CentsRange(3206, 16032)  # 283.00 open would take all of 160.32


def test_a_waiver_in_the_payers_rules_wins_and_is_cited() -> None:
    on = shipped_rulebook().pack("mi-bcbsm").on(Month(2021, 3).last_day)
    (record,) = read_271(
        answer(person(benefits=ACTIVE + COPAY, dates="DTP*346*D8*20210101~"), day="20210302")
    )
    (benefits,) = read_answers(record, Month(2021, 3), on, place_of_service_code="11")
    found = estimate(benefits, on, place_of_service_code="11", rates_cents={})
    assert {month.share for month in found.months} == {CentsRange(0, 0)}
    assert any("payment.cost_share = waived" in one for one in found.assumptions)


def test_the_practices_own_rates_are_used_and_named() -> None:
    benefits = benefits_of(ACTIVE, COINSURANCE, DEDUCTIBLE_OPEN)
    rates = {"99492": 20000, "99493": 18000, "99494": 7000}
    found = estimate(benefits, policy(), place_of_service_code="11", rates_cents=rates)
    shares = {month.kind: (month.allowed_cents, month.share) for month in found.months}
    assert shares["first month"] == (20000, CentsRange(12000, 12000))  # 100 + 100 x 20%
    assert shares["later month with one add-on"] == (25000, CentsRange(13000, 13000))  # 100 + 150 x 20%
    assert found.months[0].allowed_basis == "the practice's own rate"


def test_shares_read_as_words() -> None:
    share = benefits_of(ACTIVE, COPAY, DEDUCTIBLE_OPEN).in_network
    expected = "copayment $25.00 [doctor's office visit]; deductible left $100.00 of $500.00"
    assert share_in_words(share) == expected
