"""Whole files into tables, block by block: places, keys, columns, checks.

A row's key is its number in its table, counted over the whole file, so that blocks can be handed out one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from cocm.basics.errors import X12Error
from cocm.x12.columns.balances import BlockRows
from cocm.x12.columns.blocks import Block, BlockReader
from cocm.x12.columns.codes import Flags, Whole
from cocm.x12.columns.envelopes import EnvelopeFollower
from cocm.x12.columns.keys import CUT_TAGS, Anchors, KeyKeeper
from cocm.x12.columns.parts import Extractor, Fault, TableForm
from cocm.x12.columns.placement import ENVELOPE_TAGS, Placed, Placer
from cocm.x12.columns.table import Column, Table
from cocm.x12.guide import load_guide
from cocm.x12.guide_parts import Guide
from cocm.x12.problem import Problem, ProblemKind, Report
from cocm.x12.tokens import Segment, Source

PROBLEMS_MAX: Final = 10_000
OTHER_SEGMENTS: Final = "other_segments"


@dataclass(frozen=True, slots=True)
class FileKind:
    """What makes a guide's files into tables. `make_check` makes the check of what must add up in one file."""

    version: str
    make_forms: Callable[[Guide], tuple[TableForm, ...]]
    anchors: Anchors
    begins_run: frozenset[str]
    begins_group: frozenset[str]
    scopes: tuple[str, ...]
    make_check: Callable[[], Callable[[BlockRows], None]]


@dataclass(frozen=True, slots=True)
class Batch:
    """The tables of one block, by name, and the problems found in it, in the file's order.

    Texts lie in the block's own bytes, the first of which is byte `base` of the file; `end` is the byte after its
    last segment.
    """

    base: int
    end: int
    placed: Placed | None
    tables: dict[str, Table]
    problems: tuple[Problem, ...]


class TableReader:
    """Reads one file into one batch after another."""

    def __init__(
        self,
        kind: FileKind,
        source: Source,
        block_bytes: int,
        problems_max: int,
        last_block_bytes: int | None = None,
    ) -> None:
        guide = load_guide(kind.version)
        self._placer = placer = Placer(guide, kind.begins_run, kind.begins_group, kind.scopes)
        self._extractors = [Extractor(form, placer) for form in kind.make_forms(guide)]
        self._makes_row = self._use_flags(frozenset().union(*(one.row_uses for one in self._extractors)))
        self._is_asked = self._use_flags(frozenset().union(*(one.companion_uses for one in self._extractors)))
        self._is_envelope = placer.tag_flags(ENVELOPE_TAGS)
        self._reader = BlockReader(source, placer.tags, CUT_TAGS, block_bytes, last_block_bytes)
        self._report = Report(problems_max, [])
        self._envelope = EnvelopeFollower(self._report, kind.version)
        self._keeper = KeyKeeper(placer, kind.anchors)
        self._check = kind.make_check()
        self._claim_count = self._line_count = 0

    def __iter__(self) -> Iterator[Batch]:
        """The batches, at least one. Raises `X12Error` where not even a beginning can be read."""
        empty: Batch | None = None
        try:
            for block in self._reader:
                batch = self._batch(block)
                if empty is None:
                    tables = {name: table.emptied() for name, table in batch.tables.items()}
                    empty = Batch(0, 0, None, tables, ())
                yield batch
                del batch, block
        except X12Error as problem:
            if empty is None:
                raise
            self._envelope.broken_off(str(problem))
        self._envelope.end()
        if empty is not None and (problems := self._problems()):
            yield Batch(0, 0, None, empty.tables, problems)

    def _batch(self, block: Block) -> Batch:
        is_ours, starts = self._envelope.follow(block, np.flatnonzero(self._is_envelope.take(block.tags)))
        placed = self._placer.place(block, is_ours)
        keys = self._keeper.keys(placed)
        rows = BlockRows({}, {}, [], self._claim_count, self._line_count)
        for extractor in self._extractors:
            name = extractor.form.name
            if name == OTHER_SEGMENTS:
                made = self._other_segments(placed, keys, rows, extractor)
            else:
                made = extractor.extract(placed, keys, self._keeper, rows.faults)
            rows.segments[name], rows.columns[name] = made
        self._check(rows)
        self._claim_count += len(rows.segments["claims"])
        self._line_count += len(rows.segments["lines"])
        self._tell_unknown(placed, rows)
        self._tell(placed, keys, rows.faults, starts)
        tables = {name: Table(name, columns) for name, columns in rows.columns.items()}
        return Batch(block.base, block.base + int(block.stop[-1]), placed, tables, self._problems())

    def _use_flags(self, uses: frozenset[int]) -> Flags:
        """An array that says of each use's number whether it is one of these; its last place is that of no use."""
        flags = np.zeros(len(self._placer.uses) + 1, np.bool_)
        flags[list(uses)] = True
        return flags

    def _other_segments(
        self, placed: Placed, keys: dict[str, Whole], rows: BlockRows, extractor: Extractor
    ) -> tuple[Whole, dict[str, Column]]:
        """Whatever makes no row and lies in no row's bytes or is not asked for its columns."""
        spanned = np.zeros(len(placed.use) + 1, np.int64)
        for one in self._extractors:
            if one.form.extent and one.form.name in rows.segments:
                begins = rows.segments[one.form.name]
                spanned[begins] += 1
                spanned[self._keeper.last(placed, keys, one.form.extent, begins) + 1] -= 1
        is_spanned = np.cumsum(spanned)[:-1] > 0
        is_held = self._makes_row.take(placed.use) | (self._is_asked.take(placed.use) & is_spanned)
        is_other = ~is_held & ~self._is_envelope.take(placed.block.tags)
        return extractor.extract_rows(placed, np.flatnonzero(is_other), keys)

    def _tell_unknown(self, placed: Placed, rows: BlockRows) -> None:
        """Segments that have no place in the guide stand in `other_segments`, and are told."""
        others = rows.segments[OTHER_SEGMENTS]
        for row in others[placed.use.take(others) < 0].tolist():
            if len(rows.faults) >= self._report.problems_max:
                return
            what = "a segment that the guide does not have here"
            rows.faults.append(Fault(row, ProblemKind.UNEXPECTED_SEGMENT, "", what, "a segment of the guide"))

    def _tell(
        self, placed: Placed, keys: dict[str, Whole], faults: list[Fault], starts: dict[int, Segment]
    ) -> None:
        """Turn a block's faults into problems, with the transaction and claim they stand in."""
        if not faults:
            return
        report, placer = self._report, self._placer
        transactions = dict(
            zip(keys["transaction"].take(list(starts)).tolist(), starts.values(), strict=True)
        )
        for fault in sorted(faults, key=lambda one: one.row):
            started = transactions.get(int(keys["transaction"][fault.row]), self._envelope.opened_before)
            inside = started if keys["transaction"][fault.row] >= 0 else None
            report.transaction_control_number = inside.value(2) if inside is not None else ""
            report.transaction_first_segment = inside.number if inside is not None else 0
            loop = int(placed.loop[fault.row])
            report.add(
                fault.kind,
                placed.block.segment(fault.row),
                fault.what,
                fault.expected,
                loop_id=placer.loop_ids[loop] if loop >= 0 else "",
                element=fault.element,
            )
        self._envelope.restore()

    def _problems(self) -> tuple[Problem, ...]:
        found = sorted(self._report.problems, key=lambda problem: problem.byte_offset)
        self._report.problems = []
        self._report.problems_max -= len(found)
        return tuple(found)
