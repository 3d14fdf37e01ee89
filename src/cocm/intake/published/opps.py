"""CMS's hospital outpatient payment by code (Addendum B): CSV, tab-delimited text or XLSX."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from cocm.intake.published.header import Record, Wanted, find_sheet
from cocm.intake.published.published_table import (
    HCPCS,
    HCPCS_WORDS,
    PublishedTable,
    ReadingOptions,
    decimal_text,
    edition_or_refuse,
    hcpcs_code,
    quarter_month,
)
from cocm.intake.published.source_file import SourceFile

NAMES: Final = (re.compile(r"Addendum[-_ .]*B|AddB", re.IGNORECASE),)
_COLUMNS: Final = (
    Wanted("hcpcs_code", r"HCPCS Code", "HCPCS Code"),
    Wanted("status_indicator", r"SI|Status Indicator", "SI"),
    Wanted("apc", r"APC", "APC"),
    Wanted("relative_weight", r"Relative Weight", "Relative Weight"),
    Wanted("payment_rate", r"Payment Rate", "Payment Rate"),
    Wanted("minimum_copayment", r"Minimum Unadjusted Copayment", "Minimum Unadjusted Copayment"),
)
_YEAR: Final = re.compile(r"\bCY (20\d\d)\b", re.IGNORECASE)
_MONTH: Final = re.compile(
    r"(January|April|July|October)[-_ .]*(20\d\d)|(20\d\d)[-_ .]*(Jan|Apr|Jul|Oct)", re.IGNORECASE
)


def read_opps(source: SourceFile, options: ReadingOptions) -> Iterator[PublishedTable]:
    """Status indicator, payment class and national amounts of the codes that we follow."""
    sheet = find_sheet(source, _COLUMNS[0].headings, _COLUMNS, HCPCS, HCPCS_WORDS)
    rows = []
    for record in sheet.records():
        code = hcpcs_code(record["hcpcs_code"])
        if not options.follows(code):
            continue
        if not re.fullmatch(r"[A-Z]\d?", record["status_indicator"]):
            raise record.problem("status_indicator", "a status indicator such as S or Q3")
        apc = record["apc"]
        rows.append(
            {
                "hcpcs_code": code,
                "status_indicator": record["status_indicator"],
                "apc": apc.zfill(4) if apc.isdecimal() else "",
                "relative_weight": _number(record, "relative_weight", 4),
                "payment_rate": _number(record, "payment_rate", 2),
                "minimum_copayment": _number(record, "minimum_copayment", 2),
            }
        )
    edition = edition_or_refuse(options, _edition(source, sheet.title), source.name)
    yield PublishedTable(
        "opps",
        edition,
        date(edition.year + 1, 1, 1),
        rows,
        lambda row: options.follows(row["hcpcs_code"]),
    )


def _number(record: Record, column: str, places: int) -> str:
    """An amount, or nothing where the cell is empty or a dot."""
    return "" if record[column] in ("", ".") else decimal_text(record, column, places)


def _edition(source: SourceFile, title: str) -> date | None:
    """The month in a name, else 1 January of the year in the title (the final rule's own edition)."""
    for name in (source.table_name, source.path.name):
        matched = _MONTH.search(name)
        if matched is not None:
            return date(int(matched[2] or matched[3]), quarter_month(matched[1] or matched[4]), 1)
    year = _YEAR.search(title)
    return date(int(year[1]), 1, 1) if year else None
