"""Typed values out of placed segments; what cannot be read is an `X12Error` with its byte, segment and element."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from cocm.basics.errors import X12Error
from cocm.basics.money import cents_from_decimal
from cocm.x12.claim_record import PlacedSegment
from cocm.x12.patterns import number_or_none
from cocm.x12.tokens import Segment

Placed = Sequence[PlacedSegment]

_DIGITS_MAX: Final = 18


def find(placed: Placed, loop_id: str, name: str) -> PlacedSegment | None:
    """The first segment of this name in a loop."""
    for one in placed:
        if one.use is not None and one.use.name == name and one.loop_id == loop_id:
            return one
    return None


def groups(
    placed: Placed, loop_id: str, *, inside: str = "", everything: bool = False
) -> Iterator[list[PlacedSegment]]:
    """The segments of each time a loop stands, with those of the loops below it.

    Below it are the loops whose ids begin with `inside`, or all that follows, up to where it stands again.
    """
    parts: list[PlacedSegment] = []
    for one in placed:
        if one.loop_id == loop_id and one.use is not None and one.use.starts_loop:
            if parts:
                yield parts
            parts = [one]
        elif parts:
            belongs = everything or one.loop_id == loop_id or (inside and one.loop_id.startswith(inside))
            if belongs:
                parts.append(one)
            else:
                yield parts
                parts = []
    if parts:
        yield parts


def value_of(uses: Mapping[str, PlacedSegment], name: str, element: str) -> str:
    """An element of the segment of this name; empty where it does not stand."""
    placed = uses.get(name)
    return placed.value(element) if placed is not None else ""


def cents_of(uses: Mapping[str, PlacedSegment], name: str) -> int | None:
    """The amount of the segment of this name; None where it does not stand."""
    placed = uses.get(name)
    return cents(placed, "amount") if placed is not None else None


def day_of(uses: Mapping[str, PlacedSegment], name: str) -> date | None:
    """The date of the segment of this name; None where it does not stand."""
    placed = uses.get(name)
    return day(placed, placed.value("date"), label(placed, "date")) if placed is not None else None


def number(placed: PlacedSegment, name: str) -> Decimal:
    """An element as a number."""
    found = number_or_none(placed.value(name))
    if found is None:
        raise X12Error(f"{place(placed.segment)}, {label(placed, name)}: expected a number")
    return found


def cents(placed: PlacedSegment, name: str) -> int:
    """An element as an amount in cents."""
    amount = number(placed, name)
    found = cents_from_decimal(amount)
    if Decimal(found).scaleb(-2) != amount:
        raise X12Error(f"{place(placed.segment)}, {label(placed, name)}: expected an amount in whole cents")
    return found


def whole(placed: PlacedSegment, name: str) -> int:
    """An element as a whole number."""
    text = placed.value(name)
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX):
        raise X12Error(f"{place(placed.segment)}, {label(placed, name)}: expected a whole number")
    return int(text)


def day(placed: PlacedSegment, text: str, element: str) -> date:
    """A text of this segment as a date."""
    try:
        if len(text) != 8 or not (text.isascii() and text.isdigit()):
            raise ValueError
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        raise X12Error(f"{place(placed.segment)}, {element}: expected a date as CCYYMMDD") from None


def label(placed: PlacedSegment, name: str) -> str:
    """The field's name for an element: `CLM02`."""
    return (
        placed.use.element(name).label(placed.segment.tag) if placed.use is not None else placed.segment.tag
    )


def place(segment: Segment) -> str:
    """Where a segment stands, for a message."""
    return f"byte {segment.start}, segment {segment.number}"
