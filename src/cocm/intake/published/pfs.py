"""CMS's relative value file (PPRRVU): relative values and the conversion factor of a quarter's release.

Layouts read: the CSV and XLSX with their stacked heading, and the fixed-width text of 2025 on. Rows with a
modifier (technical and professional components) are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from cocm.basics.errors import PublishedFileError
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

NAMES: Final = (re.compile(r"PPRRVU", re.IGNORECASE),)
_COLUMNS: Final = (
    Wanted("hcpcs_code", r"HCPCS( CODE)?", "HCPCS"),
    Wanted("modifier", r"MOD(IFIER)?", "MOD"),
    Wanted("status", r"STATUS( CODE)?", "STATUS CODE"),
    Wanted("work_rvu", r"WORK RVU", "WORK RVU"),
    Wanted("pe_rvu_nonfacility", r"NON-?FAC(ILITY)? PE RVU", "NON-FAC PE RVU"),
    Wanted("pe_rvu_facility", r"FAC(ILITY)? PE RVU", "FACILITY PE RVU"),
    Wanted("mp_rvu", r"MP RVU", "MP RVU"),
    Wanted("conversion_factor", r"CONV(ERSION)? FACTOR", "CONV FACTOR"),
)
_FIXED: Final = {
    "hcpcs_code": slice(0, 5),
    "modifier": slice(5, 7),
    "status": slice(57, 58),
    "work_rvu": slice(59, 65),
    "pe_rvu_nonfacility": slice(65, 72),
    "pe_rvu_facility": slice(74, 81),
    "mp_rvu": slice(83, 89),
}
"""Places in the fixed-width text, compared with the CSV of the same release, every row (October 2025)."""
_FACTOR_AT: Final = slice(115, 150)
_FACTOR: Final = re.compile(r"(?<![\d.])\d{2}\.\d{4}(?!\d)")
_TWO_FACTORS_FROM_YEAR: Final = 2026
"""Since then participants of an alternative payment model have a conversion factor of their own."""
_RVUS: Final = ("work_rvu", "pe_rvu_nonfacility", "pe_rvu_facility", "mp_rvu")
_TITLE: Final = re.compile(
    r"(20\d\d) National Physician Fee Schedule Relative Value File(?: (January|April|July|October))?",
    re.IGNORECASE,
)
_NAME: Final = re.compile(r"PPRRVU(?:20)?(\d\d)_?(JAN|APR|JUL|OCT)", re.IGNORECASE)
_ARCHIVE: Final = re.compile(r"rvu(\d\d)([a-d])", re.IGNORECASE)


def read_pfs(source: SourceFile, options: ReadingOptions) -> Iterator[PublishedTable]:
    """The release's relative values and its conversion factor, from its first day to the year's end."""
    rows: list[Mapping[str, str]] = []
    factors: set[str] = set()
    title, records = _fixed(source) if _is_fixed(source) else _delimited(source)
    for record in records:
        code = hcpcs_code(record["hcpcs_code"])
        if record["modifier"] or not options.follows(code):
            continue
        if not re.fullmatch("[A-Z]", record["status"]):
            raise record.problem("status", "a status code, one letter")
        values = {column: decimal_text(record, column, 2) for column in _RVUS}
        rows.append({"hcpcs_code": code, "status": record["status"]} | values)
        factors.add(decimal_text(record, "conversion_factor", 4))
    if len(factors) != 1:
        raise PublishedFileError(
            f"{source.name}: expected one conversion factor in every row, found {', '.join(sorted(factors)) or 'none'}"
        )
    edition = edition_or_refuse(options, _edition(source, title), source.name)
    year_end = date(edition.year + 1, 1, 1)
    applies_to = _applies_to(source, edition)
    factor = {"applies_to": applies_to, "conversion_factor": factors.pop()}
    yield PublishedTable(
        "relative_values", edition, year_end, rows, lambda row: options.follows(row["hcpcs_code"])
    )
    yield PublishedTable(
        "conversion_factors", edition, year_end, [factor], lambda row: row["applies_to"] == applies_to
    )


def _delimited(source: SourceFile) -> tuple[str, Iterator[Record]]:
    sheet = find_sheet(source, "HCPCS( CODE)?", _COLUMNS, HCPCS, HCPCS_WORDS)
    return sheet.title, sheet.records()


def _is_fixed(source: SourceFile) -> bool:
    return source.table_name.lower().endswith(".txt") and not any(
        "," in line[:12] or "\t" in line for _, line in zip(range(12), source.lines(), strict=False)
    )


def _fixed(source: SourceFile) -> tuple[str, Iterator[Record]]:
    return "", _fixed_records(source)


def _fixed_records(source: SourceFile) -> Iterator[Record]:
    for number, line in source.lines():
        if line.startswith("HDR") or not line.strip():
            continue
        cells = {name: line[place].strip() for name, place in _FIXED.items()}
        factor = _FACTOR.search(line[_FACTOR_AT])
        record = Record(
            f"{source.name}, row {number}", cells | {"conversion_factor": factor[0] if factor else ""}
        )
        if not re.fullmatch(HCPCS, cells["hcpcs_code"]):
            raise record.problem("hcpcs_code", "a code in the first five places of the line")
        yield record


def _edition(source: SourceFile, title: str) -> date | None:
    """The first day of the release: from the title, the file's name or the archive's."""
    named = _TITLE.search(title)
    if named is not None and named[2]:
        return date(int(named[1]), quarter_month(named[2]), 1)
    named = _NAME.search(source.table_name)
    if named is not None:
        return date(2000 + int(named[1]), quarter_month(named[2]), 1)
    named = _ARCHIVE.search(source.path.name)
    return date(2000 + int(named[1]), 3 * "abcd".index(named[2].lower()) + 1, 1) if named else None


def _applies_to(source: SourceFile, edition: date) -> str:
    """Whose conversion factor it is: since 2026 CMS issues two files, which their names tell apart."""
    if re.search(r"non[-_]?QP", source.table_name, re.IGNORECASE):
        return "non_qualifying_apm"
    if re.search(r"QP", source.table_name, re.IGNORECASE):
        return "qualifying_apm"
    if edition.year < _TWO_FACTORS_FROM_YEAR:
        return "all"
    raise PublishedFileError(
        f"{source.name}: from {_TWO_FACTORS_FROM_YEAR} on there are two conversion factors; the file's name must "
        "tell whose it holds (QPP or nonQPP), as CMS names it"
    )
