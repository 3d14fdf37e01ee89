"""Rows as plain values, and the statements that put them into tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from cocm.edits.fact import Fact, FactValue
from cocm.edits.kleene import Unknown
from cocm.warehouse.tables import Table

Value: TypeAlias = int | bool | str | None
Row: TypeAlias = tuple[Value, ...]
Rows: TypeAlias = dict[str, list[Row]]

_ROWS_A_STATEMENT: Final = 500


def stored(fact: Fact, value: FactValue) -> Row:
    """A fact's value as its columns hold it: total, with its companion where it may be unknown."""
    if isinstance(value, Unknown):
        assert fact.may_be_unknown, f"fact {fact.name} is unknown but does not say that it may be"
        return fact.kind.default, True
    return (value, False) if fact.may_be_unknown else (value,)


def stored_facts(facts: Iterable[Fact], values: Mapping[str, FactValue]) -> Row:
    """The columns of several facts, in the facts' order."""
    return tuple(column for fact in facts for column in stored(fact, values[fact.name]))


def insert_statements(table: Table, rows: Sequence[Row]) -> Iterator[str]:
    """Statements that put rows into a table, the same text on every engine."""
    for start in range(0, len(rows), _ROWS_A_STATEMENT):
        chunk = rows[start : start + _ROWS_A_STATEMENT]
        values = ",\n".join(f"({', '.join(sql_literal(value) for value in row)})" for row in chunk)
        yield f"insert into {table.name} values\n{values}"


def sql_literal(value: Value) -> str:
    """A value as it stands in a statement, the same on every engine; quotes in a text are doubled."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    quoted = value.replace("'", "''")
    return f"'{quoted}'"
