"""Finds a table below its publisher's title lines: the heading, its columns, and the rows that are data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cocm.basics.errors import PublishedFileError
from cocm.intake.published.source_file import Cells, NumberedRow, SourceFile

HEADING_ROWS_MAX: Final = 60
"""A heading that does not stand within so many rows is none."""
_HEADING_CELLS_MIN: Final = 3
"""A row above the heading with fewer cells is a title line."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A column we read: our name for it, and the headings it is published under (whole cell, any case)."""

    name: str
    headings: str
    example: str
    is_required: bool = True

    def fits(self, heading: str) -> bool:
        """Whether a heading is this column's."""
        return re.fullmatch(self.headings, heading, re.IGNORECASE) is not None


@dataclass(frozen=True, slots=True)
class Record:
    """A row of data: its place for errors, and its cells by our names (a column that is missing is empty)."""

    where: str
    cells: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.cells[name]

    def problem(self, name: str, expected: str) -> PublishedFileError:
        """The error that a cell is not as expected."""
        return PublishedFileError(
            f"{self.where}, column {name}: {self.cells[name]!r} is not {expected}; nothing was loaded"
        )


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table whose heading was found: the title text above it, the columns' places, and the rows below."""

    name: str
    title: str
    headings: Mapping[str, str]
    _places: Mapping[str, int]
    _rows: Iterator[NumberedRow]
    _key: Wanted
    _key_form: re.Pattern[str]
    _key_words: str

    def records(self) -> Iterator[Record]:
        """The rows of data: those whose key is one.

        Blank rows, what is left of a heading that takes several rows, and notes (text in one cell only) are
        passed over. Any other row without a key is an error.
        """
        place, seen = self._places[self._key.name], False
        for number, row in self._rows:
            key = row[place] if place < len(row) else ""
            if self._key_form.fullmatch(key):
                seen = True
                yield Record(f"{self.name}, row {number}", self._cells(row))
            elif seen and sum(map(bool, row)) > 1:
                record = Record(f"{self.name}, row {number}", self._cells(row))
                raise record.problem(self._key.name, self._key_words)
        if not seen:
            raise PublishedFileError(
                f"{self.name}: no row has {self._key_words} as its {self._key.name}; nothing was loaded"
            )

    def _cells(self, row: Cells) -> dict[str, str]:
        width = len(row)
        return {name: row[place] if 0 <= place < width else "" for name, place in self._places.items()}


def find_sheet(
    source: SourceFile,
    anchor: str,
    wanted: Sequence[Wanted],
    key_form: str,
    key_words: str,
    *,
    rows_below: bool = False,
) -> Sheet:
    """The first table of a file that has a heading.

    A heading may take several rows: they end with the row that holds the cell `anchor`, or, with `rows_below`,
    begin with it and end before the first row of data. The first of `wanted` is the key, `key_form` its form and
    `key_words` how to say it. Raises `PublishedFileError` naming the column that is missing.
    """
    for name, rows in source.sheets():
        above: list[Cells] = []
        for number, row in rows:
            if any(re.fullmatch(anchor, cell, re.IGNORECASE) for cell in row):
                form = re.compile(key_form)
                if rows_below:
                    heading, following = _heading_below(row, rows, form)
                else:
                    heading, following = [*(one for one in above if _is_heading(one)), row], []
                title = " ".join(cell for cells in above for cell in cells if cell)
                labels = _labels(heading, row)
                places = {one.name: _place(one, labels) for one in wanted}
                _refuse_missing(f"{name}, row {number}", wanted, places, labels)
                found = {one.name: labels[places[one.name]] for one in wanted if places[one.name] >= 0}
                return Sheet(name, title, found, places, _chain(following, rows), wanted[0], form, key_words)
            above.append(row)
            if number >= HEADING_ROWS_MAX:
                break
    raise PublishedFileError(
        f"{source.name}: no heading with the columns {', '.join(one.example for one in wanted)} in the first "
        f"{HEADING_ROWS_MAX} rows; give the publisher's file as downloaded"
    )


def _is_heading(row: Cells) -> bool:
    return sum(map(bool, row)) >= _HEADING_CELLS_MIN


def _heading_below(
    row: Cells, rows: Iterator[NumberedRow], key_form: re.Pattern[str]
) -> tuple[list[Cells], list[NumberedRow]]:
    """A heading that goes on below its first row, and the row of data read on the way."""
    heading = [row]
    for number, following in rows:
        if any(key_form.fullmatch(cell) for cell in following[:1]) or len(heading) > HEADING_ROWS_MAX:
            return heading, [(number, following)]
        heading.append(following)
    return heading, []


def _labels(heading: list[Cells], anchor_row: Cells) -> list[str]:
    """Each column's heading, its parts joined from top to bottom."""
    width = len(anchor_row)
    return [
        " ".join(cells[place] for cells in heading if place < len(cells) and cells[place]).strip()
        for place in range(width)
    ]


def _place(wanted: Wanted, labels: list[str]) -> int:
    return next((place for place, label in enumerate(labels) if wanted.fits(label)), -1)


def _refuse_missing(
    where: str, wanted: Sequence[Wanted], places: Mapping[str, int], labels: list[str]
) -> None:
    missing = [one for one in wanted if one.is_required and places[one.name] < 0]
    if missing:
        expected = "; ".join(f"{one.name} (a heading such as “{one.example}”)" for one in missing)
        there = ", ".join(f"“{label}”" for label in labels if label)
        raise PublishedFileError(
            f"{where}: the heading lacks {expected}; it has {there}. Give the publisher's file as downloaded"
        )


def _chain(first: list[NumberedRow], rest: Iterator[NumberedRow]) -> Iterator[NumberedRow]:
    yield from first
    yield from rest
