"""Tables as files for spreadsheets: no text becomes a formula, no name of a file is anything but plain."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Final

from django.http import HttpResponse

from cocm.basics.files import FORMULA_STARTS
from cocm.intake import workbook_out

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV: Final = "text/csv; charset=utf-8"
_FORMULA_STARTS: Final = (*FORMULA_STARTS, "\n", "|", "%")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NOT_PLAIN: Final = re.compile(r"[^a-z0-9._-]+")


def plain_cell(value: object) -> object:
    """A value that a spreadsheet shows as it stands: a text that it would run gets an apostrophe before it."""
    if not isinstance(value, str):
        return value
    text = _CONTROLS.sub(" ", value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA_STARTS) else text


def as_it_was(text: str) -> str:
    """A text as it stood before `plain_cell` put an apostrophe before it."""
    return text[1:] if text[:1] == "'" and text[1:].lstrip(" ").startswith(_FORMULA_STARTS) else text


def csv_bytes(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV file in UTF-8 with its mark, which spreadsheets need to read it so."""
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow(headings)
    writer.writerows([plain_cell(value) for value in row] for row in rows)
    return target.getvalue().encode("utf-8-sig")


def workbook_bytes(title: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A workbook with one sheet."""
    return sheets_bytes([(title, headings, rows)])


def sheets_bytes(sheets: Iterable[tuple[str, Sequence[str], Iterable[Sequence[object]]]]) -> bytes:
    """A workbook of sheets: title, headings, rows. The same rows give the same bytes, whenever they are written."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    book.properties.creator = "OpenCoCM"
    for title, headings, rows in sheets:
        sheet = book.create_sheet(title)
        sheet.freeze_panes = "A2"
        sheet.append(list(headings))
        for row in rows:
            sheet.append([plain_cell(value) for value in row])
    return workbook_out.workbook_bytes(book)


def attachment(content: bytes, *, name: str, content_type: str) -> HttpResponse:
    """A file to keep. Of the name only small letters, digits, points and dashes are left."""
    response = HttpResponse(content, content_type=content_type)
    plain = _NOT_PLAIN.sub("-", name.lower()).strip(".-") or "file"
    response["Content-Disposition"] = f'attachment; filename="{plain}"'
    return response
