"""Reading the registry."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from cocm.server.access.actor import Actor
from cocm.server.access.permissions import ChartReach, Permission
from cocm.server.records import OrganizationRows
from cocm.server.registry.models import CareTeamMember, Episode, Patient


def caseload(*, actor: Actor, ended: bool = False) -> OrganizationRows:
    """Open (or ended) episodes of the patients whose charts are the person's to open, by name."""
    episodes = (
        Episode.objects.of(actor)
        .filter(end_date__isnull=not ended)
        .select_related("patient", "bhcm", "billing_practitioner", "psychiatric_consultant", "site")
        .order_by("patient__last_name", "patient__first_name", "patient__patient_id", "start_date")
    )
    if actor.chart_reach is ChartReach.ALL:
        return episodes
    if actor.chart_reach is ChartReach.NONE or actor.staff_member_id is None:
        return episodes.none()
    today = timezone.localdate()
    on_team = CareTeamMember.objects.of(actor).filter(
        Q(to_date__isnull=True) | Q(to_date__gte=today),
        episode=OuterRef("pk"),
        staff_member_id=actor.staff_member_id,
        from_date__lte=today,
    )
    return episodes.filter(Exists(on_team))


def episodes_of(*, actor: Actor, patient: Patient) -> OrganizationRows:
    """The patient's episodes, the last first."""
    return Episode.objects.of(actor).filter(patient=patient).order_by("-start_date", "-episode_id")


@dataclass(frozen=True, slots=True)
class Found:
    """A patient that a search found. `is_open`: the chart opens without breaking the glass."""

    patient: Patient
    is_open: bool


FOUND_MAX: Final = 50


def found_patients(*, actor: Actor, text: str) -> list[Found]:
    """Patients whose id or record number is `text`, or whose names begin with its words; one's own first.

    Who may break the glass also finds patients outside the own care team, by name and id only.
    """
    words = [word for word in re.split(r"[\s,]+", text.strip()) if word]
    if not words:
        return []
    names = Q()
    for word in words:
        names &= (
            Q(last_name__istartswith=word)
            | Q(first_name__istartswith=word)
            | Q(preferred_name__istartswith=word)
        )
    patients = Patient.objects.of(actor).filter(
        names | Q(patient_id__iexact=text.strip()) | Q(medical_record_number__iexact=text.strip())
    )
    own = open_patients(actor=actor)
    if not actor.may(Permission.BREAK_GLASS):
        patients = patients.filter(pk__in=own)
    found = list(patients.order_by("last_name", "first_name", "patient_id")[:FOUND_MAX])
    opened = set(own.filter(pk__in=[patient.pk for patient in found]).values_list("pk", flat=True))
    hits = [Found(patient, patient.pk in opened) for patient in found]
    return sorted(hits, key=lambda hit: not hit.is_open)


def open_patients(*, actor: Actor) -> OrganizationRows:
    """The patients whose charts are the person's to open by role or care team."""
    patients = Patient.objects.of(actor)
    if actor.chart_reach is ChartReach.ALL:
        return patients
    if actor.chart_reach is ChartReach.NONE or actor.staff_member_id is None:
        return patients.none()
    today = timezone.localdate()
    on_team = CareTeamMember.objects.of(actor).filter(
        Q(to_date__isnull=True) | Q(to_date__gte=today),
        episode__patient_id=OuterRef("pk"),
        staff_member_id=actor.staff_member_id,
        from_date__lte=today,
    )
    return patients.filter(Exists(on_team))
