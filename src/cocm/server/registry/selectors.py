"""Reading the registry."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from cocm.server.access.actor import Actor
from cocm.server.access.permissions import ChartReach
from cocm.server.records import OrganizationRows
from cocm.server.registry.models import CareTeamMember, Episode, Patient


def caseload(*, actor: Actor) -> OrganizationRows:
    """Open episodes of the patients whose charts are the person's to open, with patient and team, by name."""
    episodes = (
        Episode.objects.of(actor)
        .filter(end_date__isnull=True)
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
