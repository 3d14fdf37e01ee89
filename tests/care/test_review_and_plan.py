"""The order of a caseload review, what became of advice, trends, care plans and what changed in them."""

from datetime import date, timedelta

import pytest

from cocm.care.care_plan import (
    PlanField,
    PlanProblem,
    PlanVersion,
    ProblemState,
    next_problem_number,
    plan_changes,
)
from cocm.care.course import CareCourse, ScoreOn
from cocm.care.flags import CareState, flags_on
from cocm.care.recommendations import Advice, AdviceAnswer, AdviceState, waiting_since
from cocm.care.review_order import patients_a_session, review_order
from cocm.care.score_trend import Course, score_trend
from cocm.rules import Rulebook
from cocm.rules.care_flags import FlagKind, care_flags

WATCHED = care_flags(Rulebook())
START = date(2026, 1, 5)
PHQ_9 = WATCHED.scales["phq-9"]


def day(days: int) -> date:
    return START + timedelta(days=days)


def course(*scores: tuple[int, int], reached=(), reviewed=()) -> CareCourse:
    told = {"phq-9": tuple(ScoreOn(day(on), score) for on, score in scores)} if scores else {}
    return CareCourse(START, told, tuple(map(day, reached)), (), tuple(map(day, reviewed)))


def flags(told: CareCourse, on: int, state: CareState | None = None):
    return flags_on(told, state or CareState(), WATCHED, day(on))


# Who is discussed -----------------------------------------------------------------------------------------------


def test_a_review_takes_those_with_a_reason_the_most_pressing_first() -> None:
    stable = flags(course((0, 16), (28, 9), reached=(0, 28), reviewed=(20,)), 30)
    minutes_only = flags(
        course((0, 16), (28, 9), reached=(0, 28), reviewed=(20,)), 30, CareState(minutes_short=5, days_left=3)
    )
    new = flags(course((0, 16), reached=(0,)), 10)
    late = flags(course((0, 16), (30, 9), reached=(0, 40), reviewed=(1,)), 41)
    alarming = flags(course((0, 16), reached=(0,)), 10, CareState(safety_since=day(9)))
    found = review_order(
        [("stable", stable), ("minutes", minutes_only), ("new", new), ("late", late), ("alarm", alarming)]
    )
    assert [place.key for place in found] == ["alarm", "late", "new"]
    assert [flag.kind for flag in found[0].flags] == [FlagKind.SAFETY, FlagKind.NEW]
    assert all(flag.rule.is_for_review and flag.reason for place in found for flag in place.flags)


def test_a_session_has_time_for_fifteen_at_four_minutes_each() -> None:
    assert patients_a_session(WATCHED) == 15


# The plan of a patient who does not improve ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "on", "is_told"),
    [
        (CareState(), 60, False),  # plans are not kept here
        (CareState(has_plans=True), 60, True),  # none on record
        (CareState(has_plans=True), 55, False),  # not yet eight weeks
        (CareState(has_plans=True, plan_revised_on=day(32)), 60, False),  # 28 days ago
        (CareState(has_plans=True, plan_revised_on=day(31)), 60, True),
        (CareState(has_plans=True, plan_revised_on=day(61)), 60, True),  # not yet written on that day
    ],
)
def test_an_old_plan_of_a_patient_who_has_not_improved_is_told(state, on, is_told) -> None:
    found = {flag.kind: flag for flag in flags(course((0, 16), (50, 14)), on, state)}
    assert (FlagKind.PLAN_NOT_REVISED in found) is is_told
    if is_told:
        assert "care plan" in found[FlagKind.PLAN_NOT_REVISED].reason


def test_an_old_plan_of_a_patient_who_has_improved_is_not() -> None:
    found = flags(course((0, 16), (50, 7)), 60, CareState(has_plans=True, plan_revised_on=day(0)))
    assert FlagKind.PLAN_NOT_REVISED not in {flag.kind for flag in found}


# Advice ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("advice", "state"),
    [
        (Advice(START), AdviceState.WAITING),
        (Advice(START, AdviceAnswer.ACCEPTED, day(1)), AdviceState.TO_DO),
        (Advice(START, AdviceAnswer.MODIFIED, day(1), True, day(3)), AdviceState.DONE),
        (Advice(START, AdviceAnswer.ACCEPTED, day(1), False, day(3)), AdviceState.NOT_DONE),
        (Advice(START, AdviceAnswer.DECLINED, day(1)), AdviceState.DECLINED),
    ],
)
def test_where_a_recommendation_stands(advice, state) -> None:
    assert advice.state is state


def test_the_oldest_without_an_answer_waits_longest() -> None:
    answered = Advice(day(1), AdviceAnswer.DECLINED, day(2))
    assert waiting_since([Advice(day(5)), answered, Advice(day(3))]) == day(3)
    assert waiting_since([answered]) is None


# Trends ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scores", "told", "change"),
    [
        ((16,), Course.ONE_SCORE, None),
        ((16, 4), Course.REMISSION, -75),
        ((20, 10), Course.RESPONSE, -50),
        ((12, 9), Course.IMPROVED, -25),
        ((16, 14), Course.NOT_IMPROVED, -12),
        ((16, 8, 13), Course.WORSE, -19),
        ((4, 9), Course.WORSE, 125),
        ((0, 3), Course.REMISSION, None),
    ],
)
def test_what_a_trend_amounts_to(scores, told, change) -> None:
    trend = score_trend(PHQ_9, [ScoreOn(day(14 * at), score) for at, score in enumerate(scores)])
    assert (trend.course, trend.change_percent) == (told, change)
    assert trend.latest.score == scores[-1]


def test_there_is_no_trend_without_a_score() -> None:
    assert score_trend(PHQ_9, []) is None


# Care plans -----------------------------------------------------------------------------------------------------

LOW_MOOD = PlanProblem(1, "Low mood", "Back to work", "Sertraline 50 mg; a walk a day", "phq-9", 8, day(70))
SLEEP = PlanProblem(2, "Sleep", "Six hours a night", "Sleep diary")
FIRST = PlanVersion(1, START, "Stepped care", "ANA", day(28), (LOW_MOOD, SLEEP))


def test_a_version_that_says_the_same_has_no_changes() -> None:
    assert plan_changes(FIRST, PlanVersion(2, day(28), *_rest(FIRST))) == ()


def _rest(version: PlanVersion) -> tuple:
    return version.guideline, version.owner, version.review_on, version.problems, version.patient_goal


def test_each_difference_is_told_with_what_stood_there() -> None:
    raised = PlanProblem(
        1, "Low mood", "Back to work", "Sertraline 100 mg; a walk a day", "phq-9", 8, day(98)
    )
    met = PlanProblem(2, "Sleep", "Six hours a night", "Sleep diary", state=ProblemState.MET)
    second = PlanVersion(
        2,
        day(28),
        "Stepped care",
        "BEN",
        day(56),
        (raised, met, PlanProblem(3, "Alcohol", "None", "AUDIT-C")),
    )
    told = {
        (change.problem_number, change.field): (change.before, change.after)
        for change in plan_changes(FIRST, second)
    }
    assert told == {
        (0, PlanField.OWNER): ("ANA", "BEN"),
        (0, PlanField.REVIEW_ON): ("2026-02-02", "2026-03-02"),
        (1, PlanField.TARGET): ("PHQ-9 8 or less by 2026-03-16", "PHQ-9 8 or less by 2026-04-13"),
        (1, PlanField.INTERVENTIONS): ("Sertraline 50 mg; a walk a day", "Sertraline 100 mg; a walk a day"),
        (2, PlanField.STATE): ("open", "met"),
        (3, PlanField.PROBLEM): ("", "Alcohol"),
        (3, PlanField.GOAL): ("", "None"),
        (3, PlanField.INTERVENTIONS): ("", "AUDIT-C"),
        (3, PlanField.STATE): ("", "open"),
    }  # fmt: skip
    assert plan_changes(second, FIRST)[-1].after == ""


def test_a_target_is_reached_late_or_unknown() -> None:
    assert LOW_MOOD.is_reached(ScoreOn(day(60), 8)) is True
    assert LOW_MOOD.is_reached(ScoreOn(day(60), 9)) is False
    assert LOW_MOOD.is_reached(None) is None and SLEEP.is_reached(ScoreOn(day(60), 3)) is None
    assert LOW_MOOD.is_late(ScoreOn(day(60), 9), day(71)) and not LOW_MOOD.is_late(
        ScoreOn(day(60), 9), day(70)
    )
    assert not LOW_MOOD.is_late(ScoreOn(day(60), 8), day(71)) and not SLEEP.is_late(None, day(71))


def test_a_new_problem_gets_a_number_of_its_own() -> None:
    assert next_problem_number(()) == 1 and next_problem_number((SLEEP, LOW_MOOD)) == 3
