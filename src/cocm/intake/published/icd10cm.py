"""The government's ICD-10-CM files: the order file (codes and headings) or the list of billable codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from cocm.basics.errors import PublishedFileError
from cocm.intake.published.header import Record
from cocm.intake.published.published_table import (
    PublishedTable,
    ReadingOptions,
    TableRow,
    edition_or_refuse,
    next_of,
)
from cocm.intake.published.source_file import SourceFile, trimmed
from cocm.rules.diagnosis_codes import dotted

NAMES: Final = (
    re.compile(r"icd10cm[-_]order[-_](?!addenda)", re.IGNORECASE),
    re.compile(r"icd10cm[-_]codes[-_](?!addenda)", re.IGNORECASE),
)
_CODE: Final = re.compile(r"[A-Z][0-9][0-9A-Z]{1,5}")
_ORDER_LINE: Final = re.compile(r"\d{5} [A-Z]")
_CODE_AT: Final = slice(6, 13)
_FLAG_AT: Final = slice(14, 15)
_LONG_LABEL_AT: Final = slice(77, None)
_YEAR: Final = re.compile(r"(april[-_ ]*)?(20\d\d)", re.IGNORECASE)
_EDITION_MONTHS: Final = (4, 10)


def read_icd10cm(source: SourceFile, options: ReadingOptions) -> Iterator[PublishedTable]:
    """The codes that we follow. The list of billable codes says nothing about headings, which stay."""
    lines = source.lines()
    first = next(((number, line) for number, line in lines if line.strip()), None)
    if first is None:
        raise PublishedFileError(f"{source.name}: the file is empty")
    is_order = _ORDER_LINE.match(first[1]) is not None
    rows: list[TableRow] = []
    for number, line in source.lines():
        if not line.strip():
            continue
        row = _order_row(source, number, line) if is_order else _code_row(source, number, line)
        if options.follows(row["diagnosis_code"]):
            rows.append(row)
    edition = edition_or_refuse(options, _edition(source), source.name)
    loaded = {row["diagnosis_code"] for row in rows}
    yield PublishedTable(
        "icd10cm",
        edition,
        next_of(edition, _EDITION_MONTHS),
        rows,
        lambda row: (
            options.follows(row["diagnosis_code"])
            and (is_order or row["is_billable"] == "true" or row["diagnosis_code"] in loaded)
        ),
    )


def _order_row(source: SourceFile, number: int, line: str) -> TableRow:
    record = Record(
        f"{source.name}, row {number}",
        {
            "diagnosis_code": line[_CODE_AT].strip(),
            "is_billable": line[_FLAG_AT],
            "label": line[_LONG_LABEL_AT],
        },
    )
    if not _CODE.fullmatch(record["diagnosis_code"]):
        raise record.problem("diagnosis_code", "a code without its dot in places 7 to 13 of the line")
    if record["is_billable"] not in ("0", "1"):
        raise record.problem("is_billable", "0 or 1 in place 15 of the line")
    return {
        "diagnosis_code": dotted(record["diagnosis_code"]),
        "label": trimmed(record["label"]),
        "is_billable": "true" if record["is_billable"] == "1" else "false",
    }


def _code_row(source: SourceFile, number: int, line: str) -> TableRow:
    code, _, label = line.strip().partition(" ")
    if not _CODE.fullmatch(code):
        record = Record(f"{source.name}, row {number}", {"diagnosis_code": code})
        raise record.problem("diagnosis_code", "a code without its dot at the beginning of the line")
    return {"diagnosis_code": dotted(code), "label": trimmed(label), "is_billable": "true"}


def _edition(source: SourceFile) -> date | None:
    """The fiscal year in the name begins on 1 October before it; an April release on 1 April of it."""
    for name in (source.table_name, source.path.name):
        matched = _YEAR.search(name)
        if matched is not None:
            year = int(matched[2])
            return date(year, 4, 1) if matched[1] else date(year - 1, 10, 1)
    return None
