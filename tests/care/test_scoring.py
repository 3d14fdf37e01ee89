"""Scores, bands, missing items, alarms and changes of the instruments: examples worked by hand, and properties."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cocm.basics.errors import UnusableInput
from cocm.care.scoring import (
    Change,
    age_objection,
    change_since,
    items_asked,
    score_answers,
    score_total,
    years_on,
)
from cocm.rules import Rulebook
from cocm.rules.instruments import instruments

KNOWN = instruments(Rulebook())
LABELS = {name: instrument.label for name, instrument in KNOWN.items()}


def phq(*values: int | None) -> dict[str, int | None]:
    return {str(number): value for number, value in enumerate(values, 1)}


@pytest.mark.parametrize(
    ("name", "answers", "score", "band"),
    [
        ("phq-9", phq(0, 0, 0, 0, 0, 0, 0, 0, 0), 0, "none or minimal"),
        ("phq-9", phq(1, 1, 1, 1, 0, 0, 0, 0, 0), 4, "none or minimal"),
        ("phq-9", phq(1, 1, 1, 1, 1, 0, 0, 0, 0), 5, "mild"),
        ("phq-9", phq(2, 2, 2, 2, 2, 0, 0, 0, 0), 10, "moderate"),
        ("phq-9", phq(2, 2, 2, 2, 2, 2, 2, 1, 0), 15, "moderately severe"),
        ("phq-9", phq(3, 3, 3, 3, 3, 3, 2, 0, 0), 20, "severe"),
        ("phq-9", phq(3, 3, 3, 3, 3, 3, 3, 3, 3), 27, "severe"),
        ("phq-a", phq(3, 3, 3, 3, 3, 0, 0, 0, 0), 15, "moderately severe"),
        ("phq-2", phq(1, 2), 3, "positive"),
        ("gad-7", phq(2, 2, 2, 2, 1, 0, 0), 9, "mild"),
        ("gad-7", phq(3, 3, 3, 3, 3, 0, 0), 15, "severe"),
        ("gad-2", phq(1, 1), 2, "negative"),
        ("pc-ptsd-5", {"event": 0}, 0, "negative"),
        ("pc-ptsd-5", {"event": 1, **phq(1, 1, 1, 0, 0)}, 3, "possible"),
        ("pc-ptsd-5", {"event": 1, **phq(1, 1, 1, 1, 0)}, 4, "probable"),
        ("pcl-5", phq(*[2] * 15, *[0] * 5), 30, "below the cut-off"),
        ("pcl-5", phq(*[2] * 15, 1, *[0] * 4), 31, "near the cut-off"),
        ("pcl-5", phq(*[4] * 20), 80, "above the cut-off"),
        ("audit-c", {"1": 0}, 0, "below the cut-off"),
        ("audit-c", phq(4, 4, 4), 12, "positive"),
        ("asq", phq(0, 0, 0, 0), 0, "negative"),
        ("asq", {**phq(1, 0, 0, 1), "5": 0}, 2, "positive"),
    ],
)
def test_answers_come_to_the_score_and_its_band(name, answers, score, band) -> None:
    scored = score_answers(KNOWN[name], answers)
    assert (scored.score, scored.band.label, scored.missing) == (score, band, ())
    assert not scored.is_estimated


@pytest.mark.parametrize(
    ("answers", "score", "missing"),
    [
        (phq(1, 1, 1, 1, 1, 1, 1, None, 0), 8, ("8",)),  # 7 of 8 items: 7 + 7/8 is 7.9
        (phq(1, 1, 1, 0, 0, 0, 0, None, None), 4, ("8", "9")),  # 3 of 7 items: 3 * 9 / 7 is 3.9
        (phq(2, 1, 1, 1, 1, 1, 0, None, None), 9, ("8", "9")),  # 7 of 7 items: 9
        (phq(1, 1, 1, 1, 1, 1, None, None, None), None, ("7", "8", "9")),
        ({}, None, tuple("123456789")),
    ],
)
def test_up_to_two_missing_items_of_the_phq_9_are_the_average_of_the_others(answers, score, missing) -> None:
    scored = score_answers(KNOWN["phq-9"], answers)
    assert (scored.score, scored.missing, scored.is_estimated) == (score, missing, score is not None)
    assert ("9" in scored.alarm_items_missing) == (answers.get("9") is None)


def test_without_a_rule_for_missing_items_there_is_no_score() -> None:
    assert score_answers(KNOWN["gad-7"], phq(1, 1, 1, 1, 1, 1, None)).score is None


@pytest.mark.parametrize(("sex", "positive"), [("F", True), ("M", False), ("U", False)])
def test_a_cut_off_may_depend_on_the_sex(sex, positive) -> None:
    assert score_answers(KNOWN["audit-c"], phq(1, 1, 1), sex=sex).is_positive is positive


@pytest.mark.parametrize(
    ("name", "answers", "raised", "is_acute"),
    [
        ("phq-9", phq(0, 0, 0, 0, 0, 0, 0, 0, 1), ["9"], False),
        ("phq-9", phq(3, 3, 3, 3, 3, 3, 3, 3, 0), [], False),
        ("phq-9", {"9": 2}, ["9"], False),  # no score, and an alarm all the same
        (
            "phq-a",
            {**phq(0, 0, 0, 0, 0, 0, 0, 0, 0), "past_month": 1, "attempt_ever": 0},
            ["past_month"],
            False,
        ),
        ("asq", phq(0, 0, 0, 1), ["4"], False),
        ("asq", {**phq(0, 0, 1, 0), "5": 1}, ["3", "5"], True),
        ("asq", phq(0, 0, None, 0), ["3"], False),  # to refuse an answer is a positive screen
        ("asq", {**phq(0, 0, 0, 0), "5": 1}, ["5"], True),  # it contradicts itself, and is heard
        ("gad-7", phq(3, 3, 3, 3, 3, 3, 3), [], False),
    ],
)
def test_what_tells_of_suicide_risk_raises_an_alarm(name, answers, raised, is_acute) -> None:
    scored = score_answers(KNOWN[name], answers)
    assert ([alarm.item_id for alarm in scored.alarms], scored.is_acute) == (raised, is_acute)


def test_a_question_is_asked_only_where_an_answer_before_it_leads_there() -> None:
    names = lambda name, answers: [item.item_id for item in items_asked(KNOWN[name], answers)]  # noqa: E731  # short
    assert names("asq", phq(0, 0, 0, 0)) == ["1", "2", "3", "4"]
    assert names("asq", phq(0, 1, 0, 0))[-1] == "5"
    assert names("pc-ptsd-5", {"event": 0}) == ["event"]
    assert len(names("pc-ptsd-5", {})) == 6


@pytest.mark.parametrize(
    ("name", "first", "latest", "change"),
    [
        ("phq-9", 18, 9, Change.RESPONSE),
        ("phq-9", 18, 4, Change.REMISSION),
        ("phq-9", 12, 9, Change.IMPROVED),
        ("phq-9", 18, 12, Change.NOT_IMPROVED),
        ("phq-9", 12, 17, Change.WORSE),
        ("phq-9", 3, 3, Change.IMPROVED),  # was never above: no remission
        ("phq-a", 16, 8, Change.RESPONSE),
        ("gad-7", 14, 7, Change.RESPONSE),
        ("pcl-5", 50, 38, Change.RESPONSE),
        ("pcl-5", 50, 39, Change.NOT_IMPROVED),
        ("pcl-5", 38, 50, Change.WORSE),
        ("phq-2", 6, 0, None),
    ],
)
def test_a_change_is_told_by_the_instruments_own_definition(name, first, latest, change) -> None:
    assert change_since(KNOWN[name], first, latest) is change


def test_a_total_alone_is_scored_and_item_9_with_it() -> None:
    scored = score_total(KNOWN["phq-9"], 14, self_harm_value=2)
    assert (scored.score, scored.band.label, [alarm.item_id for alarm in scored.alarms]) == (
        14,
        "moderate",
        ["9"],
    )
    assert score_total(KNOWN["phq-9"], 14).alarm_items_missing == ("9",)
    for total, item in ((28, 0), (-1, 0), (1, 2), (5, 4)):
        with pytest.raises(UnusableInput):
            score_total(KNOWN["phq-9"], total, self_harm_value=item)


@pytest.mark.parametrize("answers", [{"10": 1}, {"1": 4}, {"1": -1}])
def test_an_answer_that_does_not_exist_is_refused(answers) -> None:
    with pytest.raises(UnusableInput):
        score_answers(KNOWN["phq-9"], answers)


@pytest.mark.parametrize(
    ("name", "years", "said"),
    [
        ("phq-a", 10, "PHQ-A is for ages 11 to 17; the patient is 10"),
        ("phq-a", 11, ""),
        ("phq-a", 17, ""),
        ("phq-a", 18, "PHQ-A is for ages 11 to 17; the patient is 18"),
        ("phq-9", 11, "PHQ-9 is for ages 12 and over; the patient is 11. For this age there is PHQ-A"),
        ("pcl-5", 17, "PCL-5 is for ages 18 and over; the patient is 17"),
        ("asq", 8, ""),
    ],
)
def test_an_instrument_has_its_ages(name, years, said) -> None:
    assert age_objection(KNOWN[name], years, LABELS) == said


@pytest.mark.parametrize(
    ("born", "day", "years"),
    [
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2008, 6, 1), date(2026, 6, 1), 18),
        (date(2008, 6, 2), date(2026, 6, 1), 17),
    ],
)
def test_whole_years_of_age(born, day, years) -> None:
    assert years_on(born, day) == years


def answers_of(instrument):
    return st.fixed_dictionaries(
        {item.item_id: st.one_of(st.none(), st.sampled_from(item.values)) for item in instrument.items}
    )


@pytest.mark.parametrize("name", list(KNOWN))
@settings(max_examples=20)
@given(data=st.data())
def test_any_answers_score_within_the_scale_and_raise_what_they_must(name, data) -> None:
    instrument = KNOWN[name]
    answers = data.draw(answers_of(instrument))
    scored = score_answers(instrument, answers)
    asked = {item.item_id: item for item in items_asked(instrument, answers)}
    if scored.score is not None:
        assert 0 <= scored.score <= instrument.score_max
        assert scored.band.from_score <= scored.score
        assert len(scored.missing) <= instrument.missing_items_max
        if not scored.missing:
            given_ones = [answers[name] for name, item in asked.items() if item.is_scored]
            assert scored.score == sum(given_ones) and not scored.is_estimated
    expected = {
        item_id
        for item_id, item in {item.item_id: item for item in instrument.items}.items()
        if item.alarm
        and (
            (answers[item_id] is None and item.alarm.when_unanswered and item_id in asked)
            or (answers[item_id] is not None and answers[item_id] >= item.alarm.from_value)
        )
    }
    assert {alarm.item_id for alarm in scored.alarms} == expected


@settings(max_examples=40)
@given(data=st.data())
def test_a_higher_answer_never_lowers_the_score(data) -> None:
    instrument = KNOWN["phq-9"]
    answers = data.draw(answers_of(instrument))
    name = data.draw(st.sampled_from([item.item_id for item in instrument.items if item.is_scored]))
    before = score_answers(instrument, answers)
    if answers[name] in (None, 3) or before.score is None:
        return
    after = score_answers(instrument, answers | {name: answers[name] + 1})
    assert after.score >= before.score and len(after.alarms) >= len(before.alarms)
