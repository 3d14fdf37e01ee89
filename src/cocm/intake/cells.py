"""Reading one cell by the kind of its column, with what a spreadsheet may have done to it on the way.

Every kind has one careful reader: from text to a value and, where the text was not in the contract's own
form, a note of how it was understood. `plain_cells` is the fast one of kinds whose cells repeat: it remembers
values met before and raises `NotPlain` for whatever needs a note. What stands in the other cells is its own value
(`AS_IT_STANDS`). `plain_rows` puts both together; the careful readers are asked only about rows that are not plain.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from cocm.basics.money import cents_from_text
from cocm.basics.months import Month
from cocm.basics.npi import npi_is_valid
from cocm.care.records import Answer
from cocm.claims.records import DIAGNOSES_MAX
from cocm.intake.contract import DATE_FIRST, DATE_LAST, Column, Kind

PERCENT_HUNDREDTHS_MAX: Final = 1_000_00
REMEMBERED_MAX: Final = 60_000
"""Distinct cells a fast reader remembers before it starts over, so that memory stays flat."""

NOTE_MONTH_FIRST: Final = "slashed dates were read as month/day/year"
NOTE_MIDNIGHT: Final = "the time of day 00:00 behind a date was left out"
NOTE_COMPACT_DATE: Final = "dates without dashes were read as year, month, day"
NOTE_YEAR_FIRST: Final = "slashed dates were read as year/month/day"
NOTE_POINT_ZERO: Final = "a trailing .0 was left out"
NOTE_ZEROS: Final = "leading zeros that a spreadsheet dropped were put back"
NOTE_SCIENTIFIC: Final = "a number in scientific notation still had all its digits and was read"
NOTE_NPI_CHECK: Final = "an NPI whose check digit is wrong was read as it stands"
NOTE_REPEATED: Final = "a repeated entry of a list was left out"

_STATES: Final = (
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC "
    "ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY AS FM GU MH MP PR PW VI AA AE AP"
)
_STATES_AND_TERRITORIES: Final = frozenset(_STATES.split())
_ERRORS: Final = "#N/A #NA #REF! #VALUE! #NAME? #DIV/0! #NULL! #NUM! #SPILL! #CALC!"
_SPREADSHEET_ERRORS: Final = frozenset(_ERRORS.split())
_ODD_SPACES: Final = dict.fromkeys((0x00A0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " ")
_ANSWERS: Final = {
    **dict.fromkeys(("yes", "y", "true", "1"), Answer.YES),
    **dict.fromkeys(("no", "n", "false", "0"), Answer.NO),
    **dict.fromkeys(("unknown", "u", "?"), Answer.UNKNOWN),
}
_MONTH_NAMES: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SPREADSHEET_MONTH: Final = re.compile(rf"({'|'.join(_MONTH_NAMES)})-(\d{{2}})", re.ASCII | re.IGNORECASE)
_ISO_MONTH: Final = re.compile(r"\d{4}-\d{2}", re.ASCII)
_ISO_DATE: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_MONTH_FIRST_DATE: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_YEAR_FIRST_DATE: Final = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})", re.ASCII)
_COMPACT_DATE: Final = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_MIDNIGHT: Final = re.compile(r"[T ](00:00(:00(\.0+)?)?|0:00(:00)?|12:00(:00)? ?AM)$", re.ASCII)
_SERIAL: Final = re.compile(r"\d{1,5}(\.\d+)?", re.ASCII)
_SCIENTIFIC: Final = re.compile(r"\d(?:\.\d+)?[eE]\+?\d{1,3}", re.ASCII)
_POINT_ZERO: Final = re.compile(r"(\d+)\.0+", re.ASCII)
_HCPCS: Final = re.compile(r"\d{4}[0-9A-Z]|[A-Z]\d{4}", re.ASCII)
_DIAGNOSIS: Final = re.compile(r"([A-Z]\d[0-9A-Z])\.?([0-9A-Z]{1,4})?", re.ASCII)
_TAXONOMY: Final = re.compile(r"[0-9A-Z]{9}X", re.ASCII)
_INSTRUMENT: Final = re.compile(r"[a-z][a-z0-9-]{0,29}", re.ASCII)


class CellRefused(ValueError):
    """The cell cannot be read; the message says what was expected of it."""


class NotPlain(ValueError):
    """The cell needs the careful reader."""


class Reading(NamedTuple):
    """A cell's value, and how it was understood where that needs saying."""

    value: Any
    note: str = ""


CarefulReader = Callable[[str], Reading]


def careful_reader(column: Column) -> CarefulReader:
    """The reader of a column's cells that knows every form. It raises `CellRefused`."""
    return partial(_read_carefully, column, _BY_KIND.get(column.kind, _text))


AS_IT_STANDS: Final = (Kind.TEXT, Kind.IDENTIFIER, Kind.LOCAL_TIME)
"""Kinds whose plain cells are their own values (a local time is read by a clock, once the site is known)."""


def plain_cells(column: Column) -> dict[str, Any]:
    """The fast reader of a column's cells: `plain_cells(column)[cell]` is the value. Not for `AS_IT_STANDS`.

    It remembers cells met before. For a cell that needs a second look it raises `NotPlain` or `CellRefused`:
    then ask the careful reader.
    """
    read = _plain_date if column.kind is Kind.DATE else _without_note
    return _Remembered(partial(read, careful_reader(column)))


class _Remembered(dict[str, Any]):
    """Values of cells met before; a new cell is read."""

    def __init__(self, read: Callable[[str], Any]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, cell: str) -> Any:
        value = self._read(cell)
        if len(self) >= REMEMBERED_MAX:
            self.clear()
        self[cell] = value
        return value


def _without_note(careful: CarefulReader, cell: str) -> Any:
    reading = careful(cell)
    if reading.note:
        raise NotPlain
    return reading.value


def _plain_date(careful: CarefulReader, cell: str) -> Any:
    """Birth dates hardly repeat: the everyday form is read directly."""
    if len(cell) == len("YYYY-MM-DD") and cell[4] == cell[7] == "-":
        try:
            day = date.fromisoformat(cell)
        except ValueError:
            raise NotPlain from None
        if DATE_FIRST <= day <= DATE_LAST:
            return day
    return _without_note(careful, cell)


def _read_carefully(column: Column, read: Callable[[Column, str], Reading], cell: str) -> Reading:
    text = cell.translate(_ODD_SPACES).strip()
    if not text:
        return Reading(empty_value(column))
    if "\n" in text or "\r" in text:
        raise CellRefused("one line (a quotation mark that is not closed swallows the rows after it)")
    if not text.isprintable():
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise CellRefused("text in UTF-8 (save the file as “CSV UTF-8”)")
        raise CellRefused("text without control or invisible characters")
    if len(text) > column.length_max:
        raise CellRefused(f"at most {column.length_max} characters")
    if text.upper() in _SPREADSHEET_ERRORS:
        raise CellRefused(f"{column.form}, not a spreadsheet's error")
    return read(column, text)


def empty_value(column: Column) -> Any:
    """What an empty cell of a column means. Raises `CellRefused` when it must be filled."""
    if column.required:
        raise CellRefused(f"{column.form}; the cell must not be empty")
    match column.kind:
        case Kind.ANSWER:
            return Answer.UNKNOWN
        case Kind.FLAG:
            return False
        case Kind.DATE | Kind.MONTH | Kind.MONEY | Kind.PERCENT:
            return None
        case Kind.INTEGER:
            return int(column.default) if column.default else None
        case Kind.IDENTIFIERS | Kind.DIAGNOSES:
            return ()
        case Kind.CHOICE if column.default:
            return next((choice for choice in column.choices if choice == column.default), column.default)
    return ""


def _text(_column: Column, text: str) -> Reading:
    return Reading(text)


def _identifier(column: Column, text: str) -> Reading:
    if _SCIENTIFIC.fullmatch(text) and ("+" in text or "." in text):
        raise CellRefused(
            "the whole identifier; a spreadsheet has rounded it to scientific notation (format it as text)"
        )
    if _POINT_ZERO.fullmatch(text):
        raise CellRefused("the identifier as text; read as a number it may have lost leading zeros")
    return Reading(text)


def _identifiers(_column: Column, text: str) -> Reading:
    return _without_repeats([entry.strip() for entry in re.split(r"[;|,]", text) if entry.strip()])


def _without_repeats(entries: list[str]) -> Reading:
    unique = tuple(dict.fromkeys(entries))
    return Reading(unique, NOTE_REPEATED if len(unique) < len(entries) else "")


def _calendar_date(year: str, month: str, day: str) -> date:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        raise CellRefused("a day that exists, written YYYY-MM-DD") from None
    if not DATE_FIRST <= found <= DATE_LAST:
        raise CellRefused(f"a day from {DATE_FIRST} to {DATE_LAST}")
    return found


def _date(_column: Column, text: str) -> Reading:
    return read_date(text)


def _month(_column: Column, text: str) -> Reading:
    if _ISO_MONTH.fullmatch(text):
        try:
            return Reading(Month.parse(text))
        except ValueError:
            raise CellRefused("a month that exists, written YYYY-MM") from None
    if matched := _SPREADSHEET_MONTH.fullmatch(text):
        return Reading(Month(2000 + int(matched[2]), _MONTH_NAMES.index(matched[1].lower()) + 1))
    try:
        day, note = read_date(text)
    except CellRefused:
        raise CellRefused("a month written YYYY-MM") from None
    return Reading(Month.of(day), note)


def read_date(text: str) -> Reading:
    """A calendar day in any form that has only one meaning. Raises `CellRefused`."""
    if matched := _ISO_DATE.fullmatch(text):
        return Reading(_calendar_date(*matched.groups()))
    if matched := _MIDNIGHT.search(text):
        return Reading(read_date(text[: matched.start()]).value, NOTE_MIDNIGHT)
    if matched := _MONTH_FIRST_DATE.fullmatch(text):
        month, day, year = matched.groups()
        if int(month) > 12:
            raise CellRefused(
                "YYYY-MM-DD; a slashed date is read as month/day/year, and this one has no such month"
            )
        return Reading(_calendar_date(year, month, day), NOTE_MONTH_FIRST)
    if matched := _YEAR_FIRST_DATE.fullmatch(text):
        return Reading(_calendar_date(*matched.groups()), NOTE_YEAR_FIRST)
    if matched := _COMPACT_DATE.fullmatch(text):
        return Reading(_calendar_date(*matched.groups()), NOTE_COMPACT_DATE)
    if _SERIAL.fullmatch(text):
        raise CellRefused(
            "YYYY-MM-DD, not a spreadsheet's day number (format the column as a date before saving)"
        )
    raise CellRefused("a day written YYYY-MM-DD")


def _integer(column: Column, text: str) -> Reading:
    note = ""
    if matched := _POINT_ZERO.fullmatch(text):
        text, note = matched[1], NOTE_POINT_ZERO
    if (
        not (text.isascii() and text.isdigit())
        or len(text) > 12
        or not column.minimum <= int(text) <= column.maximum
    ):
        raise CellRefused(column.form)
    return Reading(int(text), note)


def _money(column: Column, text: str) -> Reading:
    try:
        cents = cents_from_text(text)
    except ValueError:
        raise CellRefused("dollars such as 160.32") from None
    if column.may_be_zero:
        if cents < 0:
            raise CellRefused("an amount of zero or more, such as 160.32")
    elif cents <= 0:
        raise CellRefused("an amount above zero, such as 160.32")
    return Reading(cents)


def _percent(_column: Column, text: str) -> Reading:
    """In hundredths of a percent."""
    try:
        hundredths = cents_from_text(text.removesuffix("%").rstrip())
    except ValueError:
        raise CellRefused("a percentage such as 112.5") from None
    if not 0 < hundredths <= PERCENT_HUNDREDTHS_MAX:
        raise CellRefused(f"a percentage above 0 and at most {PERCENT_HUNDREDTHS_MAX // 100}, such as 112.5")
    return Reading(hundredths)


def _choice(column: Column, text: str) -> Reading:
    folded = text.casefold().replace(" ", "_").replace("-", "_")
    for choice in column.choices:
        if choice.casefold() == folded:
            return Reading(choice)
    if (matched := _POINT_ZERO.fullmatch(text)) and matched[1] in column.choices:
        return Reading(matched[1], NOTE_POINT_ZERO)
    raise CellRefused(column.form)


def _answer(_column: Column, text: str) -> Reading:
    answer = _ANSWERS.get(text.casefold())
    if answer is None:
        raise CellRefused("yes, no or unknown")
    return Reading(answer)


def _flag(_column: Column, text: str) -> Reading:
    answer = _ANSWERS.get(text.casefold(), Answer.UNKNOWN)
    if answer is Answer.UNKNOWN:
        raise CellRefused("yes or no")
    return Reading(answer is Answer.YES)


def _instrument(_column: Column, text: str) -> Reading:
    name = re.sub(r"[\s_-]+", "-", text.casefold())
    if "-" not in name:
        name = re.sub(r"(?<=[a-z])(?=\d)", "-", name, count=1)  # PHQ9 is phq-9
    if _INSTRUMENT.fullmatch(name) is None:
        raise CellRefused("the scale's short name, such as phq-9")
    return Reading(name)


def _hcpcs(_column: Column, text: str) -> Reading:
    code, note = text.upper(), ""
    if matched := _POINT_ZERO.fullmatch(code):
        code, note = matched[1], NOTE_POINT_ZERO
    if _HCPCS.fullmatch(code) is None:
        raise CellRefused("a service code of five letters or digits")
    return Reading(code, note)


def _diagnoses(_column: Column, text: str) -> Reading:
    codes = []
    for entry in filter(None, re.split(r"[;|,\s]", text.upper())):
        matched = _DIAGNOSIS.fullmatch(entry)
        if matched is None:
            raise CellRefused("ICD-10-CM codes such as F32.1 with ; between them")
        codes.append(f"{matched[1]}.{matched[2]}" if matched[2] else matched[1])
    if len(codes) > DIAGNOSES_MAX:
        raise CellRefused(f"at most {DIAGNOSES_MAX} diagnoses, as on a claim")
    return _without_repeats(codes)


def _digits_lost(text: str) -> bool:
    """Whether a number in scientific notation lacks some of its digits."""
    mantissa, exponent = re.split("[eE]", text)
    return len(mantissa.replace(".", "")) < int(exponent) + 1


def _npi(_column: Column, text: str) -> Reading:
    number, note = text, ""
    if _SCIENTIFIC.fullmatch(text):
        if _digits_lost(text):
            raise CellRefused(
                "all ten digits of the NPI; a spreadsheet has rounded it (format the column as text)"
            )
        number, note = str(int(Decimal(text))), NOTE_SCIENTIFIC
    elif matched := _POINT_ZERO.fullmatch(text):
        number, note = matched[1], NOTE_POINT_ZERO
    if len(number) != 10 or not (number.isascii() and number.isdigit()) or number[0] not in "12":
        raise CellRefused("an NPI: ten digits beginning with 1 or 2")
    return Reading(number, note if npi_is_valid(number) else NOTE_NPI_CHECK)


def _tin(_column: Column, text: str) -> Reading:
    digits = text.replace("-", "").removesuffix(".0")
    if not (digits.isascii() and digits.isdigit()) or len(digits) not in (8, 9):
        raise CellRefused("a tax id of nine digits")
    return Reading(digits.zfill(9), NOTE_ZEROS if len(digits) == 8 else "")


def _taxonomy(_column: Column, text: str) -> Reading:
    if _TAXONOMY.fullmatch(text.upper()) is None:
        raise CellRefused("a taxonomy code: ten letters and digits ending in X")
    return Reading(text.upper())


def _place_of_service(_column: Column, text: str) -> Reading:
    if not (text.isascii() and text.isdigit()) or len(text) > 2 or int(text) == 0:
        raise CellRefused("a place of service of two digits")
    return Reading(text.zfill(2), NOTE_ZEROS if len(text) == 1 else "")


def _state(_column: Column, text: str) -> Reading:
    if text.upper() not in _STATES_AND_TERRITORIES:
        raise CellRefused("the two letters of a state or territory")
    return Reading(text.upper())


def _postal_code(_column: Column, text: str) -> Reading:
    head, dash, tail = text.removesuffix(".0").partition("-")
    if not (head + tail).isascii() or not (head + tail).isdigit() or (dash and len(tail) != 4):
        raise CellRefused("a ZIP code of five or nine digits")
    # A ZIP code may begin with two zeros (Puerto Rico); what is shorter is no ZIP code.
    if (dash and 3 <= len(head) <= 5) or (not dash and len(head) in (3, 4, 5)):
        full = head.zfill(5) + tail
    elif not dash and len(head) in (7, 8, 9):
        full = head.zfill(9)
    else:
        raise CellRefused("a ZIP code of five or nine digits")
    return Reading(full, NOTE_ZEROS if len(full) > len(head + tail) else "")


def _phone(_column: Column, text: str) -> Reading:
    digits = re.sub(r"[\s().+-]", "", text)
    if len(digits) == 11 and digits[0] == "1":
        digits = digits[1:]
    if len(digits) != 10 or not (digits.isascii() and digits.isdigit()):
        raise CellRefused("a phone number of ten digits")
    return Reading(digits)


def _time_zone(_column: Column, text: str) -> Reading:
    try:
        ZoneInfo(text)
    except (OSError, ValueError, KeyError):  # KeyError: ZoneInfoNotFoundError; the others: odd file names
        raise CellRefused("a time zone of the IANA list, such as America/Los_Angeles") from None
    return Reading(text)


_BY_KIND: Final[dict[Kind, Callable[[Column, str], Reading]]] = {
    Kind.IDENTIFIER: _identifier,
    Kind.IDENTIFIERS: _identifiers,
    Kind.DATE: _date,
    Kind.MONTH: _month,
    Kind.INTEGER: _integer,
    Kind.MONEY: _money,
    Kind.PERCENT: _percent,
    Kind.CHOICE: _choice,
    Kind.ANSWER: _answer,
    Kind.FLAG: _flag,
    Kind.INSTRUMENT: _instrument,
    Kind.HCPCS: _hcpcs,
    Kind.DIAGNOSES: _diagnoses,
    Kind.NPI: _npi,
    Kind.TIN: _tin,
    Kind.TAXONOMY: _taxonomy,
    Kind.PLACE_OF_SERVICE: _place_of_service,
    Kind.STATE: _state,
    Kind.POSTAL_CODE: _postal_code,
    Kind.PHONE: _phone,
    Kind.TIME_ZONE: _time_zone,
}
