"""Where the texts run: one small face for DuckDB, PostgreSQL, SQLite and (in `spark`) Spark.

The texts are the same everywhere; what differs is how a result is kept under a name, and that is all an engine does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

from cocm.warehouse.tables import Table
from cocm.warehouse.values import Row, insert_statements

_POSTGRESQL_TYPES: Final = {
    16: "boolean", 20: "bigint", 21: "integer", 23: "integer", 25: "text", 700: "double", 701: "double",
    1042: "text", 1043: "text", 1082: "date", 1114: "timestamp", 1184: "timestamp", 1700: "decimal",
}  # fmt: skip
"""PostgreSQL's type numbers (pg_type.oid)."""


class Cursor(Protocol):
    """What a statement gives back, as the Python database interface has it."""

    @property
    def description(self) -> Sequence[Sequence[Any]] | None: ...

    def fetchall(self) -> list[Any]: ...


class Connection(Protocol):
    """A connection to DuckDB, SQLite or PostgreSQL (psycopg)."""

    def execute(self, query: str, /) -> Cursor: ...


class Engine(Protocol):
    """Runs texts and keeps results by name, until the session ends or they are dropped."""

    def create(self, table: Table, rows: Sequence[Row]) -> None:
        """A table with these rows."""

    def keep(self, name: str, text: str) -> None:
        """The result of a query as a table."""

    def view(self, name: str, text: str) -> None:
        """A query under a name; it is run when it is read."""

    def drop(self, name: str) -> None:
        """Let a kept table go."""

    def rename(self, name: str, new_name: str) -> None:
        """Give a kept table another name."""

    def query(self, text: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""

    def columns(self, name: str) -> dict[str, str]:
        """The columns of a table or view with the kind of their type: text, integer, decimal, double, date ..."""


class SqlEngine:
    """DuckDB, PostgreSQL or SQLite behind a connection. All tables are temporary."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def create(self, table: Table, rows: Sequence[Row]) -> None:
        self.connection.execute(table.create_statement.replace("create table", "create temporary table", 1))
        for statement in insert_statements(table, rows):
            self.connection.execute(statement)

    def keep(self, name: str, text: str) -> None:
        self.connection.execute(f"create temporary table {name} as {text}")

    def view(self, name: str, text: str) -> None:
        self.connection.execute(f"create temporary view {name} as {text}")

    def drop(self, name: str) -> None:
        self.connection.execute(f"drop table {name}")

    def rename(self, name: str, new_name: str) -> None:
        self.connection.execute(f"alter table {name} rename to {new_name}")

    def query(self, text: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(text).fetchall()

    def columns(self, name: str) -> dict[str, str]:
        described = self.connection.execute(f"select * from {name} where 1 = 0").description or ()
        return {
            column[0]: type_kind(_POSTGRESQL_TYPES.get(column[1], str(column[1]))) for column in described
        }


def type_kind(type_name: str) -> str:
    """What an engine's type is to a text: text, integer, decimal, double, boolean, date, timestamp or its own name."""
    name = type_name.lower()
    for kind, beginnings in _KINDS.items():
        if name.startswith(beginnings):
            return kind
    return name


_KINDS: Final[dict[str, tuple[str, ...]]] = {
    "text": ("text", "varchar", "string", "char"),
    "timestamp": ("timestamp",),
    "date": ("date",),
    "boolean": ("bool",),
    "integer": (
        "int",
        "bigint",
        "smallint",
        "tinyint",
        "hugeint",
        "uint",
        "ubigint",
        "usmallint",
        "utinyint",
        "long",
    ),
    "decimal": ("decimal", "numeric"),
    "double": ("double", "float", "real"),
}
