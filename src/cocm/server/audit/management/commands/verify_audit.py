"""Verifies the trails."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from cocm.server.audit.verification import verify_all


class Command(BaseCommand):
    help = "Verify each organization's trail; exit status 1 where one is broken."

    def handle(self, *args: Any, **options: Any) -> None:
        trails = verify_all()
        for trail in trails:
            self.stdout.write(str(trail))
        if any(trail.broken is not None for trail in trails):
            raise SystemExit(1)
