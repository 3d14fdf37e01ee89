"""A claims history in files, on DuckDB: opened where it stands, and the findings written beside a summary.

Nothing is copied: Parquet and CSV are read through views, so only the columns and rows that an audit needs are read.
Beyond the memory allowed, work spills to a folder that goes away with the connection.
"""

from __future__ import annotations

import glob
import os
import re
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import duckdb

from cocm.audit import x12_view
from cocm.audit.csv_fault import csv_fault
from cocm.audit.layout import SOURCE, fits
from cocm.audit.run import FINDINGS
from cocm.basics.errors import UnusableInput
from cocm.basics.files import FORMULA_STARTS
from cocm.plan.records import Member
from cocm.rules import Rulebook
from cocm.rules.claims_layouts import ClaimsLayout
from cocm.warehouse.engine import SqlEngine
from cocm.warehouse.values import sql_literal

X12_TABLES: Final = "x12-tables"
_OWNER_ALONE: Final = 0o600
_MEMORY: Final = re.compile(r"[1-9][0-9]{0,5}(\.[0-9]{1,3})? ?[KMGT]i?B", re.IGNORECASE)
_SHOWN_MAX: Final = 20
_ORDER: Final = "side, cause_id, claim_id, claim_line_number"


@contextmanager
def open_history(
    paths: Sequence[Path],
    rulebook: Rulebook,
    *,
    members: Collection[Member] = (),
    memory_limit: str = "3GB",
    threads: int | None = None,
) -> Iterator[tuple[duckdb.DuckDBPyConnection, SqlEngine]]:
    """DuckDB with the files as its view `history`: Parquet, CSV, or one folder that `cocm x12 table` wrote.

    `members` are the plan's: the tables of such a folder do not tell a member's product, they do.

    Raises `UnusableInput` naming the file that cannot be read and what was expected; the same error from the work that
    is done with the history names its files as well.
    """
    with tempfile.TemporaryDirectory(prefix="cocm-audit-") as spill, duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        connection.execute("set preserve_insertion_order = false")
        connection.execute(f"set memory_limit = {sql_literal(_memory(memory_limit))}")
        connection.execute(f"set temp_directory = {sql_literal(spill)}")
        if threads is not None:
            connection.execute(f"set threads = {threads}")
        _make_view(connection, paths, rulebook, members)
        try:
            yield connection, SqlEngine(connection)
        except UnusableInput as problem:
            _refuse_faulty_csv(paths)
            if str(paths[0]) in str(problem):
                raise
            raise UnusableInput(f"{', '.join(map(str, paths))}: {problem}") from problem.__cause__
        except duckdb.Error:
            _refuse_faulty_csv(paths)
            raise


def _memory(text: str) -> str:
    """An amount of memory as the engine takes it. Raises `UnusableInput` for what is none."""
    if not _MEMORY.fullmatch(text.strip()):
        raise UnusableInput(f"--memory {text[:_SHOWN_MAX]}: expected an amount such as 3GB or 800MB")
    return text.strip()


def _refuse_faulty_csv(paths: Sequence[Path]) -> None:
    """Raise `UnusableInput` naming the row of the first CSV file that cannot be read; none of them: nothing."""
    for path in paths:
        if path.suffix.lower() == ".csv" and (fault := csv_fault(path)) is not None:
            raise UnusableInput(fault)


def is_x12_folder(paths: Sequence[Path]) -> bool:
    """Whether the one path is a folder of tables that `cocm x12 table` wrote."""
    return len(paths) == 1 and x12_view.is_x12_folder(paths[0])


def choose_layout(
    paths: Sequence[Path], layouts: Mapping[str, ClaimsLayout], columns: Mapping[str, str]
) -> ClaimsLayout:
    """The layout that the columns of a history fit: our own first, of others the one that all its columns fit.

    Raises `UnusableInput` naming for each layout what is missing.
    """
    if is_x12_folder(paths):
        return layouts[X12_TABLES]
    own_first = sorted(layouts.values(), key=lambda layout: (layout.columns is not None, layout.layout_id))
    for layout in own_first:
        if layout.layout_id != X12_TABLES and not fits(layout, columns):
            return layout
    lacking = "; ".join(
        f"{layout.layout_id} lacks {', '.join(fits(layout, columns))}"
        for layout in own_first
        if layout.layout_id != X12_TABLES
    )
    raise UnusableInput(
        f"{paths[0]}: its columns fit no layout ({lacking}); name a layout file of your own with --layout"
    )


def write_findings(
    connection: duckdb.DuckDBPyConnection, folder: Path, provenance: Mapping[str, str]
) -> None:
    """Write `findings.parquet` and `findings.csv`, each whole or not at all and for the owner alone."""
    metadata = ", ".join(f"{name}: {sql_literal(value)}" for name, value in provenance.items())
    _copy(connection, f"select * from {FINDINGS} order by {_ORDER}", folder / "findings.parquet",
          f"format parquet, compression zstd, kv_metadata {{{metadata}}}")  # fmt: skip
    starts = ", ".join(sql_literal(start) for start in FORMULA_STARTS)
    columns = ", ".join(
        f"case when substr({name}, 1, 1) in ({starts}) then '''' || {name} else {name} end as {name}"
        if kind == "text"
        else name
        for name, kind in SqlEngine(connection).columns(FINDINGS).items()
    )
    _copy(
        connection,
        f"select {columns} from {FINDINGS} order by {_ORDER}",
        folder / "findings.csv",
        "format csv, header true, delimiter ','",
    )


def _copy(connection: duckdb.DuckDBPyConnection, text: str, path: Path, options: str) -> None:
    """Write under a temporary name, then put it in place."""
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    os.close(descriptor)
    try:
        connection.execute(f"copy ({text}) to {sql_literal(temporary)} ({options})")
        Path(temporary).chmod(_OWNER_ALONE)
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _make_view(
    connection: duckdb.DuckDBPyConnection,
    paths: Sequence[Path],
    rulebook: Rulebook,
    members: Collection[Member],
) -> None:
    if is_x12_folder(paths):
        x12_view.make_x12_view(connection, paths[0], rulebook, members)
        return
    kinds = {path.suffix.lower() for path in paths}
    if len(kinds) != 1 or not kinds <= {".parquet", ".csv"}:
        named = ", ".join(str(path) for path in paths)
        raise UnusableInput(
            f"{named}: an audit reads Parquet files or CSV files (not both), or one folder that `cocm x12 table` wrote"
        )
    listed = ", ".join(sql_literal(glob.escape(str(path))) for path in paths)
    reader = (
        f"read_parquet([{listed}], union_by_name = true)"
        if kinds == {".parquet"}
        else f"read_csv([{listed}], header = true, all_varchar = true, union_by_name = true, null_padding = false)"
    )
    try:
        connection.execute(f"create view {SOURCE} as select * from {reader}")
        connection.execute(f"select * from {SOURCE} limit 0")
    except duckdb.Error as problem:
        _refuse_faulty_csv(paths)
        raise UnusableInput(
            f"{paths[0]}: cannot be read as a claims history: {x12_view.first_line(problem)}"
        ) from problem
