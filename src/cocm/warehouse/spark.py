"""Spark as an engine: the same texts, given to a session that the caller has opened.

Spark keeps no temporary tables, so a result is written to a folder that driver and workers share and read back from
there: what was kept survives a lost worker, and a plan does not grow from step to step. A text with many relations is
taken apart at its own relations (`with NAME as (...)`), because Spark works each one out anew wherever it is named.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from cocm.warehouse.engine import type_kind
from cocm.warehouse.tables import ColumnType, Table
from cocm.warehouse.values import Row

_TYPES: Final = {ColumnType.TEXT: "string", ColumnType.INTEGER: "int", ColumnType.BOOLEAN: "boolean"}


class SparkEngine:
    """A Spark session behind the face of an engine. `folder` is on storage that driver and workers share."""

    def __init__(self, session: Any, folder: Path) -> None:
        self._session = session
        self._folder = folder
        self._kept: dict[str, Path] = {}

    def create(self, table: Table, rows: Sequence[Row]) -> None:
        schema = ", ".join(f"{column.name} {_TYPES[column.column_type]}" for column in table.columns)
        frame = self._session.createDataFrame([tuple(row) for row in rows], schema)
        self._put(table.name, frame)

    def keep(self, name: str, text: str) -> None:
        steps, last = relations_of(text)
        for step, body in steps:
            if uses_of(step, text) > 1:
                self._put(step, self._session.sql(body))
            else:
                self.view(step, body)
        self._put(name, self._session.sql(last))

    def view(self, name: str, text: str) -> None:
        self._session.sql(text).createOrReplaceTempView(name)

    def drop(self, name: str) -> None:
        self._session.catalog.dropTempView(name)
        shutil.rmtree(self._kept.pop(name), ignore_errors=True)

    def rename(self, name: str, new_name: str) -> None:
        self._session.table(name).createOrReplaceTempView(new_name)
        self._session.catalog.dropTempView(name)
        self._kept[new_name] = self._kept.pop(name)

    def query(self, text: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self._session.sql(text).collect()]

    def columns(self, name: str) -> dict[str, str]:
        return {column: type_kind(kind) for column, kind in self._session.table(name).dtypes}

    def _put(self, name: str, frame: Any) -> None:
        path = self._folder / f"{name}-{len(self._kept)}"
        frame.write.mode("overwrite").parquet(str(path))
        self._session.read.parquet(str(path)).createOrReplaceTempView(name)
        self._kept[name] = path


def relations_of(text: str) -> tuple[list[tuple[str, str]], str]:
    """The relations that a text names before its last query, in order, and that query.

    It reads our own texts, in which each relation begins and ends on a line of its own.
    """
    found: list[tuple[str, str]] = []
    lines = text.split("\n")
    place = 0
    while place < len(lines):
        matched = re.fullmatch(r"(?:with )?([a-z_]+) as \(", lines[place])
        if matched is None:
            if lines[place].startswith("select"):
                break
            place += 1
            continue
        end = next(at for at in range(place, len(lines)) if lines[at] in (")", "),"))
        found.append((matched[1], "\n".join(lines[place + 1 : end])))
        place = end + 1
    return found, "\n".join(lines[place:])


def uses_of(name: str, text: str) -> int:
    """How often a text reads a relation."""
    return len(re.findall(rf"\b(?:from|join) {name}\b", text))
