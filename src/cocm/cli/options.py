"""Options that several commands share."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from cocm.basics.months import Month

_Command = TypeVar("_Command", bound=Callable[..., Any])
_DAYS: Final = re.compile(r"(\d{1,5})d?")


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


class Day(click.ParamType):  # type: ignore[type-arg]  # generic in newer releases of click only
    """A date on the command line."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a date; write it as YYYY-MM-DD, for example 2026-03-31", param, ctx)


class Days(click.ParamType):  # type: ignore[type-arg]  # generic in newer releases of click only
    """A number of days on the command line: `90d` or `90`."""

    name = "days"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        matched = _DAYS.fullmatch(str(value))
        if matched is None:
            self.fail(f"{value!r} is not a number of days; write for example 90d", param, ctx)
        return int(matched[1])


def json_option(command: _Command) -> _Command:
    """`--json`: the answer for programs."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def today() -> date:
    """The clock, read only on the command line's edge."""
    return datetime.now(UTC).astimezone().date()


def day_done(day: date | None) -> date:
    """The day on which a person did something: the one given, else today. Raises a usage error for a day to come."""
    if day is not None and day > today():
        raise click.UsageError(f"--on {day}: is still to come; give the day on which it was done")
    return day or today()


def now() -> datetime:
    """The local moment without offset, as X12 envelopes have it; read only on the command line's edge."""
    return datetime.now(UTC).astimezone().replace(tzinfo=None)
