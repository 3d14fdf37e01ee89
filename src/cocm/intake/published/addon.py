"""CMS's add-on code edits: the fixed-width text, or the table (XLSX, CSV) with a heading."""

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
    day_after,
    day_of_year_date,
    edition_or_refuse,
    hcpcs_code,
    iso,
)
from cocm.intake.published.source_file import SourceFile

NAMES: Final = (re.compile(r"AOC|add-?on", re.IGNORECASE),)
_COLUMNS: Final = (
    Wanted("addon_code", r"Add-?On[_ ]Code", "Add-On_Code"),
    Wanted("edit_type", r"AOC[_ ]Edit[_ ]Type", "AOC_Edit_Type"),
    Wanted("addon_deletion", r"AOC[_ ]Del[_ ]?D(a)?te?", "AOC_DelDT", is_required=False),
    Wanted("primary_code", r"Primary[_ ]Code", "Primary_Code"),
    Wanted(
        "primary_deletion", r"Primary[_ ]Code[_ ]Del[_ ]?D(a)?te?", "Primary_Code_DelDT", is_required=False
    ),
    Wanted("effective_from", r"AOC[_ ]Edit[_ ]Eff[_ ]?D(a)?te?", "AOC_Edit_EffDT"),
    Wanted("deletion", r"AOC[_ ]Edit[_ ]Del[_ ]?D(a)?te?", "AOC_Edit_DelDT"),
)
_FIXED: Final = {
    "edit_type": slice(0, 1),
    "addon_code": slice(1, 6),
    "addon_deletion": slice(6, 13),
    "primary_code": slice(13, 18),
    "primary_deletion": slice(18, 25),
    "effective_from": slice(25, 32),
    "deletion": slice(32, 39),
}
_EDITION: Final = re.compile(r"V(20\d\d)Q([1-4])|(\d{2})[-_]?(\d{2})[-_]?(20\d\d)", re.IGNORECASE)


def read_addon(source: SourceFile, options: ReadingOptions) -> Iterator[PublishedTable]:
    """The codes each add-on may stand beside; where any of three dates ends a pair, the earliest does."""
    rows = []
    for record in _records(source):
        addon = hcpcs_code(record["addon_code"])
        if not options.follows(addon):
            continue
        if not re.fullmatch(HCPCS, record["primary_code"]):
            raise record.problem("primary_code", "a HCPCS code, or CCCCC")
        if record["edit_type"] not in ("1", "2", "3"):
            raise record.problem("edit_type", "1, 2 or 3")
        ends = [
            day
            for column in ("addon_deletion", "primary_deletion", "deletion")
            if (day := day_of_year_date(record, column)) is not None
        ]
        rows.append(
            {
                "addon_code": addon,
                "primary_code": hcpcs_code(record["primary_code"]),
                "edit_type": record["edit_type"],
                "effective_from": iso(day_of_year_date(record, "effective_from")),
                "effective_to": day_after(min(ends, default=None)),
            }
        )
    edition = edition_or_refuse(options, _edition(source), source.name)
    yield PublishedTable("addon_codes", edition, None, rows, lambda row: options.follows(row["addon_code"]))


def _records(source: SourceFile) -> Iterator[Record]:
    if source.table_name.lower().endswith(".txt") and not any(
        "Add-On" in line or "\t" in line for _, line in zip(range(12), source.lines(), strict=False)
    ):
        return _fixed_records(source)
    return find_sheet(source, _COLUMNS[0].headings, _COLUMNS, HCPCS, HCPCS_WORDS).records()


def _fixed_records(source: SourceFile) -> Iterator[Record]:
    seen = False
    for number, line in source.lines():
        record = Record(
            f"{source.name}, row {number}", {name: line[place].strip() for name, place in _FIXED.items()}
        )
        if re.fullmatch(r"[1-3]", record["edit_type"]) and re.fullmatch(HCPCS, record["addon_code"]):
            seen = True
            yield record
        elif seen and line.strip():
            raise record.problem("addon_code", "a code in places 2 to 6 of the line")
    if not seen:
        nothing = Record(f"{source.name}, row 1", {"addon_code": ""})
        raise nothing.problem("addon_code", "a code in places 2 to 6 of any line")


def _edition(source: SourceFile) -> date | None:
    for name in (source.table_name, source.path.name):
        matched = _EDITION.search(name)
        if matched is not None and matched[1]:
            return date(int(matched[1]), 3 * int(matched[2]) - 2, 1)
        if matched is not None:
            return date(int(matched[5]), int(matched[3]), int(matched[4]))
    return None
