"""Rows about people who sign in, for the tests that need one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

PASSWORD = "cocm-demo-password"  # of the demonstration's people
REASON = "She called from the emergency department and nobody of the team answers."


def opening_by_the_care_manager(world: Any) -> Any:
    """A chart of the practice that its care manager opened with a reason; not reviewed yet."""
    from django.utils import timezone

    from cocm.server.access.models import ChartOpening, OpeningReason
    from cocm.server.access.permissions import MemberRole

    with world.inside(world.practice):
        now = timezone.now()
        return ChartOpening.objects.create(
            organization_id=world.practice.organization_id,
            user=world.user(MemberRole.BHCM),
            patient=world.ariana,
            reason_kind=OpeningReason.EMERGENCY,
            reason=REASON,
            opened_at=now,
            until=now + timedelta(hours=4),
        )


def recently_proven(client: Any) -> Any:
    """The same client, who gave the password a moment ago: what exports ask for."""
    assert client.post("/account/reauthenticate/", {"password": PASSWORD}).status_code == 302
    return client
