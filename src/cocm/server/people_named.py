"""Patients as lists of claims name them: by name where their chart is the person's to open, else by id alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from cocm.server.access.actor import Actor
from cocm.server.audit.trail import seen
from cocm.server.registry.models import Patient
from cocm.server.registry.selectors import open_patients

PATIENTS_AT_ONCE: Final = 900


@dataclass(frozen=True, slots=True)
class NamedPatient:
    """A patient for a list. `name` is `Last, First`, or the practice's id where the chart is not open to the person."""

    pk: UUID
    patient_id: str
    name: str
    is_open: bool


def patients_named(*, actor: Actor, patient_ids: Iterable[str]) -> dict[str, NamedPatient]:
    """The patients of these ids by id; whom the practice no longer has is not among them. The trail is told."""
    wanted = sorted(set(patient_ids))
    found: dict[str, NamedPatient] = {}
    for start in range(0, len(wanted), PATIENTS_AT_ONCE):
        some = wanted[start : start + PATIENTS_AT_ONCE]
        rows = Patient.objects.of(actor).filter(patient_id__in=some)
        for pk, patient_id in rows.values_list("pk", "patient_id"):
            found[patient_id] = NamedPatient(pk, patient_id, patient_id, False)
        opened = open_patients(actor=actor).filter(patient_id__in=some)
        for pk, patient_id, last, first in opened.values_list("pk", "patient_id", "last_name", "first_name"):
            found[patient_id] = NamedPatient(pk, patient_id, f"{last}, {first}", True)
    seen(one.pk for one in found.values())
    return found
