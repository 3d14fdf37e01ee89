"""Doubts about an entry of time: each with its reason, and none about an ordinary one."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocm.care.plausibility import Doubt, TimeEntry, TimerReading, doubts, quiet_stretch
from cocm.rules.rulebook import shipped_rulebook

LOS_ANGELES = ZoneInfo("America/Los_Angeles")
POLICY = shipped_rulebook().pack("medicare").on(date(2026, 3, 31))
NOW = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)  # 19:00 of the 19th in California


def entry(hour=10, minute=0, minutes=20, *, day=19, patient="P1", staff="B1", entry_id="", seconds=0):
    return TimeEntry(
        entry_id,
        patient,
        staff,
        datetime(2026, 3, day, hour, minute, tzinfo=LOS_ANGELES),
        minutes * 60 + seconds,
    )


def found(one, *others, timer=None, now=NOW):
    return {
        item.doubt: item
        for item in doubts(one, others=others, zone=LOS_ANGELES, now=now, policy=POLICY, timer=timer)
    }


def test_an_ordinary_entry_is_not_doubted() -> None:
    assert found(entry(), entry(9, entry_id="1"), entry(11, entry_id="2"), timer=TimerReading(1500)) == {}


def test_time_at_both_ends_of_another_entry_is_no_overlap() -> None:
    assert found(entry(10), entry(9, 40, 20, entry_id="1"), entry(10, 20, entry_id="2")) == {}


def test_ones_own_time_for_another_patient_overlaps() -> None:
    item = found(entry(), entry(10, 5, 60, patient="P2", entry_id="17"))[Doubt.OVERLAP_PERSON]
    assert item.text == "15 minutes at the same time as another entry of yours"
    assert item.entry_ids == ("17",)


def test_a_colleagues_time_overlaps_for_the_same_patient_only() -> None:
    assert Doubt.OVERLAP_PATIENT in found(entry(), entry(staff="PSY", entry_id="1"))
    assert found(entry(), entry(staff="PSY", patient="P2", entry_id="1")) == {}


def test_an_entry_does_not_overlap_itself() -> None:
    assert found(entry(entry_id="1"), entry(entry_id="1")) == {}


def test_past_midnight_by_the_sites_clock() -> None:
    late = now = datetime(2026, 3, 21, tzinfo=UTC)
    assert Doubt.OVERNIGHT in found(entry(23, 50, 20, day=19), now=now)
    assert found(entry(23, 40, 20, day=19), now=late) == {}  # ends at midnight
    assert Doubt.OVERNIGHT not in found(entry(16, 50, 20, day=19))  # midnight in Greenwich


def test_what_is_not_over_yet_is_doubted() -> None:
    assert Doubt.FUTURE in found(entry(18, 50, 20))
    assert Doubt.FUTURE not in found(entry(18, 40, 20))


@pytest.mark.parametrize(("minutes", "is_doubted"), [(120, False), (121, True)])
def test_one_long_entry(minutes, is_doubted) -> None:
    item = found(entry(9, 0, minutes)).get(Doubt.LONG)
    assert (item is not None) == is_doubted
    assert item is None or item.rule.rule_id == "minutes.entry_review_above"


@pytest.mark.parametrize(("minutes", "is_doubted"), [(80, False), (81, True)])
def test_a_day_of_more_than_eight_hours(minutes, is_doubted) -> None:
    others = [
        entry(6 + 2 * number, 0, 100, patient=f"P{number}", entry_id=str(number)) for number in range(4)
    ]
    yesterday = entry(10, 0, 100, day=18, entry_id="y")
    colleague = entry(15, 0, 100, patient="P9", staff="B2", entry_id="c")
    items = found(entry(15, 0, minutes), *others, yesterday, colleague)
    assert (Doubt.DAY_TOTAL in items) == is_doubted


def test_more_than_the_timer_ran() -> None:
    assert Doubt.ABOVE_TIMER in found(entry(minutes=26), timer=TimerReading(1559))
    assert found(entry(minutes=25), timer=TimerReading(1559)) == {}


def test_a_quiet_timer_is_doubted_unless_the_author_takes_only_the_rest() -> None:
    reading = TimerReading(seconds=40 * 60, quiet_seconds=25 * 60)
    assert found(entry(minutes=40), timer=reading)[Doubt.IDLE].text.startswith("the timer saw no sign")
    assert found(entry(minutes=15), timer=reading) == {}


@pytest.mark.parametrize(("gap", "quiet"), [(900, 0), (901, 901)])
def test_a_stretch_is_quiet_after_a_quarter_of_an_hour(gap, quiet) -> None:
    assert quiet_stretch(NOW, NOW + timedelta(seconds=gap), POLICY) == quiet


def test_doubts_without_a_level_are_not_raised() -> None:
    nowhere = shipped_rulebook().pack("medicare").on(date(2016, 6, 30))
    assert (
        doubts(entry(1, 0, 700), others=(), zone=LOS_ANGELES, now=NOW, policy=nowhere) == ()
        and quiet_stretch(NOW, NOW + timedelta(days=1), nowhere) == 0
    )


@given(
    st.lists(
        st.tuples(st.integers(0, 23), st.integers(0, 59), st.integers(0, 300), st.sampled_from("AB")),
        max_size=6,
    )
)
def test_the_order_of_the_others_does_not_matter(rows) -> None:
    others = [
        entry(hour, minute, minutes, staff=staff, entry_id=str(number))
        for number, (hour, minute, minutes, staff) in enumerate(rows)
    ]
    one = entry(staff="A")
    forwards, backwards = found(one, *others), found(one, *reversed(others))
    assert {key: item.text for key, item in forwards.items()} == {
        key: item.text for key, item in backwards.items()
    }
