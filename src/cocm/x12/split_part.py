"""One part of a file that is split: an interchange of its own, with counts and levels made anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from cocm.basics.errors import X12Error
from cocm.x12.placed_values import place
from cocm.x12.tokens import Segment

_LEVEL_ELEMENTS: Final = 5  # with the tag
_BUFFER_BYTES: Final = 262_144

Append: TypeAlias = Callable[[int, bytes], None]
"""Takes the number of a part, from 1, and the bytes that come next in it."""


@dataclass(slots=True)
class SplitPart:
    """One part: its number from 1, what it holds, and which transaction it is of (empty for acknowledgments, TA1).

    `key` is the transaction's control number, the claim's id, the payer's identifier or the payment's trace number.
    """

    number: int
    key: str
    transaction: str
    transaction_count: int = 0
    claim_count: int = 0
    byte_count: int = 0


@dataclass(slots=True)
class Level:
    """A hierarchical level: a number of its own within the file, its depth, and its segments."""

    number: int
    depth: int
    segments: list[Segment]
    has_below: bool = False


@dataclass(slots=True)
class Part:
    """A part while it is written."""

    about: SplitPart
    interchange: Segment
    group: Segment | None
    append: Append
    control_number: int | None
    segment_count: int = 0
    level_count: int = 0
    transaction: Segment | None = None
    levels: list[tuple[int, int]] = field(default_factory=list)
    buffer: bytearray = field(default_factory=bytearray)

    def write(self, segment: Segment, changes: Mapping[int, str] | None = None) -> None:
        """Write a segment as it is, or with the elements at some positions changed."""
        text = segment.text
        if changes:
            elements = list(segment.elements)
            for position, value in changes.items():
                elements[position] = value
            text = segment.delimiters.element.join(elements)
        self.segment_count += 1
        self.buffer += encoded(segment, text) + segment.delimiters.terminator.encode()
        if len(self.buffer) > _BUFFER_BYTES:
            self.flush()

    def flush(self) -> None:
        if self.buffer:
            self.append(self.about.number, bytes(self.buffer))
            self.about.byte_count += len(self.buffer)
            self.buffer.clear()

    def begin(self) -> None:
        """ISA and GS."""
        number = self.control_number
        self.write(self.interchange, None if number is None else {13: f"{number:09d}"})
        if self.group is not None:
            self.write(self.group, None if number is None else {6: str(number)})

    def begin_transaction(self, head: list[Segment]) -> None:
        """ST and what follows it before the first level."""
        self.segment_count, self.level_count = 0, 0
        self.levels = []
        self.transaction = head[0]
        self.about.transaction_count += 1
        for segment in head:
            self.write(segment)

    def claim(self, levels: list[Level], segments: list[Segment], *, is_alone: bool) -> None:
        """A claim below its levels; those that the part has open are not repeated."""
        kept = 0
        while kept < min(len(self.levels), len(levels)) and self.levels[kept][0] == levels[kept].number:
            kept += 1
        del self.levels[kept:]
        for at, level in enumerate(levels[kept:], kept):
            self.level_count += 1
            parent = str(self.levels[-1][1]) if self.levels else ""
            first, *others = level.segments
            is_last = at == len(levels) - 1
            below = "1" if not is_last else "0" if is_alone else first.value(4)
            self._level(first, str(self.level_count), parent, below)
            self.levels.append((level.number, self.level_count))
            for segment in others:
                self.write(segment)
        for segment in segments:
            self.write(segment)
        self.about.claim_count += bool(segments)

    def _level(self, segment: Segment, number: str, parent: str, below: str) -> None:
        if len(segment.elements) < _LEVEL_ELEMENTS:
            raise X12Error(f"{place(segment)}: the level (HL) lacks elements; expected four")
        self.write(segment, {1: number, 2: parent, 4: below})

    def end_transaction(self) -> None:
        """SE."""
        assert self.transaction is not None  # only called within a transaction
        self._trailer("SE", self.segment_count + 1, self.transaction.value(2))
        self.transaction = None

    def end(self) -> None:
        """GE and IEA."""
        number = self.control_number
        if self.group is not None:
            group_number = self.group.value(6) if number is None else str(number)
            self._trailer("GE", self.about.transaction_count, group_number)
        own_number = self.interchange.value(13) if number is None else f"{number:09d}"
        self._trailer("IEA", int(self.group is not None), own_number)
        self.flush()

    def _trailer(self, tag: str, count: int, control_number: str) -> None:
        delimiters = self.interchange.delimiters
        text = delimiters.element.join((tag, str(count), control_number))
        self.buffer += (text + delimiters.terminator).encode()


def encoded(segment: Segment, text: str) -> bytes:
    """The bytes that the segment had: UTF-8, or Latin-1 where the reader had to take it for that."""
    if text.isascii():
        return text.encode("ascii")
    is_utf8 = len(segment.text.encode()) == segment.end - segment.start - 1
    return text.encode() if is_utf8 else text.encode("latin-1")
