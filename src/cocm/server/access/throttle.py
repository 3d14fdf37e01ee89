"""How often one person may do what gives away much: counted in the database, so for all processes together.

Only the person's own requests count against the person: nobody can be locked out by another.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db.models import F
from django.utils import timezone

from cocm.server.access.actor import Actor
from cocm.server.access.models import RequestCount
from cocm.server.access.throttle_limits import ALLOWANCES, Limit


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
