"""Which chart opens to whom: by the role's reach, by the care team, or by a glass that was broken with a reason."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from cocm.server.access.actor import Actor
from cocm.server.access.models import ChartOpening
from cocm.server.access.permissions import ChartReach
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.registry.models import CareTeamMember, Patient


class ChartNotFound(LookupError):
    """The organization has no such patient (another's patient is none of ours)."""


class ChartClosed(PermissionError):
    """The patient is the organization's, and the person is not on the care team."""


def open_chart(actor: Actor, patient_id: UUID, *, page: str) -> Patient:
    """The patient, whose chart this opens; leaves an event. Raises `ChartNotFound` or `ChartClosed`."""
    patient = Patient.objects.of(actor).filter(pk=patient_id).first()
    if patient is None:
        raise ChartNotFound
    why = relation(actor, patient_id)
    if not why:
        raise ChartClosed
    record(
        actor,
        Verb.CHART_OPENED,
        object_type="page",
        object_id=page,
        patient_id=patient_id,
        details={"by": why},
    )
    return patient


def relation(actor: Actor, patient_id: UUID) -> str:
    """Why the chart is open to the person: `role`, `care_team`, `break_glass`; empty: it is closed."""
    if actor.chart_reach is ChartReach.ALL:
        return "role"
    if actor.chart_reach is ChartReach.CARE_TEAM and is_on_care_team(actor, patient_id):
        return "care_team"
    return "break_glass" if has_broken_glass(actor, patient_id) else ""


def is_on_care_team(actor: Actor, patient_id: UUID) -> bool:
    """Whether the person is on the team of any of the patient's episodes today, also as a covering colleague."""
    if actor.staff_member_id is None:
        return False
    today = timezone.localdate()
    return (
        CareTeamMember.objects.of(actor)
        .filter(episode__patient_id=patient_id, staff_member_id=actor.staff_member_id, from_date__lte=today)
        .exclude(to_date__lt=today)
        .exists()
    )


def has_broken_glass(actor: Actor, patient_id: UUID) -> bool:
    """Whether the person broke the glass for this chart, and the time for it is not over."""
    return (
        ChartOpening.objects.of(actor)
        .filter(user_id=actor.user_id, patient_id=patient_id, until__gt=timezone.now())
        .exists()
    )
