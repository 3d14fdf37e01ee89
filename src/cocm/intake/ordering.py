"""Sorting a table by patient in bounded memory: runs of rows on disk, merged."""

from __future__ import annotations

import heapq
import marshal
from collections.abc import Iterable, Iterator
from itertools import count, islice
from operator import itemgetter
from pathlib import Path
from typing import Final, TypeAlias

from cocm.intake.csv_file import patient_key
from cocm.intake.rows import Layout, RawRow

RUN_ROWS: Final = 50_000
"""Rows sorted in memory at a time (about 20 MB of contacts)."""
RUNS_MAX: Final = 64
"""Runs merged at a time, so that few files are open at once."""
_BLOCK_ROWS: Final = 500
_NUMBER_OF_RUN: Final = count()
_ORDER: Final = itemgetter(0, 1)

KeyedRow: TypeAlias = tuple[str, int, str]
"""Patient, row number, the row's text."""


def sorted_by_patient(
    rows: Iterable[RawRow], layout: Layout, folder: Path, *, run_rows: int = RUN_ROWS
) -> Iterator[RawRow]:
    """The rows ordered by patient and row number. What does not fit one run goes to files in `folder`."""
    run: list[KeyedRow] = []
    files: list[Path] = []
    separator, place = layout.separator, layout.place("patient_id")
    for number, text in rows:
        run.append((patient_key(text, separator, place), number, text))
        if len(run) >= run_rows:
            run.sort(key=_ORDER)
            files.append(_written(run, folder))
            run = []
        if len(files) >= RUNS_MAX:
            files = [_written(_merged(files), folder)]
    run.sort(key=_ORDER)
    for _, number, text in heapq.merge(_merged(files), run, key=_ORDER) if files else run:
        yield number, text


def _merged(files: list[Path]) -> Iterator[KeyedRow]:
    yield from heapq.merge(*(_read(path) for path in files), key=_ORDER)
    for path in files:
        path.unlink()


def _written(rows: Iterable[KeyedRow], folder: Path) -> Path:
    path = folder / f"run-{next(_NUMBER_OF_RUN)}"
    remaining = iter(rows)
    with path.open("wb") as stream:
        while block := list(islice(remaining, _BLOCK_ROWS)):
            marshal.dump(block, stream)
    return path


def _read(path: Path) -> Iterator[KeyedRow]:
    with path.open("rb") as stream:
        while True:
            try:
                block: list[KeyedRow] = marshal.load(stream)
            except EOFError:
                return
            yield from block
