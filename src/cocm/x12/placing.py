"""Every segment of a file with its place: the guide it is read by, the loops it stands in, and its name in the map.

Works for every transaction that has a map, and for files that mix them. What no map knows is handed out as well, with
`use` None, so that nothing of a file is out of sight.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from cocm.x12.claim_record import PlacedSegment
from cocm.x12.guide import find_guide, load_envelope, load_guide
from cocm.x12.guide_parts import Guide, Loop, SegmentUse
from cocm.x12.tokens import Segment, Source, read_segments
from cocm.x12.walker import Walker

# The envelope's segments: the loop each stands in and its name there.
_ENVELOPE: Final = {
    "ISA": ("interchange", "interchange_header"),
    "TA1": ("interchange", "interchange_acknowledgment"),
    "IEA": ("interchange", "interchange_trailer"),
    "GS": ("group", "group_header"),
    "GE": ("group", "group_trailer"),
}
_OPENING: Final = ("ISA", "GS")


class SegmentInFile(NamedTuple):
    """A segment, the loops around it from the outermost inwards, and the loop that it opens (if it opens one).

    `guide` is None for the envelope and for a transaction without a map; `version` is what the transaction says it is.
    """

    placed: PlacedSegment
    loops: tuple[Loop, ...]
    opened: Loop | None
    guide: Guide | None
    version: str

    @property
    def segment(self) -> Segment:
        return self.placed.segment

    @property
    def use(self) -> SegmentUse | None:
        return self.placed.use


def place_segments(source: Source) -> Iterator[SegmentInFile]:
    """All segments of a file in their order, each in its place.

    Raises `X12Error` where the file is no interchange, is cut off inside a segment, or passes a limit of `tokens`.
    """
    placing = _Placing()
    for segment in read_segments(source):
        yield placing.place(segment)


class _Placing:
    """Follows the segments of one file."""

    def __init__(self) -> None:
        self._envelope = load_envelope()
        self._around: tuple[Loop, ...] = ()
        self._group_version = self._version = ""
        self._guide: Guide | None = None
        self._walker: Walker | None = None
        self._walkers: dict[str, Walker] = {}
        self._in_transaction = False

    def place(self, segment: Segment) -> SegmentInFile:
        """The place of the next segment."""
        tag = segment.tag
        if tag in _ENVELOPE:
            return self._in_envelope(segment)
        if tag == "ST":
            self._start(segment)
        placed = self._in_guide(segment) if self._in_transaction else self._unknown(segment)
        if tag == "SE":
            self._leave()
        return placed

    def _in_envelope(self, segment: Segment) -> SegmentInFile:
        self._leave()
        loop_id, name = _ENVELOPE[segment.tag]
        loop = self._envelope.loops[loop_id]
        if segment.tag == "ISA":
            self._around, self._group_version = (loop,), ""
        elif segment.tag == "GS":
            self._around = (self._envelope.root, loop)
            self._group_version = segment.value(8).strip()
        loops = (self._envelope.root,) if loop_id == "interchange" else (self._envelope.root, loop)
        opened = loop if segment.tag in _OPENING else None
        placed = PlacedSegment(loop_id, self._envelope.use(loop_id, name), segment)
        if segment.tag == "GE":
            self._around = self._around[:1]
        return SegmentInFile(placed, loops, opened, None, "")

    def _start(self, segment: Segment) -> None:
        self._in_transaction = True
        self._version = segment.value(3).strip() or self._group_version
        name = find_guide(segment.value(1), self._version)
        if name is None:
            self._guide = self._walker = None
            return
        self._guide = load_guide(name)
        self._walker = self._walkers.get(name)
        if self._walker is None:
            self._walker = self._walkers[name] = Walker(self._guide)
        self._walker.start()

    def _in_guide(self, segment: Segment) -> SegmentInFile:
        if self._walker is None or self._guide is None:
            return self._unknown(segment)
        step = self._walker.step(segment)
        loops = self._around + tuple(level[0] for level in step.state.levels)
        loop_id = step.use.loop_id if step.use is not None else step.state.loop.loop_id
        opened = step.opened if segment.tag != "ST" else self._guide.root
        return SegmentInFile(
            PlacedSegment(loop_id, step.use, segment), loops, opened, self._guide, self._version
        )

    def _unknown(self, segment: Segment) -> SegmentInFile:
        return SegmentInFile(PlacedSegment("", None, segment), self._around, None, None, self._version)

    def _leave(self) -> None:
        self._in_transaction = False
        self._guide = self._walker = None
        self._version = ""
