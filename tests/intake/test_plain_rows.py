"""The fast reader of rows answers as the careful ones would, or not at all."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocm.intake.plain_rows import plain_reader
from cocm.intake.problems import RowNote, RowProblem
from cocm.intake.rows import ABSENT, CELL_SEPARATOR, Layout, RowReader
from cocm.intake.tables import TABLES

ODD_CELLS = (
    "",
    " ",
    "#REF!",
    " x",
    "x ",
    "1.0",
    "1E+10",
    "12+3",
    "3/5/2026",
    "2026-02-30",
    "20260305",
    "\u00a0",
    "a\u200bb",
    "\udcff",
    "é",
    "x" * 200,
    "NULL",
    "-1",
    "99999999999999",
    "F32.1;F32.1",
    "PHQ9",
    "yes",
    "maybe",
    "1234567890",
)


def layout_of(table_name: str, places: tuple[int, ...], separator: str) -> Layout:
    return Layout("any.csv", table_name, places, max(places) + 1, separator)


@st.composite
def rows(draw: st.DrawFn) -> tuple[Layout, str]:
    """A row of some table in some order of columns: mostly the contract's examples, with a few odd cells."""
    table = TABLES[draw(st.sampled_from(sorted(TABLES)))]
    order = draw(st.permutations(range(len(table.columns))))
    kept = [number for number in order if table.columns[number].required or draw(st.booleans())]
    places = tuple(kept.index(number) if number in kept else ABSENT for number in range(len(table.columns)))
    separator = draw(st.sampled_from([",", ";", "\t", CELL_SEPARATOR]))
    cells = [table.columns[number].example for number in kept]
    for position in draw(st.lists(st.integers(0, len(kept) - 1), max_size=3)):
        cells[position] = draw(st.sampled_from(ODD_CELLS) | st.text(max_size=8))
    if draw(st.integers(0, 9)) == 0:
        cells = cells[: draw(st.integers(0, len(cells)))]
    return layout_of(table.name, places, separator), separator.join(cells)


@given(rows())
def test_the_fast_reader_agrees_with_the_careful_ones_or_leaves_the_row_to_them(
    given_row: tuple[Layout, str],
) -> None:
    layout, text = given_row
    reader = RowReader(layout)
    try:
        fast = list(reader.read_plain(text))
    except ValueError:
        return
    problems: list[RowProblem] = []
    notes: list[RowNote] = []
    assert fast == reader.read_carefully((2, text), problems, notes)
    assert not problems and not notes


@given(rows(), st.lists(st.integers(0, 40), max_size=3), st.integers(1, 40))
def test_rows_read_together_are_read_as_each_by_itself(
    given_row: tuple[Layout, str], places: list[int], count: int
) -> None:
    layout, odd = given_row
    plain = [""] * layout.width
    for column, place in zip(layout.table.columns, layout.places, strict=True):
        if place != ABSENT:
            plain[place] = column.example.replace(layout.separator, " ")
    texts = [layout.separator.join(plain)] * count
    for place in places:
        texts[place % count] = odd
    reader = RowReader(layout)
    alone: list[object] = []
    for text in texts:
        try:
            alone.append(reader.read_plain(text))
        except ValueError:
            alone.append(None)
    assert reader.read_all(texts) == alone
    assert reader.read_all([]) == []


@pytest.mark.parametrize("table_name", sorted(TABLES))
@pytest.mark.parametrize("separator", [",", ";", "\t", CELL_SEPARATOR])
def test_a_row_in_the_contracts_own_form_is_read_fast(table_name: str, separator: str) -> None:
    columns = TABLES[table_name].columns
    layout = layout_of(table_name, tuple(range(len(columns))), separator)
    cells = [column.example.replace(separator, " ") for column in columns]
    reader = RowReader(layout)
    fast = list(reader.read_plain(separator.join(cells)))
    assert fast == reader.read_carefully((2, separator.join(cells)), [], [])


def test_columns_are_found_where_the_file_has_them_and_one_that_is_not_there_is_empty() -> None:
    columns = TABLES["reviews"].columns
    assert [column.name for column in columns] == [
        "patient_id",
        "reviewed_on",
        "bhcm_id",
        "psychiatric_consultant_id",
    ]
    places = (3, 0, 2, None)
    read = plain_reader(list(zip(columns, places, strict=True)), 4, ",")
    assert list(read(["2026-03-05,ours,BHCM-1,P1"])[0]) == ["P1", date(2026, 3, 5), "BHCM-1", ""]


@pytest.mark.parametrize(
    "row", ["P1,phq-9,2026-03-05", "P1,phq-9,2026-03-05,11,more", "", ",phq-9,2026-03-05,11"]
)
def test_a_row_of_another_width_or_without_its_id_is_left_to_the_careful_readers(row: str) -> None:
    reader = RowReader(layout_of("measures", (0, 1, 2, 3), ","))
    assert list(reader.read_plain("P1,phq-9,2026-03-05,11")) == ["P1", "phq-9", date(2026, 3, 5), 11]
    with pytest.raises(ValueError):  # which one does not matter
        reader.read_plain(row)
