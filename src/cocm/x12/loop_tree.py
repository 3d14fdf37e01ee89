"""A transaction as a tree of loops: what any guide's map makes of its segments, before it becomes a record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from cocm.x12.claim_record import PlacedSegment
from cocm.x12.guide_parts import Guide


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a transaction came from: interchange, group and control numbers. `created_at` is the group's, local."""

    sender_id: str
    receiver_id: str
    created_at: datetime | None
    interchange_control_number: str
    group_control_number: str
    transaction_control_number: str
    guide_version: str
    is_test: bool = False


@dataclass(frozen=True, slots=True)
class LoopNode:
    """One time a loop stands: its own segments in file order (those the guide does not know among them, with `use`
    None), and the loops inside it in file order. The transaction itself is the outermost.
    """

    loop_id: str
    segments: tuple[PlacedSegment, ...]
    loops: tuple[LoopNode, ...]

    def find(self, name: str) -> PlacedSegment | None:
        """The loop's first segment of this name."""
        return next((one for one in self.segments if one.name == name), None)

    def find_all(self, name: str) -> tuple[PlacedSegment, ...]:
        """All the loop's own segments of this name."""
        return tuple(one for one in self.segments if one.name == name)

    def value(self, name: str, element: str) -> str:
        """An element of the loop's first segment of this name, without blanks around it; empty where there is none."""
        found = self.find(name)
        return found.value(element) if found is not None else ""

    def child(self, loop_id: str) -> LoopNode | None:
        """The first loop of this id directly inside."""
        return next((one for one in self.loops if one.loop_id == loop_id), None)

    def children(self, *loop_ids: str) -> Iterator[LoopNode]:
        """The loops of these ids directly inside, in file order."""
        return (one for one in self.loops if one.loop_id in loop_ids)

    def all_segments(self) -> Iterator[PlacedSegment]:
        """The loop's segments and those of all loops inside it. Segments that close a loop come before its loops."""
        yield from self.segments
        for inner in self.loops:
            yield from inner.all_segments()

    @property
    def start(self) -> int:
        """The loop's first byte in the file."""
        return self.segments[0].segment.start

    @property
    def end(self) -> int:
        """The byte after the loop."""
        return max(self.segments[-1].segment.end, self.loops[-1].end if self.loops else 0)


@dataclass(frozen=True, slots=True)
class TransactionTree:
    """One transaction set as its guide sees it. `guide_name` is the index's name for the guide."""

    guide_name: str
    guide: Guide
    origin: Origin
    root: LoopNode
