"""NUCC's provider taxonomy list (nucc_taxonomy_261.csv): the codes only; the texts are NUCC's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from cocm.intake.published.header import Wanted, find_sheet
from cocm.intake.published.published_table import (
    PublishedTable,
    ReadingOptions,
    compact_date,
    edition_or_refuse,
    everything,
)
from cocm.intake.published.source_file import SourceFile

NAMES: Final = (re.compile(r"nucc_?taxonomy", re.IGNORECASE),)
_COLUMNS: Final = (
    Wanted("taxonomy_code", r"Code", "Code"),
    Wanted("classification", r"Classification", "Classification"),
    Wanted("deactivation", r"Deactivation Date", "Deactivation Date", is_required=False),
)
_VERSION: Final = re.compile(r"taxonomy_?(\d\d)([01])", re.IGNORECASE)


def read_taxonomy(source: SourceFile, options: ReadingOptions) -> Iterator[PublishedTable]:
    """The codes in use. Version 26.0 is of 1 January 2026, 26.1 of 1 July."""
    version = _VERSION.search(source.table_name) or _VERSION.search(source.path.name)
    found = date(2000 + int(version[1]), 7 if version[2] == "1" else 1, 1) if version else None
    edition = edition_or_refuse(options, found, source.name)
    rows = []
    for record in find_sheet(
        source, "Code", _COLUMNS, r"[0-9A-Z]{9}X", "a code of ten characters that ends in X"
    ).records():
        ended = compact_date(record, "deactivation")
        if ended is None or ended > edition:
            rows.append({"taxonomy_code": record["taxonomy_code"]})
    yield PublishedTable("taxonomy_codes", edition, None, rows, everything)
