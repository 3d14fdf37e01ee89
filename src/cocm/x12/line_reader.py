"""Reads service lines, and the diagnoses they point to, out of placed segments."""

from __future__ import annotations

from typing import Final

from cocm.basics.errors import X12Error
from cocm.x12.claim_record import LineRecord, PlacedSegment
from cocm.x12.coordination_reader import CoordinationReader, read_note, read_paperwork
from cocm.x12.party_reader import PartyReader
from cocm.x12.placed_values import Placed, cents, day, number, place, value_of, whole

_LINE_LOOP: Final = "2400"


class LineReader:
    """Reads loops 2400 with all below them."""

    def __init__(self, parties: PartyReader, coordination: CoordinationReader) -> None:
        self._parties = parties
        self._coordination = coordination

    def line(self, parts: Placed) -> LineRecord:
        """The line of the segments from its number (LX) to before the next line."""
        own = {placed.use.name: placed for placed in reversed(parts) if placed.use is not None}
        service, dates = own.get("service"), own.get("service_date")
        if service is None or dates is None:
            where = f"{place(parts[0].segment)}, loop {_LINE_LOOP}"
            raise X12Error(f"{where}: the line lacks its service (SV1) or date (DTP*472)")
        first_text, _, last_text = dates.value("date").partition("-")
        first, parties = day(dates, first_text, "DTP03"), self._parties
        return LineRecord(
            claim_line_number=whole(parts[0], "line_number"),
            hcpcs_code=service.value("hcpcs_code"),
            modifiers=_values(service, "modifier"),
            charge_amount_cents=cents(service, "charge_amount"),
            unit=service.value("unit"),
            service_unit_quantity=number(service, "quantity"),
            place_of_service_code=service.value("place_of_service_code"),
            diagnosis_pointers=tuple(_pointer(service, text) for text in _values(service, "pointer")),
            service_from_date=first,
            service_to_date=day(dates, last_text, "DTP03") if last_text else first,
            line_control_number=value_of(own, "line_control_number", "number"),
            rendering=parties.first(parts, "2420A"),
            supervising=parties.first(parts, "2420D"),
            referring=parties.first(parts, "2420F"),
            prior_authorization_number=_own_number(parts, "line_prior_authorization"),
            referral_number=_own_number(parts, "line_referral_number"),
            note=read_note(own.get("line_note")),
            paperwork=read_paperwork(parts, _LINE_LOOP, "line_paperwork") if "line_paperwork" in own else (),
            adjudications=self._coordination.line_adjudications(parts) if "line_adjudication" in own else (),
            start=parts[0].segment.start,
            end=parts[-1].segment.end,
        )


def diagnosis_codes(diagnoses: PlacedSegment | None) -> tuple[str, ...]:
    """The codes of the diagnoses in their order: the second component of each element."""
    if diagnoses is None:
        return ()
    segment = diagnoses.segment
    codes = (segment.value(position, 2).strip() for position in range(1, len(segment.elements)))
    return tuple(code for code in codes if code)


def _own_number(parts: Placed, name: str) -> str:
    """A number that the payer addressed has given; those of other payers name them."""
    for placed in parts:
        if placed.name == name and not placed.value("payer_number"):
            return placed.value("number")
    return ""


def _values(placed: PlacedSegment, prefix: str) -> tuple[str, ...]:
    """The components that the map names `prefix_1` to `prefix_4`, as far as they stand."""
    return tuple(filter(None, (placed.value(f"{prefix}_{at}") for at in (1, 2, 3, 4))))


def _pointer(service: PlacedSegment, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 2):
        raise X12Error(f"{place(service.segment)}, SV107: expected the place of a diagnosis, 1 to 12")
    return int(text)
