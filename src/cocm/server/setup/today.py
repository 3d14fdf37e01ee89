"""What set-up has for My day: parts that lack something, and uploads that wait."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils import timezone

from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.accounts.models.organizations import OrganizationKind
from cocm.server.accounts.selectors import organization_of
from cocm.server.setup.checklist import steps
from cocm.server.setup.staging import waiting
from cocm.server.today.items import DayGroup, DayItem


def day_items(actor: Actor, today: date) -> Iterator[DayItem]:
    """What keeps a month from being closed, part by part, and uploads that nobody has confirmed."""
    if actor.may(Permission.PEOPLE_EDIT) and organization_of(actor=actor).kind == OrganizationKind.PRACTICE:
        for step in steps(actor=actor):
            if not step.is_done:
                more = f" and {len(step.missing) - 1} more" if len(step.missing) > 1 else ""
                yield DayItem(
                    DayGroup.PRACTICE,
                    f"Set up: {step.title.lower()}",
                    reverse("setup:start"),
                    reason=f"lacks {step.missing[0]}{more}",
                )
    if actor.may(Permission.DATA_IMPORT):
        for staged in waiting(actor=actor):
            uploaded = timezone.localtime(staged.uploaded_at)
            yield DayItem(
                DayGroup.PRACTICE,
                "An upload waits to be looked at",
                reverse("setup:import_preview", kwargs={"staged_id": staged.pk}),
                reason=f"uploaded {uploaded:%Y-%m-%d %H:%M}",
                due_on=timezone.localdate(staged.expires_at),
            )
