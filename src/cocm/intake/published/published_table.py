"""What a publisher's file says for one of our tables, before it is merged; and the marks all files share."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final, TypeAlias

from cocm.basics.errors import PublishedFileError
from cocm.intake.published.header import Record

HCPCS: Final = r"[0-9A-Z]{5}|\d{1,4}"
"""A HCPCS code; a spreadsheet may have taken the leading zeros off a number."""
_QUARTER_MONTHS: Final = {"jan": 1, "apr": 4, "jul": 7, "oct": 10}
HCPCS_WORDS: Final = "a code of five letters and digits"
TableRow: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """The rows of one edition for one table.

    `rows` lack the columns that the merge fills in (dates of an edition, edition, source). `covers` tells
    which rows of the table in force the file speaks about: of those, what the file does not name has gone.
    `edition_to` is the day on which the edition ends of itself; None while it goes on until the next.
    """

    table: str
    edition: date
    edition_to: date | None
    rows: Sequence[TableRow]
    covers: Callable[[TableRow], bool]


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """What the person who loads a file says about it: nothing that the file tells itself need be given.

    `follows` tells whether rows of a code are kept; `model_codes` are the codes of the model, one of which a
    coding pair must hold.
    """

    edition: date | None
    setting: str | None
    follows: Callable[[str], bool]
    model_codes: frozenset[str]


def everything(row: TableRow) -> bool:
    """The file speaks about every row."""
    return True


def hcpcs_code(text: str) -> str:
    """A HCPCS code with the leading zeros that a spreadsheet took off."""
    return text.zfill(5) if text.isdecimal() else text


def decimal_text(record: Record, column: str, places: int) -> str:
    """A number with a fixed count of decimals, so that `1` and `1.000` are the same."""
    plain = record[column].replace(",", "").removeprefix("$").strip()
    try:
        number = Decimal(plain)
        rounded = number.quantize(Decimal(1).scaleb(-places))
    except InvalidOperation:
        raise record.problem(column, f"a number such as {Decimal(1).scaleb(-places) * 125}") from None
    if abs(number - rounded) > Decimal("1e-9"):
        raise record.problem(column, f"a number with at most {places} decimals")
    return str(rounded)


def compact_date(record: Record, column: str) -> date | None:
    """A date written as YYYYMMDD, YYYY-MM-DD or MM/DD/YYYY; None where the cell is empty or a star."""
    text = record[column]
    if text in ("", "*"):
        return None
    for form, order in (
        (r"(\d{4})(\d{2})(\d{2})", (1, 2, 3)),
        (r"(\d{4})-(\d{2})-(\d{2})", (1, 2, 3)),
        (r"(\d{1,2})/(\d{1,2})/(\d{4})", (3, 1, 2)),
    ):
        matched = re.fullmatch(form, text)
        if matched is not None:
            try:
                return date(*(int(matched[place]) for place in order))
            except ValueError:
                break
    raise record.problem(column, "a date such as 20260101 or 01/31/2026")


def day_of_year_date(record: Record, column: str) -> date | None:
    """A date written as year and day of the year (2026001); None where the cell is empty."""
    text = record[column]
    if not text:
        return None
    if re.fullmatch(r"\d{7}", text):
        first, days = date(int(text[:4]), 1, 1), int(text[4:])
        last = date(first.year, 12, 31)
        if 1 <= days <= (last - first).days + 1:
            return first + timedelta(days=days - 1)
    raise record.problem(column, "a year and a day of the year such as 2026001")


def iso(day: date | None) -> str:
    """A date as our tables write it; empty for none."""
    return day.isoformat() if day else ""


def day_after(day: date | None) -> str:
    """The first day on which something no longer holds, from its last day."""
    return iso(day + timedelta(days=1)) if day else ""


def next_of(edition: date, months: Sequence[int]) -> date:
    """The first day of the next of some months after an edition."""
    later = (date(year, month, 1) for year in (edition.year, edition.year + 1) for month in sorted(months))
    return next(day for day in later if day > edition)


def edition_or_refuse(options: ReadingOptions, found: date | None, where: str) -> date:
    """The edition given, else the one that the file tells. Raises `PublishedFileError` where neither does."""
    edition = options.edition or found
    if edition is None:
        raise PublishedFileError(
            f"{where}: neither its name nor its title tells when the edition takes effect; give it with "
            "--edition YYYY-MM-DD"
        )
    return edition


def quarter_month(name: str) -> int:
    """The number of a quarter's first month by its name or its first three letters."""
    return _QUARTER_MONTHS[name[:3].lower()]
