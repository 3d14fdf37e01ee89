"""Counts and control numbers of an envelope that can be set right without a doubt.

A trailer belongs to the header before it. Its count is mended where every level begins and ends in turn and the
numbers inside (HL, LX) run without a gap, so that nothing seems to be lost; its control number where it is the header's
in other writing, or where no other header of the file has it. A header is never changed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from cocm.basics.errors import X12Error
from cocm.x12.tokens import Segment

_HEADERS: Final = {"ISA": "IEA", "GS": "GE", "ST": "SE"}
_LEVELS: Final = ("ISA", "GS", "ST")
_CONTROL_NUMBER_AT: Final = {"ISA": 13, "GS": 6, "ST": 2}
_WELL_FORMED: Final = {
    "ISA": re.compile(r"\d{9}"),
    "GS": re.compile(r"\d{1,9}"),
    "ST": re.compile(r"[A-Za-z0-9]{4,9}"),
}


@dataclass(frozen=True, slots=True)
class TrailerFix:
    """One element of a trailer: what it is to say, or why it is left."""

    segment_number: int
    position: int
    new: str
    why: str
    left: str = ""


@dataclass(slots=True)
class _Level:
    header: Segment
    count: int = 0
    hierarchy: int = 0
    line: int = 0
    has_gap: bool = False


@dataclass(slots=True)
class _Number:
    """A trailer whose control number is not its header's."""

    trailer: Segment
    header_tag: str
    header_number: str


@dataclass(slots=True)
class _Reading:
    open: dict[str, _Level] = field(default_factory=dict)
    is_broken: bool = False
    fixes: list[TrailerFix] = field(default_factory=list)
    numbers: list[_Number] = field(default_factory=list)


def trailer_fixes(segments: Iterable[Segment]) -> dict[int, tuple[TrailerFix, ...]]:
    """What to set right in the trailers of a file, by segment number. A file that breaks off has none at its end."""
    reading = _Reading()
    found: list[TrailerFix] = []
    numbers: list[_Number] = []
    used: dict[str, Counter[str]] = {level: Counter() for level in _LEVELS}
    try:
        for segment in segments:
            if segment.tag in _HEADERS:
                used[segment.tag][_number(segment)] += 1
                _open(reading, segment)
            elif segment.tag in _HEADERS.values():
                _close(reading, segment)
                if segment.tag == _HEADERS["ISA"]:
                    found += [_left(fix) for fix in reading.fixes] if reading.is_broken else reading.fixes
                    numbers += [] if reading.is_broken else reading.numbers
                    reading = _Reading()
            else:
                _inside(reading, segment)
    except X12Error:
        pass  # what cannot be read is left, and the check names it
    found += [fix for number in numbers if (fix := _control_number(number, used)) is not None]
    by_segment: dict[int, tuple[TrailerFix, ...]] = {}
    for fix in found:
        by_segment[fix.segment_number] = (*by_segment.get(fix.segment_number, ()), fix)
    return by_segment


def _open(reading: _Reading, segment: Segment) -> None:
    place = _LEVELS.index(segment.tag)
    outer = _LEVELS[place - 1] if place else None
    if any(level in reading.open for level in _LEVELS[place:]) or (outer and outer not in reading.open):
        reading.is_broken = True
    if outer in reading.open:
        reading.open[outer].count += 1
    reading.open[segment.tag] = _Level(segment)


def _close(reading: _Reading, segment: Segment) -> None:
    header_tag = next(tag for tag, trailer in _HEADERS.items() if trailer == segment.tag)
    place = _LEVELS.index(header_tag)
    if any(level in reading.open for level in _LEVELS[place + 1 :]):
        reading.is_broken = True
    level = reading.open.pop(header_tag, None)
    if level is None:
        reading.is_broken = True
        return
    expected = level.count if header_tag != "ST" else segment.number - level.header.number + 1
    given = segment.value(1).strip()
    if not (given.isascii() and given.isdigit() and int(given) == expected):
        left = "the numbers inside have gaps, so segments may have been lost" if level.has_gap else ""
        reading.fixes.append(
            TrailerFix(segment.number, 1, str(expected), "the count of what stands there", left)
        )
    if segment.value(2).strip() != _number(level.header):
        reading.numbers.append(_Number(segment, header_tag, _number(level.header)))


def _inside(reading: _Reading, segment: Segment) -> None:
    transaction = reading.open.get("ST")
    if transaction is None:
        return
    if segment.tag == "HL":
        transaction.hierarchy += 1
        transaction.has_gap |= segment.value(1).strip() != str(transaction.hierarchy)
    elif segment.tag == "CLM":
        transaction.line = 0
    elif segment.tag == "LX":
        transaction.line += 1
        transaction.has_gap |= segment.value(1).strip() != str(transaction.line)


def _control_number(number: _Number, used: dict[str, Counter[str]]) -> TrailerFix | None:
    given = number.trailer.value(2).strip()
    texts = (given, number.header_number)
    is_same = all(one.isascii() and one.isdigit() for one in texts) and int(texts[0]) == int(texts[1])
    left = ""
    if not _WELL_FORMED[number.header_tag].fullmatch(number.header_number):
        left = f"the header's own control number {number.header_number!r} is not well formed"
    elif not is_same and used[number.header_tag][given]:
        left = f"{given} is the control number of another header, so the levels may have been mixed up"
    elif not is_same and used[number.header_tag][number.header_number] > 1:
        left = f"{number.header_number} is the control number of several headers"
    return TrailerFix(number.trailer.number, 2, number.header_number, "the header's control number", left)


def _left(fix: TrailerFix) -> TrailerFix:
    why = "the levels of this interchange do not begin and end in turn"
    return TrailerFix(fix.segment_number, fix.position, fix.new, fix.why, fix.left or why)


def _number(header: Segment) -> str:
    return header.value(_CONTROL_NUMBER_AT[header.tag]).strip()
