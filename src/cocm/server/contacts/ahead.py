"""What the worker does for minutes beside its jobs: a month's rows stand there before anybody looks.

A row that something has made old since is worked out by itself when it is asked for; so the first look of a month finds
all but the last quarter of an hour's changes done.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.utils import timezone

from cocm.basics.months import Month
from cocm.server.access.actor import Actor, acting_for
from cocm.server.accounts.models import Organization
from cocm.server.accounts.models.organizations import OrganizationKind
from cocm.server.contacts.minutes import minutes_of_month
from cocm.server.registry.models import Episode

EVERY_SECONDS: Final = 900.0
DAYS_AHEAD: Final = 2
"""From so many days before its begin, the next month is worked out too."""
PATIENTS_AT_ONCE: Final = 50
"""In one transaction: nobody who writes waits for more."""
_last: list[float] = []


def minutes_ahead() -> int:
    """Work out what lacks in every practice; how many patients were looked at. Nothing soon after the last time."""
    now = time.monotonic()
    if _last and now - _last[0] < EVERY_SECONDS:
        return 0
    _last[:] = [now]
    return minutes_ahead_at(timezone.now())


def minutes_ahead_at(moment: datetime) -> int:
    """The same, at once, as of a moment: by each practice's own clock."""
    looked_at = 0
    practices = Organization.objects.filter(kind=OrganizationKind.PRACTICE)
    for key, zone in practices.values_list("pk", "time_zone"):
        today = moment.astimezone(ZoneInfo(zone)).date()
        actor = Actor.system(key)
        with acting_for(actor):
            open_ones = Episode.objects.of(actor).filter(end_date__isnull=True)
            patients = sorted(set(open_ones.values_list("patient_id", flat=True)))
        for month in {Month.of(today), Month.of(today + timedelta(days=DAYS_AHEAD))}:
            for start in range(0, len(patients), PATIENTS_AT_ONCE):
                with acting_for(actor):
                    block = patients[start : start + PATIENTS_AT_ONCE]
                    minutes_of_month(actor=actor, patients=block, month=month)
                    looked_at += len(block)
    return looked_at
