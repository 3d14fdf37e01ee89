"""What a value must look like, as regular expressions derived from the map: one source for writer and
validator.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Final

from cocm.basics.npi import npi_is_valid
from cocm.x12.charset import allowed_class
from cocm.x12.guide_parts import ElementUse

_MONTH_DAY: Final = (
    r"(?:(?:0[1-9]|1[0-2])(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])(?:29|30)|(?:0[13578]|1[02])31)"
)
_LEAP_YEAR: Final = r"(?:\d\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)"
DATE: Final = rf"(?:(?:1[89]|20|21)\d\d{_MONTH_DAY}|(?:(?=1[89]|20|21){_LEAP_YEAR})0229)"
_SHORT_DATE: Final = rf"\d\d{_MONTH_DAY}|\d\d0229"
TIME: Final = r"(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d(?:\d{1,2})?)?"

# The formats of a date or period (element 1250) that guides name, and what a value in them looks like.
DATE_FORMATS: Final = {
    "D8": DATE,
    "RD8": rf"{DATE}-{DATE}",
    "D6": _SHORT_DATE,
    "TM": TIME,
    "DT": rf"{DATE}(?:[01]\d|2[0-3])[0-5]\d",
}

EXPECTED_FORMATS: Final = {
    "D8": "a date as CCYYMMDD",
    "RD8": "two dates as CCYYMMDD-CCYYMMDD",
    "D6": "a date as YYMMDD",
    "TM": "a time as HHMM",
    "DT": "a date and time as CCYYMMDDHHMM",
}


# A number of this length is an amount of money (element 782), which has cents and nothing smaller.
_AMOUNT_DIGITS_MAX: Final = 18


@lru_cache(maxsize=4096)
def value_pattern(element: ElementUse, delimiters: str) -> str:
    """The pattern of one value of an element: its type, its lengths and its codes."""
    if element.codes:
        return "(?:" + "|".join(sorted(re.escape(code) for code in element.codes)) + ")"
    shortest, longest = element.length_min, element.length_max
    match element.data_type:
        case "DT":
            return f"(?:{DATE if longest == 8 else _SHORT_DATE})"
        case "TM":
            return f"(?:{TIME})"
        case "N0":
            return rf"-?\d{{{shortest},{longest}}}"
        case "B":
            return r"[\s\S]+"
        case "R" if longest == _AMOUNT_DIGITS_MAX:
            return rf"-?(?=(?:\.?\d){{{shortest},{longest}}}\.?(?!\.?\d))(?:\d+(?:\.\d{{0,2}})?|\.\d{{1,2}})"
        case "R":
            return rf"-?(?=(?:\.?\d){{{shortest},{longest}}}\.?(?!\.?\d))(?:\d+\.?\d*|\.\d+)"
        case _:
            return f"{allowed_class(delimiters)}{{{shortest},{longest}}}"


@lru_cache(maxsize=4096)
def value_matcher(element: ElementUse, delimiters: str) -> re.Pattern[str]:
    """The compiled pattern of one value."""
    return re.compile(value_pattern(element, delimiters))


_NUMBER: Final = re.compile(r"-?(?:\d+\.?\d*|\.\d+)", re.ASCII)
_NUMBER_CHARACTERS_MAX: Final = 24


def number_or_none(text: str) -> Decimal | None:
    """A number as X12 writes it, without exponent; None where the text is none, or longer than any element."""
    if len(text) > _NUMBER_CHARACTERS_MAX or _NUMBER.fullmatch(text) is None:
        return None
    return Decimal(text)


_POST_OFFICE_BOX: Final = re.compile(r"\s*(?:P\.?\s*O\.?\s*BOX|POST OFFICE BOX|LOCK ?BOX)\b", re.IGNORECASE)


def is_post_office_box(line: str) -> bool:
    """Whether an address line names a box, which is no place where a billing provider can be."""
    return _POST_OFFICE_BOX.match(line) is not None


@lru_cache(maxsize=65_536)
def is_npi(value: str) -> bool:
    """Whether a value is a National Provider Identifier; the same few come again and again."""
    return npi_is_valid(value)


def expectation(element: ElementUse) -> str:
    """What a value of this element must be, in words for a message."""
    if element.codes:
        return "one of " + ", ".join(sorted(element.codes))
    lengths = f"{element.length_min} to {element.length_max}"
    if element.length_min == element.length_max:
        lengths = str(element.length_min)
    match element.data_type:
        case "DT":
            return "a date as " + ("CCYYMMDD" if element.length_max == 8 else "YYMMDD")
        case "TM":
            return "a time as HHMM"
        case "N0":
            return f"a whole number of {lengths} digits"
        case "B":
            return "bytes"
        case "R" if element.length_max == _AMOUNT_DIGITS_MAX:
            return f"an amount of {lengths} digits, with at most two after its point"
        case "R":
            return f"a number of {lengths} digits, with a point where it has decimals"
        case _:
            return f"{lengths} characters of the X12 basic or extended set"
