"""Which dated row holds, compared with a definition written another way."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from cocm.rules import Confidence, DatedValue, Source
from cocm.rules.check import timeline_problems
from cocm.rules.rulebook import value_in_force

SOURCE = Source("policy", "The payer's policy", "https://example.org/policy", "A")
days = st.integers(0, 40).map(lambda number: date(2026, 1, 1) + timedelta(days=number))


@st.composite
def rows(draw: st.DrawFn) -> tuple[DatedValue, ...]:
    """Rows with distinct (effective_from, observed), sorted as the parser sorts them."""
    starts = draw(st.lists(st.tuples(days, days), unique=True, max_size=6))
    drawn = []
    for number, (effective_from, observed) in enumerate(sorted(starts)):
        length = draw(st.none() | st.integers(1, 20))
        effective_to = None if length is None else effective_from + timedelta(days=length)
        drawn.append(
            DatedValue(
                effective_from, effective_to, observed, number, Confidence.STATED, SOURCE, "", None, ""
            )
        )
    return tuple(drawn)


def expected(values: tuple[DatedValue, ...], day: date, known_on: date | None) -> DatedValue | None:
    """The last begun of the rows known by then, of those begun together the last observed; none if it has ended."""
    begun = [
        value
        for value in values
        if value.effective_from <= day and (known_on is None or value.observed <= known_on)
    ]
    if not begun:
        return None
    latest = max(begun, key=lambda value: (value.effective_from, value.observed))
    return None if latest.effective_to is not None and latest.effective_to <= day else latest


@given(rows(), days, st.none() | days)
def test_the_row_that_holds(values: tuple[DatedValue, ...], day: date, known_on: date | None) -> None:
    found = value_in_force(values, day, known_on)
    assert (None if found is None else found[0]) == expected(values, day, known_on)


@given(rows(), days, st.none() | days)
def test_the_answer_holds_until_the_day_it_names(
    values: tuple[DatedValue, ...], day: date, known_on: date | None
) -> None:
    found = value_in_force(values, day, known_on)
    if found is not None and found[1] is not None:
        assert found[1] > day
        last_day = found[1] - timedelta(days=1)
        assert expected(values, last_day, known_on) == found[0]
        assert expected(values, found[1], known_on) != found[0]


@given(rows(), days)
def test_sound_rows_answer_on_every_day_after_their_first(values: tuple[DatedValue, ...], day: date) -> None:
    if values and not list(timeline_problems(values)) and day >= values[0].effective_from:
        assert value_in_force(values, day, None) is not None
