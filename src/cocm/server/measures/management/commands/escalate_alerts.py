"""`cocm manage escalate_alerts`: tell the next people of safety alerts that nobody has closed. Run it every minute.

The pages work the level out for themselves; this sends the letters when nobody looks.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from cocm.server.access.actor import Actor, acting_for
from cocm.server.accounts.models import Organization
from cocm.server.measures.alerts import escalate


class Command(BaseCommand):
    help = "Tell the next people of open safety alerts. Example: cocm manage escalate_alerts"

    def handle(self, *args: Any, **options: Any) -> None:
        told = 0
        for key in Organization.objects.values_list("pk", flat=True):
            with acting_for(Actor.system(key)) as actor:
                told += escalate(actor)
        self.stdout.write(f"{told} levels told")
