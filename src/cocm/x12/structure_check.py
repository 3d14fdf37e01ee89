"""Checks one transaction after another against a guide: places, repeats, required parts, elements, levels."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from cocm.x12.element_check import SegmentCheck
from cocm.x12.guide_parts import Guide, Loop, SegmentUse
from cocm.x12.problem import ProblemKind, Report
from cocm.x12.tokens import Delimiters, Segment
from cocm.x12.walker import Walker

LEVEL_TAG: Final = "HL"
_HAS_CHILDREN: Final = "1"


class MeaningChecks(Protocol):
    """What a guide asks beyond its structure. Called for each placed segment and each ended loop, in file
    order.
    """

    def segment(self, use: SegmentUse, segment: Segment) -> None:
        """A segment in its place."""

    def closed(self, loop: Loop) -> None:
        """A loop has ended."""


@dataclass(slots=True)
class _Frame:
    """An open loop: how often each part stood in it, and its hierarchical level."""

    loop: Loop
    first: Segment
    counts: dict[str, int] = field(default_factory=dict)
    level_number: str = ""
    has_children: str = ""
    child_levels: int = 0


class StructureCheck:
    """Follows transactions through the guide and reports what does not fit its structure."""

    def __init__(
        self,
        guide: Guide,
        report: Report,
        code_sets: Mapping[str, Collection[str]],
        meaning: MeaningChecks | None,
    ) -> None:
        self._guide = guide
        self._report = report
        self._code_sets = code_sets
        self._meaning = meaning
        self._walker = Walker(guide)
        self._checks: dict[SegmentUse, SegmentCheck] = {}
        self._delimiters: Delimiters | None = None
        self._frames: list[_Frame] = []
        self._level_count = 0

    def start(self, segment: Segment) -> None:
        """Begin a transaction with its ST segment."""
        self._walker.start()
        self._frames = [_Frame(self._guide.root, segment)]
        self._level_count = 0
        if segment.delimiters != self._delimiters:
            self._delimiters = segment.delimiters
            self._checks.clear()
        self.segment(segment)

    def segment(self, segment: Segment) -> None:
        """The transaction's next segment."""
        step = self._walker.step(segment)
        if step.closed:
            for loop in step.closed:
                self._close(loop)
        use = step.use
        if use is None:
            here = self._frames[-1].loop.loop_id
            what = "an empty segment" if not segment.tag else "a segment that the guide does not have here"
            self._report.add(
                ProblemKind.UNEXPECTED_SEGMENT, segment, what, f"a segment of loop {here}", loop_id=here
            )
            return
        if step.opened is not None:
            self._open(step.opened, segment)
        if step.is_late:
            self._report.add(
                ProblemKind.ORDER,
                segment,
                f"{use.name.replace('_', ' ')} comes too late",
                "the guide's order",
                loop_id=use.loop_id,
            )
        counts, name = self._frames[-1].counts, use.name
        counts[name] = count = counts.get(name, 0) + 1
        if use.repeat_max is not None and count == use.repeat_max + 1:
            self._tell_repeat(use, segment)
        check = self._checks.get(use)
        if check is None:
            check = self._checks[use] = SegmentCheck(use, segment.delimiters, self._code_sets)
        for fault in check.faults(segment):
            self._report.add(
                fault.kind, segment, fault.what, fault.expected, loop_id=use.loop_id, element=fault.element
            )
        if use.tag == LEVEL_TAG:
            self._check_level(use, segment)
        if self._meaning is not None:
            self._meaning.segment(use, segment)

    def end(self) -> None:
        """The transaction is over, at its SE segment or where another begins instead."""
        while self._frames:
            self._close(self._frames[-1].loop)

    def _open(self, loop: Loop, segment: Segment) -> None:
        parent = self._frames[-1]
        count = parent.counts[loop.loop_id] = parent.counts.get(loop.loop_id, 0) + 1
        if loop.repeat_max is not None and count == loop.repeat_max + 1:
            what = f"loop {loop.loop_id} ({loop.label}) stands more often than the guide allows"
            self._report.add(
                ProblemKind.TOO_MANY, segment, what, f"at most {loop.repeat_max}", loop_id=loop.loop_id
            )
        self._frames.append(_Frame(loop, segment))

    def _tell_repeat(self, use: SegmentUse, segment: Segment) -> None:
        what = f"{use.name.replace('_', ' ')} stands more often than the guide allows"
        self._report.add(
            ProblemKind.TOO_MANY, segment, what, f"at most {use.repeat_max}", loop_id=use.loop_id
        )

    def _close(self, loop: Loop) -> None:
        """End a loop: what the guide requires in it must have stood. Told at the loop's first segment."""
        frame = self._frames.pop()
        for use in loop.required_segments:
            if use.name not in frame.counts:
                words = f"{use.name.replace('_', ' ')} ({use.tag}) is missing"
                self._report.add(
                    ProblemKind.MISSING_SEGMENT,
                    frame.first,
                    words,
                    f"it in every loop {loop.loop_id}",
                    loop_id=loop.loop_id,
                )
        for child_id in loop.required_loop_ids:
            if child_id not in frame.counts:
                child = self._guide.loops[child_id]
                words = f"loop {child.loop_id} ({child.label}) is missing"
                self._report.add(
                    ProblemKind.MISSING_LOOP,
                    frame.first,
                    words,
                    f"it in every loop {loop.loop_id}",
                    loop_id=child.loop_id,
                )
        if frame.level_number:
            self._check_children(frame)
        if self._meaning is not None:
            self._meaning.closed(loop)

    def _check_level(self, use: SegmentUse, segment: Segment) -> None:
        """HL01 counts on from 1; HL02 names the level around this one."""
        frame = self._frames[-1]
        self._level_count += 1
        frame.level_number = segment.value(1) or str(self._level_count)
        frame.has_children = segment.value(4)
        if segment.value(1) != str(self._level_count):
            self._report.add(
                ProblemKind.HIERARCHY,
                segment,
                "levels are not numbered one after another",
                str(self._level_count),
                loop_id=use.loop_id,
                element="HL01",
            )
        parent = next((one for one in reversed(self._frames[:-1]) if one.level_number), None)
        if parent is not None:
            parent.child_levels += 1
        around = parent.level_number if parent is not None else ""
        if segment.value(2) != around:
            self._report.add(
                ProblemKind.HIERARCHY,
                segment,
                "the parent is not the level around this one",
                around or "no parent at the highest level",
                loop_id=use.loop_id,
                element="HL02",
            )

    def _check_children(self, frame: _Frame) -> None:
        if frame.has_children and (frame.has_children == _HAS_CHILDREN) != (frame.child_levels > 0):
            self._report.add(
                ProblemKind.HIERARCHY,
                frame.first,
                f"{frame.child_levels} levels follow below this one",
                "1 where a level follows below, else 0",
                loop_id=frame.loop.loop_id,
                element="HL04",
            )
