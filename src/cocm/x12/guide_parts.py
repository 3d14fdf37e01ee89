"""An implementation guide as a value: loops, segments and elements. The reader, the writer and the validator all work
from these records, so that what is written is what is checked.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from cocm.basics.errors import RulebookError

REQUIRED: Final = "R"
SITUATIONAL: Final = "S"
REQUIRED_IN_COMPOSITE: Final = "C"


@dataclass(frozen=True, slots=True)
class ElementUse:
    """One element (`component` 0) or one component of a composite, as a guide uses it.

    `usage` is R required, S situational, C required where its composite stands. Lengths count characters, for
    numbers digits. `codes` empty means any value; `code_set` names a list kept outside the guide.
    `format_offset` is not 0 where the value is written in the format that an earlier sibling (so
    many places before) names.
    """

    position: int
    component: int
    usage: str
    name: str
    data_type: str
    length_min: int
    length_max: int
    codes: frozenset[str]
    code_set: str
    repeat_max: int
    format_offset: int

    @property
    def is_fixed_width(self) -> bool:
        """Whether a value is filled up with blanks to its one length."""
        return self.data_type == "AN" and self.length_min == self.length_max > 1

    def label(self, tag: str) -> str:
        """The name by which the field speaks of it: `CLM02`, `CLM05-3`."""
        return f"{tag}{self.position:02d}" + (f"-{self.component}" if self.component else "")


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition between elements: P, R, E, C or L over positions (see the dictionary's head)."""

    kind: str
    positions: tuple[int, ...]

    def holds(self, present: Container[int]) -> bool:
        """Whether elements at these positions meet the condition."""
        first, *others = [position in present for position in self.positions]
        match self.kind:
            case "P":
                return all(others) if first else not any(others)
            case "R":
                return first or any(others)
            case "E":
                return first + sum(others) <= 1
            case "C":
                return not first or all(others)
            case _:
                return not first or any(others)

    def expectation(self, labels: str) -> str:
        """What the condition wants of the elements so labelled, in their order, in words."""
        first, _, others = labels.partition(", ")
        return {
            "P": f"all of {labels} or none",
            "R": f"at least one of {labels}",
            "E": f"only one of {labels}",
            "C": f"{others} wherever {first} stands",
            "L": f"one of {others} wherever {first} stands",
        }[self.kind]


@dataclass(frozen=True, slots=True, eq=False)
class SegmentUse:
    """One segment at one place in a guide; compared by identity.

    `repeat_max` None: no limit. `order` is its place in the loop; neighbours with one tag share it. `starts_loop`: it
    is the loop's first. `selectors` are the elements whose codes tell it from other uses of its tag.
    """

    loop_id: str
    tag: str
    name: str
    usage: str
    repeat_max: int | None
    order: int
    starts_loop: bool
    elements: tuple[ElementUse, ...]
    element_count: int
    composite_positions: frozenset[int]
    selectors: tuple[ElementUse, ...]
    conditions: tuple[Condition, ...]
    by_name: Mapping[str, ElementUse] = field(repr=False)

    @property
    def is_required(self) -> bool:
        return self.usage == REQUIRED

    def element(self, name: str) -> ElementUse:
        """The element of this name. Raises `RulebookError` where the guide's map has none."""
        try:
            return self.by_name[name]
        except KeyError:
            raise RulebookError(
                f"loop {self.loop_id}, {self.tag} {self.name}: the map has no element {name!r}"
            ) from None


@dataclass(frozen=True, slots=True, eq=False)
class Loop:
    """A loop: its own segments (the first starts it), the loops inside it, and segments that close it."""

    loop_id: str
    label: str
    usage: str
    repeat_max: int | None
    segments: tuple[SegmentUse, ...]
    loop_ids: tuple[str, ...]
    closing: tuple[SegmentUse, ...]
    required_segments: tuple[SegmentUse, ...]
    required_loop_ids: tuple[str, ...]

    @property
    def first(self) -> SegmentUse:
        return self.segments[0]

    @property
    def is_required(self) -> bool:
        return self.usage == REQUIRED


@dataclass(frozen=True, slots=True, eq=False)
class Guide:
    """A whole guide. `root` is the loop that everything else lies in; `loop_orders` gives a loop's place in a
    parent.
    """

    version: str
    transaction: str
    label: str
    functional_identifier: str
    loops: Mapping[str, Loop]
    root: Loop
    loop_orders: Mapping[tuple[str, str], int]

    def use(self, loop_id: str, name: str) -> SegmentUse:
        """The segment of this name in a loop. Raises `RulebookError` where the guide's map has none."""
        for candidate in self.segment_uses(loop_id):
            if candidate.name == name:
                return candidate
        raise RulebookError(f"guide {self.version}: loop {loop_id} has no segment {name!r}")

    def segment_uses(self, loop_id: str) -> Iterator[SegmentUse]:
        """All segments a loop may hold, not those of the loops inside it."""
        loop = self.loops[loop_id]
        return chain(loop.segments, loop.closing)

    def children(self, loop: Loop) -> Iterator[Loop]:
        """The loops directly inside a loop, in their order."""
        return (self.loops[loop_id] for loop_id in loop.loop_ids)
