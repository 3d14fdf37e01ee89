"""The quality metrics against figures worked out by hand; the working stands beside each."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cocm.care.course import CareCourse, ScoreOn
from cocm.care.quality import ENDED_BEFORE, NO_FIRST_SCORE, NOT_ELEVATED, quality_of
from cocm.care.quality_records import CareEpisode
from cocm.care.recommendations import Advice, AdviceAnswer
from cocm.rules import Rulebook
from cocm.rules.care_quality import Metric, MetricKind, care_quality

QUALITY = care_quality(Rulebook())


def episode(
    key: str, start: str, *, phq: dict[str, int] | None = None, reached=(), reviewed=(), **values
) -> CareEpisode:
    """Days as texts; `phq` are PHQ-9 scores by day."""
    scores = tuple(ScoreOn(date.fromisoformat(day), score) for day, score in sorted((phq or {}).items()))
    course = CareCourse(
        start_date=date.fromisoformat(start),
        scores={"phq-9": scores} if scores else {},
        reached_on=days(reached),
        attempts_on=(),
        reviewed_on=days(reviewed),
    )
    values = {"birth_date": date(1980, 1, 1), "care_manager": "ANA", "diagnosis_codes": ("F33.1",), **values}
    return CareEpisode(key, course, **values)


def days(texts) -> tuple[date, ...]:
    return tuple(date.fromisoformat(text) for text in texts)


# A caseload of six, looked at for the first quarter of 2026 (2026-01-01 to 2026-03-31).
A = episode(  # in care since October: 16 to 7, so response (56 percent lower) and no remission
    "A",
    "2025-10-01",
    phq={"2025-10-01": 16, "2026-01-14": 9, "2026-03-11": 7},
    reached=("2025-10-01", "2025-10-15", "2026-01-14", "2026-01-28", "2026-02-11", "2026-03-11"),
    reviewed=("2025-10-20", "2026-01-20"),
    maintenance_from=date(2026, 3, 15),
)
B = episode(  # in care since November, 18 to 15: not improved; reviewed and changed in the last 60 days
    "B",
    "2025-11-03",
    phq={"2025-11-03": 18, "2026-01-07": 16, "2026-02-18": 15},
    reached=(
        "2025-11-03",
        "2025-12-20",
        "2026-01-07",
        "2026-02-04",
        "2026-02-18",
        "2026-03-04",
        "2026-03-18",
    ),
    reviewed=("2025-11-20", "2026-02-20"),
    treatment_changed_on=days(("2026-02-25",)),
    plan_revised_on=days(("2025-11-03", "2026-02-26")),
    advice=(
        Advice(date(2026, 2, 20), AdviceAnswer.ACCEPTED, date(2026, 2, 24), True, date(2026, 2, 25)),
        Advice(date(2026, 2, 20), AdviceAnswer.DECLINED, date(2026, 3, 10)),
    ),
)
C = episode(  # since December, another care manager, 20 to 19: not improved, nothing done about it
    "C",
    "2025-12-01",
    phq={"2025-12-01": 20, "2026-02-02": 19},
    reached=("2025-12-01", "2026-01-05", "2026-02-02"),
    reviewed=("2025-12-10",),
    care_manager="BEN",
    advice=(Advice(date(2025, 12, 10)),),
)
D = episode(
    "D", "2026-02-02", phq={"2026-02-02": 14}, reached=("2026-02-02", "2026-02-20"), reviewed=("2026-02-10",)
)
E = episode(  # graduated in January after 16 weeks, with a plan: 17 to 3
    "E",
    "2025-09-15",
    phq={"2025-09-15": 17, "2025-11-10": 8, "2026-01-05": 3},
    reached=("2025-09-15", "2025-10-01", "2025-11-10", "2026-01-05"),
    reviewed=("2025-09-25",),
    end_date=date(2026, 1, 5),
    is_graduated=True,
    relapse_plan_on=date(2025, 12, 20),
)
F = episode(
    "F", "2025-10-06", reached=("2025-10-06",), care_manager="", diagnosis_codes=("F41.1",)
)  # no score at all
CASELOAD = (A, B, C, D, E, F)
QUARTER = {"first_day": date(2026, 1, 1), "last_day": date(2026, 3, 31), "quality": QUALITY}


def worked_out(metric: Metric, episodes=CASELOAD, **period):
    found = {result.rule.metric: result for result in quality_of(episodes, **(QUARTER | period))}
    return found[metric]


@pytest.mark.parametrize(
    ("metric", "numerator", "denominator", "figure"),
    [
        # on 2026-03-31: A, B, C, D, F; E ended in January
        (Metric.ENROLLED, 5, 5, "5"),
        # F has no care manager and is left out: A, B, D with Ana, C with Ben: 4 episodes, 2 managers
        (Metric.ENROLLED_PER_MANAGER, 4, 2, "2.0"),
        # D alone began in the quarter
        (Metric.NEWLY_ENROLLED, 1, 1, "1"),
        # all six were in care in the quarter; F was last reached in October: 5 of 6
        (Metric.IN_CONTACT, 5, 6, "83.3"),
        # reviews in the quarter: A in January, B and D in February; not C, E, F: 3 of 6
        (Metric.REVIEWED, 3, 6, "50.0"),
        # whole months: A Jan, Feb (March turns to relapse prevention); B, C, F three; D March; E none: 2+3+3+3+1=12
        # both in the month: A Jan (contact, score); Feb has no score. B Jan, Feb; March no score. C Feb; January has
        # no score. D March nothing. F nothing. So A 1, B 2, C 1 = 4 of 12
        (Metric.CONTACT_AND_SCALE, 4, 12, "33.3"),
        # two contacts a month: A Jan (14th, 28th); B Feb (4th, 18th), Mar (4th, 18th): 3 of the same 12
        (Metric.ACTIVE_CONTACTS, 3, 12, "25.0"),
        # three contacts by the end: A 6, B 7, C 3, D 2, E 4, F 1: 4 of 6
        (Metric.THREE_CONTACTS, 4, 6, "66.7"),
        # day 28 falls into the quarter for D only (2026-03-02); 2026-02-20 is day 18: 1 of 1
        (Metric.EARLY_CONTACT, 1, 1, "100.0"),
        # week 12 falls into the quarter: B (2026-01-26), C (2026-02-23). A's was 2025-12-24, F's 2025-12-29, E's
        # 2025-12-08, D's is to come. At week 8 B (2025-12-29) had 18, C (2026-01-26) 20: neither improved. Reviewed
        # from week 8 to 12: B in November and February, no; C in December, no: 0 of 2
        (Metric.CONSULT_IN_WINDOW, 0, 2, "0.0"),
        # 70 days on the last day: A, B, C, F; F has no score. Not improved: B and C; A has. Reviewed since
        # 2026-01-30: B. 1 of 2
        (Metric.CONSULT_NOT_IMPROVED, 1, 2, "50.0"),
        (Metric.TREATMENT_CHANGED, 1, 2, "50.0"),
        # since 2026-03-03: B's plan is of 2026-02-26, so nobody's: 0 of 2
        (Metric.PLAN_REVISED, 0, 2, "0.0"),
        # 70 days and in care in the quarter: A, B, C, E (112 days); F left out. Improved: A (7), E (3): 2 of 4
        (Metric.IMPROVED, 2, 4, "50.0"),
        (Metric.RESPONDED, 2, 4, "50.0"),
        # below 5: E
        (Metric.REMITTED, 1, 4, "25.0"),
        # 2025-09-15 to 2026-01-05 are 112 days, 16 weeks; one ended
        (Metric.WEEKS_AT_END, 16, 1, "16.0"),
        (Metric.RELAPSE_PLAN, 1, 1, "100.0"),
        # 14 days ended in the quarter: both of B (2026-03-06); C's ended 2025-12-24. In time: the first (4 days), not
        # the second (18 days): 1 of 2
        (Metric.ADVICE_ANSWERED, 1, 2, "50.0"),
        # accepted on 2026-02-24, day 30 is 2026-03-26, done the next day: 1 of 1
        (Metric.ADVICE_CARRIED_OUT, 1, 1, "100.0"),
        # January to April: contacts since January and a depression: A, B, C, D, E; F's is an anxiety. PHQ-9 since
        # January: all five
        (Metric.DMS_E, 5, 5, "100.0"),
    ],
)
def test_the_quarter_as_worked_out_by_hand(metric, numerator, denominator, figure) -> None:
    found = worked_out(metric)
    assert (found.numerator, found.denominator) == (numerator, denominator)
    assert found.figure == Decimal(figure)


def test_hedis_remission_and_response_as_worked_out_by_hand() -> None:
    """Index above 9, day 240 in the period, the latest PHQ-9 of days 120 to 240."""
    # A: 16 on 2025-10-01, day 240 is 2026-05-29; window from 2026-01-29: 7 on 2026-03-11. Half of 16 is 8: response.
    # B: 18 on 2025-11-03, day 240 is 2026-07-01: outside. C: outside. E: 17 on 2025-09-15, day 240 is 2026-05-13;
    # window from 2026-01-13: its last score is of 2026-01-05: no follow-up.
    spring = {"first_day": date(2026, 4, 1), "last_day": date(2026, 6, 30)}
    figures = {
        metric: (worked_out(metric, **spring).numerator, worked_out(metric, **spring).denominator)
        for metric in (Metric.DRR_FOLLOW_UP, Metric.DRR_REMISSION, Metric.DRR_RESPONSE)
    }
    assert figures == {
        Metric.DRR_FOLLOW_UP: (1, 2),
        Metric.DRR_REMISSION: (0, 2),
        Metric.DRR_RESPONSE: (1, 2),
    }


def test_a_child_is_no_patient_of_the_hedis_measures() -> None:
    child = episode(
        "K", "2026-01-05", phq={"2026-01-05": 15}, reached=("2026-01-05",), birth_date=date(2015, 6, 1)
    )
    assert worked_out(Metric.DMS_E, (child,)).denominator == 0
    assert worked_out(Metric.DMS_E, (child,)).figure is None


def test_who_is_left_out_is_named_with_the_reason() -> None:
    low = episode("L", "2025-10-01", phq={"2025-10-01": 6, "2026-03-01": 12})
    left = {item.key: item.excluded for item in worked_out(Metric.IMPROVED, (*CASELOAD, low)).left_out}
    assert left == {"F": NO_FIRST_SCORE, "L": NOT_ELEVATED}
    gone = episode("G", "2026-01-05", end_date=date(2026, 1, 20))
    assert [item.excluded for item in worked_out(Metric.EARLY_CONTACT, (gone,)).counted] == [ENDED_BEFORE]


def test_a_patient_without_a_second_score_has_not_improved() -> None:
    once = episode("O", "2025-10-01", phq={"2025-10-01": 15})
    found = worked_out(Metric.IMPROVED, (once,))
    assert (found.numerator, found.denominator) == (0, 1)


def test_what_comes_after_the_last_day_changes_nothing() -> None:
    later = episode(
        "A",
        "2025-10-01",
        phq={"2025-10-01": 16, "2026-04-02": 2},
        reached=("2025-10-01", "2026-04-02"),
        reviewed=("2026-04-03",),
    )
    before = episode("A", "2025-10-01", phq={"2025-10-01": 16}, reached=("2025-10-01",))
    assert [item.counted for item in quality_of((later,), **QUARTER)] == [
        item.counted for item in quality_of((before,), **QUARTER)
    ]


def test_what_is_not_worked_out_says_so() -> None:
    found = worked_out(Metric.SCREENED)
    assert (
        found.rule.kind is MetricKind.NONE
        and found.figure is None
        and "not worked out" in found.rule.exclusions
    )


def test_a_target_is_met_or_missed_and_unknown_without_a_figure() -> None:
    assert worked_out(Metric.IMPROVED).is_at_target is False
    assert worked_out(Metric.IMPROVED, (E,)).is_at_target is True
    assert worked_out(Metric.IMPROVED, ()).is_at_target is None
    assert worked_out(Metric.REVIEWED).is_at_target is None


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="before its first day"):
        quality_of((), first_day=date(2026, 3, 1), last_day=date(2026, 2, 1), quality=QUALITY)


@settings(deadline=None, max_examples=60)
@given(
    starts=st.lists(st.integers(0, 300), min_size=1, max_size=5),
    lengths=st.lists(st.one_of(st.none(), st.integers(0, 200)), min_size=5, max_size=5),
    scores=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 27)), max_size=6),
    first=st.integers(0, 300),
    span=st.integers(0, 120),
)
def test_a_numerator_never_exceeds_its_denominator(starts, lengths, scores, first, span) -> None:
    begin = date(2025, 6, 1)
    made = []
    for number, (start, length) in enumerate(zip(starts, lengths, strict=False)):
        day = begin + timedelta(days=start)
        made.append(
            CareEpisode(
                str(number),
                CareCourse(
                    day,
                    {
                        "phq-9": tuple(
                            ScoreOn(begin + timedelta(days=on), score) for on, score in sorted(scores)
                        )
                    },
                    tuple(begin + timedelta(days=on) for on, _ in sorted(scores)),
                    (),
                    (),
                ),
                date(1990, 1, 1),
                end_date=None if length is None else day + timedelta(days=length),
                diagnosis_codes=("F32.1",),
            )
        )
    found = quality_of(
        made,
        first_day=begin + timedelta(days=first),
        last_day=begin + timedelta(days=first + span),
        quality=QUALITY,
    )
    for result in found:
        if result.rule.kind is MetricKind.SHARE:
            assert 0 <= result.numerator <= result.denominator
        assert {item.key for item in result.counted} <= {item.key for item in made}
        assert result.rule.numerator and result.rule.source.title
