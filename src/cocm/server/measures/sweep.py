"""What the worker does for alerts beside its jobs: tell the next people of those that nobody has closed."""

from __future__ import annotations

import time
from typing import Final

from cocm.server.access.actor import Actor, acting_for
from cocm.server.accounts.models import Organization
from cocm.server.measures.alerts import escalate

EVERY_SECONDS: Final = 60.0
_last: list[float] = []


def alerts_sweep() -> int:
    """Tell every level that is due, in every organization; how many. Does nothing within a minute of the last time."""
    now = time.monotonic()
    if _last and now - _last[0] < EVERY_SECONDS:
        return 0
    _last[:] = [now]
    return escalate_everywhere()


def escalate_everywhere() -> int:
    """The same, at once."""
    told = 0
    for key in Organization.objects.values_list("pk", flat=True):
        with acting_for(Actor.system(key)) as actor:
            told += escalate(actor)
    return told
