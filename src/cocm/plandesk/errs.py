"""Reads the table of mistakes that an erring plan makes: `mistake,rate_percent`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cocm.basics.errors import TableError
from cocm.intake.small_table import small_table_rows
from cocm.plan.mistakes import ErringPlan, Mistake

_COLUMNS: Final = ("mistake", "rate_percent")


def read_errs(path: Path, seed: int) -> ErringPlan:
    """The rates of a table. Raises `TableError` naming file, row, column and what was expected."""
    rates: dict[Mistake, int] = {}
    for number, row in small_table_rows(path, _COLUMNS):
        where = f"{path.name}, row {number}"
        try:
            mistake = Mistake(row["mistake"])
        except ValueError:
            expected = ", ".join(Mistake)
            raise TableError(f"{where}, column mistake: expected one of {expected}") from None
        if mistake in rates:
            raise TableError(f"{where}, column mistake: {mistake} stands twice")
        text = row["rate_percent"]
        if not (text.isascii() and text.isdecimal() and int(text[:4]) <= 100):
            raise TableError(f"{where}, column rate_percent: expected a whole number from 0 to 100")
        rates[mistake] = int(text)
    return ErringPlan(rates, seed)
