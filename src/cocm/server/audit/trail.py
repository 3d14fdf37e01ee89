"""Adding to the trail: services and views call `record`; a page's events are written last, in its own transaction.

Whoever a page showed and no event names is added by itself (`seen`), so that no look at a patient goes without one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.db import transaction

from cocm.server.audit.verbs import Verb
from cocm.server.chains import START_OF_CHAIN, chained_hash, list_hash
from cocm.server.transactions import after_reading

if TYPE_CHECKING:
    from cocm.server.access.actor import Actor


PATIENTS_INLINE_MAX: Final = 25
"""An event that names more patients than this refers to a list, which is kept once."""


@dataclass(frozen=True, slots=True)
class _Pending:
    actor: Actor
    verb: Verb
    object_type: str
    object_id: str
    patient_id: UUID | None
    reason: str
    details: dict[str, Any]
    at: datetime


@dataclass(slots=True)
class _Gathering:
    events: list[_Pending] = field(default_factory=list)
    patients_seen: set[UUID] = field(default_factory=set)


_gathering: ContextVar[_Gathering | None] = ContextVar("audit_gathering", default=None)


def record(
    actor: Actor,
    verb: Verb,
    *,
    object_type: str,
    object_id: object,
    patient_id: UUID | None = None,
    reason: str = "",
    details: dict[str, Any] | None = None,
    at: datetime | None = None,
) -> None:
    """Add an event to the trail of the actor's organization, in the transaction at hand.

    `details` may hold ids, names of fields and counts: never what a person typed or what a field holds.
    """
    event = _Pending(
        actor,
        verb,
        object_type,
        str(object_id),
        patient_id,
        reason,
        details or {},
        at or datetime.now(tz=UTC),
    )
    gathering = _gathering.get()
    if gathering is None:
        _write([event])
    else:
        gathering.events.append(event)


def seen(patient_ids: Iterable[UUID]) -> None:
    """Note that patients were read for the page at hand. Models call it; a query of plain values must do so itself."""
    gathering = _gathering.get()
    if gathering is not None:
        gathering.patients_seen.update(patient_ids)


@contextmanager
def only_counted() -> Iterator[None]:
    """What is read here is counted and shown to nobody: no patient is noted as seen. Nothing is recorded in it."""
    token = _gathering.set(None)
    try:
        yield
    finally:
        _gathering.reset(token)


@contextmanager
def gathered(actor: Actor) -> Iterator[None]:
    """Hold a page's events back until it is done, then write them all under one short lock. An error writes none."""
    gathering = _Gathering()
    token = _gathering.set(gathering)
    try:
        yield
    finally:
        _gathering.reset(token)
    named = {event.patient_id for event in gathering.events}
    unnamed = sorted(str(patient_id) for patient_id in gathering.patients_seen - named)
    if unnamed:
        details = {"patients": unnamed}
        gathering.events.append(
            _Pending(
                actor,
                Verb.PATIENTS_SEEN,
                "patients",
                str(len(unnamed)),
                None,
                "",
                details,
                datetime.now(tz=UTC),
            )
        )
    if gathering.events:
        after_reading(lambda: _write(gathering.events))


def _write(events: Sequence[_Pending]) -> None:
    from cocm.server.audit.models import AuditEvent, AuditHead, PatientList

    organization_id = events[0].actor.organization_id
    with transaction.atomic(savepoint=False):  # without its events the whole page fails
        heads = AuditHead.objects.filter(organization_id=organization_id)
        head = heads.select_for_update().first()
        if head is None:
            AuditHead.objects.bulk_create(
                [AuditHead(organization_id=organization_id, last_hash=START_OF_CHAIN)], ignore_conflicts=True
            )
            head = heads.select_for_update().get()
        rows = []
        lists: dict[str, str] = {}
        for event in events:
            if event.actor.organization_id != organization_id:
                raise ValueError("events of one page belong to one organization")
            head.last_number += 1
            row = AuditEvent(
                organization_id=organization_id,
                number=head.last_number,
                at=event.at,
                user_id=event.actor.user_id,
                role=str(event.actor.role or "system"),
                verb=event.verb,
                object_type=event.object_type,
                object_id=event.object_id,
                patient_id=event.patient_id,
                reason=event.reason,
                details=_details(event.details, lists) | _token(event.actor),
                request_id=event.actor.request_id,
                previous_hash=head.last_hash,
            )
            row.row_hash = head.last_hash = chained_hash(head.last_hash, row.content())
            rows.append(row)
        PatientList.objects.bulk_create(
            [
                PatientList(organization_id=organization_id, list_hash=name, patients=patients)
                for name, patients in lists.items()
                if not PatientList.objects.filter(organization_id=organization_id, list_hash=name).exists()
            ]
        )
        AuditEvent.objects.bulk_create(rows)
        head.save(update_fields=("last_number", "last_hash"))


def _token(actor: Actor) -> dict[str, Any]:
    """Names the token of a programme that acts as the person."""
    return {} if actor.token_id is None else {"token": str(actor.token_id)}


def _details(details: dict[str, Any], lists: dict[str, str]) -> dict[str, Any]:
    """The details as they are kept: many patients become the hash of their list, which is put into `lists`."""
    patients = details.get("patients", ())
    if len(patients) <= PATIENTS_INLINE_MAX:
        return details
    text = "\n".join(sorted(str(patient) for patient in patients))
    name = list_hash(text)
    lists[name] = text
    kept = {key: value for key, value in details.items() if key != "patients"}
    return kept | {"patient_list": name, "patients_listed": len(patients)}
