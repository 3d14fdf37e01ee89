"""What reading found: rows that were rejected, and cells that were read differently than they stand.

Both are data, never exceptions, and hold no patient data: ids, places and expectations only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cocm.intake.contract import Column, Kind

_SHOWN_LENGTH_MAX = 40
_NUMBER_KINDS = frozenset(
    {
        Kind.DATE,
        Kind.LOCAL_TIME,
        Kind.INTEGER,
        Kind.MONEY,
        Kind.NPI,
        Kind.TIN,
        Kind.PLACE_OF_SERVICE,
        Kind.POSTAL_CODE,
        Kind.PHONE,
    }
)


@dataclass(frozen=True, slots=True, order=True)
class RowProblem:
    """A row that was rejected. `row_number` is the row as a spreadsheet shows it (the header is row 1).

    `column` is empty when the row as a whole is at fault. `found` describes what stood there; a value is
    repeated only from a column that cannot identify a person. `patient_id` is the row's, where it has one.
    """

    file: str
    table: str
    row_number: int
    column: str
    expectation: str
    found: str
    patient_id: str = ""

    def __str__(self) -> str:
        where = f", column {self.column}" if self.column else ""
        return f"{self.file}, row {self.row_number}{where}: expected {self.expectation}; found {self.found}"


@dataclass(frozen=True, slots=True, order=True)
class RowNote:
    """A row that was kept, with something in it read differently than it stands. `text` names no value."""

    file: str
    table: str
    row_number: int
    column: str
    text: str

    def __str__(self) -> str:
        where = f", column {self.column}" if self.column else ""
        return f"{self.file}, row {self.row_number}{where}: {self.text}"


@dataclass(frozen=True, slots=True, order=True)
class TalliedNote:
    """Notes of one kind in one column, counted, with the first row they were seen in."""

    file: str
    table: str
    column: str
    text: str
    rows: int
    first_row_number: int

    def __str__(self) -> str:
        where = f", column {self.column}" if self.column else ""
        if self.first_row_number == 0:
            return f"{self.file}{where}: {self.text}"
        times = "row" if self.rows == 1 else f"{self.rows} rows, first in row"
        return f"{self.file}{where}, {times} {self.first_row_number}: {self.text}"


class NoteTally:
    """Counts notes, so that a column of 600,000 dates in another style is one line in the report."""

    def __init__(self) -> None:
        self._counted: dict[tuple[str, str, str, str], tuple[int, int]] = {}

    def add(self, notes: Iterable[RowNote]) -> None:
        """Count notes in."""
        for note in notes:
            key = (note.file, note.table, note.column, note.text)
            rows, first = self._counted.get(key, (0, note.row_number))
            self._counted[key] = (rows + 1, min(first, note.row_number))

    def notes(self) -> list[TalliedNote]:
        """What was counted, in a stable order."""
        return sorted(TalliedNote(*key, rows, first) for key, (rows, first) in self._counted.items())


def describe_cell(column: Column, cell: str) -> str:
    """What stood in a cell, in words that tell nothing about a person."""
    if not cell.strip():
        return "nothing"
    if column.identifying or column.kind is Kind.TEXT:
        return f"{len(cell)} characters that are not repeated here"
    if "\n" in cell or "\r" in cell:
        return f"text over {len(cell.splitlines())} lines"
    if any(character.isalpha() for character in cell) and not _may_show_letters(column, cell):
        # A row shifted by one column brings a name into a column of numbers.
        return f"{len(cell)} characters with letters in them"
    shown = cell if len(cell) <= _SHOWN_LENGTH_MAX else f"{cell[:_SHOWN_LENGTH_MAX]}…"
    return ascii(shown) if not shown.isprintable() else f"'{shown}'"


def _may_show_letters(column: Column, cell: str) -> bool:
    if column.kind not in _NUMBER_KINDS:
        return any(character.isdigit() for character in cell) or column.kind is not Kind.IDENTIFIER
    letters = "".join(character for character in cell.upper() if character.isalpha())
    return letters in ("E", "T", "Z", "TZ", "AM", "PM")
