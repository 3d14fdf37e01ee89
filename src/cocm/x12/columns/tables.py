"""The tables of a file as one value, and the functions that read them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np

from cocm.x12.columns import native
from cocm.x12.columns.balances import RemittanceBalance, check_claims
from cocm.x12.columns.blocks import BLOCK_BYTES
from cocm.x12.columns.forms import claim_forms, remittance_forms
from cocm.x12.columns.keys import Anchors
from cocm.x12.columns.reader import PROBLEMS_MAX, FileKind, TableReader
from cocm.x12.columns.table import Table
from cocm.x12.columns.whole import GrowingColumn
from cocm.x12.problem import Problem
from cocm.x12.tokens import Source

if TYPE_CHECKING:
    import pyarrow  # type: ignore[import-untyped]  # it ships no types

# Of a file that is read as a whole: large blocks are faster, but what a block needs while it is worked on comes on top
# of all that is kept by then, which is most at the end.
_LAST_BLOCK_BYTES: Final = 2**20
_COMPILED_LAST_BLOCK_BYTES: Final = 3 * 2**19  # the compiled core needs less room beside a block

_REMITTANCES: Final = FileKind(
    version="005010X221A1",
    make_forms=remittance_forms,
    anchors=Anchors(claim=("2100", "claim"), line=("2110", "service")),
    begins_run=frozenset({"SVC"}),
    begins_group=frozenset({"CLP", "LX", "PLB"}),
    scopes=("2100", "2110"),
    make_check=lambda: RemittanceBalance().check,
)
_CLAIMS: Final = FileKind(
    version="005010X222A1",
    make_forms=claim_forms,
    anchors=Anchors(
        claim=("2300", "claim"),
        line=("2400", "line_number"),
        levels=(("2000A", "billing_level"), ("2000B", "subscriber_level"), ("2000C", "patient_level")),
    ),
    begins_run=frozenset({"CLM", "LX"}),
    begins_group=frozenset({"HL"}),
    scopes=("2300", "2400", "2000A", "2000B", "2000C"),
    make_check=lambda: check_claims,
)


@dataclass(frozen=True, slots=True, eq=False)
class _Tables:
    """What both kinds of files have."""

    envelopes: Table
    claims: Table
    lines: Table
    adjustments: Table
    references: Table
    amounts: Table
    dates: Table
    parties: Table
    contacts: Table
    other_segments: Table
    problems: tuple[Problem, ...]

    def tables(self) -> tuple[Table, ...]:
        """All tables."""
        return tuple(getattr(self, field.name) for field in fields(self) if field.name != "problems")

    def to_arrow(self) -> dict[str, pyarrow.Table]:
        """All tables as Arrow tables, by name."""
        return {table.name: table.to_arrow() for table in self.tables()}


@dataclass(frozen=True, slots=True, eq=False)
class RemittanceTables(_Tables):
    """Remittances (835). A column named as another table (`transaction`, `claim`, `line`) holds that row's number."""

    payments: Table
    remarks: Table
    provider_adjustments: Table


@dataclass(frozen=True, slots=True, eq=False)
class ClaimTables(_Tables):
    """Professional claims (837P). `levels` are billing providers, subscribers and patients with coverage."""

    levels: Table
    diagnoses: Table
    other_payers: Table
    line_adjudications: Table


_Made = TypeVar("_Made", bound=_Tables)


def tables_835(source: Source, *, problems_max: int = PROBLEMS_MAX) -> RemittanceTables:
    """All remittances of a file as tables, with the faults of envelope, values, places and balances.

    The text columns lie in the file's bytes, which stay in memory with them. Raises `X12Error` for a file that is no
    interchange; what breaks off later is told as a problem and read up to there.
    """
    return _whole(_REMITTANCES, RemittanceTables, source, problems_max)


def tables_837p(source: Source, *, problems_max: int = PROBLEMS_MAX) -> ClaimTables:
    """All professional claims of a file as tables; as `tables_835`."""
    return _whole(_CLAIMS, ClaimTables, source, problems_max)


def iter_tables_835(
    source: Source, *, block_bytes: int = BLOCK_BYTES, problems_max: int = PROBLEMS_MAX
) -> Iterator[RemittanceTables]:
    """The tables of one stretch of a file after another, in flat memory. Keys count over the whole file."""
    for batch in TableReader(_REMITTANCES, source, block_bytes, problems_max):
        yield RemittanceTables(**batch.tables, problems=batch.problems)


def iter_tables_837p(
    source: Source, *, block_bytes: int = BLOCK_BYTES, problems_max: int = PROBLEMS_MAX
) -> Iterator[ClaimTables]:
    """The tables of one stretch of a file of professional claims after another; as `iter_tables_835`."""
    for batch in TableReader(_CLAIMS, source, block_bytes, problems_max):
        yield ClaimTables(**batch.tables, problems=batch.problems)


def _whole(kind: FileKind, make: Callable[..., _Made], source: Source, problems_max: int) -> _Made:
    """All batches as one, with texts in the file's bytes; what belongs to a block alone is let go with it."""
    data = source if isinstance(source, bytes) else source.read()
    letters = np.frombuffer(data, np.uint8)
    parts: dict[str, dict[str, GrowingColumn]] = {}
    problems: list[Problem] = []
    last_block_bytes = _COMPILED_LAST_BLOCK_BYTES if native.is_used() else _LAST_BLOCK_BYTES
    for batch in TableReader(kind, data, BLOCK_BYTES, problems_max, last_block_bytes):
        problems += batch.problems
        to_come = len(data) / max(1, batch.end)
        if batch.placed is not None:
            batch.placed.compact(letters)
        for name, table in batch.tables.items():
            if name not in parts:
                parts[name] = {key: GrowingColumn(column, letters) for key, column in table.columns.items()}
            for key, column in table.columns.items():
                parts[name][key].add(column, batch.base, to_come)
        del batch, table, column  # or they would stay while the next block is read
    tables = {
        name: Table(name, {key: column.column() for key, column in columns.items()})
        for name, columns in parts.items()
    }
    return make(**tables, problems=tuple(problems))
