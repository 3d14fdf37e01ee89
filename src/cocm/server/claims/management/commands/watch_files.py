"""Looks into the trading partners' folders for payers' files."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from cocm.server.claims.watching import watch_folders


class Command(BaseCommand):
    help = "Take payers' files (999, TA1, 277CA, 277, 271, 835) in from the folders of COCM_EXCHANGE_FOLDERS."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--every", type=int, default=0, metavar="SECONDS", help="look again and again; else once"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        while True:
            found = watch_folders(today=timezone.localdate()).files
            told = ", ".join(f"{count} {what}" for what, count in sorted(found.items()))
            self.stdout.write(told or "nothing new")
            if not options["every"]:
                return
            time.sleep(options["every"])
