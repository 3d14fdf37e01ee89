"""Looks into the folders that plans share with senders of claims."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from cocm.server.plandesk.watching import watch_folders


class Command(BaseCommand):
    help = (
        "Take claims (837P) and records (275) in from a plan's folders of COCM_EXCHANGE_FOLDERS, and put the answers "
        "(999, 277CA, 835, 277) into out/ beside."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--every", type=int, default=0, metavar="SECONDS", help="look again and again; else once"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        while True:
            found = watch_folders(today=timezone.localdate())
            told = ", ".join(f"{count} {what}" for what, count in sorted(found.items()))
            self.stdout.write(told or "nothing new")
            if not options["every"]:
                return
            time.sleep(options["every"])
