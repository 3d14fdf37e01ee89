"""Checks one transaction after another against a guide: places, repeats, required parts, elements, levels."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Final

from cocm.x12.dated_codes import CodeSets, FoundCode
from cocm.x12.element_check import SegmentCheck
from cocm.x12.guide_parts import Guide, Loop, SegmentUse
from cocm.x12.meaning import CheckContext, MeaningChecks, OnClose, OnSegment
from cocm.x12.problem import ProblemKind
from cocm.x12.tokens import Delimiters, Segment
from cocm.x12.walker import State, Step, Walker

LEVEL_TAG: Final = "HL"
_HAS_CHILDREN: Final = "1"
_LEVEL_NUMBER_CHARACTERS_MAX: Final = 12

# Texts that were found right are remembered with their place, so many in all and none longer than this: the same
# addresses, payers, diagnoses and services come again and again. When there are more, they are learned anew.
KNOWN_TEXTS_MAX: Final = 32_768
KNOWN_TEXT_CHARACTERS_MAX: Final = 120
# Of a use whose texts are ever new (claim numbers, names) only some are remembered after the first.
SEEN_TEXTS_ALL_KEPT_MAX: Final = 512
SEEN_TEXTS_KEPT_EVERY: Final = 16


@dataclass(slots=True)
class _UseRun:
    """A segment use at work under the delimiters of the moment.

    `too_many_at` is the count that is one too many; `seen` tells how many texts were examined.
    """

    check: SegmentCheck
    too_many_at: int
    is_level: bool
    on_segment: OnSegment | None
    on_text: OnSegment | None
    seen: int = 0


# What is known of a text that was found right in a state: the state after it, how many loops it closed and which it
# opened, its use, the count of it that is too many, whether it is a level, what looks at it, its codes of dated sets,
# and the texts that are known after it.
_Known = tuple[
    State,
    int,
    "_LoopRun | None",
    SegmentUse,
    int,
    bool,
    OnSegment | None,
    tuple[FoundCode, ...],
    "_Texts",
]
_Texts = dict[str, _Known]


@dataclass(slots=True)
class _LoopRun:
    """A loop at work: what must stand in it, the count that is one too many, and who hears of its end."""

    loop: Loop
    required: frozenset[SegmentUse | str]
    too_many_at: int
    on_close: OnClose | None


class _Frame:
    """An open loop: how often each segment (by use) and each loop (by id) stood in it, and its level.

    No dataclass: one is made for each loop of the file, and most need only the first three fields.
    """

    __slots__ = ("child_levels", "counts", "first", "has_children", "level_number", "run")

    # set where the loop is a level
    has_children: str
    child_levels: int

    def __init__(self, run: _LoopRun, first: Segment) -> None:
        self.run = run
        self.first = first
        self.counts: dict[SegmentUse | str, int] = {}
        self.level_number = ""


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
        self._loop_runs: dict[Loop, _LoopRun] = {}
        self._known: dict[State, _Texts] = {}
        self._known_count = 0
        self._here: _Texts = {}
        self._delimiters: Delimiters | None = None
        self._frames: list[_Frame] = []
        self._level_count = 0
        self.last: Segment | None = None

    def start(self, segment: Segment) -> None:
        """Begin a transaction with its ST segment."""
        self._walker.start()
        self._frames = [_Frame(self._loop_run(self._guide.root), segment)]
        self._level_count = 0
        if segment.delimiters != self._delimiters:
            self._delimiters = segment.delimiters
            self._runs.clear()
            self._forget()
        self._here = self._texts_of(self._walker.state)
        self.segment(segment)

    def follow(self, segments: Iterable[Segment], stops: Container[str]) -> Segment | None:
        """Take the transaction's next segments, up to one whose tag is among the stops, which is handed back.

        A text that was found right in its place once is right again: then one look-up tells its place, its codes
        and what follows. None at the end of the segments, or where the report is full.
        """
        walker, frames, report, take = self._walker, self._frames, self._report, self._dating.take
        here, state = self._here, walker.state
        counts = frames[-1].counts
        segment = None
        try:
            for segment in segments:
                if segment.tag in stops:
                    return segment
                known = here.get(segment.text)
                if known is None:
                    self._here, walker.state = here, state
                    self.segment(segment)
                    here, state, counts = self._here, walker.state, frames[-1].counts
                    if report.is_full:
                        return None
                    continue
                state, closed_count, opened, use, too_many_at, is_level, look, found, here = known
                if closed_count or opened is not None:
                    for _ in range(closed_count):
                        self._close()
                    if opened is not None:
                        self._open(opened, segment)
                    counts = frames[-1].counts
                counts[use] = count = counts.get(use, 0) + 1
                if count == too_many_at:
                    self._tell_repeat(use, segment)
                if found:
                    take(use, segment, found)
                if is_level:
                    self._check_level(use, segment)
                if look is not None:
                    look(use, segment)
                    if report.is_full:
                        return None
            return None
        finally:
            self._here, walker.state = here, state
            if segment is not None and segment.tag not in stops:
                self.last = segment

    def rest_in(self, loop_id: str) -> State | None:
        """Close what is open inside a level that has its number, and stand in it; None where none is open.

        For a caller who knows that the next segment belongs to this level or to one around it.
        """
        depth = next((at for at, one in enumerate(self._frames) if one.run.loop.loop_id == loop_id), 0)
        if not self._frames[depth:] or not self._frames[depth].level_number:
            return None
        while len(self._frames) > depth + 1:
            self._close()
        return self._stand(self._walker.rest(depth))

    def next_level(self) -> tuple[str, int]:
        """The number of the level that `rest_in` stands in, and the number that the next level must have."""
        return self._frames[-1].level_number, self._level_count + 1

    def pass_levels(self, loop_id: str, child_count: int, level_count: int) -> None:
        """Go on as if children of the level that `rest_in` stands in had been followed to their ends and found right.

        Their loop must be one that may repeat without limit. `level_count` counts them and the levels inside them.
        """
        if child_count == 0:
            return
        frame = self._frames[-1]
        frame.counts[loop_id] = frame.counts.get(loop_id, 0) + child_count
        frame.child_levels += child_count
        self._level_count += level_count
        self._stand(self._walker.rest(len(self._frames) - 1, loop_id))

    def _stand(self, state: State) -> State:
        self._walker.state = state
        self._here = self._texts_of(state)
        return state

    def segment(self, segment: Segment) -> None:
        """The transaction's next segment, looked at in full."""
        self.last = segment
        step = self._walker.step(segment)
        for _ in step.closed:
            self._close()
        use = step.use
        if use is None:
            self._tell_unexpected(segment)
            return
        if step.opened is not None:
            self._open(self._loop_run(step.opened), segment)
        if step.is_late:
            self._tell_late(use, segment)
        counts = self._frames[-1].counts
        counts[use] = count = counts.get(use, 0) + 1
        run = self._runs.get(use) or self._run(use, segment)
        found = self._examine(use, step, run, segment)
        if count == run.too_many_at:
            self._tell_repeat(use, segment)
        if found:
            self._dating.take(use, segment, found)
        if run.is_level:
            self._check_level(use, segment)
        if run.on_segment is not None:
            run.on_segment(use, segment)

    def _examine(self, use: SegmentUse, step: Step, run: _UseRun, segment: Segment) -> tuple[FoundCode, ...]:
        """Take a segment apart, report its faults, remember it where it has none; its dated codes."""
        problems = self._report.problems
        told = len(problems)
        faults, found = run.check.examine(segment)
        for fault in faults:
            self._report.add(
                fault.kind, segment, fault.what, fault.expected, loop_id=use.loop_id, element=fault.element
            )
        if run.on_text is not None:
            run.on_text(use, segment)
        here, after = self._here, self._texts_of(step.state)
        self._here = after
        run.seen += 1
        is_worth_it = run.seen <= SEEN_TEXTS_ALL_KEPT_MAX or run.seen % SEEN_TEXTS_KEPT_EVERY == 0
        if is_worth_it and len(problems) == told and not step.is_late:
            opened = self._loop_run(step.opened) if step.opened is not None else None
            known = (
                step.state,
                len(step.closed),
                opened,
                use,
                run.too_many_at,
                run.is_level,
                run.on_segment,
                found,
                after,
            )
            self._remember(here, segment.text, known)
        return found

    def _remember(self, here: _Texts, text: str, known: _Known) -> None:
        if len(text) > KNOWN_TEXT_CHARACTERS_MAX:
            return
        if self._known_count >= KNOWN_TEXTS_MAX:
            self._forget()
        self._known_count += 1
        here[text] = known

    def _texts_of(self, state: State | None) -> _Texts:
        """The texts that are known to be right where the walk stands in a state."""
        assert state is not None, "start the walk first"
        texts = self._known.get(state)
        if texts is None:
            if len(self._known) > KNOWN_TEXTS_MAX:
                self._forget()
            texts = self._known[state] = {}
        return texts

    def _forget(self) -> None:
        """Begin anew with what is known; what is in use elsewhere may go on being used."""
        for texts in self._known.values():
            texts.clear()
        self._known.clear()
        self._known_count = 0

    def _tell_late(self, use: SegmentUse, segment: Segment) -> None:
        self._report.add(
            ProblemKind.ORDER,
            segment,
            f"{use.name.replace('_', ' ')} comes too late",
            "the guide's order",
            loop_id=use.loop_id,
        )

    def _run(self, use: SegmentUse, segment: Segment) -> _UseRun:
        run = self._runs[use] = _UseRun(
            SegmentCheck(use, segment.delimiters, self._code_sets),
            use.repeat_max + 1 if use.repeat_max is not None else 0,
            use.tag == LEVEL_TAG,
            self._meaning.on_segment(use) if self._meaning is not None else None,
            self._meaning.on_text(use) if self._meaning is not None else None,
        )
        return run

    def _loop_run(self, loop: Loop) -> _LoopRun:
        run = self._loop_runs.get(loop)
        if run is None:
            run = self._loop_runs[loop] = _LoopRun(
                loop,
                frozenset((*loop.required_segments, *loop.required_loop_ids)),
                loop.repeat_max + 1 if loop.repeat_max is not None else 0,
                self._meaning.on_close(loop) if self._meaning is not None else None,
            )
        return run

    def _tell_unexpected(self, segment: Segment) -> None:
        here = self._frames[-1].run.loop.loop_id
        what = "an empty segment" if not segment.tag else "a segment that the guide does not have here"
        self._report.add(
            ProblemKind.UNEXPECTED_SEGMENT, segment, what, f"a segment of loop {here}", loop_id=here
        )

    def end(self) -> None:
        """The transaction is over, at its SE segment or where another begins instead."""
        while self._frames:
            self._close()

    def _open(self, run: _LoopRun, segment: Segment) -> None:
        loop = run.loop
        counts = self._frames[-1].counts
        counts[loop.loop_id] = count = counts.get(loop.loop_id, 0) + 1
        if count == run.too_many_at:
            what = f"loop {loop.loop_id} ({loop.label}) stands more often than the guide allows"
            self._report.add(
                ProblemKind.TOO_MANY, segment, what, f"at most {loop.repeat_max}", loop_id=loop.loop_id
            )
        self._frames.append(_Frame(run, segment))

    def _tell_repeat(self, use: SegmentUse, segment: Segment) -> None:
        what = f"{use.name.replace('_', ' ')} stands more often than the guide allows"
        self._report.add(
            ProblemKind.TOO_MANY, segment, what, f"at most {use.repeat_max}", loop_id=use.loop_id
        )

    def _close(self) -> None:
        """End the innermost loop: what the guide requires in it must have stood."""
        frame = self._frames.pop()
        run = frame.run
        if not run.required <= frame.counts.keys():
            self._tell_missing(run.loop, frame)
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
        frame.child_levels = 0
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
                loop_id=frame.run.loop.loop_id,
                element="HL04",
            )
