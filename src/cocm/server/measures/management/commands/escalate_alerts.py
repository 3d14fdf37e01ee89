"""`cocm manage escalate_alerts`: tell the next people of safety alerts that nobody has closed.

The pages work the level out for themselves, and the worker beside the site does this every minute; the command is for
sites that run without one.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from cocm.server.measures.sweep import escalate_everywhere


class Command(BaseCommand):
    help = "Tell the next people of open safety alerts. Example: cocm manage escalate_alerts"

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{escalate_everywhere()} levels told")
