"""The practices that a service organization serves, as far as the acting person works there."""

from __future__ import annotations

from dataclasses import dataclass

from cocm.server.access.actor import Actor
from cocm.server.access.permissions import ROLE_WORDS, MemberRole
from cocm.server.accounts.models import Membership, Organization


@dataclass(frozen=True, slots=True)
class Served:
    """A served practice, and what the person is there (empty: not a member; nothing opens)."""

    organization: Organization
    role: str


def practices_served(*, actor: Actor) -> list[Served]:
    """The practices served, by name. Their names are no secret, their rows are: those open by a membership only."""
    practices = Organization.objects.filter(served_by_id=actor.organization_id).order_by("name")
    mine = dict(
        Membership.objects.filter(user_id=actor.user_id, is_active=True).values_list(
            "organization_id", "role"
        )
    )
    return [
        Served(practice, ROLE_WORDS[MemberRole(mine[practice.pk])] if practice.pk in mine else "")
        for practice in practices
    ]
