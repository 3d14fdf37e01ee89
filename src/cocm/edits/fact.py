"""What a fact is: a named value about a service line, with two short definitions side by side.

`derive` computes it in Python from a context (see `cocm.edits.context`); `sql` is the same in ANSI SQL over
the tables of `cocm.warehouse`. Both may yield "not known" (UNKNOWN, NULL), but only where the fact says so.
What is stored is total: `has_consent` is kept beside its companion `has_consent_unknown`, and neither is
ever empty; the evaluation view puts UNKNOWN (NULL) back. A generated test proves that both definitions
agree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any, Final, TypeAlias

from cocm.basics.months import day_from_number
from cocm.edits.kleene import UNKNOWN, Unknown

StoredValue: TypeAlias = int | bool | str
FactValue: TypeAlias = int | bool | str | Unknown

UNKNOWN_SUFFIX: Final = "_unknown"


class Kind(Enum):
    """What a fact holds. A day is a `day_number`, shown as its date."""

    INTEGER = "integer"
    DAY = "day"
    BOOLEAN = "boolean"
    TEXT = "text"

    @property
    def default(self) -> StoredValue:
        """What is stored where the fact is unknown (its companion then says so)."""
        if self is Kind.BOOLEAN:
            return False
        return "" if self is Kind.TEXT else 0


class Scope(StrEnum):
    """What a fact belongs to, and so how often it is derived: policy values once per payer and date."""

    POLICY = "policy"
    CLAIM = "claim"
    MONTH = "month"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Fact:
    """A declared fact.

    `says` names it in an explanation: a noun phrase ("the number of add-on units in the month"), or for a
    boolean what is so when it is true; `denies` is then what is so when it is false. `clean` is its value
    on a later-month line with nothing wrong. `rules` are the rulebook values it rests on. `sql` of an
    aggregate ranges over the lines known about the person (`k`); any other stands on the line's joined row
    (see `warehouse/relations.sql`).
    """

    name: str
    scope: Scope
    kind: Kind
    says: str
    denies: str
    meaning: str
    derive: Callable[[Any], FactValue]
    sql: str
    is_aggregate: bool
    may_be_unknown: bool
    clean: StoredValue
    rules: tuple[str, ...]

    def show(self, value: FactValue) -> str:
        """The value for people."""
        if value is UNKNOWN:
            return "unknown"
        if self.kind is Kind.BOOLEAN:
            return "yes" if value else "no"
        if self.kind is Kind.DAY:
            assert isinstance(value, int)
            return day_from_number(value).isoformat()
        return str(value).replace("_", " ") if value != "" else "none"


def fact(
    scope: Scope,
    kind: Kind,
    *,
    says: str,
    denies: str = "",
    sql: str,
    clean: StoredValue,
    is_aggregate: bool = False,
    may_be_unknown: bool = False,
    rules: tuple[str, ...] = (),
) -> Callable[[Callable[[Any], FactValue]], Fact]:
    """Declare the decorated function as a fact of its name; its docstring is the meaning."""

    def declare(derive: Callable[[Any], FactValue]) -> Fact:
        return Fact(
            name=derive.__name__,
            scope=scope,
            kind=kind,
            says=says,
            denies=denies,
            meaning=(derive.__doc__ or "").strip(),
            derive=derive,
            sql=" ".join(sql.split()),
            is_aggregate=is_aggregate,
            may_be_unknown=may_be_unknown,
            clean=clean,
            rules=rules,
        )

    return declare
