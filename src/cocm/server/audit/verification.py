"""Verifying the trails of all organizations."""

from __future__ import annotations

from dataclasses import dataclass

from cocm.server.access.actor import Actor, acting_for
from cocm.server.accounts.models import Organization
from cocm.server.audit.selectors import events, first_broken_event
from cocm.server.chains import Break


@dataclass(frozen=True, slots=True)
class Trail:
    """One organization's trail: how many events, and where it is broken first."""

    organization_key: str
    event_count: int
    broken: Break | None

    def __str__(self) -> str:
        state = "sound" if self.broken is None else f"BROKEN: {self.broken.what}"
        return f"{self.organization_key}: {self.event_count} events, {state}"


def verify_all(organization_key: str = "") -> list[Trail]:
    """Each organization's trail, or that of one, in order of their keys."""
    organizations = Organization.objects.order_by("key")
    if organization_key:
        organizations = organizations.filter(key=organization_key)
    trails = []
    for pk, key in list(organizations.values_list("pk", "key")):
        with acting_for(Actor.system(pk)) as actor:
            trails.append(Trail(key, events(actor=actor).count(), first_broken_event(actor=actor)))
    return trails
