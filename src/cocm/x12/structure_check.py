"""Checks one transaction after another against a guide: places, repeats, required parts, elements, levels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from cocm.x12.dated_codes import CodeSets
from cocm.x12.element_check import SegmentCheck
from cocm.x12.guide_parts import Guide, Loop, SegmentUse
from cocm.x12.meaning import CheckContext, MeaningChecks, OnClose, OnSegment
from cocm.x12.problem import ProblemKind
from cocm.x12.tokens import Delimiters, Segment
from cocm.x12.walker import Walker

LEVEL_TAG: Final = "HL"
_HAS_CHILDREN: Final = "1"
_LEVEL_NUMBER_CHARACTERS_MAX: Final = 12


@dataclass(slots=True)
class _UseRun:
    """A segment use at work under the delimiters of the moment. `too_many_at`: the count that is one too many."""

    check: SegmentCheck
    too_many_at: int
    is_level: bool
    on_segment: OnSegment | None


@dataclass(slots=True)
class _LoopRun:
    """A loop at work: what must stand in it, and who hears of its end."""

    required: frozenset[SegmentUse | str]
    on_close: OnClose | None


@dataclass(slots=True)
class _Frame:
    """An open loop: how often each segment (by use) and each loop (by id) stood in it, and its level."""

    loop: Loop
    first: Segment
    counts: dict[SegmentUse | str, int] = field(default_factory=dict)
    level_number: str = ""
    has_children: str = ""
    child_levels: int = 0


class StructureCheck:
    """Follows transactions through the guide and reports what does not fit its structure."""

    def __init__(
        self, guide: Guide, context: CheckContext, code_sets: CodeSets, meaning: MeaningChecks | None
    ) -> None:
        self._guide = guide
        self._report = context.report
        self._dating = context.dating
        self._code_sets = code_sets
        self._meaning = meaning
        self._walker = Walker(guide)
        self._runs: dict[SegmentUse, _UseRun] = {}
        self._loop_runs: dict[str, _LoopRun] = {}
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
            self._runs.clear()
        self.segment(segment)

    def segment(self, segment: Segment) -> None:
        """The transaction's next segment."""
        step = self._walker.step(segment)
        for loop in step.closed:
            self._close(loop)
        use = step.use
        if use is None:
            self._tell_unexpected(segment)
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
        run = self._runs.get(use)
        if run is None:
            run = self._run(use, segment)
        counts = self._frames[-1].counts
        counts[use] = count = counts.get(use, 0) + 1
        if count == run.too_many_at:
            self._tell_repeat(use, segment)
        found = run.check.known.get(segment.text)
        if found is None:
            faults, found = run.check.examine(segment)
            for fault in faults:
                self._report.add(
                    fault.kind,
                    segment,
                    fault.what,
                    fault.expected,
                    loop_id=use.loop_id,
                    element=fault.element,
                )
        if found:
            self._dating.take(use, segment, found)
        if run.is_level:
            self._check_level(use, segment)
        if run.on_segment is not None:
            run.on_segment(use, segment)

    def _run(self, use: SegmentUse, segment: Segment) -> _UseRun:
        run = self._runs[use] = _UseRun(
            SegmentCheck(use, segment.delimiters, self._code_sets),
            use.repeat_max + 1 if use.repeat_max is not None else 0,
            use.tag == LEVEL_TAG,
            self._meaning.on_segment(use) if self._meaning is not None else None,
        )
        return run

    def _loop_run(self, loop: Loop) -> _LoopRun:
        run = self._loop_runs[loop.loop_id] = _LoopRun(
            frozenset((*loop.required_segments, *loop.required_loop_ids)),
            self._meaning.on_close(loop) if self._meaning is not None else None,
        )
        return run

    def _tell_unexpected(self, segment: Segment) -> None:
        here = self._frames[-1].loop.loop_id
        what = "an empty segment" if not segment.tag else "a segment that the guide does not have here"
        self._report.add(
            ProblemKind.UNEXPECTED_SEGMENT, segment, what, f"a segment of loop {here}", loop_id=here
        )

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
        """End a loop: what the guide requires in it must have stood."""
        frame = self._frames.pop()
        run = self._loop_runs.get(loop.loop_id)
        if run is None:
            run = self._loop_run(loop)
        if not run.required <= frame.counts.keys():
            self._tell_missing(loop, frame)
        if frame.level_number:
            self._check_children(frame)
        if run.on_close is not None:
            run.on_close()

    def _tell_missing(self, loop: Loop, frame: _Frame) -> None:
        """What does not stand in a loop; told at the loop's first segment."""
        for use in loop.required_segments:
            if use not in frame.counts:
                self._report.add(
                    ProblemKind.MISSING_SEGMENT,
                    frame.first,
                    f"{use.name.replace('_', ' ')} ({use.tag}) is missing",
                    f"it in every loop {loop.loop_id}",
                    loop_id=loop.loop_id,
                )
        for child_id in loop.required_loop_ids:
            if child_id not in frame.counts:
                child = self._guide.loops[child_id]
                self._report.add(
                    ProblemKind.MISSING_LOOP,
                    frame.first,
                    f"loop {child.loop_id} ({child.label}) is missing",
                    f"it in every loop {loop.loop_id}",
                    loop_id=child.loop_id,
                )

    def _check_level(self, use: SegmentUse, segment: Segment) -> None:
        """HL01 counts on from 1; HL02 names the level around this one."""
        frame = self._frames[-1]
        self._level_count += 1
        frame.level_number = segment.value(1)[:_LEVEL_NUMBER_CHARACTERS_MAX] or str(self._level_count)
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
