"""What waits in My day: rejected claims, payers' files with something to see to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.urls import reverse

from cocm.claims.lifecycle import ClaimState
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.claims.listing import claim_rows
from cocm.server.claims.selectors import files_to_look_at, rejected
from cocm.server.today.items import DayGroup, DayItem


def day_items(actor: Actor, today: date) -> Iterator[DayItem]:
    """Claims that a payer refused before any decision, and files to look at."""
    if not actor.may(Permission.BILLING_EDIT):
        return
    refused = rejected(claim_rows(actor=actor, today=today))
    if refused:
        first = min((row.state_day for row in refused if row.state_day is not None), default=None)
        yield DayItem(
            DayGroup.CLAIMS,
            f"{len(refused)} claim{'s' if len(refused) != 1 else ''} rejected",
            f"{reverse('claims:list')}?state={ClaimState.REJECTED.value}",
            reason=f"not with the payer; correct and send again, the oldest since {first}",
            count=len(refused),
            order=0,
            tone="danger",
        )
    files = files_to_look_at(actor=actor).count()
    if files:
        yield DayItem(
            DayGroup.CLAIMS,
            f"{files} payers' file{'s' if files != 1 else ''} to look at",
            reverse("claims:files"),
            reason="refused, unmatched or with faults",
            count=files,
            order=1,
            tone="attention",
        )
