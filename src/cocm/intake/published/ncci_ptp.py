"""CMS's procedure-to-procedure edits: one of a quarter's files, text (tab-delimited), CSV or XLSX.

CMS splits a quarter into several files by the first code. A file replaces the pairs of its setting whose first
code lies within its own range, so that the files may be loaded one after the other.
"""

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
    compact_date,
    day_after,
    edition_or_refuse,
    hcpcs_code,
    iso,
)
from cocm.intake.published.source_file import SourceFile

NAMES: Final = (re.compile(r"cci(pra|oph)|ptp", re.IGNORECASE),)
_COLUMNS: Final = (
    Wanted("column_1_code", r"Column ?1.*", "Column 1"),
    Wanted("column_2_code", r"Column ?2.*", "Column 2"),
    Wanted("effective_from", r"Effective.*", "Effective Date"),
    Wanted("deletion", r"Deletion.*", "Deletion Date *=no data"),
    Wanted("modifier_indicator", r"Modifier.*", "Modifier 0=not allowed 1=allowed 9=not applicable"),
)
_SETTINGS: Final = (
    (re.compile(r"ccipra|practitioner", re.IGNORECASE), "practitioner"),
    (re.compile(r"ccioph|hospital", re.IGNORECASE), "outpatient_hospital"),
)
_VERSION: Final = re.compile(r"-v(\d\d)([0-3])r\d", re.IGNORECASE)
_QUARTER: Final = re.compile(r"(20\d\d)[-_ ]?q([1-4])", re.IGNORECASE)
_FIRST_VERSION_YEAR: Final = 1994
"""Version 30 is of 2024, version 32 of 2026; the digit after it is the quarter, from 0."""


def read_ncci_ptp(source: SourceFile, options: ReadingOptions) -> Iterator[PublishedTable]:
    """The pairs with a code of the model on either side, each with its own dates."""
    setting = options.setting or _setting(source)
    rows: list[dict[str, str]] = []
    first, last = "~", ""
    sheet = find_sheet(source, r"Column ?1", _COLUMNS, HCPCS, HCPCS_WORDS, rows_below=True)
    for record in sheet.records():
        one, other = hcpcs_code(record["column_1_code"]), hcpcs_code(record["column_2_code"])
        first, last = min(first, one), max(last, one)
        if one not in options.model_codes and other not in options.model_codes:
            continue
        if not re.fullmatch(HCPCS, other):
            raise record.problem("column_2_code", "a HCPCS code")
        if record["modifier_indicator"] not in ("0", "1", "9"):
            raise record.problem("modifier_indicator", "0, 1 or 9")
        rows.append(
            {
                "setting": setting,
                "column_1_code": one,
                "column_2_code": other,
                "modifier_indicator": record["modifier_indicator"],
                "effective_from": iso(compact_date(record, "effective_from")),
                "effective_to": day_after(compact_date(record, "deletion")),
            }
        )
    edition = edition_or_refuse(options, _edition(source), source.name)
    yield PublishedTable(
        "ptp_pairs",
        edition,
        None,
        rows,
        lambda row: row["setting"] == setting and first <= row["column_1_code"] <= last,
    )


def _setting(source: SourceFile) -> str:
    for name in (source.table_name, source.path.name):
        for form, setting in _SETTINGS:
            if form.search(name):
                return setting
    raise PublishedFileError(
        f"{source.name}: its name tells neither practitioner (ccipra) nor outpatient hospital (ccioph); give it "
        "with --setting"
    )


def _edition(source: SourceFile) -> date | None:
    for name in (source.table_name, source.path.name):
        version, quarter = _VERSION.search(name), _QUARTER.search(name)
        if quarter is not None:
            return date(int(quarter[1]), 3 * int(quarter[2]) - 2, 1)
        if version is not None:
            return date(_FIRST_VERSION_YEAR + int(version[1]), 3 * int(version[2]) + 1, 1)
    return None
