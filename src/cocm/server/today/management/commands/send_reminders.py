"""Sends the day's reminders; for cron, once each morning."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from cocm.server.today.reminders import letters, send


class Command(BaseCommand):
    help = (
        "Send each person for whom something waits one e-mail: counts and a link, nothing of a patient's "
        "(cocm manage send_reminders). Run it once each morning; a second run on the same day repeats nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="say how many would be sent, and send none"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            self.stdout.write(f"{len(letters())} people would be told; nothing was sent")
            return
        hosts = settings.ENVIRONMENT.hosts
        is_real = settings.ENVIRONMENT.is_production and hosts
        sent, failed = send(address=f"https://{hosts[0]}/" if is_real else "http://127.0.0.1:8000/")
        self.stdout.write(f"{sent} people were told")
        if failed:
            raise CommandError(f"{failed} e-mails could not be sent; the log says why, run it again")
