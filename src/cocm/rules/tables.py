"""Rows of the rulebook's CSV tables, with the file and line named when one is wrong."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from cocm.basics.errors import RulebookError

_Choice = TypeVar("_Choice", bound=StrEnum)


class Row:
    """One line of a table, its fields read as what they must be, or `RulebookError` naming file and line."""

    __slots__ = ("_fields", "_where")

    def __init__(self, where: str, fields: Mapping[str, str | None]) -> None:
        self._where = where
        self._fields = fields

    def text(self, column: str) -> str:
        """A field as text; empty stays empty."""
        given = self._fields.get(column)
        if given is None:
            raise RulebookError(f"{self._where}: column {column} is missing")
        return given

    def day(self, column: str) -> date:
        """A field as a date."""
        try:
            return date.fromisoformat(self.text(column))
        except ValueError:
            raise self._not_a("date", column) from None

    def day_or_none(self, column: str) -> date | None:
        """A field as a date; None where it is empty."""
        return self.day(column) if self.text(column) else None

    def number(self, column: str) -> Decimal:
        """A field as an exact number."""
        try:
            number = Decimal(self.text(column))
        except InvalidOperation:
            raise self._not_a("number", column) from None
        if not number.is_finite():
            raise self._not_a("number", column)
        return number

    def number_or_none(self, column: str) -> Decimal | None:
        """A field as an exact number; None where it is empty."""
        return self.number(column) if self.text(column) else None

    def integer(self, column: str) -> int:
        """A field as a whole number."""
        if not self.text(column).isdecimal():
            raise self._not_a("whole number", column)
        return int(self.text(column))

    def one_of(self, column: str, choices: type[_Choice]) -> _Choice:
        """A field as one of a few words."""
        try:
            return choices(self.text(column))
        except ValueError:
            raise self._not_a(f"word of {', '.join(choices)}", column) from None

    def flag(self, column: str) -> bool:
        """A field as true or false."""
        text = self.text(column)
        if text not in ("true", "false"):
            raise self._not_a("true or false", column)
        return text == "true"

    def _not_a(self, what: str, column: str) -> RulebookError:
        return RulebookError(f"{self._where}: {column} is {self.text(column)!r}, not a {what}")


def read_table(path: Path) -> Iterator[Row]:
    """The rows of a table with a heading, in the file's order."""
    with path.open(encoding="utf-8", newline="") as lines:
        for line_number, fields in enumerate(csv.DictReader(lines), start=2):
            yield Row(f"{path}: line {line_number}", fields)
