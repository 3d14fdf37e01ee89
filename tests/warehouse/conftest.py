"""Three real engines behind one small face: DuckDB, SQLite and PostgreSQL run the same text."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

import duckdb
import psycopg
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "edits"))  # the samples of the edits' own tests

from generated_subjects import generated_subjects, rulebook

from cocm.edits.subject import EditSubject
from cocm.warehouse.compile import facts_sql, verdicts_sql
from cocm.warehouse.rows import subjects_to_rows
from cocm.warehouse.tables import INPUT_TABLES, Table
from cocm.warehouse.values import Row, Rows, insert_statements

ENGINES = ("duckdb", "sqlite", "postgresql")
SUBJECTS = 1200
SEED = 3
_NUMBERS = count(1)


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


@contextmanager
def started(name: str, request) -> Iterator[Engine]:
    """An engine, empty."""
    if name == "duckdb":
        with duckdb.connect() as connection:
            yield Engine(name, connection)
    elif name == "sqlite":
        with closing(sqlite3.connect(":memory:")) as connection:
            yield Engine(name, connection)
    else:
        with psycopg.connect(request.getfixturevalue("postgresql_uri")) as connection:
            schema = (
                f"test_{next(_NUMBERS)}"  # of its own, because a module's engine stays open beside a test's
            )
            connection.execute(f"create schema {schema}")
            connection.execute(f"set search_path to {schema}")
            connection.execute("set lock_timeout to '10s'")
            yield Engine(name, connection)
            connection.rollback()


@pytest.fixture(params=ENGINES)
def engine(request) -> Iterator[Engine]:
    """Each engine in turn, empty for each test."""
    with started(request.param, request) as engine:
        yield engine


@pytest.fixture(scope="module")
def subjects(tmp_path_factory) -> list[EditSubject]:
    """Generated claims of every kind."""
    return generated_subjects(SUBJECTS, SEED, rulebook(tmp_path_factory.mktemp("rules")))


@pytest.fixture(scope="module", params=ENGINES)
def loaded(request, subjects) -> Iterator[Engine]:
    """Each engine in turn with the generated claims in its tables, their facts and verdicts."""
    with started(request.param, request) as engine:
        engine.load(INPUT_TABLES, subjects_to_rows(subjects))
        engine.connection.execute(f"create table line_facts as {facts_sql()}")
        engine.connection.execute(f"create table line_verdicts as {verdicts_sql()}")
        yield engine
