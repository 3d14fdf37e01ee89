"""Finds for each segment its place in the guide: which use of which loop it is, which loops it opens and
closes.

The walk is a table that fills itself: a state is the chain of open loops with the place reached in each, and
where a segment leads from a state is worked out once. A segment is looked for in the innermost loop first,
then in the loops around it; first where it may stand now, then where it stands too late, then where only its
tag fits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from cocm.x12.guide_parts import ElementUse, Guide, Loop, SegmentUse
from cocm.x12.tokens import Segment

# A file in the guide's order passes through some hundred states; only one that is shuffled on purpose makes more.
STATES_MAX: Final = 20_000
STEPS_PER_STATE_MAX: Final = 512
KEPT_KEY_CHARACTERS_MAX: Final = 24

_BETWEEN_VALUES: Final = "\n"

_Level = tuple[Loop, int]


@dataclass(frozen=True, slots=True)
class Step:
    """Where a segment belongs. `use` None: nowhere in this guide, here.

    `opened` begins with this segment (it is that loop's first); `closed` ended before it, the innermost
    first. `is_late`: its place in the loop had already been passed.
    """

    use: SegmentUse | None
    opened: Loop | None
    closed: tuple[Loop, ...]
    is_late: bool
    state: State


@dataclass(slots=True, eq=False)
class State:
    """The chain of open loops, the outermost first, each with the place reached in it; compared by identity."""

    levels: tuple[_Level, ...]
    steps: dict[str, Step] = field(default_factory=dict)

    @property
    def loop(self) -> Loop:
        """The innermost open loop."""
        return self.levels[-1][0]


class Walker:
    """Follows the segments of one transaction after another through a guide. `state` is None between
    transactions.
    """

    def __init__(self, guide: Guide) -> None:
        self._table = _table(guide)
        self.state: State | None = None

    def start(self) -> None:
        """Stand before the first segment of a transaction."""
        self.state = self._table.initial

    @property
    def selected(self) -> Mapping[str, Sequence[tuple[int, int]]]:
        """By tag, the elements and components that decide, with the tag, where a segment belongs."""
        return self._table.selected

    def rest(self, depth: int, passed: str = "") -> State:
        """The state in which the loops inside the open one at a depth are over, and a child loop that is named."""
        state = self.state
        assert state is not None, "start the walk first"
        return self._table.rest(state, depth, passed)

    def step(self, segment: Segment) -> Step:
        """The place of the next segment. The walk goes on from there; it stays where it is for an unknown
        segment.
        """
        state = self.state
        assert state is not None, "start the walk first"
        tag = key = segment.tag
        places = self._table.selected.get(tag)
        if places is not None:
            elements = segment.elements
            for position, component in places:
                if component:
                    value = segment.value(position, component)
                else:
                    value = elements[position] if position < len(elements) else ""
                key = f"{key}{_BETWEEN_VALUES}{value}"
        step = state.steps.get(key)
        if step is None:
            step = self._table.work_out(state, segment)
            if len(state.steps) < STEPS_PER_STATE_MAX and len(key) <= KEPT_KEY_CHARACTERS_MAX:
                state.steps[key] = step
        self.state = step.state
        return step


@lru_cache(maxsize=32)
def _table(guide: Guide) -> _Table:
    return _Table(guide)


class _Table:
    """The states of one guide, made as files lead to them."""

    def __init__(self, guide: Guide) -> None:
        self._guide = guide
        self._states: dict[tuple[tuple[str, int], ...], State] = {}
        self.initial = self._state(((guide.root, 0),))
        selected: dict[str, set[tuple[int, int]]] = {}
        for loop in guide.loops.values():
            for use in (*loop.segments, *loop.closing):
                selected.setdefault(use.tag, set()).update(
                    (one.position, one.component) for one in use.selectors
                )
        self.selected = {tag: tuple(sorted(places)) for tag, places in selected.items() if places}

    def work_out(self, state: State, segment: Segment) -> Step:
        """Where a segment leads from a state."""
        for selector_count, allow_late in (
            (None, False),
            (None, True),
            (1, False),
            (1, True),
            (0, False),
            (0, True),
        ):
            for depth in range(len(state.levels) - 1, -1, -1):
                found = [
                    candidate
                    for candidate in self._candidates(state.levels[depth], segment.tag)
                    if (allow_late or candidate[0] >= state.levels[depth][1])
                    and _fits(candidate[1], segment, selector_count)
                ]
                if found and (selector_count != 0 or len(found) == 1):
                    return self._step(state, depth, *found[0])
        return Step(None, None, (), False, state)

    def rest(self, state: State, depth: int, passed: str) -> State:
        """See `Walker.rest`."""
        loop, reached = state.levels[depth]
        if passed:
            reached = max(reached, self._guide.loop_orders[loop.loop_id, passed])
        return self._state((*state.levels[:depth], (loop, reached)))

    def _candidates(self, level: _Level, tag: str) -> Iterator[tuple[int, SegmentUse, Loop | None]]:
        """The uses of a tag directly in a loop: its own segments, and the first ones of the loops inside it."""
        loop, reached = level
        for use in (*loop.segments, *loop.closing):
            # The first segment of a loop starts it again, one level up; only the outermost starts from nothing.
            starts_again = use is loop.first and reached > 0
            if use.tag == tag and not starts_again:
                yield use.order, use, None
        for child in self._guide.children(loop):
            if child.first.tag == tag:
                yield self._guide.loop_orders[loop.loop_id, child.loop_id], child.first, child

    def _step(self, state: State, depth: int, order: int, use: SegmentUse, opened: Loop | None) -> Step:
        loop, reached = state.levels[depth]
        closed = tuple(level[0] for level in reversed(state.levels[depth + 1 :]))
        levels = (*state.levels[:depth], (loop, max(order, reached)))
        if opened is not None:
            levels = (*levels, (opened, opened.first.order))
        return Step(use, opened, closed, order < reached, self._state(levels))

    def _state(self, levels: tuple[_Level, ...]) -> State:
        key = tuple((loop.loop_id, reached) for loop, reached in levels)
        state = self._states.get(key)
        if state is None:
            if len(self._states) >= STATES_MAX:
                for known in self._states.values():
                    known.steps.clear()
                self._states.clear()
            state = self._states[key] = State(levels)
        return state


def _fits(use: SegmentUse, segment: Segment, selector_count: int | None) -> bool:
    return all(_selects(selector, segment) for selector in use.selectors[:selector_count])


def _selects(selector: ElementUse, segment: Segment) -> bool:
    return segment.value(selector.position, selector.component) in selector.codes
