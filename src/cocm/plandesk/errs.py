"""Reads the table of mistakes that an erring plan makes: `mistake,rate_percent`."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

from cocm.basics.errors import TableError
from cocm.plan.mistakes import ErringPlan, Mistake

_COLUMNS: Final = {"mistake", "rate_percent"}


def read_errs(path: Path, seed: int) -> ErringPlan:
    """The rates of a table. Raises `TableError` naming file, row, column and what was expected."""
    rates: dict[Mistake, int] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines)
            if missing := sorted(_COLUMNS - set(rows.fieldnames or ())):
                raise TableError(f"{path.name}: column {', '.join(missing)} is missing")
            for number, row in enumerate(rows, start=2):
                where = f"{path.name}, row {number}"
                try:
                    mistake = Mistake((row["mistake"] or "").strip())
                except ValueError:
                    expected = ", ".join(Mistake)
                    raise TableError(f"{where}, column mistake: expected one of {expected}") from None
                if mistake in rates:
                    raise TableError(f"{where}, column mistake: {mistake} stands twice")
                text = (row["rate_percent"] or "").strip()
                if not (text.isascii() and text.isdecimal() and int(text[:4]) <= 100):
                    raise TableError(f"{where}, column rate_percent: expected a whole number from 0 to 100")
                rates[mistake] = int(text)
    except (UnicodeDecodeError, csv.Error):
        raise TableError(f"{path.name}: not a CSV file in UTF-8") from None
    return ErringPlan(rates, seed)
