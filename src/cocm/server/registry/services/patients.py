"""Writing who the patient is, and their cover."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.accounts.models import StaffMember
from cocm.server.registry.models import CareTeamMember, Coverage, Episode, Patient
from cocm.server.registry.services.changes import add, change
from cocm.server.registry.services.episodes import episode_open


@transaction.atomic
def patient_add(
    *, actor: Actor, person: dict[str, Any], start_date: date, status: str, reason: str = "", **episode: Any
) -> Patient:
    """A new patient with the first episode. Whoever adds one and is not on the team covers for it from now on."""
    actor.require(Permission.CHART_EDIT)
    patient_id = person["patient_id"]
    if Patient.objects.of(actor).filter(patient_id=patient_id).exists():
        raise ValidationError({"patient_id": "another patient has this id; search for it first"})
    patient = Patient(organization_id=actor.organization_id, **person)
    add(actor, patient, patient)
    opened = episode_open(
        actor=actor, patient=patient, start_date=start_date, status=status, reason=reason, **episode
    )
    me = actor.staff_member_id
    if me is not None and not opened.team.filter(staff_member_id=me).exists():
        staff = StaffMember.objects.of(actor).get(pk=me)
        part = CareTeamMember.Part.COVERING
        add(
            actor,
            CareTeamMember(episode=opened, staff_member=staff, part=part, from_date=start_date),
            patient,
        )
    return patient


@transaction.atomic
def patient_change(*, actor: Actor, patient: Patient, values: dict[str, Any]) -> list[str]:
    """Change who the patient is; the practice's own id stays. What stood there is kept."""
    actor.require(Permission.CHART_EDIT)
    return change(
        actor, patient, patient, {name: value for name, value in values.items() if name != "patient_id"}
    )


@transaction.atomic
def coverage_add(*, actor: Actor, patient: Patient, **values: Any) -> Coverage:
    """A policy of the patient."""
    actor.require(Permission.COVER_EDIT)
    _check_days(values)
    made: Coverage = add(actor, Coverage(patient=patient, **values), patient)
    return made


@transaction.atomic
def coverage_change(*, actor: Actor, patient: Patient, coverage: Coverage, **values: Any) -> list[str]:
    """Change a policy, or say that it ended or was verified."""
    actor.require(Permission.COVER_EDIT)
    _check_days(values)
    return change(actor, coverage, patient, values)


def _check_days(values: dict[str, Any]) -> None:
    if values.get("coverage_to") and values["coverage_to"] < values["coverage_from"]:
        raise ValidationError({"coverage_to": "the last day lies before the first"})


def open_episode_of(*, actor: Actor, patient: Patient) -> Episode | None:
    """The patient's open episode, or the latest one."""
    episodes = Episode.objects.of(actor).filter(patient=patient)
    return (
        episodes.filter(end_date__isnull=True).order_by("-start_date").first()
        or episodes.order_by("-start_date", "-episode_id").first()
    )
