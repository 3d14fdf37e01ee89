"""A caseload sheet in the columns of the AIMS Center's tracker, cell by cell: its heading found, its values read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from openpyxl.utils.datetime import from_excel

from cocm.basics.errors import TableError
from cocm.intake.cells import CarefulReader, CellRefused, careful_reader
from cocm.intake.contract import Column, Kind
from cocm.intake.headers import column_name
from cocm.intake.patient_tables import SEXES
from cocm.intake.problems import RowNote, RowProblem, describe_cell
from cocm.intake.tables import TABLES
from cocm.intake.workbook import Workbook, cell_text
from cocm.server.files import as_it_was
from cocm.server.registry.aims import AIMS_COLUMNS

AIMS_FILE: Final = "aims.xlsx"
SHEET: Final = "caseload"
ROWS_MAX: Final = 20_000
_HEADING_ROWS_MAX: Final = 20
_SERIAL_MAX: Final = 109_573


def _column(name: str, kind: Kind, **more: Any) -> Column:
    return Column(column_name(name), kind, "", **more)


def _score(name: str) -> Column:
    return _column(name, Kind.INTEGER, maximum=999)


COLUMNS: Final = {
    column.name: column
    for column in (
        _column("Patient ID", Kind.IDENTIFIER, required=True, length_max=50),
        _column("MRN", Kind.IDENTIFIER, length_max=50, identifying=True),
        _column("First name", Kind.TEXT, length_max=35, identifying=True),
        _column("Last name", Kind.TEXT, identifying=True),
        _column("Status", Kind.TEXT),
        _score("PHQ-9 first"),
        _score("PHQ-9 last"),
        _score("GAD-7 first"),
        _score("GAD-7 last"),
        _column("I/A", Kind.DATE),
        _column("F/U", Kind.DATE),
        _column("P/C", Kind.DATE),
        _column("RPP", Kind.DATE),
        _column("# sessions", Kind.INTEGER),
        _column("Weeks since I/A", Kind.TEXT),
        _column("Minutes this month", Kind.INTEGER),
        _column("Care manager", Kind.TEXT, length_max=100),
        _column("Psychiatric consultant", Kind.TEXT, length_max=100),
        _column("Birth date", Kind.DATE, identifying=True),
        _column("Sex", Kind.CHOICE, choices=SEXES, identifying=True),
    )
}
"""What is read, by the heading as a column's name. The last two are asked for where a patient is new."""
_NEEDED: Final = frozenset(("patient_id", "i/a", "phq_9_first", "phq_9_last"))
"""By these headings a sheet is known to be a tracker's."""
assert {column_name(name) for name in AIMS_COLUMNS} <= set(COLUMNS)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row whose cells could be read; `cells` as they stood, for what is said about them."""

    number: int
    values: dict[str, Any]
    cells: dict[str, str]

    def get(self, name: str) -> Any:
        """A value; None where the sheet has no such column or the cell is empty."""
        found = self.values.get(name)
        return None if found == "" else found


class AimsSheet:
    """A tracker's sheet, read. `problems` are the rows with cells that cannot be read, `rows` the others."""

    def __init__(self, path: Path) -> None:
        self.problems: list[RowProblem] = []
        self.notes: list[RowNote] = []
        self.rows: list[SheetRow] = []
        self.rows_total = 0
        book = Workbook(path)
        try:
            found = _found(book)
            if found is None:
                raise TableError(
                    f"{path.name}: no sheet has the headings Patient ID, I/A, PHQ-9 first and last"
                )
            self.file, heading_row, self.places = found.file, found.row, found.places
            self._read(book, found.title, heading_row)
        except TableError:
            raise
        except Exception as problem:  # a damaged workbook: openpyxl raises whatever it stumbles over
            raise TableError(f"{path.name}: cannot be read ({type(problem).__name__})") from problem
        finally:
            book.close()

    def refuse(self, row: SheetRow, name: str, expectation: str) -> None:
        """Tell that a row cannot be taken for what stands in a column."""
        found = describe_cell(COLUMNS[name], row.cells.get(name, ""))
        self._problem(row.number, name, expectation, found, row.cells.get("patient_id", ""))

    def note(self, row: SheetRow, name: str, text: str) -> None:
        """Tell that a row is taken, and something in it is not."""
        self.notes.append(RowNote(self.file, SHEET, row.number, name, text))

    def _problem(self, number: int, name: str, expectation: str, found: str, patient_id: str) -> None:
        self.problems.append(RowProblem(self.file, SHEET, number, name, expectation, found, patient_id))

    def _read(self, book: Workbook, title: str, heading_row: int) -> None:
        readers: dict[str, CarefulReader] = {name: careful_reader(COLUMNS[name]) for name in self.places}
        for row, column in book.pending_formulas(title):
            if row > heading_row and column - 1 in self.places.values():
                raise TableError(
                    f"{self.file}: row {row} holds a formula that was never worked out; open the workbook in a "
                    "spreadsheet program and save it"
                )
        for number, values in islice(enumerate(book.rows(title), 1), heading_row, None):
            cells = {
                name: _text(COLUMNS[name], values[place] if place < len(values) else None, book.epoch)
                for name, place in self.places.items()
            }
            if not any(cells.values()):
                continue
            self.rows_total += 1
            if self.rows_total > ROWS_MAX:
                raise TableError(f"{self.file}: more than {ROWS_MAX} rows; bring the sheet in parts")
            self._row(number, cells, readers)

    def _row(self, number: int, cells: dict[str, str], readers: dict[str, CarefulReader]) -> None:
        made: dict[str, Any] = {}
        is_sound = True
        for name, read in readers.items():
            try:
                made[name], note = read(cells[name])
            except CellRefused as refused:
                is_sound = False
                found = describe_cell(COLUMNS[name], cells[name])
                self._problem(number, name, str(refused), found, cells["patient_id"].strip())
                continue
            if note:
                self.notes.append(RowNote(self.file, SHEET, number, name, note))
        if is_sound:
            self.rows.append(SheetRow(number, made, cells))


@dataclass(frozen=True, slots=True)
class _Found:
    title: str
    file: str
    row: int
    places: dict[str, int]


def is_aims_workbook(path: Path) -> bool:
    """Whether a workbook holds a tracker's sheet and none of the practice's tables."""
    book = Workbook(path)
    try:
        return not any(name in TABLES for name in book.sheet_names) and _found(book) is not None
    except Exception:  # a damaged workbook: whoever reads it tells what is wrong
        return False
    finally:
        book.close()


def _found(book: Workbook) -> _Found | None:
    """The first sheet with a tracker's headings, within its first rows."""
    for title in book.sheet_names.values():
        for number, values in enumerate(islice(book.rows(title), _HEADING_ROWS_MAX), 1):
            names = [column_name(cell_text(value)) for value in values]
            if _NEEDED.issubset(names):
                file = f"{book.path.name}, sheet {title}"
                twice = sorted({name for name in names if name in COLUMNS and names.count(name) > 1})
                if twice:
                    raise TableError(f"{file}: the heading names {', '.join(twice)} more than once")
                return _Found(
                    title, file, number, {name: names.index(name) for name in COLUMNS if name in names}
                )
    return None


def _text(column: Column, value: Any, epoch: datetime) -> str:
    """A cell as text: days that a spreadsheet keeps as numbers as days, escaped formulas as they were."""
    if column.kind is Kind.DATE and type(value) in (int, float) and 1 <= value <= _SERIAL_MAX:
        value = from_excel(value, epoch=epoch)
    if column.kind is Kind.DATE and isinstance(value, datetime):
        value = value.date()
    return as_it_was(cell_text(value))
