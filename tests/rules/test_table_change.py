"""A new edition takes its own days and leaves all others as they were."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from cocm.rules.reference import Editions, ReferenceTable
from cocm.rules.table_change import NewEdition, TableRow, change, merged

COLUMNS = dict.fromkeys(("code", "effective_from", "effective_to", "value", "source"), "")
HISTORY_COLUMNS = dict.fromkeys(("code", "effective_from", "effective_to", "edition", "source"), "")
START = date(2026, 1, 1)


def table(editions: Editions, columns: dict[str, str]) -> ReferenceTable:
    return ReferenceTable("t", "t.csv", "T", "One code.", ("code",), editions, columns, (), "", "", "")


CURRENT = table(Editions.CURRENT, COLUMNS)
HISTORY = table(Editions.HISTORY, HISTORY_COLUMNS)


def new(day: date, values: dict[str, str], ends: date | None = None) -> NewEdition:
    rows = [{"code": code, "value": value} for code, value in values.items()]
    return NewEdition(day, ends, "new", rows, lambda row: True)


def on(rows: Iterable[TableRow], day: date) -> dict[str, str]:
    """What the table says on a day; a code that stands twice would fail."""
    text = day.isoformat()
    found = [
        (row["code"], row["value"])
        for row in rows
        if row["effective_from"] <= text and (not row["effective_to"] or text < row["effective_to"])
    ]
    assert len(found) == len({code for code, _ in found})
    return dict(found)


edition_days = st.integers(0, 40).map(lambda days: START + timedelta(days=days))
contents = st.dictionaries(st.sampled_from("ABC"), st.sampled_from("12"), max_size=3)


@given(
    editions=st.lists(st.tuples(edition_days, contents), max_size=6),
    day=edition_days,
    values=contents,
    length=st.one_of(st.none(), st.integers(1, 20)),
)
def test_a_merged_edition_holds_on_its_days_and_no_other_day_changes(
    editions: list[tuple[date, dict[str, str]]], day: date, values: dict[str, str], length: int | None
) -> None:
    rows: list[TableRow] = []
    for start, content in editions:
        rows = merged(CURRENT, rows, new(start, content))
    starts = {date.fromisoformat(row["effective_from"]) for row in rows}
    later = [start for start in starts if start > day]
    natural = [] if length is None else [day + timedelta(days=length)]
    end = min([*later, *natural], default=date.max)
    after = merged(CURRENT, rows, new(day, values, natural[0] if natural else None))
    for asked in (START + timedelta(days=offset) for offset in range(-1, 70)):
        assert on(after, asked) == (values if day <= asked < end else on(rows, asked)), asked


@given(st.lists(st.tuples(edition_days, contents), max_size=6), edition_days, contents.filter(bool))
def test_merging_an_edition_twice_is_merging_it_once(
    editions: list[tuple[date, dict[str, str]]], day: date, values: dict[str, str]
) -> None:
    rows: list[TableRow] = []
    for start, content in editions:
        rows = merged(CURRENT, rows, new(start, content))
    once = merged(CURRENT, rows, new(day, values))
    assert merged(CURRENT, once, new(day, values)) == once
    assert change(CURRENT, once, new(day, values)).is_empty


def test_an_edition_is_compared_with_the_one_before_it() -> None:
    rows = merged(CURRENT, [], new(START, {"A": "1", "B": "1", "C": "1"}))
    found = change(CURRENT, rows, new(START + timedelta(days=90), {"A": "1", "B": "2", "D": "1"}))
    assert found.compared_with == START
    assert [one.key for one in found.added] == [("D",)]
    assert [one.key for one in found.removed] == [("C",)]
    assert [(one.key, one.fields) for one in found.changed] == [(("B",), {"value": ("1", "2")})]
    assert found.unchanged_count == 1
    assert not found.is_empty


def test_what_an_edition_does_not_speak_about_stays() -> None:
    rows = merged(CURRENT, [], new(START, {"A": "1", "B": "1"}))
    later = START + timedelta(days=90)
    half = NewEdition(later, None, "new", [{"code": "A", "value": "2"}], lambda row: row["code"] == "A")
    assert on(merged(CURRENT, rows, half), later) == {"A": "2", "B": "1"}
    assert change(CURRENT, rows, half).removed == ()


def test_a_history_is_replaced_with_its_own_dates() -> None:
    old = [
        {"code": "A", "effective_from": "", "effective_to": "", "edition": "2024-07-01", "source": "old"},
        {"code": "B", "effective_from": "", "effective_to": "", "edition": "2024-07-01", "source": "old"},
    ]
    rows = [
        {"code": "A", "effective_from": "2018-01-01", "effective_to": "2019-01-01"},
        {"code": "A", "effective_from": "2020-01-01", "effective_to": ""},
    ]
    newer = NewEdition(date(2026, 10, 1), None, "new", rows, lambda row: row["code"] == "A")
    assert [(row["code"], row["effective_from"], row["source"]) for row in merged(HISTORY, old, newer)] == [
        ("A", "2018-01-01", "new"),
        ("A", "2020-01-01", "new"),
        ("B", "", "old"),
    ]
    found = change(HISTORY, old, newer)
    (changed,) = found.changed
    assert (found.compared_with, len(changed.before), len(changed.after)) == (date(2024, 7, 1), 1, 2)
    assert changed.fields is None
