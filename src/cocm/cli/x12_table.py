"""`cocm x12 table`: remittances and claims as tables, in Parquet, CSV or DuckDB."""

from __future__ import annotations

import csv
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

import click

from cocm.basics.errors import UnusableInput
from cocm.basics.files import safe_cell
from cocm.basics.identity import SCHEMA_VERSION
from cocm.cli.options import json_option
from cocm.intake.wire_files import open_x12_files
from cocm.x12 import Problem, iter_tables_835, iter_tables_837p, read_segments

if TYPE_CHECKING:
    from cocm.x12 import ClaimTables, RemittanceTables
    from cocm.x12.columns import Table

PROBLEMS_NAME: Final = "problems.csv"
DATABASE_NAME: Final = "tables.duckdb"

_FINDINGS: Final = 1
_OWNER_ALONE: Final = 0o600
# By the transaction's number: what its tables' names begin with.
_PREFIXES: Final = {"835": "remittance", "837": "professional"}
_SEGMENTS_BEFORE_TRANSACTION_MAX: Final = 1000


@click.command("table")
@click.argument(
    "files",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--to", "folder", type=click.Path(path_type=Path), required=True, help="A new or empty folder.")
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["parquet", "csv", "duckdb"]),
    default="parquet",
    show_default=True,
    help="What to write.",
)
@json_option
def command(files: tuple[Path, ...], folder: Path, file_format: str, as_json: bool) -> None:
    """Write the payments, claims, lines, adjustments, parties ... of 835 and 837P files as tables.

    Files of any size are read in flat memory. Every row names its file and the bytes it came from. Keys (`claim`,
    `line` ...) are row numbers within one file. Amounts are whole cents. What cannot be read, has no place in the
    guide or does not add up is listed in problems.csv. Either everything is written or nothing.

    Exit status: 0 no problems, 1 problems were found, 2 a file cannot be used.

    \b
    Example:
      cocm x12 table remittance.835 claims.837 --to tables/
      cocm x12 table remittances.zip --to tables/ --format duckdb --json
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UnusableInput(f"{folder}: is there already and not empty; name a new folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".part", dir=folder.parent))
    try:
        with ExitStack() as stack:
            written = _Written(_make_writer(file_format, staging, stack))
            for path in files:
                _write_file(path, written)
            if not written.row_counts:
                raise UnusableInput(f"{files[0]}: holds no 835 or 837; there is nothing to write")
        _write_problems(staging / PROBLEMS_NAME, written.problems)
        for one in staging.iterdir():
            one.chmod(_OWNER_ALONE)
        if folder.exists():
            folder.rmdir()
        staging.rename(folder)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    _answer(folder, written, as_json=as_json)
    sys.exit(_FINDINGS if written.problems else 0)


@dataclass(slots=True)
class _Written:
    """What was written so far."""

    write: Callable[[str, str, Table], None]
    row_counts: dict[str, int] = field(default_factory=dict)
    problems: list[tuple[str, Problem]] = field(default_factory=list)


def _write_file(path: Path, written: _Written) -> None:
    """The tables of a file, or of an archive's members."""
    transactions = {name: _transaction(stream) for name, stream in open_x12_files(path)}
    for name, stream in open_x12_files(path):
        transaction = transactions[name]
        if transaction not in _PREFIXES:
            raise UnusableInput(
                f"{name}: holds {transaction or 'no transaction'}; tables are made of remittances (835) and "
                "professional claims (837)"
            )
        pieces: Iterator[RemittanceTables | ClaimTables] = (
            iter_tables_835(stream) if transaction == "835" else iter_tables_837p(stream)
        )
        for piece in pieces:
            written.problems += ((name, problem) for problem in piece.problems)
            for table in piece.tables():
                table_name = f"{_PREFIXES[transaction]}_{table.name}"
                written.write(table_name, name, table)
                written.row_counts[table_name] = written.row_counts.get(table_name, 0) + len(table)


def _transaction(stream: Any) -> str:
    """The number of a file's first transaction."""
    for segment in read_segments(stream):
        if segment.tag == "ST":
            return segment.value(1).strip()
        if segment.number > _SEGMENTS_BEFORE_TRANSACTION_MAX:
            break
    return ""


def _make_writer(file_format: str, folder: Path, stack: ExitStack) -> Callable[[str, str, Table], None]:
    if file_format == "csv":
        return _csv_writer(folder, stack)
    if file_format == "duckdb":
        return _duckdb_writer(folder, stack)
    from cocm.audit.x12_folder import parquet_writer  # an audit's modules are heavy

    return parquet_writer(folder, stack)


def _csv_writer(folder: Path, stack: ExitStack) -> Callable[[str, str, Table], None]:
    outs: dict[str, Any] = {}

    def write(name: str, file: str, table: Table) -> None:
        out = outs.get(name)
        if out is None:
            stream: TextIO = stack.enter_context(
                (folder / f"{name}.csv").open("w", encoding="utf-8", newline="")
            )
            out = outs[name] = csv.writer(stream, lineterminator="\n")
            out.writerow(("file", *table.columns))
        for row in table.rows():
            out.writerow((safe_cell(file), *map(_cell, row.values())))

    return write


def _cell(value: object) -> object:
    """Texts without formulas, nothing for nothing."""
    return safe_cell(value) if isinstance(value, str) else "" if value is None else value


def _duckdb_writer(folder: Path, stack: ExitStack) -> Callable[[str, str, Table], None]:
    import duckdb

    from cocm.audit.x12_folder import with_file  # an audit's modules are heavy

    connection = stack.enter_context(duckdb.connect(os.fspath(folder / DATABASE_NAME)))
    made_tables: set[str] = set()

    def write(name: str, file: str, table: Table) -> None:
        connection.register("piece", with_file(file, table))
        if name in made_tables:
            connection.execute(f"insert into {name} select * from piece")
        else:
            connection.execute(f"create table {name} as select * from piece")
            made_tables.add(name)
        connection.unregister("piece")

    return write


def _write_problems(path: Path, problems: list[tuple[str, Problem]]) -> None:
    columns = tuple(Problem.__dataclass_fields__)
    with path.open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream, lineterminator="\n")
        out.writerow(("file", *(name for name in columns if name != "file")))
        for file, problem in problems:
            values = {**asdict(problem), "file": file}
            out.writerow((safe_cell(file), *(_cell(values[name]) for name in columns if name != "file")))


def _answer(folder: Path, written: _Written, *, as_json: bool) -> None:
    if as_json:
        answer = {
            "schema_version": SCHEMA_VERSION,
            "folder": str(folder),
            "rows": written.row_counts,
            "problems": len(written.problems),
        }
        click.echo(json.dumps(answer, indent=2))
        return
    for name, count in written.row_counts.items():
        click.echo(f"{count:>10,}  {name}")
    click.echo(f"{len(written.problems):>10,}  problems ({PROBLEMS_NAME})")
