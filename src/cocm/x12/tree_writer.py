"""Writes any transaction that has a map: loops with named values in, one interchange out.

The map gives order, places and levels; counts and control numbers are derived. What was laid out is then checked by
the validator itself (structure, elements, and what the guide asks beyond them, such as the balance of a remittance),
and nothing is written that it finds fault with. The same values and envelope make the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import BinaryIO, Final

from cocm.basics.errors import RulebookError, X12Error
from cocm.x12.claim_record import PlacedSegment
from cocm.x12.code_sets import CodeSets
from cocm.x12.envelope import CONTROL_NUMBER_MAX, Envelope, EnvelopeWriter
from cocm.x12.guide import load_guide
from cocm.x12.guide_parts import ElementUse, Guide, Loop, SegmentUse
from cocm.x12.loop_tree import LoopNode
from cocm.x12.problem import Problem
from cocm.x12.tokens import Delimiters
from cocm.x12.validate import validate

LEVEL_TAG: Final = "HL"
BINARY_TYPE: Final = "B"

# What writes itself: transaction header and trailer, and levels.
_OWN_TAGS: Final = frozenset({"ST", "SE", LEVEL_TAG})

# Values of a repeated element come as a tuple; an empty text or tuple leaves the element out.
Value = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SegmentValues:
    """A segment to write: its name in the map, and its elements' values by their names."""

    name: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class LoopValues:
    """A loop to write, with the loops inside it. Levels (HL), transaction header and trailer write themselves.

    `subject` names what the loop is about (a claim, an inquiry: ids only) for the message when it is refused.
    """

    loop_id: str
    segments: Sequence[SegmentValues] = ()
    loops: Sequence[LoopValues] = ()
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """What was written. `byte_count` 0: there was nothing to write."""

    transaction_count: int
    segment_count: int
    byte_count: int


def write_trees(
    guide_name: str,
    transactions: Iterable[LoopValues],
    envelope: Envelope,
    out: BinaryIO,
    *,
    code_sets: CodeSets | None = None,
) -> Written:
    """Write transactions of one guide as one interchange with one group. All of it is checked before any is written.

    Raises `X12Error` naming the subject, loop and element for a value that the guide does not allow, and
    `RulebookError` for a loop, segment or element that the map does not have.
    """
    guide = load_guide(guide_name)
    envelope_writer = EnvelopeWriter(envelope, guide)
    writer = _TransactionWriter(guide, envelope.delimiters)
    number = envelope.first_transaction_control_number
    texts = []
    for transaction in transactions:
        if number > CONTROL_NUMBER_MAX:
            raise X12Error(f"the transaction control number must be 1 to {CONTROL_NUMBER_MAX}, not {number}")
        texts.append(writer.transaction(transaction, f"{number:04d}"))
        number += 1
    if not texts:
        return Written(0, 0, 0)
    content = interchange_bytes(
        (envelope_writer.start(), *texts, envelope_writer.end(len(texts))), envelope.delimiters
    )
    problems = validate(content, guides=(guide_name,), code_sets=code_sets)
    if problems:
        raise X12Error(_refusal(problems, writer.subjects))
    out.write(content)
    return Written(len(texts), writer.segment_count + len(("ISA", "GS", "GE", "IEA")), len(content))


def interchange_bytes(texts: Iterable[str], delimiters: Delimiters) -> bytes:
    """The texts of an interchange as bytes, a byte a character.

    Raises `X12Error` naming the segment with a character that is none of a byte.
    """
    text = "".join(texts)
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError as problem:
        start = text.rfind(delimiters.terminator, 0, problem.start) + 1
        tag = text[start : problem.start].partition(delimiters.element)[0]
        raise X12Error(
            f"segment {tag}: the character {text[problem.start]!a} is in none of the sets that X12 allows; write it in "
            "plain letters"
        ) from None


def loop_text(guide: Guide, given: LoopValues, delimiters: Delimiters) -> str:
    """A loop that is no level, with the loops inside it, as it stands in a transaction."""
    return _TransactionWriter(guide, delimiters).loop(given)


def transaction_text(guide: Guide, given: LoopValues, delimiters: Delimiters, control_number: str) -> str:
    """A transaction from ST to SE, unchecked."""
    return _TransactionWriter(guide, delimiters).transaction(given, control_number)


def segment(name: str, **values: Value) -> SegmentValues:
    """A segment to write."""
    return SegmentValues(name, values)


def values_of(node: LoopNode) -> LoopValues:
    """What was read, ready to be written again: the same segments, with counts and numbers made anew.

    Raises `X12Error` for a segment that the guide does not know: it has no place to be written to.
    """
    segments = []
    for placed in node.segments:
        if placed.use is None:
            raise X12Error(
                f"byte {placed.segment.start}, segment {placed.segment.number}: loop {node.loop_id} has a segment "
                "that the guide does not know; take it out before the file is written again"
            )
        if placed.segment.tag not in _OWN_TAGS:
            values = {element.name: _read_value(placed, element) for element in placed.use.elements}
            segments.append(SegmentValues(placed.use.name, values))
    return LoopValues(node.loop_id, segments, tuple(map(values_of, node.loops)))


def _read_value(placed: PlacedSegment, element: ElementUse) -> Value:
    text = placed.segment.value(element.position, element.component)
    if element.data_type == BINARY_TYPE:
        return text
    mark = placed.segment.delimiters.repetition
    if element.repeat_max > 1 and mark and mark in text:
        return tuple(part.strip() for part in text.split(mark))
    return text.strip()


class _TransactionWriter:
    """Lays out one transaction after the other."""

    def __init__(self, guide: Guide, delimiters: Delimiters) -> None:
        self._guide = guide
        self._delimiters = delimiters
        self._parts: list[str] = []
        self._level_count = 0
        self.segment_count = 0
        # By segment number in the file, from which segment on a subject is written.
        self.subjects: list[tuple[int, str]] = []

    def transaction(self, root: LoopValues, control_number: str) -> str:
        """The text of a transaction from ST to SE."""
        self._parts, self._level_count = [], 0
        loop = self._guide.root
        if root.loop_id != loop.loop_id:
            raise RulebookError(f"guide {self._guide.version}: a transaction begins with {loop.loop_id}")
        header = {"transaction": self._guide.transaction, "control_number": control_number}
        if "guide" in loop.first.by_name:
            header["guide"] = self._guide.version
        self._write(loop.first, header, root.subject)
        trailer = loop.closing[-1]
        self._loop(root, loop, "", {loop.first.name, trailer.name})
        self._write(
            trailer,
            {"segment_count": str(len(self._parts) + 1), "control_number": control_number},
            root.subject,
        )
        self.segment_count += len(self._parts)
        return "".join(self._parts)

    def loop(self, given: LoopValues) -> str:
        """The text of a loop."""
        self._parts = []
        self._loop(given, self._guide.loops[given.loop_id], "")
        return "".join(self._parts)

    def _loop(self, given: LoopValues, loop: Loop, level: str, own: Iterable[str] = ()) -> None:
        """A loop's segments and inner loops in the guide's order. `own` are those that write themselves."""
        by_name: dict[str, list[Mapping[str, Value]]] = {}
        for one in given.segments:
            by_name.setdefault(one.name, []).append(one.values)
        known = {use.name for use in self._guide.segment_uses(loop.loop_id)}
        if not by_name.keys() <= known:
            raise RulebookError(
                f"guide {self._guide.version}: loop {loop.loop_id} has no segment "
                f"{', '.join(sorted(by_name.keys() - known))}"
            )
        if loop.first.tag == LEVEL_TAG:
            level = self._level(given, loop, level)
            own = {*own, loop.first.name}
        for name in own:
            by_name.pop(name, None)
        self._segments(by_name, loop.segments, given.subject)
        for child_id, child in self._ordered_loops(given, loop):
            self._loop(child, self._guide.loops[child_id], level)
        self._segments(by_name, loop.closing, given.subject)

    def _segments(
        self, by_name: Mapping[str, Sequence[Mapping[str, Value]]], uses: Sequence[SegmentUse], subject: str
    ) -> None:
        for use in uses:
            for values in by_name.get(use.name, ()):
                self._write(use, values, subject)

    def _ordered_loops(self, given: LoopValues, loop: Loop) -> Iterator[tuple[str, LoopValues]]:
        unknown = {one.loop_id for one in given.loops} - set(loop.loop_ids)
        if unknown:
            raise RulebookError(
                f"guide {self._guide.version}: loop {loop.loop_id} has no loop {', '.join(sorted(unknown))}"
            )
        for loop_id in loop.loop_ids:
            for one in given.loops:
                if one.loop_id == loop_id:
                    yield loop_id, one

    def _level(self, given: LoopValues, loop: Loop, parent: str) -> str:
        """Write the HL of a loop: numbered on, under its parent, with the map's own code for the level."""
        self._level_count += 1
        use, number = loop.first, str(self._level_count)
        has_inner_level = any(self._guide.loops[one.loop_id].first.tag == LEVEL_TAG for one in given.loops)
        (level_code,) = use.element("level").codes
        values = {"level_number": number, "level": level_code}
        if "parent_level_number" in use.by_name:
            values["parent_level_number"] = parent
        if "has_children" in use.by_name:
            values["has_children"] = str(int(has_inner_level))
        self._write(use, values, given.subject)
        return number

    def _write(self, use: SegmentUse, values: Mapping[str, Value], subject: str) -> None:
        if not self.subjects or self.subjects[-1][1] != subject:
            # ISA and GS come before the first segment of the first transaction.
            before = len(("ISA", "GS")) + self.segment_count + len(self._parts)
            self.subjects.append((before + 1, subject))
        self._parts.append(segment_text(use, values, self._delimiters, subject))


def segment_text(
    use: SegmentUse, values: Mapping[str, Value], delimiters: Delimiters, subject: str = ""
) -> str:
    """A segment with these values by name, its terminator included; nothing stands after its last value.

    Raises `X12Error` for a value that holds a delimiter, or for several values where one is allowed, and
    `RulebookError` for an element that the map does not have.
    """
    if not values.keys() <= use.by_name.keys():
        for name in values:
            use.element(name)
    holds_delimiter, mark = _delimiter_search(delimiters), delimiters.component
    texts = [use.tag]
    for element in use.elements:
        value = values.get(element.name)
        if not value:
            continue
        if not isinstance(value, str):
            value = _repeated(use, element, value, delimiters, subject)
        elif holds_delimiter(value) is not None and element.data_type != BINARY_TYPE:
            raise _held(use, element, delimiters, subject)
        position, component = element.position, element.component
        while len(texts) < position:
            texts.append("")
        if len(texts) == position:
            texts.append(mark * (component - 1) + value)  # a simple element has component 0
        else:
            texts[position] += mark * (component - 1 - texts[position].count(mark)) + value
    return delimiters.element.join(texts) + delimiters.terminator


@lru_cache(maxsize=16)
def _delimiter_search(delimiters: Delimiters) -> Callable[[str], re.Match[str] | None]:
    return re.compile(f"[{re.escape(delimiters.all)}]").search


def _repeated(
    use: SegmentUse, element: ElementUse, parts: Sequence[str], delimiters: Delimiters, subject: str
) -> str:
    """The values of a repeated element."""
    if len(parts) > 1 and (element.repeat_max < len(parts) or not delimiters.repetition):
        raise X12Error(
            f"{_place(use, element, subject)}: {len(parts)} values; expected at most {element.repeat_max}"
        )
    if any(map(_delimiter_search(delimiters), parts)):
        raise _held(use, element, delimiters, subject)
    return delimiters.repetition.join(parts)


def _held(use: SegmentUse, element: ElementUse, delimiters: Delimiters, subject: str) -> X12Error:
    return X12Error(
        f"{_place(use, element, subject)}: the value holds one of the delimiters {' '.join(delimiters.all)}; "
        "expected a value without them, or other delimiters for the interchange"
    )


def _place(use: SegmentUse, element: ElementUse, subject: str) -> str:
    about = f"{subject}, " if subject else ""
    words = f"{use.name} {element.name}".replace("_", " ")
    return f"{about}loop {use.loop_id}, {element.label(use.tag)} ({words})"


def _refusal(problems: Sequence[Problem], subjects: Sequence[tuple[int, str]]) -> str:
    """The first problem in words, with its subject; and how many more there are."""
    first = problems[0]
    subject = ""
    for number, one in subjects:
        if number <= first.segment_number:
            subject = one
    place = ", ".join(
        filter(
            None,
            (subject, f"loop {first.loop_id}" if first.loop_id else "", first.element or first.segment_tag),
        )
    )
    more = f" ({len(problems) - 1} more problems)" if len(problems) > 1 else ""
    return f"{place}: {first.what}; expected {first.expected}{more}"
