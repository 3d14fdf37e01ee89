"""An XLSX workbook with a sheet a table, read row by row."""

from __future__ import annotations

import math
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import from_excel

from cocm.basics.errors import TableError
from cocm.intake.contract import TABLE_ROWS_MAX, Column, Kind, Table
from cocm.intake.formulas import pending_formulas
from cocm.intake.headers import HeaderReading, column_name, read_header
from cocm.intake.problems import NoteTally, RowNote
from cocm.intake.rows import Layout, RawRow, joined_cells

WORKBOOK_BYTES_MAX: Final = 4 * 1024**3
"""Unpacked size: a small file that unpacks to more is no workbook of a practice."""
_SERIAL_MAX: Final = 109_573
"""The day number of 2199-12-31."""
_FORMULAS_SHOWN_MAX: Final = 5
NOTE_SERIAL: Final = "day numbers in a date column were read as dates"


class Workbook:
    """An open workbook; `close` it, or use it in a `with`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with zipfile.ZipFile(path) as archive:
                unpacked = sum(entry.file_size for entry in archive.infolist())
            if unpacked > WORKBOOK_BYTES_MAX:
                raise TableError(
                    f"{path.name}: unpacks to {unpacked} bytes; at most {WORKBOOK_BYTES_MAX} are read"
                )
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # styles and extensions that do not matter here
                self._book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
        except TableError:
            raise
        except Exception as problem:  # openpyxl raises whatever it stumbles over in a damaged file
            raise TableError(
                f"{path.name}: cannot be read as an XLSX workbook ({type(problem).__name__}: {problem})"
            ) from problem
        self.sheet_names: dict[str, str] = {}
        self.repeated_names: list[str] = []
        for title in self._book.sheetnames:
            name = column_name(title)
            if name in self.sheet_names:
                self.repeated_names.append(title)
            self.sheet_names.setdefault(name, title)

    def close(self) -> None:
        """Let go of the file."""
        self._book.close()

    def rows(self, title: str) -> Iterator[Sequence[Any]]:
        """The values of a sheet's rows, from its first row on."""
        sheet = self._book[title]
        if not hasattr(sheet, "iter_rows"):
            raise TableError(f"{self.path.name}: {title} is a chart, not a sheet with rows")
        if hasattr(sheet, "reset_dimensions"):
            sheet.reset_dimensions()  # the size written in the file is often wrong
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            yield from sheet.iter_rows(values_only=True)

    def pending_formulas(self, title: str) -> Iterator[tuple[int, int]]:
        """Row and column of each formula of a sheet that was never worked out."""
        sheet: Any = self._book[title]
        return pending_formulas(sheet._get_source)  # openpyxl has no public way to a sheet's XML

    @property
    def epoch(self) -> datetime:
        """Day zero of the workbook's day numbers (1900 or 1904)."""
        epoch = self._book.epoch
        assert isinstance(epoch, datetime)
        return epoch


@dataclass
class SheetFile:
    """A table in a sheet: every cell becomes the text that a CSV file would hold."""

    book: Workbook
    title: str
    table: Table
    header: HeaderReading = field(init=False)
    tally: NoteTally = field(default_factory=NoteTally)

    def __post_init__(self) -> None:
        try:
            first = next(self.book.rows(self.title), ())
            self.header = read_header(self._name, self.table, [cell_text(value) for value in first])
            self._refuse_pending_formulas()
        except TableError:
            raise
        except Exception as problem:  # as above: a damaged sheet
            raise TableError(
                f"{self._name}: cannot be read ({type(problem).__name__}: {problem})"
            ) from problem

    def _refuse_pending_formulas(self) -> None:
        """Raise `TableError` where the heading or a cell of the table is a formula without a value."""
        places = {place + 1 for place in self.header.layout.places}
        pending = (
            f"{get_column_letter(column)}{row}"
            for row, column in self.book.pending_formulas(self.title)
            if row == 1 or column in places
        )
        if shown := list(islice(pending, _FORMULAS_SHOWN_MAX)):
            raise TableError(
                f"{self._name}: formulas that were never worked out and have no value, in {', '.join(shown)}"
                f"{' …' if len(shown) == _FORMULAS_SHOWN_MAX else ''}; open the workbook in a spreadsheet "
                "program and save it, or put values in their place"
            )

    @property
    def _name(self) -> str:
        return f"{self.book.path.name}, sheet {self.title}"

    @property
    def layout(self) -> Layout:
        """The sheet's layout."""
        return self.header.layout

    def rows(self) -> Iterator[RawRow]:
        """The rows in order, without the header and blank ones, numbered as the spreadsheet numbers them."""
        layout = self.header.layout
        columns: list[Column | None] = [None] * layout.width
        for column, place in zip(self.table.columns, layout.places, strict=True):
            if place >= 0:
                columns[place] = column
        width = layout.width
        for number, values in enumerate(self.book.rows(self.title), 1):
            if number == 1:
                continue
            if number > TABLE_ROWS_MAX:
                raise TableError(f"{self._name}: more than {TABLE_ROWS_MAX} rows")
            cells = [
                "" if value is None else value if type(value) is str else self._text(number, column, value)
                for value, column in zip(values, columns, strict=False)
            ]
            beyond = [cell_text(value) for value in values[width:]]
            while beyond and not beyond[-1]:
                beyond.pop()
            cells.extend([""] * (width - len(cells)))
            cells.extend(beyond)
            if any(cells):
                yield number, joined_cells(cells)

    def _text(self, number: int, column: Column | None, value: Any) -> str:
        if column is None:
            return cell_text(value)
        if column.kind in (Kind.DATE, Kind.MONTH, Kind.LOCAL_TIME):
            if type(value) in (int, float) and 1 <= value <= _SERIAL_MAX:
                value = from_excel(value, epoch=self.book.epoch)
                self.tally.add([RowNote(self._name, self.table.name, number, column.name, NOTE_SERIAL)])
            # a time's column asks for the hour: a day alone would be a contact at midnight
            if isinstance(value, datetime) and value.time() == time(0):
                value = value.date()
        elif column.kind is Kind.MONEY and isinstance(value, float) and math.isclose(value, round(value, 2)):
            return f"{value:.2f}"
        return cell_text(value)


def cell_text(value: Any) -> str:
    """A cell's value as the text a CSV file would hold."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "yes" if value else "no"
        case float() if value.is_integer() and abs(value) < 10**15:
            return str(int(value))
        case datetime():
            # A spreadsheet keeps times as fractions of a day; they come back some microseconds off.
            whole = (
                (value + timedelta(microseconds=500_000)).replace(microsecond=0)
                if value.year < 9999
                else value
            )
            return whole.isoformat(sep=" ")
        case date() | time():
            return value.isoformat()
    return str(value)
