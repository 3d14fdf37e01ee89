"""Changing a row in place: what stood in it is kept, with who changed it and why."""

from __future__ import annotations

from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from cocm.server.access.actor import Actor
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.records import OrganizationRow
from cocm.server.registry.models import FormerValues, Patient


def add(actor: Actor, row: OrganizationRow, patient: Patient, **details: Any) -> Any:
    """Check and save a new row of a patient's, with its event."""
    row.organization_id = actor.organization_id
    row.full_clean(exclude=_unchecked(row))
    row.save(force_insert=True)
    record(
        actor,
        Verb.ADDED,
        object_type=str(row._meta.model_name),
        object_id=row.pk,
        patient_id=patient.pk,
        details=details,
    )
    return row


def change(
    actor: Actor, row: OrganizationRow, patient: Patient, values: dict[str, Any], reason: str = ""
) -> list[str]:
    """Set fields of a row; what they held is kept (`FormerValues`). The names of those that changed, maybe none."""
    before = {name: getattr(row, name) for name, value in values.items() if getattr(row, name) != value}
    if not before:
        return []
    for name in before:
        setattr(row, name, values[name])
    row.full_clean(exclude=_unchecked(row))
    row.save()
    FormerValues(
        organization_id=actor.organization_id,
        patient=patient,
        object_type=str(row._meta.model_name),
        object_id=row.pk,
        values={name: _plain(value) for name, value in before.items()},
        reason=reason,
        changed_by_id=actor.user_id,
    ).save(force_insert=True)
    record(
        actor,
        Verb.CORRECTED if reason else Verb.CHANGED,
        object_type=str(row._meta.model_name),
        object_id=row.pk,
        patient_id=patient.pk,
        details={"fields": sorted(before)},
    )
    return sorted(before)


def _unchecked(row: OrganizationRow) -> list[str]:
    """Relations that the service has set itself, and what may be empty and is."""
    own = {"organization", "patient", "episode"}
    return [
        field.name
        for field in row._meta.concrete_fields
        if field.name in own or (field.null and getattr(row, field.attname) is None)
    ]


def _plain(value: Any) -> Any:
    """A field's value as JSON keeps it; a related row by its key."""
    if isinstance(value, models.Model):
        return str(value.pk)
    if value is None or isinstance(value, str | int | bool | dict | list):
        return value
    return DjangoJSONEncoder().default(value)
