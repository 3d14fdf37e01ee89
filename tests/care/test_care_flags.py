"""Each flag of the caseload: the day before it is raised, the day it is, and the order that they give."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cocm.basics.errors import RulebookError
from cocm.care.course import CareCourse, ScoreOn
from cocm.care.flags import CareState, flags_on, need_order
from cocm.rules import Rulebook
from cocm.rules.care_flags import FlagKind, Threshold, care_flags

RULEBOOK = Rulebook()
WATCHED = care_flags(RULEBOOK)
START = date(2026, 1, 5)
STATE = CareState()


def day(days: int) -> date:
    return START + timedelta(days=days)


def course(*scores: tuple[int, int], name: str = "phq-9", reached=(), attempts=(), reviewed=()) -> CareCourse:
    """Days count from the start of the episode."""
    return CareCourse(
        start_date=START,
        scores={name: tuple(ScoreOn(day(on), score) for on, score in scores)} if scores else {},
        reached_on=tuple(day(on) for on in reached),
        attempts_on=tuple(day(on) for on in attempts),
        reviewed_on=tuple(day(on) for on in reviewed),
    )


def kinds(told: CareCourse, on: int, state: CareState = STATE) -> set[FlagKind]:
    return {flag.kind for flag in flags_on(told, state, WATCHED, day(on))}


def test_a_patient_who_is_seen_scored_reviewed_and_better_is_stable() -> None:
    told = course((0, 16), (28, 11), (56, 8), reached=(0, 14, 28, 50), reviewed=(7, 35, 50))
    assert kinds(told, 57) == set()


@pytest.mark.parametrize(
    ("kind", "told", "last_quiet_day"),
    [
        (FlagKind.NOT_IMPROVED_NO_CONSULT, course((0, 16), (50, 14)), 55),
        (FlagKind.CONSULT_MISSED, course((0, 16), (50, 14), reviewed=(20,)), 83),
        (FlagKind.REVIEW_DUE, course(reviewed=(10,)), 40),
        (FlagKind.NO_CONTACT, course(reached=(0, 20)), 48),
        (FlagKind.NO_CONTACT, course(reached=(0,)), 28),
        (FlagKind.NO_SCORE, course((10, 9)), 38),
        (FlagKind.NO_SCORE, course(), 28),
        (FlagKind.LONG_STAY, course(), (date(2026, 10, 4) - START).days),
    ],
)
def test_a_flag_is_raised_on_its_day_and_not_before(kind, told, last_quiet_day) -> None:
    assert kind not in kinds(told, last_quiet_day)
    assert kind in kinds(told, last_quiet_day + 1)


@pytest.mark.parametrize(
    ("scores", "is_worse"),
    [
        (((0, 10), (20, 14)), False),
        (((0, 10), (20, 15)), True),
        (((0, 15), (20, 8), (40, 13)), True),
        (((0, 8), (20, 11), (40, 14)), True),  # above the first one
        (((0, 10),), False),
    ],
)
def test_worse_is_a_rise_by_the_scales_reliable_change(scores, is_worse) -> None:
    assert (FlagKind.WORSE in kinds(course(*scores), 41)) is is_worse


@pytest.mark.parametrize(
    ("first", "last", "is_slow"),
    [(20, 10, False), (20, 11, True), (10, 9, False), (12, 10, True), (19, 10, True), (18, 9, False)],
)
def test_improved_is_half_of_the_first_score_or_below_the_scales_limit(first, last, is_slow) -> None:
    told = course((0, first), (60, last), reviewed=(58,))
    assert (FlagKind.NOT_IMPROVED in kinds(told, 61)) is is_slow


def test_a_slow_patient_stands_higher_without_a_recent_consult() -> None:
    scores = ((0, 16), (60, 14))
    assert FlagKind.NOT_IMPROVED_NO_CONSULT in kinds(course(*scores, reviewed=(4,)), 61)
    assert FlagKind.NOT_IMPROVED in kinds(course(*scores, reviewed=(30,)), 61)
    assert FlagKind.NOT_IMPROVED_NO_CONSULT not in kinds(course(*scores, reviewed=(30,)), 61)


def test_an_anxious_patient_is_followed_by_the_gad_7() -> None:
    told = course((0, 15), (60, 14), name="gad-7")
    [flag] = [
        flag
        for flag in flags_on(told, STATE, WATCHED, day(61))
        if flag.kind == FlagKind.NOT_IMPROVED_NO_CONSULT
    ]
    assert "GAD-7 from 15 to 14" in flag.reason


@pytest.mark.parametrize(
    ("scores", "is_ready"),
    [
        (((0, 16), (30, 4)), True),  # remission
        (((0, 16), (30, 8)), False),  # one reading in response
        (((0, 16), (30, 8), (60, 7)), True),
        (((0, 16), (30, 8), (60, 10)), False),
        (((0, 3), (30, 2)), False),  # never was above the target
    ],
)
def test_at_target_without_a_plan_is_told(scores, is_ready) -> None:
    assert (FlagKind.STEP_DOWN in kinds(course(*scores), 61)) is is_ready
    planned = CareState(relapse_plan_on=day(50))
    assert FlagKind.STEP_DOWN not in kinds(course(*scores), 61, planned)
    assert FlagKind.STEP_DOWN not in kinds(course(*scores), 61, CareState(is_maintenance=True))


def test_one_scale_at_target_is_not_enough_where_the_other_is_not() -> None:
    told = course((0, 16), (30, 4))
    both = replace(told, scores={**told.scores, "gad-7": (ScoreOn(day(0), 15), ScoreOn(day(30), 14))})
    assert FlagKind.STEP_DOWN not in kinds(both, 61)


def test_relapse_prevention_has_longer_intervals() -> None:
    told = course(reached=(0, 10), reviewed=(10,))
    state = CareState(is_maintenance=True)
    assert kinds(told, 60) >= {FlagKind.NO_CONTACT, FlagKind.REVIEW_DUE}
    assert not kinds(told, 60, state) & {FlagKind.NO_CONTACT, FlagKind.REVIEW_DUE}
    assert kinds(told, 71, state) >= {FlagKind.NO_CONTACT, FlagKind.REVIEW_DUE}


def test_attempts_count_since_the_patient_was_reached() -> None:
    assert FlagKind.OUTREACH_FAILING in kinds(course(reached=(5,), attempts=(3, 6, 8, 9)), 10)
    assert FlagKind.OUTREACH_FAILING not in kinds(course(reached=(7,), attempts=(3, 6, 8, 9)), 10)


def test_what_people_raise_stays_until_it_is_closed() -> None:
    raised = CareState(
        safety_since=day(3),
        safety_reason="PHQ-9: self-harm item above 0",
        discuss_since=day(4),
        recommendation_since=day(5),
    )
    assert kinds(course(), 10, raised) >= {FlagKind.SAFETY, FlagKind.DISCUSS}
    assert FlagKind.RECOMMENDATION_OPEN not in kinds(course(), 19, raised)
    assert FlagKind.RECOMMENDATION_OPEN in kinds(course(), 20, raised)


@pytest.mark.parametrize(
    ("short", "left", "is_told"),
    [(5, 10, True), (5, 11, False), (0, 3, False), (None, 3, False), (5, None, False)],
)
def test_the_month_is_at_risk_in_its_last_days(short, left, is_told) -> None:
    state = CareState(minutes_short=short, tier_code="99493", days_left=left)
    assert (FlagKind.MONTH_AT_RISK in kinds(course(), 10, state)) is is_told


@pytest.mark.parametrize(
    ("has_earned", "short", "is_told"), [(False, 30, True), (True, 11, False), (True, 10, True)]
)
def test_once_a_code_is_earned_only_a_further_one_within_reach_is_told(has_earned, short, is_told) -> None:
    state = CareState(minutes_short=short, has_earned=has_earned, tier_code="99494", days_left=5)
    assert (FlagKind.MONTH_AT_RISK in kinds(course(), 10, state)) is is_told


def test_the_order_goes_by_flag_then_by_how_late_then_stable_last() -> None:
    safety = flags_on(course(), CareState(safety_since=day(1)), WATCHED, day(3))
    late = flags_on(course((85, 9), reviewed=(10,), reached=(85,)), STATE, WATCHED, day(90))
    later = flags_on(course((85, 9), reviewed=(5,), reached=(85,)), STATE, WATCHED, day(90))
    new = flags_on(course((3, 9), reached=(2,)), STATE, WATCHED, day(3))
    ranked = sorted([(), new, late, later, safety], key=need_order)
    assert ranked == [safety, later, late, new, ()]


def test_nothing_after_the_day_is_seen() -> None:
    told = course((0, 16), (90, 25), reached=(5, 90), attempts=(91, 92, 93), reviewed=(90,))
    before = course((0, 16), reached=(5,))
    assert flags_on(told, STATE, WATCHED, day(20)) == flags_on(before, STATE, WATCHED, day(20))


@settings(deadline=None)
@given(
    scores=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 27)), max_size=6),
    reached=st.sets(st.integers(0, 200), max_size=5),
    reviewed=st.sets(st.integers(0, 200), max_size=4),
    on=st.integers(0, 400),
)
def test_flags_come_in_the_order_of_the_table_with_a_reason_each(scores, reached, reviewed, on) -> None:
    told = course(*sorted(scores), reached=sorted(reached), reviewed=sorted(reviewed))
    found = flags_on(told, STATE, WATCHED, day(on))
    assert [flag.rule.place for flag in found] == sorted({flag.rule.place for flag in found})
    assert all(flag.reason and flag.rule.rule and flag.rule.source.title for flag in found)


@settings(deadline=None)
@given(middle=st.sets(st.integers(1, 59), max_size=6), on=st.integers(60, 300))
def test_contacts_before_the_last_one_change_no_flag(middle, on) -> None:
    every = course(reached=sorted({0, 60} | middle))
    ends = course(reached=(0, 60))
    assert flags_on(every, STATE, WATCHED, day(on)) == flags_on(ends, STATE, WATCHED, day(on))


def test_every_rule_in_words_names_no_threshold_by_its_key() -> None:
    assert all("{" not in rule.rule for rule in WATCHED.rules.values())
    assert {scale.label for scale in WATCHED.scales.values()} == {"PHQ-9", "GAD-7", "PHQ-A"}


def test_a_practices_own_thresholds_take_the_place_of_the_shipped_ones(tmp_path) -> None:
    shipped = RULEBOOK.data_file("care/thresholds.csv").read_text(encoding="utf-8")
    (tmp_path / "care").mkdir()
    own = tmp_path / "care" / "thresholds.csv"
    own.write_text(shipped.replace("long_stay_months,9", "long_stay_months,6"), encoding="utf-8")
    watched = care_flags(Rulebook((tmp_path,)))
    assert watched.thresholds[Threshold.LONG_STAY_MONTHS] == 6
    assert "6 months" in watched.rules[FlagKind.LONG_STAY].rule


def test_a_table_without_a_threshold_is_refused_by_name(tmp_path) -> None:
    (tmp_path / "care").mkdir()
    (tmp_path / "care" / "thresholds.csv").write_text(
        "threshold,value,unit,meaning,source,at\n", encoding="utf-8"
    )
    with pytest.raises(RulebookError, match="no row for attempts"):
        care_flags(Rulebook((tmp_path,)))
