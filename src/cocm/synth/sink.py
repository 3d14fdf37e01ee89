"""Where the synthetic rows go: one CSV file per table, complete or not there at all."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from cocm.basics.files import atomic_write, safe_cell
from cocm.intake.tables import TABLES

Cells: TypeAlias = dict[str, object]
"""A row's cells by column; what is not there is empty."""


class Sink:
    """Writes rows of any table. `rows` counts them."""

    def __init__(self, writers: dict[str, Any]) -> None:
        self._writers = writers
        self._columns = {name: tuple(table.positions) for name, table in TABLES.items()}
        self._known = {name: table.positions.keys() for name, table in TABLES.items()}
        self.rows: Counter[str] = Counter()

    def add(self, table_name: str, **cells: object) -> None:
        """A row from named cells; an unknown column is a mistake of the generator."""
        self.add_row(table_name, cells)

    def add_row(self, table_name: str, cells: Cells) -> None:
        """A row."""
        if not cells.keys() <= self._known[table_name]:
            unknown = cells.keys() - self._known[table_name]
            raise KeyError(f"{table_name} has no column {', '.join(sorted(unknown))}")
        row = [cells.get(column, "") for column in self._columns[table_name]]
        self._writers[table_name].writerow(
            [safe_cell(cell) if type(cell) is str and cell else cell for cell in row]
        )
        self.rows[table_name] += 1


@contextmanager
def open_sink(folder: Path) -> Iterator[Sink]:
    """A sink whose files appear in the folder when the body has come to its end."""
    with ExitStack() as files:
        writers = {}
        for name, table in TABLES.items():
            out = io.TextIOWrapper(
                files.enter_context(atomic_write(folder / f"{name}.csv")), encoding="utf-8", newline=""
            )
            files.callback(out.detach)  # flushes; the file below is closed by atomic_write
            writers[name] = csv.writer(out)
            writers[name].writerow(table.positions)
        yield Sink(writers)
