"""Inputs that a user filled in (CSV or XLSX), the template for them, and results as a workbook."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cocm.basics.errors import TableError, UnusableInput
from cocm.basics.files import atomic_write, safe_cell, text_into
from cocm.insight.given import INPUTS_MAX, UserInput
from cocm.intake.small_table import small_table_rows
from cocm.intake.workbook_out import workbook_bytes
from cocm.rules.insight_tables import InputDefault

WORKBOOK: Final = ".xlsx"
HEADING: Final = ("input", "value", "unit", "label", "basis", "url")
_READ: Final = ("input", "value")


@dataclass(frozen=True, slots=True)
class ResultSheet:
    """One table of a result: a sheet of the workbook."""

    title: str
    heading: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


def write_template(path: Path, defaults: Iterable[InputDefault]) -> None:
    """Every input with its default, unit, meaning and source. Raises `UnusableInput` where a file is there already."""
    if path.exists():
        raise UnusableInput(f"{path}: is there already, and nothing is overwritten; name a new file")
    rows = tuple(
        (
            one.name,
            one.value,
            one.unit,
            one.label,
            one.basis,
            one.source.url if one.basis != "assumption" else "",
        )
        for one in defaults
    )
    if path.suffix.lower() == WORKBOOK:
        write_workbook(path, [ResultSheet("inputs", HEADING, rows)])
        return
    with atomic_write(path) as stream, text_into(stream) as text:
        writer = csv.writer(text)
        writer.writerow(HEADING)
        writer.writerows([safe_cell(cell) for cell in row] for row in rows)


def read_inputs(path: Path) -> list[UserInput]:
    """The inputs of a filled-in template; columns other than `input` and `value` are the reader's own.

    Raises `TableError` naming the file, and the column or row that cannot be used.
    """
    rows = _workbook_rows(path) if path.suffix.lower() == WORKBOOK else small_table_rows(path, _READ)
    found = []
    for number, row in rows:
        if not row["input"]:
            raise TableError(
                f"{path.name}: row {number}: a value without an input; name the input, or empty the row"
            )
        found.append(UserInput(f"{path.name}: row {number}", row["input"], row["value"]))
        if len(found) > INPUTS_MAX:
            raise TableError(f"{path.name}: more than {INPUTS_MAX} inputs; a template has fewer")
    return found


def _workbook_rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    from cocm.intake.workbook import Workbook

    book = Workbook(path)
    try:
        title = next(iter(book.sheet_names.values()))
        rows = iter(book.rows(title))
        heading = [str(cell or "").strip().lower() for cell in next(rows, ())]
        missing = [name for name in _READ if name not in heading]
        if missing:
            raise TableError(f"{path.name}: column {', '.join(missing)} is missing on sheet {title}")
        places = [heading.index(name) for name in _READ]
        found = []
        for number, row in enumerate(rows, start=2):
            cells = [_cell(row[place]) if place < len(row) else "" for place in places]
            if any(cells):
                found.append((number, dict(zip(_READ, cells, strict=True))))
        if any(True for _ in book.pending_formulas(title)):
            raise TableError(
                f"{path.name}: a formula was never worked out; open and save the file in a spreadsheet program"
            )
        return found
    finally:
        book.close()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value).strip()


def write_workbook(path: Path, sheets: Sequence[ResultSheet]) -> None:
    """The sheets as an XLSX workbook, whole or not at all."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    for given in sheets:
        sheet = book.create_sheet(given.title)
        sheet.freeze_panes = "A2"
        for place, name in enumerate(given.heading, start=1):
            longest = max([len(name), *(len(str(row[place - 1])) for row in given.rows)])
            sheet.column_dimensions[get_column_letter(place)].width = min(longest + 2, 80)
        head = [WriteOnlyCell(sheet, value=name) for name in given.heading]
        for cell in head:
            cell.font = Font(bold=True)
        sheet.append(head)
        for row in given.rows:
            sheet.append([safe_cell(value) if isinstance(value, str) else value for value in row])
    with atomic_write(path) as stream:
        stream.write(workbook_bytes(book))


def result_path(path: Path) -> Path:
    """A path for a result workbook. Raises `UnusableInput` for another ending."""
    if path.suffix.lower() != WORKBOOK:
        raise UnusableInput(f"{path}: results are written as a workbook; name a file that ends in {WORKBOOK}")
    return path
