"""Django's `migrate`; a new database gets its tables at once."""

from __future__ import annotations

from typing import Any

from django.core.management.commands.migrate import Command as Migrate

from cocm.server.setup.first_tables import is_new, make_tables


class Command(Migrate):
    """Makes or changes the tables."""

    def add_arguments(self, parser: Any) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--step-by-step",
            action="store_true",
            help="Run every migration on a new database too, one after the other.",
        )

    def handle(self, *arguments: Any, **options: Any) -> None:
        step_by_step = options.pop("step_by_step")
        asks_for_a_part = (
            options["app_label"] or options["plan"] or options["check_unapplied"] or options["fake"]
        )
        if not (step_by_step or asks_for_a_part) and is_new(options["database"]):
            make_tables(options["database"], verbosity=options["verbosity"])
            if options["verbosity"]:
                self.stdout.write("The tables are made.")
            return
        super().handle(*arguments, **options)
