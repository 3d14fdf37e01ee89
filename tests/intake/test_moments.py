"""Local times, on the days the clock is changed and at the edges of a day, a month and February."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocm.intake.cells import CellRefused, NotPlain
from cocm.intake.moments import NOTE_MONTH_FIRST, NOTE_OFFSET, NOTE_REPEATED_HOUR, LocalClock

PACIFIC = "America/Los_Angeles"
MARCH_2026 = 2026 * 12 + 2


@pytest.fixture
def clock() -> LocalClock:
    return LocalClock(PACIFIC)


@pytest.mark.parametrize(
    "text", ["2026-03-05T14:30", "2026-03-05 14:30", "2026-03-05 14:30:00", " 2026-03-05 14:30:00.000 "]
)
def test_a_time_is_read_on_the_sites_clock(clock: LocalClock, text: str) -> None:
    moment, note = clock.read(text)
    assert moment.at.isoformat() == "2026-03-05T14:30:00-08:00"
    assert moment.month_index == MARCH_2026
    assert note == ""
    assert clock[text] == moment


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("3/5/2026 14:30", "14:30"),
        ("3/5/2026 2:30 PM", "14:30"),
        ("3/5/2026 12:05 am", "00:05"),
        ("3/5/2026 12:05 PM", "12:05"),
    ],
)
def test_a_slashed_time_is_month_first_and_noted(clock: LocalClock, text: str, local: str) -> None:
    moment, note = clock.read(text)
    assert moment.at.isoformat()[:16] == f"2026-03-05T{local}"
    assert note == NOTE_MONTH_FIRST
    with pytest.raises(NotPlain):
        clock[text]


def test_half_past_eleven_at_the_end_of_a_month_belongs_to_that_month(clock: LocalClock) -> None:
    last = clock["2026-03-31 23:30"]
    assert last.month_index == MARCH_2026
    assert last.at.astimezone(UTC).month == 4
    assert clock["2026-04-01 00:00"].month_index == MARCH_2026 + 1


def test_the_leap_day_exists_in_leap_years_only(clock: LocalClock) -> None:
    assert clock["2028-02-29 23:59"].month_index == 2028 * 12 + 1
    with pytest.raises(CellRefused, match="exist"):
        clock.read("2026-02-29 10:00")


@pytest.mark.parametrize("text", ["2026-03-08 02:00", "2026-03-08 02:30", "2026-03-08 02:59:59"])
def test_the_hour_that_spring_skips_is_refused(clock: LocalClock, text: str) -> None:
    with pytest.raises(CellRefused, match="set forward"):
        clock.read(text)


def test_the_hours_around_the_one_that_spring_skips_exist(clock: LocalClock) -> None:
    before, after = clock["2026-03-08 01:59"], clock["2026-03-08 03:00"]
    assert after.timestamp - before.timestamp == 60


def test_the_hour_that_autumn_repeats_is_the_first_one_and_noted(clock: LocalClock) -> None:
    moment, note = clock.read("2026-11-01 01:30")
    assert note == NOTE_REPEATED_HOUR
    assert moment.at.utcoffset() == timedelta(hours=-7)


def test_an_offset_tells_the_two_autumn_hours_apart(clock: LocalClock) -> None:
    first, second = clock["2026-11-01 01:30-07:00"], clock["2026-11-01T01:30-0800"]
    assert second.timestamp - first.timestamp == 3600
    assert (first.at.fold, second.at.fold) == (0, 1)
    assert clock.read("2026-11-01 01:30-08:00")[1] == ""


def test_a_time_by_another_clock_is_converted_and_noted(clock: LocalClock) -> None:
    moment, note = clock.read("2026-04-01T06:30:00Z")
    assert moment.at.isoformat() == "2026-03-31T23:30:00-07:00"
    assert moment.month_index == MARCH_2026
    assert note == NOTE_OFFSET


NO_LOCAL_TIMES = [
    "",
    "2026-03-05",
    "3/5/2026",
    "46086",
    "46086.6",
    "14:30",
    "2026-03-05 24:00",
    "2026-03-05 14:60",
    "3/5/2026 13:30 PM",
    "2026-03-05 14:30-99:00",
    "1800-01-01 10:00",
    "13/5/2026 10:00",
    "now",
    "=NOW()",
]


@pytest.mark.parametrize("text", NO_LOCAL_TIMES)
def test_what_is_no_local_time_is_refused(clock: LocalClock, text: str) -> None:
    with pytest.raises(CellRefused):
        clock.read(text)
    with pytest.raises(ValueError):
        clock[text]


@given(
    text=st.one_of(
        st.text(max_size=30),
        st.from_regex(r"\d{1,4}[-/]\d{1,2}[-/]\d{1,4}[ T]\d{1,2}:\d{2}(:\d{2})?", fullmatch=True),
    )
)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        moment, _ = LocalClock(PACIFIC).read(text)
    except CellRefused:
        return
    assert moment.at.utcoffset() is not None


@given(instant=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))
def test_every_instant_has_a_local_time_that_leads_back_to_it(instant: datetime) -> None:
    clock = LocalClock(PACIFIC)
    whole = instant.replace(microsecond=0)
    assert clock.read(whole.isoformat())[0].timestamp == whole.timestamp()
