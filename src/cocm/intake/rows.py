"""Rows as they stand in a file, and the reader that turns one into values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from cocm.intake.cells import CellRefused, careful_reader
from cocm.intake.contract import Table
from cocm.intake.plain_rows import plain_reader
from cocm.intake.problems import RowNote, RowProblem, describe_cell
from cocm.intake.tables import TABLES

RawRow: TypeAlias = tuple[int, str]
"""A row's number as the user sees it, and its cells in one text, with the layout's separator between them.

One text is read, sorted and sent to another process several times faster than a list of cells.
"""

CELL_SEPARATOR: Final = "\x1f"
"""Between cells whose file needs a CSV reader to be split; no cell may hold a control character."""
BLANKS: Final = " \t\r\n\x0b\x0c"
ABSENT: Final = -1
_PARTS_TRIED: Final = 8


@dataclass(frozen=True, slots=True)
class Layout:
    """How one file lays out a table.

    `places` are the file's positions of the contract's columns (`ABSENT`: not there), `width` is the number
    of columns named in the header. `file` is the name shown to people, for a workbook with the sheet's.
    """

    file: str
    table_name: str
    places: tuple[int, ...]
    width: int
    separator: str = CELL_SEPARATOR

    @property
    def table(self) -> Table:
        return TABLES[self.table_name]

    def place(self, column_name: str) -> int:
        """The file's position of a column, or `ABSENT`."""
        return self.places[self.table.positions[column_name]]

    def cells(self, row: RawRow) -> list[str]:
        """The cells of a row as they stand."""
        return row[1].split(self.separator)

    def cell(self, row: RawRow, column_name: str) -> str:
        """One cell as it stands; empty where the column or the cell is not there."""
        place, cells = self.place(column_name), self.cells(row)
        return cells[place] if 0 <= place < len(cells) else ""


def joined_cells(cells: list[str]) -> str:
    """The cells of a row in one text."""
    text = CELL_SEPARATOR.join(cells)
    if text.count(CELL_SEPARATOR) >= len(
        cells
    ):  # a cell holds the separator: any other control character will do
        text = CELL_SEPARATOR.join([cell.replace(CELL_SEPARATOR, "\x1e") for cell in cells])
    return text


class RowRefused(ValueError):
    """A row whose cells can be read but do not agree with each other or with another table."""

    def __init__(self, column_name: str, expectation: str) -> None:
        super().__init__(expectation)
        self.column_name = column_name
        self.expectation = expectation


class RowReader:
    """Reads the rows of one file."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._width = layout.width
        columns = layout.table.columns
        self._columns = [
            (column, careful_reader(column), place)
            for column, place in zip(columns, layout.places, strict=True)
        ]
        places = [None if place == ABSENT else place for place in layout.places]
        self._plain_rows = plain_reader(
            list(zip(columns, places, strict=True)), layout.width, layout.separator
        )

    def read_plain(self, text: str) -> Sequence[Any]:
        """A row's values in the contract's order if every cell is in the contract's own form.

        Raises `ValueError` where a second look is needed.
        """
        return self._plain_rows([text])[0]

    def read_all(self, texts: Sequence[str]) -> list[Sequence[Any] | None]:
        """Each row's values in the contract's order; None for a row that needs a second look (`read_carefully`).

        Many rows are read together in half of the time. Where that fails, smaller parts of them are tried, so that a
        few odd rows do not slow down all the others.
        """
        if not texts:
            return []
        try:
            return [*self._plain_rows(texts)]
        except ValueError:
            if len(texts) == 1:
                return [None]
        rows = -(-len(texts) // _PARTS_TRIED)
        parts = [texts[start : start + rows] for start in range(0, len(texts), rows)]
        return [values for part in parts for values in self.read_all(part)]

    def read_carefully(
        self, row: RawRow, problems: list[RowProblem], notes: list[RowNote]
    ) -> Sequence[Any] | None:
        """The values, with notes of what was read in its own way; None when the row is rejected.

        A row may have several problems, one for each cell that cannot be read.
        """
        cells = self.layout.cells(row)
        if any(cells[self._width :]):
            expectation = (
                f"{self._width} cells as in the header (put a cell with the separator in it in quotes)"
            )
            problems.append(self._problem(row, "", expectation, f"{len(cells)} cells"))
            return None
        is_short = len(cells) < self._width
        if is_short and "\n" not in row[1]:
            problems.append(self._shortage(row, len(cells)))
            return None
        values: list[Any] = []
        refused = False
        row_notes = []
        for column, read, place in self._columns:
            cell = cells[place] if place != ABSENT else ""
            try:
                value, note = read(cell)
            except CellRefused as refusal:
                problems.append(self._problem(row, column.name, str(refusal), describe_cell(column, cell)))
                if "\n" in cell:
                    return None  # what follows is not this row's
                refused = True
                continue
            values.append(value)
            if note:
                row_notes.append(self.note(row, column.name, note))
        if refused:
            return None
        if is_short:  # over several lines, where a cell that swallowed the rest would have been refused above
            problems.append(self._shortage(row, len(cells)))
            return None
        notes.extend(row_notes)
        return values

    def refusal(self, row: RawRow, refused: RowRefused) -> RowProblem:
        """The problem of a row whose cells do not agree."""
        column = self.layout.table.column(refused.column_name)
        found = describe_cell(column, self.layout.cell(row, refused.column_name))
        return self._problem(row, refused.column_name, refused.expectation, found)

    def note(self, row: RawRow, column_name: str, text: str) -> RowNote:
        """A note on a row that is kept."""
        return RowNote(self.layout.file, self.layout.table_name, row[0], column_name, text)

    def _shortage(self, row: RawRow, cell_count: int) -> RowProblem:
        expectation = (
            f"{self._width} cells as in the header (the row is cut off: export the table again, or hand in the "
            "workbook itself; some spreadsheets leave out empty cells at the end of a row)"
        )
        return self._problem(row, "", expectation, f"{cell_count} cells")

    def _problem(self, row: RawRow, column_name: str, expectation: str, found: str) -> RowProblem:
        patient_id = ""
        if "patient_id" in self.layout.table.positions:
            patient_id = self.layout.cell(row, "patient_id").strip()
            if len(patient_id) > 50 or not any(character.isdigit() for character in patient_id):
                patient_id = ""  # what stands there may be a name that slipped into the column
        return RowProblem(
            self.layout.file, self.layout.table_name, row[0], column_name, expectation, found, patient_id
        )
