"""Reading the trail, and verifying it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from cocm.server.access.actor import Actor
from cocm.server.audit.models import AuditEvent, AuditHead, PatientList
from cocm.server.chains import START_OF_CHAIN, Break, Link, first_break, list_hash
from cocm.server.records import OrganizationRows


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for in the trail; empty fields look for everything. Days are the organization's, both included."""

    person: UUID | None = None
    patient: UUID | None = None
    verb: str = ""
    from_date: date | None = None
    to_date: date | None = None


def events(*, actor: Actor) -> OrganizationRows:
    """The organization's events, the last first."""
    return AuditEvent.objects.of(actor).order_by("-number")


def found_events(*, actor: Actor, search: Search) -> OrganizationRows:
    """The events that a search finds, the last first; a patient's are also those of lists the patient stood on."""
    found = events(actor=actor)
    if search.person:
        found = found.filter(user_id=search.person)
    if search.verb:
        found = found.filter(verb=search.verb)
    if search.from_date:
        found = found.filter(at__gte=_midnight(search.from_date))
    if search.to_date:
        found = found.filter(at__lt=_midnight(search.to_date + timedelta(days=1)))
    if search.patient:
        lists = PatientList.objects.of(actor).filter(patients__contains=str(search.patient))
        found = found.annotate(details_text=Cast("details", TextField())).filter(
            Q(patient_id=search.patient)
            | Q(details_text__contains=str(search.patient))
            | Q(details__patient_list__in=list(lists.values_list("list_hash", flat=True)))
        )
    return found


def patients_of(*, actor: Actor, event: AuditEvent) -> list[str]:
    """The ids of every patient that an event names."""
    listed = event.details.get("patient_list")
    if listed:
        kept = PatientList.objects.of(actor).filter(list_hash=listed).first()
        return kept.patients.split("\n") if kept else []
    named = [str(event.patient_id)] if event.patient_id else []
    return named + list(event.details.get("patients", ()))


def first_broken_event(*, actor: Actor) -> Break | None:
    """Where the organization's trail was tampered with first: changed, taken out, put in, or cut off at its end.

    The lists of patients that events refer to are part of it.
    """
    last = Link(0, {}, "", START_OF_CHAIN)
    lists: dict[str, int] = {}

    def links() -> Iterator[Link]:
        nonlocal last
        for event in AuditEvent.objects.of(actor).order_by("number").iterator(chunk_size=2_000):
            last = Link(event.number, event.content(), event.previous_hash, event.row_hash)
            if "patient_list" in event.details:
                lists.setdefault(event.details["patient_list"], event.number)
            yield last

    broken = first_break(links())
    if broken is not None:
        return broken
    head = AuditHead.objects.of(actor).first()
    number, row_hash = (head.last_number, head.last_hash) if head else (0, START_OF_CHAIN)
    if (number, row_hash) != (last.number, last.row_hash):
        return Break(last.number + 1, f"row {last.number + 1} is missing: the trail was {number} rows long")
    return _first_broken_list(actor, lists)


def _first_broken_list(actor: Actor, lists: dict[str, int]) -> Break | None:
    sound = {
        kept.list_hash
        for kept in PatientList.objects.of(actor).iterator(chunk_size=200)
        if list_hash(kept.patients) == kept.list_hash
    }
    for name, number in sorted(lists.items(), key=lambda item: item[1]):
        if name not in sound:
            return Break(number, f"the list of patients of row {number} is missing or not what was written")
    return None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
