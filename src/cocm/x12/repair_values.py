"""Formatting that can be mended in one way only: the value of one element, and what it must not touch.

Blanks, dots, dashes, letter case and the shape of a date carry no meaning in X12, so they may go. A code stays that
code, a day that day and a number that number: whatever could be read in two ways is left and told.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final, NamedTuple

from cocm.x12.guide_parts import ElementUse, SegmentUse
from cocm.x12.tokens import Segment

_BLANKS: Final = " \t"
_UPPER_CODE_SETS: Final = frozenset(["diagnosis", "procedure", "taxonomy", "state"])
_DIAGNOSIS: Final = re.compile(r"[A-Z][0-9][A-Z0-9]\.[A-Z0-9]{0,4}")
_YEAR_FIRST: Final = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
_MONTH_FIRST: Final = re.compile(r"(\d{1,2})[-/](\d{1,2})[-/](\d{4})")
_EIGHT_DIGITS: Final = re.compile(r"\d{8}")
_SPAN: Final = re.compile(
    r"(\S+?)\s*(?:-|to)\s*((?:\d{1,2}/\d{1,2}/\d{4})|(?:\d{4}[-/]\d{1,2}[-/]\d{1,2})|(?:\d{8}))"
)
_POSTAL: Final = re.compile(r"(\d{5})[- ](\d{4})?")
_PUNCTUATION: Final = str.maketrans("", "", "-. ")
_NPI_QUALIFIER: Final = "XX"
_NPI_DIGITS: Final = 10
_TAX_QUALIFIERS: Final = ("EI", "SY")
_TAX_DIGITS: Final = 9
_ONE_DAY, _DAYS = "D8", "RD8"


class Mended(NamedTuple):
    """A value after mending, what was done to it, and what could not be done."""

    text: str
    done: tuple[str, ...] = ()
    left: str = ""


def mend(text: str, element: ElementUse, use: SegmentUse, segment: Segment) -> Mended:
    """One element's value, or one component's. `segment` gives the qualifiers beside it."""
    done: list[str] = []
    value = text.strip(_BLANKS)
    if value != text:
        done.append("blanks around the value")
    if value.isascii() and value != value.upper() and _is_upper_case(element, use):
        value = value.upper()
        done.append("letters in upper case")
    shaped = _shaped(value, element, use, segment)
    return Mended(shaped.text, (*done, *shaped.done), shaped.left)


def _is_upper_case(element: ElementUse, use: SegmentUse) -> bool:
    """Codes and identifiers that the standard has in upper case; a sender's or payer's own numbers stay as they are."""
    return (
        element.data_type == "ID"
        or element.code_set in _UPPER_CODE_SETS
        or element.name.startswith("modifier")
        or (use.tag == "NM1" and element.name == "identifier")
    )


def _shaped(value: str, element: ElementUse, use: SegmentUse, segment: Segment) -> Mended:
    if not value:
        return Mended(value)
    if element.code_set == "diagnosis" and "." in value:
        return _diagnosis(value)
    if element.name == "postal_code":
        return _postal_code(value, segment)
    if use.tag == "NM1" and element.name == "identifier" and _qualifier(segment, 8) == _NPI_QUALIFIER:
        return _digits(value, _NPI_DIGITS, "an NPI")
    if use.tag == "REF" and element.position == 2 and _qualifier(segment, 1) in _TAX_QUALIFIERS:
        return _digits(value, _TAX_DIGITS, "a tax number")
    if element.format_offset:
        return _dates(value, _qualifier(segment, element.position - element.format_offset))
    if element.data_type == "DT" and element.length_max == len("CCYYMMDD"):
        return _dates(value, _ONE_DAY)
    return Mended(value)


def _qualifier(segment: Segment, position: int) -> str:
    return segment.value(position).strip(_BLANKS).upper()


def _diagnosis(value: str) -> Mended:
    if _DIAGNOSIS.fullmatch(value):
        return Mended(value.replace(".", ""), ("the dot of a diagnosis code",))
    return Mended(value, left="a diagnosis code with a dot in an unusual place")


def _digits(value: str, count: int, what: str) -> Mended:
    bare = value.translate(_PUNCTUATION)
    if bare.isascii() and bare.isdigit() and len(bare) == count:
        return Mended(bare, (f"dashes or blanks in {what}",) if bare != value else ())
    return Mended(value, left=f"{what} has {count} digits; this one has not")


def _postal_code(value: str, segment: Segment) -> Mended:
    matched = _POSTAL.fullmatch(value)
    if matched is None or _qualifier(segment, 4) not in ("", "US", "USA"):
        return Mended(value)
    return Mended(matched[1] + (matched[2] or ""), ("the dash of a zip code",))


def _dates(value: str, form: str) -> Mended:
    if form == _ONE_DAY:
        day = _day(value)
    elif form == _DAYS:
        day = _span(value)
    else:
        return Mended(value)
    if day is None:
        return Mended(
            value, left=f"a date that is not {'CCYYMMDD' if form == _ONE_DAY else 'CCYYMMDD-CCYYMMDD'}"
        )
    return Mended(day, ("the shape of a date",) if day != value else ())


def _span(value: str) -> str | None:
    matched = _SPAN.fullmatch(value)
    if matched is None:
        return None
    first, last = _day(matched[1]), _day(matched[2])
    return None if first is None or last is None else f"{first}-{last}"


def _day(text: str) -> str | None:
    """The day as CCYYMMDD; what has eight digits stays, whether or not there is such a day."""
    if _EIGHT_DIGITS.fullmatch(text):
        return text
    if matched := _YEAR_FIRST.fullmatch(text):
        year, month, day = matched.groups()
    elif matched := _MONTH_FIRST.fullmatch(text):
        month, day, year = matched.groups()
    else:
        return None
    try:
        return f"{date(int(year), int(month), int(day)):%Y%m%d}"
    except ValueError:
        return None
