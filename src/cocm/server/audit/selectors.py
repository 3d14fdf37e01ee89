"""Reading the trail, and verifying it."""

from __future__ import annotations

from collections.abc import Iterator

from cocm.server.access.actor import Actor
from cocm.server.audit.models import AuditEvent, AuditHead
from cocm.server.chains import START_OF_CHAIN, Break, Link, first_break


def events(*, actor: Actor) -> list[AuditEvent]:
    """The organization's events, the last first."""
    return AuditEvent.objects.of(actor).order_by("-number")


def first_broken_event(*, actor: Actor) -> Break | None:
    """Where the organization's trail was tampered with first: changed, taken out, put in, or cut off at its end."""
    last = Link(0, {}, "", START_OF_CHAIN)

    def links() -> Iterator[Link]:
        nonlocal last
        for event in AuditEvent.objects.of(actor).order_by("number").iterator(chunk_size=2_000):
            last = Link(event.number, event.content(), event.previous_hash, event.row_hash)
            yield last

    broken = first_break(links())
    if broken is not None:
        return broken
    head = AuditHead.objects.of(actor).first()
    number, row_hash = (head.last_number, head.last_hash) if head else (0, START_OF_CHAIN)
    if (number, row_hash) != (last.number, last.row_hash):
        return Break(last.number + 1, f"row {last.number + 1} is missing: the trail was {number} rows long")
    return None
