"""Which row of each table a segment belongs to, counted over the whole file, and how far a row reaches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from cocm.x12.columns.codes import Flags, Whole
from cocm.x12.columns.placement import IN_TRANSACTION, Placed, Placer

UseName = tuple[str, str]

# Before any of these a block may be cut: no row of a table goes on beyond one, except the whole transaction.
CUT_TAGS: Final = frozenset({"ISA", "GS", "ST", "SE", "GE", "IEA", "HL", "CLM", "CLP", "PLB"})
_HEADER_ENDS: Final = (*CUT_TAGS, "LX")
_NONE: Final = -1


@dataclass(frozen=True, slots=True)
class Anchors:
    """The segments that begin claims, lines and levels (the outermost level first)."""

    claim: UseName
    line: UseName
    levels: tuple[UseName, ...] = ()


class KeyKeeper:
    """Counts rows over one block after another."""

    def __init__(self, placer: Placer, anchors: Anchors) -> None:
        self._placer = placer
        self._claim, self._line = placer.number(*anchors.claim), placer.number(*anchors.line)
        self._levels = [placer.number(*use) for use in anchors.levels]
        bit = placer.scopes.bit
        self._claim_bit, self._line_bit = bit(anchors.claim[0]), bit(anchors.line[0])
        self._level_bits = [bit(loop_id) for loop_id, _ in anchors.levels]
        self._ends_row, self._ends_header = placer.tag_flags(CUT_TAGS), placer.tag_flags(_HEADER_ENDS)
        self._counts = dict.fromkeys(("interchange", "group", "transaction", "level", "claim", "line"), 0)
        self._open_levels = [_NONE] * len(self._levels)
        self._first_line = 0  # of the claim that is open

    def keys(self, placed: Placed) -> dict[str, Whole]:
        """The keys of each segment; -1 where it belongs to no such row."""
        tags, use, scope = placed.block.tags, placed.use, placed.scope
        number = self._placer.tags.number
        keys = {
            "interchange": self._counted("interchange", tags == number("ISA")),
            "group": self._counted("group", tags == number("GS")),
            "transaction": self._counted("transaction", tags == number("ST")),
        }
        keys["transaction"][(scope & IN_TRANSACTION) == 0] = _NONE
        in_claim = (scope & self._claim_bit) != 0
        is_claim, is_line = use == self._claim, use == self._line
        line = self._counted("line", is_line)
        keys["claim"] = np.where(in_claim, self._counted("claim", is_claim), _NONE)
        if self._levels:
            # Whatever follows a line within its claim is the line's, as the record reader has it.
            first = np.where(is_claim, line + 1, 0)
            first[0] = max(int(first[0]), self._first_line)
            first = np.maximum.accumulate(first)
            self._first_line = int(first[-1])
            keys["line"] = np.where(in_claim & (line >= first), line, _NONE)
            self._add_levels(keys, placed)
        else:
            keys["line"] = np.where((scope & self._line_bit) != 0, line, _NONE)
        return keys

    def last(self, placed: Placed, keys: Mapping[str, Whole], extent: str, rows: Whole) -> Whole:
        """For the first segments of claims, lines, levels or payment heads (`header`), the last ones."""
        if extent in keys:
            return _last_of(keys[extent], rows)
        ends = self._ends_row if extent == "row" else self._ends_header
        return _until_next(ends.take(placed.block.tags), rows)

    def _counted(self, name: str, begins: Flags) -> Whole:
        """The number of the row that each segment comes after or begins."""
        count = self._counts[name]
        places = np.flatnonzero(begins)
        self._counts[name] = count + len(places)
        return stepped(places, len(begins), count - 1)

    def _add_levels(self, keys: dict[str, Whole], placed: Placed) -> None:
        """The level each segment stands in, those around it, and each level's own parent."""
        use, scope = placed.use, placed.scope
        begins = np.isin(use, self._levels)
        rows = np.flatnonzero(begins)
        before = self._counts["level"]
        level = self._counted("level", begins)
        at = level - before + 1  # 0: in a level of an earlier block
        own = level.take(rows)
        around = []
        for depth, number in enumerate(self._levels):
            opened = np.where(use.take(rows) == number, own, _NONE)
            last = np.maximum.accumulate(np.concatenate(([self._open_levels[depth]], opened)))
            self._open_levels[depth] = int(last[-1])
            around.append(np.where((scope & self._level_bits[depth]) != 0, last.take(at), _NONE))
        keys["billing_level"], keys["subscriber_level"], keys["patient_level"] = around
        # The innermost: a segment out of order, behind a patient's level, may still be of the subscriber's.
        keys["level"] = np.maximum.reduce(around)
        keys["parent"] = np.where(
            use == self._levels[1], around[0], np.where(use == self._levels[2], around[1], _NONE)
        )


def stepped(places: Whole, count: int, before: int) -> Whole:
    """A number for each of so many segments: one more from each of these places on."""
    if not len(places):
        return np.full(count, before, np.int64)
    lengths = np.empty(len(places) + 1, np.int64)
    lengths[0], lengths[-1] = places[0], count - places[-1]
    np.subtract(places[1:], places[:-1], out=lengths[1:-1])
    return np.repeat(np.arange(before, before + len(lengths)), lengths)


def _last_of(key: Whole, rows: Whole) -> Whole:
    """For rows that begin something: the last segment that has their key. Their keys count up one by one."""
    if not len(rows):
        return rows
    inside = np.flatnonzero(key >= key[rows[0]])
    last = np.zeros(len(rows), np.int64)
    last[key.take(inside) - key[rows[0]]] = inside
    return last


def _until_next(begins: Flags, rows: Whole) -> Whole:
    """For each row the last segment before the next that begins something."""
    places = np.append(np.flatnonzero(begins), len(begins))
    return places.take(np.searchsorted(places, rows, "right"), mode="clip") - 1
