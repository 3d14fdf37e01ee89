"""Reading the openings of charts."""

from __future__ import annotations

from cocm.server.access.actor import Actor
from cocm.server.access.models import ChartOpening
from cocm.server.audit.trail import seen
from cocm.server.records import OrganizationRows


def openings(*, actor: Actor) -> OrganizationRows:
    """The organization's openings of charts outside the care team, those not reviewed yet first, then the last."""
    from django.db.models import F

    return (
        ChartOpening.objects.of(actor)
        .select_related("user", "acknowledged_by")
        .order_by(F("acknowledged_at").desc(nulls_first=True), "-opened_at")
    )


def openings_unreviewed(*, actor: Actor) -> int:
    """How many openings wait for a review that the person may give."""
    waiting = ChartOpening.objects.of(actor).filter(acknowledged_at=None)
    return waiting.exclude(user_id=actor.user_id).count()


def patient_names(*, actor: Actor, openings: list[ChartOpening]) -> dict[object, str]:
    """Names by patient, for those who may see the list of patients; the trail learns that they were shown."""
    from cocm.server.registry.models import Patient

    wanted = {opening.patient_id for opening in openings}
    found = Patient.objects.of(actor).filter(pk__in=wanted)
    names = {pk: f"{last}, {first}" for pk, last, first in found.values_list("pk", "last_name", "first_name")}
    seen(names)
    return names
