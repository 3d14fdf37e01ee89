"""CMS's medically unlikely edits of a quarter: CSV or XLSX, of practitioners or outpatient hospitals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from cocm.basics.errors import PublishedFileError
from cocm.intake.published.header import Wanted, find_sheet
from cocm.intake.published.published_table import (
    HCPCS,
    HCPCS_WORDS,
    PublishedTable,
    ReadingOptions,
    edition_or_refuse,
    hcpcs_code,
    next_of,
)
from cocm.intake.published.source_file import SourceFile

NAMES: Final = (re.compile(r"MUE", re.IGNORECASE),)
_COLUMNS: Final = (
    Wanted("hcpcs_code", r"HCPCS ?/ ?CPT Code", "HCPCS/CPT Code"),
    Wanted("units_max", r".*MUE Values?", "Practitioner Services MUE Values"),
    Wanted("adjudication_indicator", r"MUE Adjudication Indicator.*", "MUE Adjudication Indicator"),
)
_SETTINGS: Final = (("practitioner", "practitioner"), ("hospital", "outpatient_hospital"))
_EFFECTIVE: Final = re.compile(r"Eff[-_ ]*(\d{2})-(\d{2})-(\d{4})", re.IGNORECASE)
_QUARTER_STARTS: Final = (1, 4, 7, 10)


def read_mue(source: SourceFile, options: ReadingOptions) -> Iterator[PublishedTable]:
    """The most units of each code that we follow."""
    sheet = find_sheet(source, _COLUMNS[0].headings, _COLUMNS, HCPCS, HCPCS_WORDS)
    setting = options.setting or _setting(source, sheet.headings["units_max"])
    rows = []
    for record in sheet.records():
        code, indicator = hcpcs_code(record["hcpcs_code"]), record["adjudication_indicator"][:1]
        if not options.follows(code):
            continue
        if not record["units_max"].isdecimal():
            raise record.problem("units_max", "a whole number")
        if indicator not in ("1", "2", "3"):
            raise record.problem("adjudication_indicator", "1, 2 or 3 with CMS's words for it")
        rows.append(
            {
                "setting": setting,
                "hcpcs_code": code,
                "units_max": str(int(record["units_max"])),
                "adjudication_indicator": indicator,
            }
        )
    edition = edition_or_refuse(options, _edition(source), source.name)
    yield PublishedTable(
        "mue",
        edition,
        next_of(edition, _QUARTER_STARTS),
        rows,
        lambda row: row["setting"] == setting and options.follows(row["hcpcs_code"]),
    )


def _setting(source: SourceFile, heading: str) -> str:
    for word, setting in _SETTINGS:
        if word in heading.lower():
            return setting
    raise PublishedFileError(
        f"{source.name}: “{heading}” is neither of practitioner services nor of outpatient hospital services; "
        "those are the two tables we read (--setting says which one it is)"
    )


def _edition(source: SourceFile) -> date | None:
    for name in (source.table_name, source.path.name):
        matched = _EFFECTIVE.search(name)
        if matched is not None:
            return date(int(matched[3]), int(matched[1]), int(matched[2]))
    return None
