"""What access has for My day: charts that were opened outside the care team and wait to be reviewed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.urls import reverse

from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.access.selectors import openings_unreviewed
from cocm.server.today.items import DayGroup, DayItem


def day_items(actor: Actor, today: date) -> Iterator[DayItem]:
    """Openings to review, as one line."""
    if not actor.may(Permission.GLASS_REVIEW):
        return
    waiting = openings_unreviewed(actor=actor)
    if waiting:
        title = "1 opened chart to review" if waiting == 1 else f"{waiting} opened charts to review"
        yield DayItem(
            DayGroup.PRACTICE,
            title,
            reverse("openings"),
            reason="opened outside the care team, with a reason",
            count=waiting,
            tone="attention",
        )
