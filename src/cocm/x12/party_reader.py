"""Persons and organizations out of the segments of their loops; the same ones are read once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cocm.care.people import Address
from cocm.x12.claim_record import PartyRecord, PlacedSegment
from cocm.x12.placed_values import Placed, day

PARTIES_KEPT_MAX: Final = 4096
KEPT_TEXT_CHARACTERS_MAX: Final = 2000

_TAX_NUMBER_TYPES: Final = ("EI", "SY")
_CHANNEL_TELEPHONE: Final = "TE"


class PartyReader:
    """Reads parties, and remembers them by the text of their segments and by what of it the guide has there."""

    def __init__(self) -> None:
        self._kept: dict[str, PartyRecord] = {}

    def first(self, placed: Placed, loop_id: str) -> PartyRecord | None:
        """The party of the first time a loop stands; None where it does not."""
        return next(self.all(placed, loop_id), None)

    def all(self, placed: Placed, loop_id: str) -> Iterator[PartyRecord]:
        """The party of each time a loop stands."""
        parts: list[PlacedSegment] = []
        for one in placed:
            if one.loop_id == loop_id:
                if parts and one.use is not None and one.use.starts_loop:
                    yield self.party(parts)
                    parts = []
                parts.append(one)
        if parts:
            yield self.party(parts)

    def party(self, parts: Placed) -> PartyRecord:
        """The party of the segments of one loop."""
        key = "\n".join(
            [one.segment.text if one.use is not None else f"-{one.segment.text}" for one in parts]
        )
        party = self._kept.get(key)
        if party is None:
            party = _party(parts)
            if len(self._kept) >= PARTIES_KEPT_MAX:
                self._kept.clear()
            if len(key) <= KEPT_TEXT_CHARACTERS_MAX:
                self._kept[key] = party
        return party


def _party(parts: Placed) -> PartyRecord:
    by_tag: dict[str, PlacedSegment] = {}
    tin = ""
    for part in parts:
        if part.use is None:
            continue  # what the guide does not have here says nothing about the party
        by_tag.setdefault(part.segment.tag, part)
        if part.segment.tag == "REF" and part.value("number_type") in _TAX_NUMBER_TYPES:
            tin = tin or part.value("number")
    name = by_tag.get("NM1") or by_tag.get("N1", parts[0])
    taxonomy, birth = by_tag.get("PRV"), by_tag.get("DMG")
    return PartyRecord(
        is_person=name.value("entity_type") == "1",
        last_or_organization_name=name.value("last_or_organization_name"),
        first_name=name.value("first_name"),
        middle_name=name.value("middle_name"),
        name_suffix=name.value("name_suffix"),
        identifier_type=name.value("identifier_type"),
        identifier=name.value("identifier"),
        tin=tin,
        taxonomy_code=taxonomy.value("taxonomy_code") if taxonomy else "",
        address=_address(by_tag.get("N3"), by_tag.get("N4")),
        phone=_phone(by_tag.get("PER")),
        birth_date=day(birth, birth.value("birth_date"), "DMG02") if birth else None,
        sex=birth.value("sex") if birth else "",
    )


def _address(lines: PlacedSegment | None, city: PlacedSegment | None) -> Address | None:
    if lines is None and city is None:
        return None
    street = " ".join(filter(None, (lines.value("line_1"), lines.value("line_2")))) if lines else ""
    if city is None:
        return Address(street, "", "", "")
    return Address(street, city.value("city"), city.value("state"), city.value("postal_code"))


def _phone(contact: PlacedSegment | None) -> str:
    if contact is None:
        return ""
    channels = ((contact.value(f"channel_{place}"), contact.value(f"number_{place}")) for place in (1, 2, 3))
    return next((number for channel, number in channels if channel == _CHANNEL_TELEPHONE), "")
