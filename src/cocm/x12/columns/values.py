"""Numbers and dates out of spans of bytes, eight digits at a time.

What does not have the plain form (more digits, other decimals, blanks inside) is read one value at a time by the
record readers' own functions; what they do not take is told as wrong.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

from cocm.x12.columns import native
from cocm.x12.columns.codes import WORD_BYTES, Bytes, Flags, Whole, Words
from cocm.x12.columns.view import Spans, View
from cocm.x12.patterns import number_or_none

CENTS_DECIMALS: Final = 2
QUANTITY_DECIMALS: Final = 3
# Ten trillion: no amount or count of a claim comes near, and sums of millions of them stay within 64 bits.
NUMBER_MAX: Final = 10**15
EPOCH: Final = date(1970, 1, 1)

_POINT, _MINUS = ord("."), ord("-")
_ZEROS: Final = np.uint64(0x3030303030303030)
_HIGH: Final = np.uint64(0xF0F0F0F0F0F0F0F0)
_SIXES: Final = np.uint64(0x0606060606060606)
_PAIRS: Final = np.uint64(0x000000FF000000FF)
_THREES: Final = np.uint64(0x3333333333333333)
_WORD_BITS_LESS_ONE: Final = np.uint64(63)
_ONE: Final = np.uint64(1)
_LOW_BYTE: Final = np.uint64(0xFF)
_ONES: Final = np.uint64(0x0101010101010101)
_TOPS: Final = np.uint64(0x8080808080808080)
_POINTS: Final = np.uint64(ord(".") * 0x0101010101010101)
# By places and decimals: what a number without its point is to be multiplied with; 0 where decimals are too many.
_SCALES: Final = tuple(
    np.array([10 ** (places - count) if count <= places else 0 for count in range(9)], np.int64)
    for places in range(4)
)
_ZERO: Final = np.uint8(48)
_YEAR_FIRST, _YEAR_LAST = 1, 9999


class Read(NamedTuple):
    """Values with what is said of each: whether it stands in the file, and whether it could not be read."""

    values: Whole
    present: Flags
    wrong: Flags

    def of(self, rows: Whole, asked: Flags) -> Read:
        """Those of some rows; of rows that are not asked (their number is -1) nothing."""
        values, present, wrong = self.values.take(rows), self.present.take(rows), self.wrong.take(rows)
        if asked.all():
            return Read(values, present, wrong)
        return Read(values * asked, present & asked, wrong & asked)


def decimals(view: View, spans: Spans, places: int) -> Read:
    """Numbers as whole multiples of their last decimal: `160.32` with two places is 16032."""
    start, end = spans
    compiled = native.decimals(view.block.buffer, start, end, places)
    if compiled is not None:
        return _with_others(view, spans, places, *compiled)
    length = end - start
    present = length > 0
    negative = (view.block.buffer.take(start) == _MINUS) & present
    is_signed = negative.any()
    if is_signed:
        length -= negative
    values, known = _short(view, end, length, places)
    known &= present
    left = present & ~known
    if left.any():
        _read_longer(view, spans, end - length, np.flatnonzero(left), places, values, known)
    if is_signed:
        values = np.where(negative, -values, values)
    wrong = present & ~known
    _read_others(view, spans, places, values, wrong)
    values *= present
    return Read(values, present & ~wrong, wrong)


def _with_others(view: View, spans: Spans, places: int, values: Whole, states: Bytes) -> Read:
    """What the compiled core read, and what it left."""
    wrong, known = states == native.LEFT, states == native.READ
    if wrong.any():
        left = wrong.copy()
        _read_others(view, spans, places, values, wrong)
        known |= left & ~wrong
    return Read(values, known, wrong)


def _read_others(view: View, spans: Spans, places: int, values: Whole, wrong: Flags) -> None:
    """Read one by one what is not of the plain form; what is wrong after that is so."""
    for at in np.flatnonzero(wrong).tolist():
        value = _one_number(view.text(spans, at), places)
        wrong[at] = value is None
        values[at] = value or 0


def _short(view: View, end: Whole, length: Whole, places: int) -> tuple[Whole, Flags]:
    """Up to eight characters with or without a point, and no more decimals than places."""
    word = view.block.words[end - WORD_BYTES]
    missing = (WORD_BYTES * (WORD_BYTES - length)).astype(np.uint64)
    missing &= _WORD_BITS_LESS_ONE
    word >>= missing
    word <<= missing
    # The lowest byte that is a point becomes zero, and is found by what it borrows.
    pointed = word ^ _POINTS
    lowest = pointed - _ONES
    lowest &= ~pointed
    lowest &= _TOPS
    lowest &= ~lowest + _ONE
    has_point = lowest != 0
    if has_point.any():
        below = lowest >> np.uint64(7)  # the point's lowest bit
        below -= has_point
        above = ~(below | (lowest | (lowest - _ONE)))
        decimal_count = _bytes_above(lowest)
        word = np.where(has_point, (word & above) | ((word & below) << np.uint64(8)), word)
        scale = _SCALES[places].take(decimal_count)
        missing += np.uint64(8) * has_point
    else:
        scale = np.full(len(length), 10**places, np.int64)
    filled = (_ONE << (missing & _WORD_BITS_LESS_ONE)) - _ONE
    filled = np.where(missing >= np.uint64(64), ~np.uint64(0), filled)
    word |= _ZEROS & filled
    value, known = _digits(word)
    known &= (length > 0) & (length <= WORD_BYTES) & (scale > 0) & (missing < np.uint64(64))
    return value * scale, known


def _bytes_above(bits: Words) -> Whole:
    """How many bytes stand above the byte whose highest bit is set; 0 where no bit is."""
    position = np.frexp(bits.astype(np.float64))[1]  # powers of two are exact
    return np.where(bits != 0, WORD_BYTES - position // 8, 0).astype(np.int64)


def _read_longer(
    view: View, spans: Spans, begin: Whole, rows: Whole, places: int, values: Whole, known: Flags
) -> None:
    """Try those that are longer once more, with a second word."""
    more, more_known = _plain(view, begin[rows], spans.end[rows], places)
    values[rows], known[rows] = more, more_known


def _plain(view: View, begin: Whole, end: Whole, places: int) -> tuple[Whole, Flags]:
    """Up to eight digits and up to two after a point; with less than two places, none may stand after it."""
    words = view.block.words
    last = words[end - WORD_BYTES].view(np.uint8).reshape(-1, WORD_BYTES)
    length = end - begin
    two = (last[:, -3] == _POINT) & (length >= 3)
    one = (last[:, -2] == _POINT) & (length >= 2)
    whole_end = end - two * 3
    whole_end -= one * 2
    whole, known = eight_digits(words, whole_end, whole_end - begin)
    fraction = two | one
    if places < CENTS_DECIMALS:
        return whole, known & ~fraction
    whole *= 100
    if fraction.any():
        tens = (np.where(two, last[:, -2], last[:, -1]) - _ZERO) * fraction
        ones = (last[:, -1] - _ZERO) * two
        known &= (tens <= 9) & (ones <= 9)
        whole += tens.astype(np.int64) * 10
        whole += ones
    if places > CENTS_DECIMALS:
        whole *= 10 ** (places - CENTS_DECIMALS)
    return whole, known


def eight_digits(words: Words, end: Whole, length: Whole | None = None) -> tuple[Whole, Flags]:
    """The last `length` (1 to 8, else 8) bytes before an end as a number, and whether they are all digits."""
    word = words[end - WORD_BYTES]
    if length is not None:
        # Of a shorter value the bytes before it become zeros: shifted out, and '0' put in their place.
        missing = (WORD_BYTES * (WORD_BYTES - length)).astype(np.uint64)
        missing &= _WORD_BITS_LESS_ONE
        word >>= missing
        word <<= missing
        word |= _ZEROS & ((_ONE << missing) - _ONE)
    value, known = _digits(word)
    if length is not None:
        known &= (length > 0) & (length <= WORD_BYTES)
    return value, known


def _digits(word: Words) -> tuple[Whole, Flags]:
    """Eight digits as a number, and whether they are all digits."""
    pairs, known = _digit_pairs(word)
    low = pairs & _PAIRS
    low *= np.uint64(0x000F424000000064)
    pairs >>= np.uint64(16)
    pairs &= _PAIRS
    pairs *= np.uint64(0x0000271000000001)
    low += pairs
    low >>= np.uint64(32)
    return low.view(np.int64), known


def _digit_pairs(word: Words) -> tuple[Words, Flags]:
    """Eight digits as four numbers of two, in every second byte, and whether they are all digits."""
    digits = word + _SIXES
    digits &= _HIGH
    digits >>= np.uint64(4)
    digits |= word & _HIGH
    known: Flags = digits == _THREES
    word = word - _ZEROS
    return word * np.uint64(10) + (word >> np.uint64(8)), known


def _one_number(text: str, places: int) -> int | None:
    """One value as the record readers take it; None where they refuse it, or it is beyond `NUMBER_MAX`."""
    number = number_or_none(text)
    if number is None:
        return None
    scaled = number.scaleb(places)
    if scaled != scaled.to_integral_value() or abs(scaled) > NUMBER_MAX:
        return None
    return int(scaled)


def days(view: View, spans: Spans) -> Read:
    """Dates as CCYYMMDD, as days since 1970-01-01."""
    compiled = native.days(view.block.buffer, *spans)
    if compiled is not None:
        values, states = compiled
        return Read(values, states == native.READ, states == native.LEFT)
    length = spans.length
    present = length > 0
    pairs, known = _digit_pairs(view.block.words[spans.end - WORD_BYTES])
    known &= length == WORD_BYTES
    first_days = _first_days()
    century, year, month, day = (
        ((pairs >> np.uint64(shift)) & _LOW_BYTE).view(np.int64) for shift in (0, 16, 32, 48)
    )
    year += century * 100
    known &= (year >= _YEAR_FIRST) & (month >= 1) & (month <= 12) & (day >= 1)
    year *= 12
    year += month
    year -= 1
    months = year * known
    first = first_days.take(months)
    known &= day <= first_days.take(months + 1) - first
    first += day - 1
    first *= known
    return Read(first, known, present & ~known)


@lru_cache(maxsize=1)
def _first_days() -> Whole:
    """The day number of each month's first day, from year 0 on."""
    months = np.arange(12 * (_YEAR_LAST + 1) + 1) - 12 * EPOCH.year
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def day_as_date(day: int) -> date:
    """A day number as a date."""
    return EPOCH + timedelta(days=day)


def number_as_decimal(value: int, places: int) -> Decimal:
    """A whole multiple of a decimal as that decimal, without zeros that say nothing."""
    number = Decimal(value).scaleb(-places)
    whole = number.to_integral_value()
    return whole if whole == number else number.normalize()
