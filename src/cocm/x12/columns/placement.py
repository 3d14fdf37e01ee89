"""The place of every segment in its guide, for a whole block at once, by the same walk that the record reader takes.

A block is cut into runs, each beginning at a segment that starts something (a claim, a line, a level, an envelope).
Most runs have one of few shapes: the same tags with the same selecting codes, one after the other. The `Walker` goes
through a shape once from each state in which it occurs; where its segments belong is then known for every run of it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from cocm.x12.columns import native
from cocm.x12.columns.blocks import Block
from cocm.x12.columns.codes import Bytes, CodeIndex, Flags, TaggedCodes, Whole, Words
from cocm.x12.columns.values import Read
from cocm.x12.columns.view import View
from cocm.x12.guide_parts import Guide, SegmentUse
from cocm.x12.walker import State, Walker

ENVELOPE_TAGS: Final = ("ISA", "TA1", "GS", "ST", "SE", "GE", "IEA")
# So many shapes are remembered; a file that has more (made to be so) is walked anew from time to time.
SHAPES_MAX: Final = 50_000

_ENDS_TRANSACTION: Final = frozenset({"ISA", "GS", "GE", "IEA"})
# In a segment's scope: it stands between ST and SE.
IN_TRANSACTION: Final = 1 << 10
_POSITIONS_MIXED: Final = 4096
_SLOT_BITS: Final = 16
_SHAPE_BITS: Final = 32
_ROUNDS_MAX: Final = 8
# Where most codes stand that tell the uses of a tag apart; they are read for all segments at once.
_FIRST_PLACES: Final = ((1, 0), (1, 1))
# Two states in which nothing is placed: outside a transaction, and inside one of another guide.
_OUTSIDE, _FOREIGN, _START = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Scopes:
    """Which loops a table asks about: a segment is told whether it stands in one. At most ten."""

    loop_ids: tuple[str, ...]

    def bit(self, loop_id: str) -> int:
        """The bit of a loop in a segment's scope."""
        return 1 << self.loop_ids.index(loop_id)

    def of(self, state: State) -> int:
        """The scope of a segment after which the walk is in this state."""
        open_loops = {loop.loop_id for loop, _ in state.levels}
        return sum(1 << at for at, loop_id in enumerate(self.loop_ids) if loop_id in open_loops)


class Placed:
    """A block's segments with their places. `use` numbers the placer's uses (-1: none), `loop` its loops (-1: none).

    `answers` keeps what is asked more than once.
    """

    def __init__(self, view: View, tags: CodeIndex, use: Whole, loop: Whole, scope: Whole) -> None:
        self.view = view
        self.use = use
        self.loop = loop
        self.scope = scope
        self.answers: dict[Hashable, Read] = {}
        self._tags = tags

    def rows_of_tag(self, tag: str) -> Whole:
        """The segments of a tag, whatever their use."""
        number = self._tags.number(tag)
        if tag in ENVELOPE_TAGS:
            rows, numbers = self._envelope_rows
            found: Whole = rows[numbers == number]
            return found
        return np.flatnonzero(self.block.tags == number)

    def compact(self, letters: Bytes) -> None:
        """Keep, in little room, what texts are located with. Nothing else can be asked afterwards."""
        self.use = self.loop = self.scope = np.empty(0, np.int64)
        self.answers.clear()
        self.__dict__.pop("_by_use", None)
        self.__dict__.pop("_envelope_rows", None)
        self.view.pack(letters)

    @property
    def block(self) -> Block:
        return self.view.block

    @cached_property
    def _envelope_rows(self) -> tuple[Whole, Whole]:
        """The few segments of envelopes, with the numbers of their tags."""
        is_envelope = np.zeros(len(self._tags.codes), np.bool_)
        is_envelope[[self._tags.number(tag) for tag in ENVELOPE_TAGS]] = True
        rows = np.flatnonzero(is_envelope.take(self.block.tags))
        return rows, self.block.tags.take(rows)

    @cached_property
    def _by_use(self) -> tuple[Whole, Whole]:
        found = native.order(self.use)
        if found is not None:
            return found
        order = np.argsort((self.use + 1).astype(np.int16), kind="stable")
        counts = np.bincount(self.use + 1, minlength=1)
        return order, np.concatenate(([0], np.cumsum(counts)))

    def rows(self, use_number: int) -> Whole:
        """The segments that are of this use, in their order; -1: those that have no place."""
        order, borders = self._by_use
        at = use_number + 1
        return order[borders[at] : borders[at + 1]] if at + 1 < len(borders) else order[:0]

    def rows_of(self, use_numbers: Iterable[int]) -> Whole:
        """The segments of any of these uses, in their order."""
        parts = [rows for rows in map(self.rows, use_numbers) if len(rows)]
        if len(parts) == 1:
            return parts[0]
        return np.sort(np.concatenate(parts), kind="stable") if parts else np.empty(0, np.int64)


class _Runs:
    """Where runs begin and how long they are; the first member always begins one, and each ends where one begins."""

    def __init__(self, begins: Flags) -> None:
        begins[0] = True
        self._count = len(begins)
        self.start = np.flatnonzero(begins)
        self.length = np.diff(self.start, append=len(begins))

    @cached_property
    def within(self) -> Whole:
        """Each member's place in its run."""
        return np.arange(self._count) - np.repeat(self.start, self.length)

    def pieces(self, names: Whole, offsets: list[int], *numbers: list[int]) -> list[Whole]:
        """Numbers for all members: those of each run stand one after the other from the offset of its name on."""
        begins = np.array(offsets, np.int64).take(names)
        arrays = [np.array(one, np.int64) for one in numbers]
        compiled = [native.pieces(one, begins, self.length, self._count) for one in arrays]
        found = [one for one in compiled if one is not None]
        if len(found) == len(arrays):
            return found
        at = np.repeat(begins, self.length) + self.within
        return [one.take(at) for one in arrays]


class _Shapes:
    """Sequences of numbers that were seen, each with a number of its own."""

    def __init__(self) -> None:
        self._number_by_content: dict[bytes, int] = {}
        self._flat: list[int] = []
        self._offsets: list[int] = []
        self._lengths: list[int] = []
        self._mix = _mixed(np.arange(1, _POSITIONS_MIXED + 1, dtype=np.uint64)) | np.uint64(1)

    def __len__(self) -> int:
        return len(self._offsets)

    def find(self, content: Whole, runs: _Runs) -> Whole:
        """The number of each run's shape."""
        start, length = runs.start, runs.length
        sums = native.run_sums(content, start, length, self._mix)
        if sums is None:
            mixed = (content + 1).astype(np.uint64)
            mixed *= self._mix.take(runs.within & (_POSITIONS_MIXED - 1))
            sums = _mixed(np.add.reduceat(mixed, start) + length.astype(np.uint64))
        shapes = np.full(len(start), -1, np.int64)
        left = np.arange(len(start))
        for turn in range(_ROUNDS_MAX):
            if not len(left):
                break
            slots = ((sums[left] << np.uint64(7 * turn)) >> np.uint64(64 - _SLOT_BITS)).astype(np.int64)
            in_slot = np.zeros(1 << _SLOT_BITS, np.int64)
            in_slot[slots] = left
            first = in_slot.take(slots)
            same = sums.take(first) == sums.take(left)
            for run in in_slot[np.flatnonzero(in_slot)].tolist() + left[:1].tolist():
                shapes[run] = self._number(content, int(start[run]), int(length[run]))
            shapes[left[same]] = shapes.take(first[same])
            left = left[~same]
        for run in left.tolist():
            shapes[run] = self._number(content, int(start[run]), int(length[run]))
        self._confirm(shapes, content, runs)
        return shapes

    def _confirm(self, shapes: Whole, content: Whole, runs: _Runs) -> None:
        """Runs whose sums agree by accident only get shapes of their own."""
        start, length = runs.start, runs.length
        flat, offsets = np.array(self._flat, np.int64), np.array(self._offsets, np.int64)
        lengths = np.array(self._lengths, np.int64)
        wrong = native.differ(content, start, length, shapes, flat, offsets, lengths)
        if wrong is None:
            wrong = lengths.take(shapes) != length
            expected = flat.take(np.repeat(offsets.take(shapes), length) + runs.within, mode="clip")
            differs = np.flatnonzero(expected != content)
            wrong[np.searchsorted(start, differs, "right") - 1] = True
        for run in np.flatnonzero(wrong).tolist():
            shapes[run] = self._number(content, int(start[run]), int(length[run]))

    def _number(self, content: Whole, start: int, length: int) -> int:
        run = content[start : start + length]
        name = run.tobytes()
        number = self._number_by_content.get(name)
        if number is None:
            number = self._number_by_content[name] = len(self._offsets)
            self._offsets.append(len(self._flat))
            self._lengths.append(length)
            self._flat.extend(run.tolist())
        return number


class _Known:
    """What is known so far: runs and sequences of runs by their shapes, and where their segments belong."""

    def __init__(self) -> None:
        self.runs, self.groups = _Shapes(), _Shapes()
        self.run_by_key: dict[int, int] = {}
        self.run_offsets: list[int] = []
        self.run_ends: list[int] = []  # the state after it
        self.uses: list[int] = []
        self.loops: list[int] = []
        self.scopes: list[int] = []
        self.group_by_key: dict[int, int] = {}
        self.group_offsets: list[int] = []
        self.group_ends: list[int] = []
        self.runs_of_groups: list[int] = []


class Placer:
    """Places the segments of one block after another. `uses` and `loop_ids` are what the numbers mean."""

    def __init__(
        self, guide: Guide, begins_run: Set[str], begins_group: Set[str], scope_loops: tuple[str, ...]
    ) -> None:
        self.guide = guide
        self.scopes = Scopes(scope_loops)
        self.uses: tuple[SegmentUse, ...] = tuple(
            use for loop in guide.loops.values() for use in (*loop.segments, *loop.closing)
        )
        self.loop_ids = tuple(guide.loops)
        self._use_numbers = {use: at for at, use in enumerate(self.uses)}
        self.tags = CodeIndex({use.tag for use in self.uses} | set(ENVELOPE_TAGS))
        self._begins_run = self.tag_flags((*begins_run, *begins_group, *ENVELOPE_TAGS))
        self._begins_group = self.tag_flags((*begins_group, *ENVELOPE_TAGS))
        self._selecting = self._selecting_codes()
        self._base = self._key_bases()
        self._start_tag = self.tags.number("ST")
        self._first_codes = TaggedCodes(
            {
                self.tags.number(tag): selecting[0][2]
                for tag, selecting in self._selecting.items()
                if selecting[0][:2] in _FIRST_PLACES
            }
        )
        self._is_composite = self.tag_flags(
            tag for tag, one in self._selecting.items() if one[0][:2] == (1, 1)
        )
        self._later_codes = [
            (self.tags.number(tag), position, component, CodeIndex(codes), radix)
            for tag, selecting in self._selecting.items()
            for (position, component, codes), radix in zip(selecting, _radices(selecting), strict=True)
            if (position, component) not in _FIRST_PLACES
        ]
        self._walker = Walker(guide)
        self._walker.start()
        assert self._walker.state is not None  # it has just been started
        self._states: list[State | None] = [None, None, self._walker.state]
        self._state_numbers: dict[int, int] = {id(self._walker.state): _START}
        self._state = _OUTSIDE
        self._ours: Set[int] = frozenset()  # the ST segments of the block that name this guide
        self._known = _Known()

    def number(self, loop_id: str, name: str) -> int:
        """The number of a segment use."""
        return self._use_numbers[self.guide.use(loop_id, name)]

    def tag_flags(self, tags: Iterable[str]) -> Flags:
        """An array that says of each tag's number whether it is one of these."""
        flags = np.zeros(len(self.tags.codes), np.bool_)
        flags[[number for tag in tags if (number := self.tags.number(tag))]] = True
        return flags

    def place(self, block: Block, is_ours: Flags) -> Placed:
        """The places of a block's segments. `is_ours` says of each ST, in order, whether it names this guide."""
        view, known = View(block), self._known
        self._ours = set(np.flatnonzero(block.tags == self.tags.number("ST"))[is_ours].tolist())
        if len(known.runs) + len(known.groups) > SHAPES_MAX:
            known = self._forget()
        runs = _Runs(self._begins_run.take(block.tags))
        shapes = known.runs.find(self._keys(view, is_ours), runs)
        in_groups = _Runs(self._begins_group.take(block.tags.take(runs.start)))
        groups = known.groups.find(shapes, in_groups)
        placements = self._walk(block, shapes, groups, in_groups, runs)
        (walked,) = in_groups.pieces(placements, known.group_offsets, known.runs_of_groups)
        return Placed(
            view,
            self.tags,
            *runs.pieces(walked, known.run_offsets, known.uses, known.loops, known.scopes),
        )

    def _selecting_codes(self) -> dict[str, list[tuple[int, int, tuple[str, ...]]]]:
        """For each tag the elements that tell its uses apart, with their codes."""
        places: dict[str, dict[tuple[int, int], set[str]]] = {}
        for use in self.uses:
            for element in use.selectors:
                place = (element.position, element.component)
                places.setdefault(use.tag, {}).setdefault(place, set()).update(element.codes)
        return {
            tag: [
                (position, component, tuple(sorted(codes)))
                for (position, component), codes in sorted(at.items())
            ]
            for tag, at in places.items()
            if tag != "ST"
        }

    def _key_bases(self) -> Whole:
        """The first key of each tag; it has one for each combination of codes, so that all keys differ."""
        bases, following = [], 0
        for tag in self.tags.codes:
            bases.append(following)
            size = 2 if tag == "ST" else 1
            for _, _, codes in self._selecting.get(tag, ()):
                size *= len(codes) + 1
            following += size
        return np.array(bases, np.int64)

    def _keys(self, view: View, is_ours: Flags) -> Whole:
        """What decides on each segment's place: its tag, and the codes that tell its uses apart."""
        tags = view.block.tags
        key = self._base.take(tags)
        key += self._first_codes.find(tags, view.first_words(self._is_composite.take(tags)))
        for number, position, component, codes, radix in self._later_codes:
            rows = np.flatnonzero(tags == number)
            if len(rows):
                key[rows] += codes.find(view.words(view.element(rows, position, component))) * radix
        key[tags == self._start_tag] += is_ours
        return key

    def _walk(
        self,
        block: Block,
        shapes: Whole,
        groups: Whole,
        in_groups: _Runs,
        runs: _Runs,
    ) -> Whole:
        """The placement of each group of runs, from the state in which the one before it ended."""
        known, ends = self._known.group_by_key, self._known.group_ends
        state, placements = self._state, []
        for at, group in enumerate(groups.tolist()):
            key = state << _SHAPE_BITS | group
            placement = known.get(key)
            if placement is None:
                first = int(in_groups.start[at])
                members = range(first, first + int(in_groups.length[at]))
                placement = known[key] = self._walk_group(block, state, members, shapes, runs)
            placements.append(placement)
            state = ends[placement]
        self._state = state
        return np.array(placements, np.int64)

    def _walk_group(
        self, block: Block, state: int, members: Iterable[int], shapes: Whole, runs: _Runs
    ) -> int:
        """Go through the runs of one group."""
        known = self._known
        number = len(known.group_offsets)
        known.group_offsets.append(len(known.runs_of_groups))
        for run in members:
            key = state << _SHAPE_BITS | int(shapes[run])
            placement = known.run_by_key.get(key)
            if placement is None:
                placement = self._walk_run(block, state, int(runs.start[run]), int(runs.length[run]))
                known.run_by_key[key] = placement
            known.runs_of_groups.append(placement)
            state = known.run_ends[placement]
        known.group_ends.append(state)
        return number

    def _walk_run(self, block: Block, state: int, start: int, length: int) -> int:
        """Walk through one run as the record reader does."""
        known = self._known
        number = len(known.run_offsets)
        known.run_offsets.append(len(known.uses))
        for row in range(start, start + length):
            state = self._step(block, state, row)
        known.run_ends.append(state)
        return number

    def _step(self, block: Block, state: int, row: int) -> int:
        segment, known = block.segment(row), self._known
        use_number, loop_number, scope = -1, -1, 0
        if segment.tag == "ST":
            state = _START if row in self._ours else _FOREIGN
        elif segment.tag in _ENDS_TRANSACTION:
            state = _OUTSIDE
        walked = self._states[state] if segment.tag != "TA1" else None
        if walked is not None:
            self._walker.state = walked
            step = self._walker.step(segment)
            state = self._state_number(step.state)
            loop_id = step.use.loop_id if step.use is not None else step.state.loop.loop_id
            use_number = self._use_numbers[step.use] if step.use is not None else -1
            loop_number, scope = self.loop_ids.index(loop_id), self.scopes.of(step.state)
        if state != _OUTSIDE:
            scope |= IN_TRANSACTION
        if segment.tag == "SE":
            state = _OUTSIDE
        known.uses.append(use_number)
        known.loops.append(loop_number)
        known.scopes.append(scope)
        return state

    def _state_number(self, state: State) -> int:
        number = self._state_numbers.get(id(state))
        if number is None or self._states[number] is not state:
            number = self._state_numbers[id(state)] = len(self._states)
            self._states.append(state)
        return number

    def _forget(self) -> _Known:
        """Start the shapes anew; the state in which the walk stands is kept."""
        self._known = _Known()
        kept = self._states[self._state]
        self._states, self._state_numbers = self._states[:3], {id(self._states[_START]): _START}
        if kept is not None:
            self._state = self._state_number(kept)
        return self._known


def _radices(selecting: Iterable[tuple[int, int, tuple[str, ...]]]) -> list[int]:
    """By how much one code more of each element counts in a key."""
    radices = [1]
    for _, _, codes in selecting:
        radices.append(radices[-1] * (len(codes) + 1))
    return radices[:-1]


def _mixed(words: Words) -> Words:
    """Words scattered over all their bits."""
    words = words * np.uint64(0x9E3779B97F4A7C15)
    words ^= words >> np.uint64(29)
    words *= np.uint64(0xBF58476D1CE4E5B9)
    words ^= words >> np.uint64(32)
    return words
