"""What a guide asks beyond its structure, as tables: for each segment and each ended loop, what looks at it.

The check of a guide is made of parts (who is covered, what adds up, which dates fit); each part names the places
it wants to hear of, and `MeaningTable` brings them together so that a segment costs one look-up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol

from cocm.x12.dated_codes import CodeDating
from cocm.x12.guide_parts import Guide, Loop, SegmentUse
from cocm.x12.patterns import number_or_none
from cocm.x12.problem import ProblemKind, Report
from cocm.x12.tokens import Segment

OnSegment = Callable[[SegmentUse, Segment], None]
OnClose = Callable[[], None]

_AMOUNT_CHARACTERS_MAX: Final = 20


class MeaningChecks(Protocol):
    """What `StructureCheck` asks of a guide's check: whom to tell of segments and ended loops, in file order."""

    def on_segment(self, use: SegmentUse) -> OnSegment | None:
        """What to call for each segment of a use; None: nothing. Asked once for each use."""

    def on_text(self, use: SegmentUse) -> OnSegment | None:
        """What looks at a segment alone, whatever stood before it: a text that it finds right is not shown again."""

    def on_close(self, loop: Loop) -> OnClose | None:
        """What to call when a loop has ended. Asked once for each loop."""

    def standing(self) -> tuple[str, bool]:
        """What of all that stood before a subscriber's level its check may depend on: the file's own day
        (CCYYMMDD), and something more that is one or the other.
        """


@dataclass(frozen=True, slots=True)
class CheckContext:
    """What every part of a check has at hand. `as_of` is the day of the check (CCYYMMDD), empty: not given."""

    report: Report
    dating: CodeDating
    as_of: str = ""

    def tell(
        self,
        kind: ProblemKind,
        use: SegmentUse,
        segment: Segment,
        element: str,
        what: str,
        expected: str,
        fix: str = "",
    ) -> None:
        """Report a fault of an element at its place."""
        self.report.add(kind, segment, what, expected, loop_id=use.loop_id, element=element, fix=fix)


class MeaningPart(Protocol):
    """A part of a guide's check: its places by loop and segment name, and the loops whose end it wants to hear."""

    @property
    def segments(self) -> Mapping[tuple[str, str], OnSegment]:
        """What looks at a segment, by loop and name."""

    @property
    def texts(self) -> Mapping[tuple[str, str], OnSegment]:
        """What looks at a segment by itself, without regard to what stood before it, by loop and name."""

    @property
    def closes(self) -> Mapping[str, OnClose]:
        """What is called when a loop has ended, by loop."""


class MeaningTable:
    """The parts of one guide's check together; the earlier part is told first."""

    def __init__(
        self,
        guide: Guide,
        parts: Sequence[MeaningPart],
        by_tag: Mapping[str, OnSegment],
        standing: Callable[[], tuple[str, bool]] = lambda: ("", False),
    ) -> None:
        """`by_tag` looks at every segment of a tag by itself; for `standing` see `MeaningChecks`."""
        self._by_tag = by_tag
        self.standing = standing
        self._segments: dict[SegmentUse, list[OnSegment]] = {}
        self._texts: dict[SegmentUse, list[OnSegment]] = {}
        self._closes: dict[str, list[OnClose]] = {}
        for part in parts:
            for place, look in part.segments.items():
                self._segments.setdefault(guide.use(*place), []).append(look)
            for place, look in part.texts.items():
                self._texts.setdefault(guide.use(*place), []).append(look)
            for loop_id, close in part.closes.items():
                self._closes.setdefault(guide.loops[loop_id].loop_id, []).append(close)

    def rules_of(self, use: SegmentUse) -> Sequence[OnSegment]:
        """All that look at the segments of a use beside others, in their order."""
        return self._segments.get(use, [])

    def on_segment(self, use: SegmentUse) -> OnSegment | None:
        """See `MeaningChecks`."""
        return _all(self._segments.get(use, []))

    def on_text(self, use: SegmentUse) -> OnSegment | None:
        """See `MeaningChecks`."""
        by_tag = self._by_tag.get(use.tag)
        return _all(self._texts.get(use, []) + ([by_tag] if by_tag is not None else []))

    def on_close(self, loop: Loop) -> OnClose | None:
        """See `MeaningChecks`."""
        closes = self._closes.get(loop.loop_id, [])
        if len(closes) <= 1:
            return closes[0] if closes else None

        def close_all() -> None:
            for close in closes:
                close()

        return close_all


def _all(looks: Sequence[OnSegment]) -> OnSegment | None:
    """One call for all of them."""
    if len(looks) <= 1:
        return looks[0] if looks else None

    def look_all(use: SegmentUse, segment: Segment) -> None:
        for look in looks:
            look(use, segment)

    return look_all


def cents_or_none(text: str) -> int | None:
    """An amount in whole cents; None where the text is none, or has parts of a cent."""
    return _cents(text) if len(text) <= _AMOUNT_CHARACTERS_MAX else None


@lru_cache(maxsize=16_384)
def _cents(text: str) -> int | None:
    number = number_or_none(text)
    if number is None:
        return None
    cents = number.scaleb(2)
    return int(cents) if cents == cents.to_integral_value() else None
