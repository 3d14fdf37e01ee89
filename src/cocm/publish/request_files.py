"""The data request as files: a workbook for people, Parquet for programs. Hidden figures are in neither."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import duckdb
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from cocm.basics.errors import UnusableInput
from cocm.basics.files import atomic_write, safe_cell
from cocm.basics.money import decimal_from_cents
from cocm.intake.workbook_out import workbook_bytes
from cocm.publish.data_request import ALL, HIDDEN, DataRequest, Published, ReasonRow
from cocm.publish.measures import definitions
from cocm.rules import Rulebook
from cocm.rules.denial_evidence import denial_evidence
from cocm.warehouse.tables import Column, ColumnType, Table
from cocm.warehouse.values import insert_statements, sql_literal

ROWS_MAX: Final = 1_000_000
"""A sheet of a workbook holds little more."""
_T, _B = ColumnType.TEXT, ColumnType.BOOLEAN
FIGURE_TABLE: Final = Table(
    "figure",
    "one row a payer, product, region, month, measure and class",
    (
        Column("payer_id", _T, "the payer"),
        Column("product", _T, "the product, or all"),
        Column("region", _T, "the region, or all"),
        Column("month", _T, "the month of service as YYYY-MM, or all"),
        Column("measure", _T, "the measure's name"),
        Column("class", _T, "its class, where the measure has classes"),
        Column("unit", _T, "what the value counts: lines, persons, cents, percent, days ..."),
        Column("value", _T, "the value; null where it is hidden or there is none", may_be_null=True),
        Column("is_hidden", _B, "the value is hidden, because it is small or would give away a small one"),
    ),
)


def write_workbook(path: Path, request: DataRequest, rulebook: Rulebook, about: Mapping[str, str]) -> None:
    """Write the workbook, whole or not at all. Raises `UnusableInput` for more figures than a sheet holds."""
    if len(request.figures) > ROWS_MAX:
        raise UnusableInput(
            f"{len(request.figures)} figures are more than a sheet holds ({ROWS_MAX}); ask for fewer months or payers"
        )
    book = Workbook(write_only=True)
    _sheet(book, "About", ("", ""), (30, 100), [*about.items()])
    explained = definitions()
    _sheet(
        book,
        "Definitions",
        ("measure", "title", "definition"),
        (34, 44, 100),
        ((name, title, text) for name, (title, text) in explained.items()),
    )
    _sheet(book, "Whole time", _HEAD_WHOLE, (14, 44, 24, 14, 16), _whole(request, explained))
    _sheet(book, "By month", _HEAD_MONTH, (14, 12, 44, 24, 14, 16), _by_month(request, explained))
    _sheet(
        book,
        "By product and region",
        _HEAD_REGION,
        (14, 18, 18, 44, 24, 14, 16),
        _by_region(request, explained),
    )
    _sheet(book, "Every figure", _HEAD_ALL, (14, 18, 18, 12, 34, 24, 14, 16), map(_every, request.figures))
    _sheet(
        book,
        "Codes that refused",
        ("payer", "list", "code", "in short", "refusals", "refused amount"),
        (14, 8, 12, 60, 12, 16),
        map(_reason, request.reasons),
    )
    _sheet(
        book,
        "Known elsewhere",
        ("denied, percent", "counted", "of what", "year", "note", "source"),
        (16, 14, 60, 8, 70, 60),
        (
            (one.percent, one.counted, one.population, one.year, one.note, one.source_title)
            for one in denial_evidence(rulebook)
        ),
    )
    with atomic_write(path) as stream:
        stream.write(workbook_bytes(book))


_HEAD_WHOLE: Final = ("payer", "measure", "class", "unit", "value")
_HEAD_MONTH: Final = ("payer", "month", "measure", "class", "unit", "value")
_HEAD_REGION: Final = ("payer", "product", "region", "measure", "class", "unit", "value")
_HEAD_ALL: Final = ("payer", "product", "region", "month", "measure", "class", "unit", "value")


def _whole(request: DataRequest, explained: Mapping[str, tuple[str, str]]) -> Iterator[tuple[object, ...]]:
    for one in request.figures:
        if (one.product, one.month) == (ALL, ALL):
            yield one.payer_id, explained[one.measure][0], one.class_name, _unit(one), _value(one)


def _by_month(request: DataRequest, explained: Mapping[str, tuple[str, str]]) -> Iterator[tuple[object, ...]]:
    for one in request.figures:
        if one.product == ALL and one.month != ALL:
            yield one.payer_id, one.month, explained[one.measure][0], one.class_name, _unit(one), _value(one)


def _by_region(
    request: DataRequest, explained: Mapping[str, tuple[str, str]]
) -> Iterator[tuple[object, ...]]:
    for one in request.figures:
        if one.product != ALL and one.month == ALL:
            place = (one.payer_id, one.product, one.region)
            yield *place, explained[one.measure][0], one.class_name, _unit(one), _value(one)


def _every(one: Published) -> tuple[object, ...]:
    place = (one.payer_id, one.product, one.region, one.month)
    return *place, one.measure, one.class_name, _unit(one), _value(one)


def _reason(one: ReasonRow) -> tuple[object, ...]:
    amount = (
        HIDDEN if one.is_hidden else "" if one.amount_cents is None else decimal_from_cents(one.amount_cents)
    )
    return one.payer_id, one.kind, one.code, one.label, HIDDEN if one.is_hidden else one.lines, amount


def _unit(one: Published) -> str:
    return "dollars" if one.unit == "cents" else one.unit


def _value(one: Published) -> object:
    if one.is_hidden:
        return HIDDEN
    if one.value is None:
        return ""
    return decimal_from_cents(int(one.value)) if one.unit == "cents" else one.value


def _sheet(
    book: Workbook, title: str, head: Sequence[str], widths: Sequence[int], rows: Iterable[Sequence[object]]
) -> None:
    sheet: Any = book.create_sheet(title)  # its stub knows no widths
    for place, width in enumerate(widths):
        sheet.column_dimensions["ABCDEFGH"[place]].width = width
    sheet.freeze_panes = "A2"
    bold = []
    for name in head:
        cell = WriteOnlyCell(sheet, name)
        cell.font = Font(bold=True)
        bold.append(cell)
    sheet.append(bold)
    for row in rows:
        sheet.append([safe_cell(value) if isinstance(value, str) else value for value in row])


def write_parquet(path: Path, request: DataRequest, about: Mapping[str, str]) -> None:
    """Write every figure as Parquet, with what it was made by in the file's own metadata."""
    rows = [
        (
            one.payer_id,
            one.product,
            one.region,
            one.month,
            one.measure,
            one.class_name,
            one.unit,
            None if one.value is None else str(one.value),
            one.is_hidden,
        )
        for one in request.figures
    ]
    metadata = ", ".join(f"{name}: {sql_literal(text)}" for name, text in about.items())
    columns = ", ".join(
        "cast(value as decimal(18, 1)) as value" if column.name == "value" else column.name
        for column in FIGURE_TABLE.columns
    )
    with tempfile.TemporaryDirectory(prefix="cocm-") as folder, duckdb.connect() as connection:
        written = Path(folder) / path.name
        connection.execute(FIGURE_TABLE.create_statement)
        for statement in insert_statements(FIGURE_TABLE, rows):
            connection.execute(statement)
        connection.execute(
            f"copy (select {columns} from figure) to {sql_literal(str(written))} "
            f"(format parquet, compression zstd, kv_metadata {{{metadata}}})"
        )
        with atomic_write(path) as stream:
            stream.write(written.read_bytes())
