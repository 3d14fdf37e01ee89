"""Claim and remittance files as one folder of Parquet tables, as `cocm x12 table` writes it and an audit reads it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cocm.x12 import iter_tables_835, iter_tables_837p

if TYPE_CHECKING:
    import pyarrow  # type: ignore[import-untyped]  # it ships no types

    from cocm.x12 import ClaimTables, RemittanceTables
    from cocm.x12.columns import Table

TABLE_PREFIXES: Final = {"835": "remittance", "837": "professional"}
"""By the transaction's number: what its tables' names begin with."""

WriteTable = Callable[[str, str, "Table"], None]
"""Takes a piece of a table: the table's name, the file's, the piece."""


def write_x12_folder(claims: Mapping[str, bytes], remittances: Mapping[str, bytes], folder: Path) -> int:
    """Write the tables of claim files (837P) and remittances (835), by the files' names; how many rows there are."""
    rows = 0
    with ExitStack() as stack:
        write = parquet_writer(folder, stack)
        for transaction, files in (("837", claims), ("835", remittances)):
            for name, content in sorted(files.items()):
                pieces: Iterator[RemittanceTables | ClaimTables] = (
                    iter_tables_837p(io.BytesIO(content))
                    if transaction == "837"
                    else iter_tables_835(io.BytesIO(content))
                )
                for piece in pieces:
                    for table in piece.tables():
                        write(f"{TABLE_PREFIXES[transaction]}_{table.name}", name, table)
                        rows += len(table)
    return rows


def parquet_writer(folder: Path, stack: ExitStack) -> WriteTable:
    """Writes pieces into one Parquet file a table; the files are whole when the stack is left."""
    from pyarrow import parquet

    outs: dict[str, parquet.ParquetWriter] = {}

    def write(name: str, file: str, table: Table) -> None:
        made = with_file(file, table)
        out = outs.get(name)
        if out is None:
            out = outs[name] = stack.enter_context(
                parquet.ParquetWriter(folder / f"{name}.parquet", made.schema, compression="zstd")
            )
        out.write_table(made)

    return write


def with_file(file: str, table: Table) -> pyarrow.Table:
    """The table with its file's name in front."""
    import pyarrow as pa

    made = table.to_arrow()
    return made.add_column(0, "file", pa.array([file] * len(table), pa.string()))
