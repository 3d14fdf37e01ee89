"""What records of claims and their lines share on the wire: services, their dates, numbers, and who a level names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from cocm.basics.errors import X12Error
from cocm.x12.claim_record import PartyRecord, PlacedSegment
from cocm.x12.loop_tree import LoopNode
from cocm.x12.party_reader import PartyReader
from cocm.x12.tree_values import amount_text, optional_number, span_record, span_values
from cocm.x12.tree_writer import SegmentValues, Value, segment
from cocm.x12.wire_parts import DateSpan

_SERVICE: Final = "472"
_MODIFIERS: Final = (1, 2, 3, 4)


def modifiers(service: PlacedSegment) -> tuple[str, ...]:
    """A service's modifiers."""
    return tuple(filter(None, (service.value(f"modifier_{at}") for at in _MODIFIERS)))


def service_values(
    code_type: str,
    hcpcs_code: str,
    modifier_codes: Sequence[str],
    charge_amount_cents: int,
    revenue_code: str = "",
    submitted_quantity: Decimal | None = None,
) -> dict[str, Value]:
    """A service as an SVC segment has it. Raises `X12Error` for more modifiers than fit."""
    if len(modifier_codes) > len(_MODIFIERS):
        raise X12Error(
            f"service {hcpcs_code}: at most {len(_MODIFIERS)} modifiers fit, not {len(modifier_codes)}"
        )
    values: dict[str, Value] = {
        "code_type": code_type,
        "hcpcs_code": hcpcs_code,
        "charge_amount": amount_text(charge_amount_cents),
        "revenue_code": revenue_code,
        "submitted_quantity": optional_number(submitted_quantity),
    }
    return values | {f"modifier_{at}": code for at, code in enumerate(modifier_codes, start=1)}


def service_span(loop: LoopNode) -> tuple[date | None, date | None]:
    """The first and last day of a claim's or line's service; None where it is not said."""
    placed = loop.find("service_date")
    if placed is None:
        return None, None
    span = span_record(placed)
    return span.from_date, span.to_date


def service_dates(first: date | None, last: date | None) -> Iterator[SegmentValues]:
    """The days of a service, where they are known."""
    if first is not None:
        yield SegmentValues("service_date", span_values(DateSpan(_SERVICE, first, last or first)))


def number_values(name: str, kind: str, number: str) -> Iterator[SegmentValues]:
    """A number as a REF segment, where there is one."""
    if number:
        yield segment(name, number_type=kind, number=number)


def named_party(parties: PartyReader, level: LoopNode, loop_id: str) -> PartyRecord:
    """Whom a level is about. Raises `X12Error` where it names nobody."""
    name = level.child(loop_id)
    if name is None:
        raise X12Error(
            f"byte {level.start}: loop {level.loop_id} names nobody; expected loop {loop_id} (NM1)"
        )
    return parties.party(name.segments[:1])
