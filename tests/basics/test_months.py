from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocm.basics.months import Month, Period, day_from_number, day_number

months = st.builds(Month, st.integers(1900, 9998), st.integers(1, 12))
days = st.dates(date(1950, 1, 1), date(2100, 12, 31))


def test_a_leap_february_ends_on_the_29th() -> None:
    assert Month(2028, 2).last_day == date(2028, 2, 29)
    assert Month(2027, 2).last_day == date(2027, 2, 28)


def test_parse_reads_year_and_month_only() -> None:
    assert Month.parse("2026-03") == Month(2026, 3)


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-3", "03-2026", "2026-03-01", "2026-13", "2026-00", "MM-YYYY"]
)
def test_parse_refuses_what_is_not_a_month(text: str) -> None:
    with pytest.raises(ValueError, match=r"month"):
        Month.parse(text)


@given(months)
def test_text_and_index_come_back(month: Month) -> None:
    assert Month.parse(str(month)) == month
    assert Month.from_index(month.index) == month


@given(days)
def test_a_day_lies_in_its_month_and_in_no_neighbour(day: date) -> None:
    month = Month.of(day)
    assert day in month
    assert day in month.period
    assert day not in month.plus(1)
    assert day not in month.plus(-1)


@given(months.filter(lambda month: 1901 < month.year < 9990), st.integers(-12, 12))
def test_adding_months_is_undone_by_taking_them_away(month: Month, count: int) -> None:
    assert month.plus(count).plus(-count) == month


def test_a_period_includes_its_first_day_and_excludes_its_last() -> None:
    period = Period(date(2026, 1, 1), date(2026, 2, 1))
    assert date(2026, 1, 1) in period
    assert date(2026, 1, 31) in period
    assert date(2026, 2, 1) not in period


def test_periods_that_meet_do_not_overlap() -> None:
    january = Period(date(2026, 1, 1), date(2026, 2, 1))
    onwards = Period(date(2026, 2, 1))
    assert not january.overlaps(onwards)
    assert onwards.overlaps(Period(date(2030, 1, 1), date(2030, 1, 2)))


def test_a_period_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="not after its start"):
        Period(date(2026, 2, 1), date(2026, 2, 1))


@given(days)
def test_day_numbers_come_back(day: date) -> None:
    assert day_from_number(day_number(day)) == day
