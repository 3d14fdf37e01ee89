"""Lists of claim adjustment reason codes and remark codes: codes and dates; the texts are X12's.

X12 shows the lists as pages and sells them as data; there is no one file. Read is a table with a heading, with
the dates either in columns of their own or in the words that follow each text ("Start: 01/01/1995 | Stop: …").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from cocm.intake.published.header import Record, Wanted, find_sheet
from cocm.intake.published.published_table import (
    PublishedTable,
    ReadingOptions,
    compact_date,
    edition_or_refuse,
    iso,
)
from cocm.intake.published.source_file import SourceFile

NAMES: Final = (re.compile(r"carc|rarc|adjust|remark|code.?list", re.IGNORECASE),)
_CODE_HEADINGS: Final = (
    r"(CARC|RARC|(Claim Adjustment )?(Reason|Group|Remark|Remittance Advice Remark)? ?Code)"
)
_COLUMNS: Final = (
    Wanted("code", _CODE_HEADINGS, "Code"),
    Wanted("start", r"Start( Date)?|Effective( Date)?", "Start Date", is_required=False),
    Wanted("stop", r"(Stop|End|Deactivat(ed|ion))( Date)?", "Stop Date", is_required=False),
    Wanted("text", r"Description|.*Text|Definition", "Description", is_required=False),
)
_REASON: Final = r"\d{1,3}|[ABDPWY]\d{1,2}"
_REMARK: Final = r"(M|MA|N)\d{1,4}"
_GROUP: Final = r"CO|CR|OA|PI|PR"
_DATE_IN_TEXT: Final = r"{}: ?(\d{{1,2}}/\d{{1,2}}/\d{{4}})"


def read_carc_rarc(source: SourceFile, options: ReadingOptions) -> Iterator[PublishedTable]:
    """The codes of the lists that the file holds; the other lists stay as they are."""
    rows = []
    form = f"{_REASON}|{_REMARK}|{_GROUP}"
    sheet = find_sheet(source, _CODE_HEADINGS, _COLUMNS, form, "an adjustment, remark or group code")
    for record in sheet.records():
        rows.append(
            {
                "code_list": _code_list(record["code"]),
                "code": record["code"],
                "effective_from": iso(_day(record, "start", "Start")),
                "effective_to": iso(_day(record, "stop", "Stop")),
            }
        )
    lists = {row["code_list"] for row in rows}
    edition = edition_or_refuse(options, None, source.name)
    yield PublishedTable("adjustment_codes", edition, None, rows, lambda row: row["code_list"] in lists)


def _code_list(code: str) -> str:
    if re.fullmatch(_REMARK, code):
        return "RARC"
    return "GROUP" if re.fullmatch(_GROUP, code) else "CARC"


def _day(record: Record, column: str, word: str) -> date | None:
    """A date from its column, else from the words after the text."""
    if record[column]:
        return compact_date(record, column)
    matched = re.search(_DATE_IN_TEXT.format(word), record["text"])
    return compact_date(Record(record.where, {column: matched[1]}), column) if matched else None
