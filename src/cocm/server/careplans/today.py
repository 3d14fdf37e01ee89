"""Which care plans are to be looked at again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.urls import reverse

from cocm.server.access.actor import Actor
from cocm.server.access.permissions import MemberRole
from cocm.server.careplans.selectors import plans_due
from cocm.server.registry.selectors import caseload
from cocm.server.today.items import DayGroup, DayItem


def day_items(actor: Actor, today: date) -> Iterator[DayItem]:
    """The care manager's: plans whose day has come (those of patients who do not improve are flags of the registry)."""
    if actor.role is not MemberRole.BHCM:
        return
    for plan in plans_due(actor=actor, episodes=caseload(actor=actor).order_by(), until=today):
        yield DayItem(
            DayGroup.PLANS,
            f"{plan.patient.last_name}, {plan.patient.first_name}",
            reverse("careplans:plan", args=(plan.patient_id,)),
            reason=f"care plan of {plan.written_on} to be looked at again",
            due_on=plan.review_on,
            patient_pk=plan.patient_id,
        )
