"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cocm.basics.months import Month


class MonthParameter(click.ParamType[Month]):
    """A month written as YYYY-MM."""

    name = "YYYY-MM"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Month:
        """The month, or a usage error that says how to write one."""
        if isinstance(value, Month):
            return value
        try:
            return Month.parse(str(value))
        except ValueError as problem:
            self.fail(str(problem), param, ctx)


MONTH = MonthParameter()

rules_option = click.option(
    "--rules",
    "rules",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    help="A folder of your own rules (contracts), laid over the rulebook.",
)
