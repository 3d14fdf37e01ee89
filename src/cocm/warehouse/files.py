"""A folder of Parquet or CSV files as the tables of the batch path, in DuckDB.

Each table is a file named after it (`claim_line.parquet`, `claim_line.csv`) or a folder of Parquet files
(`claim_line/*.parquet`). Nothing is copied: the tables are views, so only the columns and rows that edits
need are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import duckdb

from cocm.basics.errors import UnusableInput
from cocm.warehouse.batch import GIVEN_TABLES, OPTIONAL_TABLES
from cocm.warehouse.tables import CLAIM_LINE, HISTORY_LINE, ColumnType, Table
from cocm.warehouse.values import sql_literal

_TYPES: Final = {ColumnType.TEXT: "VARCHAR", ColumnType.INTEGER: "INTEGER", ColumnType.BOOLEAN: "BOOLEAN"}


def open_files(
    folder: Path, *, memory_limit: str | None = None
) -> tuple[duckdb.DuckDBPyConnection, tuple[str, ...]]:
    """A connection in which the files stand as tables, and the names of the optional tables that are absent.

    Without a file of its own, `history_line` is `claim_line` itself, if that has the columns: a whole
    history checked against itself. `memory_limit` is DuckDB's (`"4GB"`); beyond it, work spills to disk.
    Raises `UnusableInput` when the claim lines are missing or a file cannot be read as its table. Close the
    connection when done.
    """
    return open_tables(folder, GIVEN_TABLES, OPTIONAL_TABLES, memory_limit=memory_limit)


def open_tables(
    folder: Path, given: Sequence[Table], optional: Sequence[Table], *, memory_limit: str | None = None
) -> tuple[duckdb.DuckDBPyConnection, tuple[str, ...]]:
    """As `open_files`, for these tables: the connection, and the names of the optional ones that are absent."""
    connection = duckdb.connect()
    try:
        connection.execute("set enable_progress_bar = false")
        if memory_limit is not None:
            connection.execute(f"set memory_limit = {sql_literal(memory_limit)}")
        absent = [table.name for table in optional if not _add_view(connection, folder, table)]
        for table in given:
            if not _add_view(connection, folder, table):
                _stand_in(connection, folder, table)
    except duckdb.Error as problem:
        connection.close()
        raise UnusableInput(f"{folder}: {problem}; docs/warehouse.md says what each table holds") from problem
    except UnusableInput:
        connection.close()
        raise
    return connection, tuple(absent)


def _stand_in(connection: duckdb.DuckDBPyConnection, folder: Path, table: Table) -> None:
    if table is not HISTORY_LINE:
        raise UnusableInput(
            f"{folder}: there is no {table.name}.parquet or {table.name}.csv; it must hold {table.grain}"
        )
    columns = ", ".join(column.name for column in HISTORY_LINE.columns)
    connection.execute(f"create view {HISTORY_LINE.name} as select {columns} from {CLAIM_LINE.name}")


def _add_view(connection: duckdb.DuckDBPyConnection, folder: Path, table: Table) -> bool:
    """Make a table's view; False where there is no file."""
    source = _source(folder, table)
    if source is None:
        return False
    connection.execute(f"create view {table.name} as select * from {source}")
    return True


def _source(folder: Path, table: Table) -> str | None:
    """What a table is read from. A CSV file is read by the table's own types, so that `02` stays `02`."""
    parquet, csv = folder / f"{table.name}.parquet", folder / f"{table.name}.csv"
    if (folder / table.name).is_dir():
        return f"read_parquet({sql_literal(str(folder / table.name / '*.parquet'))})"
    if parquet.is_file():
        return f"read_parquet({sql_literal(str(parquet))})"
    if not csv.is_file():
        return None
    columns = (*table.columns, *(HISTORY_LINE.columns if table is CLAIM_LINE else ()))
    with csv.open(encoding="utf-8-sig") as lines:
        header = lines.readline().strip().replace('"', "").split(",")
    known = {column.name: column for column in columns if column.name in header}
    types = ", ".join(
        f"{sql_literal(name)}: '{_TYPES[column.column_type]}'" for name, column in known.items()
    )
    # Not read_csv's own force_not_null: with a view that leaves out a column, DuckDB 2.0 applies it to the next one.
    filled = ", ".join(
        f"coalesce({name}, '') as {name}"
        for name, column in known.items()
        if column.column_type is ColumnType.TEXT and not column.may_be_null
    )
    replaced = f" replace ({filled})" if filled else ""
    return f"(select *{replaced} from read_csv({sql_literal(str(csv))}, header = true, types = {{{types}}}))"
