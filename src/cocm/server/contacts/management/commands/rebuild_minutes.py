"""Works out a month's minutes anew for every patient."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cocm.basics.months import Month
from cocm.server.access.actor import Actor, acting_for
from cocm.server.accounts.models import Organization
from cocm.server.contacts.minutes import minutes_rebuild


class Command(BaseCommand):
    help = (
        "Ask the core again for every patient's minutes of a month (cocm manage rebuild_minutes --month 2026-03). "
        "Lists keep them up to date by themselves; run it nightly so that nobody waits for the first look of a month."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--month", help="YYYY-MM; the current one if left out")
        parser.add_argument("--organization", help="the key of one organization; all if left out")

    def handle(self, *args: Any, **options: Any) -> None:
        month = Month.parse(options["month"]) if options["month"] else Month.of(timezone.localdate())
        organizations = Organization.objects.order_by("key")
        if options["organization"]:
            organizations = organizations.filter(key=options["organization"])
            if not organizations.exists():
                raise CommandError(f"there is no organization {options['organization']!r}")
        for pk, key in organizations.values_list("pk", "key"):
            with acting_for(Actor.system(pk)) as actor:
                rows = minutes_rebuild(actor=actor, month=month)
            self.stdout.write(f"{key}: {rows} patient-months of {month}")
