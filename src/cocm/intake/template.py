"""An empty practice to fill in: CSV files with their headers, or one workbook with columns already formatted."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from cocm.basics.errors import UnusableInput
from cocm.basics.files import atomic_write
from cocm.intake.contract import Column, Kind
from cocm.intake.document import readme_page
from cocm.intake.tables import TABLES
from cocm.intake.workbook_out import workbook_bytes

WORKBOOK_NAME: Final = "practice.xlsx"
_FORMATTED_ROWS: Final = 500
_AS_NUMBERS: Final = frozenset({Kind.INTEGER, Kind.MONEY, Kind.PERCENT})


def write_template(folder: Path, *, as_workbook: bool) -> list[Path]:
    """Write the empty tables and a README into a folder that is new or empty; the files written.

    Raises `UnusableInput` when something lies there: nothing of the practice's is ever overwritten.
    """
    prepare_folder(folder)
    written = []
    if as_workbook:
        form = f"`{WORKBOOK_NAME}` holds one empty sheet per table."
        written.append(folder / WORKBOOK_NAME)
        with atomic_write(written[-1]) as out:
            out.write(_workbook())
    else:
        form = "Each CSV file here is one empty table."
        for table in TABLES.values():
            written.append(folder / f"{table.name}.csv")
            with atomic_write(written[-1]) as out:
                # The byte order mark makes spreadsheet programs read and keep the file as UTF-8.
                out.write((",".join(column.name for column in table.columns) + "\r\n").encode("utf-8-sig"))
    written.append(folder / "README.md")
    with atomic_write(written[-1]) as out:
        out.write(readme_page(form).encode())
    return written


def prepare_folder(folder: Path) -> None:
    """Make a folder. Raises `UnusableInput` when something lies there already."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UnusableInput(
            f"{folder}: something is there already, and nothing is overwritten; name a new folder"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise UnusableInput(f"{folder}: cannot be made ({problem.strerror})") from problem


@cache
def _workbook() -> bytes:
    """The same bytes each time, and some 20,000 cells to format: made once a process."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for table in TABLES.values():
        sheet = book.create_sheet(table.name)
        sheet.freeze_panes = "A2"
        for place, column in enumerate(table.columns, 1):
            head = sheet.cell(1, place, column.name)
            head.font = Font(bold=column.required)
            sheet.column_dimensions[get_column_letter(place)].width = max(14, len(column.name) + 2)
            for row in range(2, _FORMATTED_ROWS + 2):
                sheet.cell(row, place).number_format = _number_format(column)
    readme = book.create_sheet("README")
    for row, line in enumerate(readme_page("This workbook holds one empty sheet per table.").splitlines(), 1):
        readme.cell(row, 1, line)
    return workbook_bytes(book)


def _number_format(column: Column) -> str:
    if column.kind is Kind.DATE:
        return "yyyy-mm-dd"
    if column.kind is Kind.LOCAL_TIME:
        return "yyyy-mm-dd hh:mm"
    return "General" if column.kind in _AS_NUMBERS else "@"  # @ is text: leading zeros stay
