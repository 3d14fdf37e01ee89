"""How often one person may do what gives away much: counted in the database, so for all processes together.

Only the person's own requests count against the person: nobody can be locked out by another.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from django.db.models import F
from django.utils import timezone

from cocm.server.access.actor import Actor
from cocm.server.access.models import RequestCount


class Limit(StrEnum):
    """What is limited."""

    EXPORT = "export"
    SEARCH = "search"
    VERIFICATION = "verification"


class Allowance(NamedTuple):
    """How many requests within how many seconds."""

    requests_max: int
    seconds: int


ALLOWANCES: Final = MappingProxyType(
    {
        Limit.EXPORT: Allowance(20, 3600),
        Limit.SEARCH: Allowance(60, 600),
        Limit.VERIFICATION: Allowance(10, 600),
    }
)


def is_exhausted(actor: Actor, limit: Limit) -> bool:
    """Count one request of the person; whether there were too many in this stretch of time."""
    allowance = ALLOWANCES[limit]
    now = timezone.now()
    start = datetime.fromtimestamp(int(now.timestamp()) // allowance.seconds * allowance.seconds, tz=UTC)
    counts = RequestCount.objects.of(actor).filter(user_id=actor.user_id, limit=limit)
    if not counts.filter(window_started_at=start).update(count=F("count") + 1):
        counts.filter(window_started_at__lt=start - timedelta(days=1)).delete()
        RequestCount.objects.bulk_create(
            [
                RequestCount(
                    organization_id=actor.organization_id,
                    user_id=actor.user_id,
                    limit=limit,
                    window_started_at=start,
                )
            ],
            ignore_conflicts=True,
        )
        counts.filter(window_started_at=start).update(count=F("count") + 1)
    return counts.get(window_started_at=start).count > allowance.requests_max
