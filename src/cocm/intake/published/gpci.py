"""CMS's geographic practice cost indices (Addendum E): CSV, XLSX or the aligned text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from cocm.intake.published.header import Record, Wanted, find_sheet
from cocm.intake.published.published_table import (
    PublishedTable,
    ReadingOptions,
    decimal_text,
    edition_or_refuse,
    everything,
)
from cocm.intake.published.source_file import SourceFile

NAMES: Final = (re.compile(r"GPCI", re.IGNORECASE),)
_COLUMNS: Final = (
    Wanted(
        "contractor",
        r"Medicare Admin\w* Contractor( \(MAC\))?|MAC",
        "Medicare Administrative Contractor (MAC)",
    ),
    Wanted("state", r"State", "State", is_required=False),
    Wanted("number", r"Locality( Number)?", "Locality Number"),
    Wanted("name", r"(Locality )?Name", "Locality Name"),
    Wanted(
        "work_gpci", r"(\d{4} )?(PW|Work) GPCI( \(with 1\.0 Floor\)\**)?", "2026 PW GPCI (with 1.0 Floor)"
    ),
    Wanted("pe_gpci", r"(\d{4} )?PE GPCI\**", "2026 PE GPCI"),
    Wanted("mp_gpci", r"(\d{4} )?MP GPCI\**", "2026 MP GPCI"),
)
_LINE: Final = re.compile(
    r"(\d{4,5})\s+([A-Z]{2})\s+(\d{1,2})\s+(\S.*?)\s+(\d\.\d{3})\s+(\d\.\d{3})\s+(\d\.\d{3})\s*"
)
_INDICES: Final = ("work_gpci", "pe_gpci", "mp_gpci")
_YEAR: Final = re.compile(r"\bCY (20\d\d)\b|GPCI_?(20\d\d)", re.IGNORECASE)
_SMALL_WORDS: Final = re.compile(r"\b(Of|And)\b")
_ABBREVIATIONS: Final = re.compile(r"\b(Dc|Md|Va|Nj|Nyc)\b")


def read_gpci(source: SourceFile, options: ReadingOptions) -> Iterator[PublishedTable]:
    """A year's indices. Where both are given, the work index with the legal floor of 1 is taken."""
    is_text = source.table_name.lower().endswith(".txt")
    title, records = _aligned(source) if is_text else _delimited(source)
    rows = []
    for record in records:
        rows.append(
            {
                "locality": f"{record['contractor'].zfill(5)}-{record['number'].zfill(2)}",
                "state": record["state"],
                "name": locality_name(record["name"]),
            }
            | {column: decimal_text(record, column, 3) for column in _INDICES}
        )
    year = _YEAR.search(title) or _YEAR.search(source.table_name)
    found = date(int(year[1] or year[2]), 1, 1) if year else None
    edition = edition_or_refuse(options, found, source.name)
    yield PublishedTable("localities", edition, date(edition.year + 1, 1, 1), rows, everything)


def locality_name(published: str) -> str:
    """CMS's capitals as a name, without the stars that point to its notes."""
    name = " ".join(published.replace("*", "").split()).title()
    name = _SMALL_WORDS.sub(lambda word: word[0].lower(), name)
    return _ABBREVIATIONS.sub(lambda word: word[0].upper(), name)


def _delimited(source: SourceFile) -> tuple[str, Iterator[Record]]:
    sheet = find_sheet(
        source, _COLUMNS[0].headings, _COLUMNS, r"\d{4,5}", "a contractor's number of five digits"
    )
    return sheet.title, sheet.records()


def _aligned(source: SourceFile) -> tuple[str, Iterator[Record]]:
    first = next((line for _, line in source.lines() if line.strip()), "")
    return first, _aligned_records(source)


def _aligned_records(source: SourceFile) -> Iterator[Record]:
    names = [column.name for column in _COLUMNS]
    for number, line in source.lines():
        if not re.match(r"\d{4,5}\s", line):
            continue  # titles, the heading and notes
        matched = _LINE.fullmatch(line)
        where = f"{source.name}, row {number}"
        if matched is None:
            raise Record(where, {"line": line.strip()}).problem(
                "line", "a contractor, state, locality, name and three indices"
            )
        yield Record(where, dict(zip(names, matched.groups(), strict=True)))
