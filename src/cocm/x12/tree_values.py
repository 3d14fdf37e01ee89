"""Values of records as X12 writes them, and segments of a tree as parts of records: the two directions side by side."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from cocm.basics.errors import X12Error
from cocm.care.people import Address
from cocm.x12.charset import cut_at_word, plain_text
from cocm.x12.claim_record import PartyRecord, PlacedSegment
from cocm.x12.party_reader import PartyReader
from cocm.x12.placed_values import cents, day, label, number, place
from cocm.x12.tree_writer import SegmentValues, Value, segment
from cocm.x12.wire_parts import AmountRecord, ContactRecord, DateSpan, Reference

ONE_DAY: Final = "D8"
SEVERAL_DAYS: Final = "RD8"

NAME_MAX: Final = 60
FIRST_NAME_MAX: Final = 35
MIDDLE_NAME_MAX: Final = 25
SUFFIX_MAX: Final = 10
ADDRESS_LINE_MAX: Final = 55
CITY_MAX: Final = 30

_CHANNELS: Final = (1, 2, 3)
_PERSON: Final = "1"
_ORGANIZATION: Final = "2"
_TELEPHONE: Final = "TE"


def amount_text(amount_cents: int) -> str:
    """Cents as X12 writes dollars: no sign for a sum received, no decimals where there are none."""
    sign = "-" if amount_cents < 0 else ""
    whole, rest = divmod(abs(amount_cents), 100)
    return f"{sign}{whole}.{rest:02d}".rstrip("0") if rest else f"{sign}{whole}"


def number_text(given: Decimal | int) -> str:
    """A number without exponent and without zeros that say nothing."""
    text = f"{given:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def optional_amount(amount_cents: int | None) -> str:
    """As `amount_text`; empty where there is none."""
    return "" if amount_cents is None else amount_text(amount_cents)


def optional_number(given: Decimal | int | None) -> str:
    """As `number_text`; empty where there is none."""
    return "" if given is None else number_text(given)


def day_text(given: date | None) -> str:
    """A day as CCYYMMDD; empty where there is none."""
    return f"{given:%Y%m%d}" if given is not None else ""


def time_text(given: datetime) -> str:
    """A time as HHMM."""
    return f"{given:%H%M}"


def span_values(span: DateSpan) -> dict[str, Value]:
    """A span as a DTP segment has it."""
    is_one_day = span.from_date == span.to_date
    text = day_text(span.from_date)
    return {
        "kind": span.kind,
        "date_format": ONE_DAY if is_one_day else SEVERAL_DAYS,
        "date": text if is_one_day else f"{text}-{day_text(span.to_date)}",
    }


def span_record(placed: PlacedSegment) -> DateSpan:
    """A DTP segment as a span. Raises `X12Error` where it holds no dates."""
    text, element = placed.value("date"), label(placed, "date")
    first, dash, last = text.partition("-")
    if dash and placed.value("date_format") not in (SEVERAL_DAYS, ""):
        raise X12Error(f"{place(placed.segment)}, {element}: expected one date as CCYYMMDD")
    from_date = day(placed, first, element)
    return DateSpan(placed.value("kind"), from_date, day(placed, last, element) if dash else from_date)


def optional_day(placed: PlacedSegment | None, name: str = "date") -> date | None:
    """An element as a day; None where the segment or the element does not stand."""
    if placed is None or not placed.value(name):
        return None
    return day(placed, placed.value(name), label(placed, name))


def optional_cents(placed: PlacedSegment | None, name: str = "amount") -> int | None:
    """An element as cents; None where the segment or the element does not stand."""
    return cents(placed, name) if placed is not None and placed.value(name) else None


def decimal_or_none(placed: PlacedSegment | None, name: str) -> Decimal | None:
    """An element as a number; None where the segment or the element does not stand."""
    return number(placed, name) if placed is not None and placed.value(name) else None


def references(placed: Iterable[PlacedSegment]) -> tuple[Reference, ...]:
    """REF segments as references."""
    return tuple(
        Reference(one.value("number_type"), one.value("number"), one.value("description")) for one in placed
    )


def reference_values(name: str, given: Iterable[Reference]) -> list[SegmentValues]:
    """References as REF segments."""
    return [
        segment(name, number_type=one.kind, number=one.number, **_if_given("description", one.description))
        for one in given
    ]


def _if_given(name: str, value: Value) -> dict[str, Value]:
    return {name: value} if value else {}


def amounts(placed: Iterable[PlacedSegment]) -> tuple[AmountRecord, ...]:
    """AMT segments as amounts."""
    return tuple(AmountRecord(one.value("amount_type"), cents(one, "amount")) for one in placed)


def contacts(placed: Iterable[PlacedSegment]) -> tuple[ContactRecord, ...]:
    """PER segments as contacts."""
    return tuple(
        ContactRecord(
            one.value("contact_type"),
            one.value("contact_name"),
            tuple(
                (one.value(f"channel_{at}"), one.value(f"number_{at}"))
                for at in _CHANNELS
                if one.value(f"number_{at}")
            ),
        )
        for one in placed
    )


def contact_values(name: str, given: ContactRecord) -> SegmentValues:
    """A contact as a PER segment. Telephone numbers are written as digits."""
    if len(given.channels) > len(_CHANNELS):
        raise X12Error(f"{name.replace('_', ' ')}: at most {len(_CHANNELS)} ways to reach a contact fit")
    values: dict[str, Value] = {"contact_type": given.kind}
    if given.name:
        values["contact_name"] = plain(given.name, NAME_MAX)
    for at, (channel, text) in enumerate(given.channels, start=1):
        values[f"channel_{at}"] = channel
        values[f"number_{at}"] = "".join(filter(str.isdigit, text)) if channel == _TELEPHONE else text
    return SegmentValues(name, values)


def plain(text: str, length_max: int) -> str:
    """A name, line or message in the basic set, without any sign that may be a delimiter, cut to what fits."""
    cleaned = plain_text(text)
    return cleaned if len(cleaned) <= length_max else cleaned[:length_max].rstrip()


def name_values(party: PartyRecord, entity: str = "") -> dict[str, Value]:
    """A party as an NM1 segment has it. Empty parts are left out."""
    values: dict[str, Value] = {
        "entity_type": _PERSON if party.is_person else _ORGANIZATION,
        "last_or_organization_name": plain(party.last_or_organization_name, NAME_MAX),
        "first_name": plain(party.first_name, FIRST_NAME_MAX),
        "middle_name": plain(party.middle_name, MIDDLE_NAME_MAX),
        "name_suffix": plain(party.name_suffix, SUFFIX_MAX),
        "identifier_type": party.identifier_type,
        "identifier": party.identifier,
    }
    if entity:
        values["entity"] = entity
    return {name: value for name, value in values.items() if value}


def address_values(name: str, address: Address | None) -> list[SegmentValues]:
    """An address as N3 and N4 of a party whose segments are named after it (`payer_address`, `payer_city`)."""
    if address is None:
        return []
    line, rest = cut_at_word(plain_text(address.line), ADDRESS_LINE_MAX)
    found = []
    if line:
        found.append(
            SegmentValues(
                f"{name}_address", {"line_1": line, **_if_given("line_2", plain(rest, ADDRESS_LINE_MAX))}
            )
        )
    if address.city:
        found.append(
            segment(
                f"{name}_city",
                city=plain(address.city, CITY_MAX),
                state=address.state,
                postal_code=address.postal_code,
            )
        )
    return found


def party(
    reader: PartyReader, placed: Iterable[PlacedSegment], tags: frozenset[str] = frozenset()
) -> PartyRecord:
    """The party of a loop's segments; of those with certain tags alone, where `tags` names some."""
    return reader.party(
        [one for one in placed if one.use is not None and (not tags or one.segment.tag in tags)]
    )
