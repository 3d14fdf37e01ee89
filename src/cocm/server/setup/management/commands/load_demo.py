"""Loads the demonstration."""

from __future__ import annotations

from typing import Any, Final

from django.core.management.base import BaseCommand, CommandParser
from django.test.utils import override_settings
from django.utils import timezone

from cocm.basics.months import Month
from cocm.server.setup.demo import demo_sign_ins, load_demo

NO_LETTERS: Final = "django.core.mail.backends.dummy.EmailBackend"
"""Nobody in the demonstration has a letter box, and a letter on the terminal hides the sign-ins."""


class Command(BaseCommand):
    help = "Fill an empty database with a synthetic practice and one sign-in a role (needs COCM_DEMO=1)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--patients", type=int, default=150)
        parser.add_argument("--months", type=int, default=6)
        parser.add_argument(
            "--without-books", action="store_true", help="no months closed, nothing sent or answered"
        )
        parser.add_argument(
            "--until", help="the last month with contacts (YYYY-MM), whole; else this month, up to today"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        today = None if options["until"] else timezone.localdate()
        until = Month.parse(options["until"]) if today is None else Month.of(today)
        with override_settings(EMAIL_BACKEND=NO_LETTERS):
            load_demo(
                patients=options["patients"],
                months=options["months"],
                until=until,
                today=today,
                books_until=None if options["without_books"] else timezone.localdate(),
            )
        for person in demo_sign_ins():
            self.stdout.write(f"{person.role}: {person.email} / {person.password}")
