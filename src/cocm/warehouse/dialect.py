"""Predicates as one plain ANSI text: the SQL that SQLAlchemy writes for no engine in particular.

SQLAlchemy's default dialect writes `= 0` for false, which PostgreSQL refuses; a dialect of one engine
writes what the others do not read. With native booleans the default one's text runs unchanged on DuckDB,
SQLite and PostgreSQL.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BOOLEAN, INTEGER, TEXT, ColumnElement, column
from sqlalchemy.engine.default import DefaultDialect

from cocm.edits.edit import Predicate
from cocm.edits.fact import Fact, Kind


class AnsiDialect(DefaultDialect):
    """The default dialect, with true and false as values of their own."""

    supports_native_boolean = True


_DIALECT = AnsiDialect()


class ColumnFacts:
    """Facts as SQL columns of the relation `f`, for a predicate to be evaluated into a condition."""

    def __init__(self, declared: dict[str, Fact]) -> None:
        self._declared = declared

    def __getattr__(self, name: str) -> ColumnElement[Any]:
        kind = self._declared[name].kind
        sql_type = BOOLEAN() if kind is Kind.BOOLEAN else TEXT() if kind is Kind.TEXT else INTEGER()
        return column(f"f.{name}", sql_type, is_literal=True)


def condition_text(predicate: Predicate, facts: ColumnFacts) -> str:
    """The predicate as an SQL condition over the relation `f`."""
    truth: Any = predicate(facts)  # type: ignore[arg-type]  # the same function, handed columns instead of values
    compiled = truth.compile(dialect=_DIALECT, compile_kwargs={"literal_binds": True})
    return " ".join(str(compiled).split())
