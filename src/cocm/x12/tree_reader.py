"""Reads any transaction that has a map into a tree of loops, one transaction after the other.

Typed readers (999, 271 …) stand on this one. A transaction without a map, or another than the caller wants, is an
`X12Error` naming the guide.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cocm.basics.errors import X12Error
from cocm.x12.claim_record import PlacedSegment
from cocm.x12.guide import find_guide, guide_versions, load_guide
from cocm.x12.guide_parts import Guide
from cocm.x12.loop_tree import LoopNode, Origin, TransactionTree
from cocm.x12.placed_values import place
from cocm.x12.tokens import Segment, Source, read_segments
from cocm.x12.walker import Walker

# A transaction is in memory as a whole; guides recommend far smaller ones.
SEGMENTS_PER_TRANSACTION_MAX: Final = 500_000

_ACKNOWLEDGMENT_TAG: Final = "TA1"


@dataclass(frozen=True, slots=True)
class Detected:
    """One kind of content of a file: the transaction (ST01, or `TA1`), the version it names, the name of the guide
    that reads it (empty: there is no map), and how many there are.
    """

    transaction: str
    version: str
    guide_name: str
    count: int


def read_transactions(source: Source, guides: Collection[str] | None = None) -> Iterator[TransactionTree]:
    """The transactions of a file in their order. `guides` are the names of those wanted; None takes any with a map.

    Raises `X12Error` for a file that cannot be read, a transaction without its end, and one of another guide.
    """
    reader = _TreeReader(guides)
    for segment in read_segments(source):
        tree = reader.segment(segment)
        if tree is not None:
            yield tree
    reader.refuse_unfinished()


def detect(source: Source) -> tuple[Detected, ...]:
    """What a file holds, in the order of its first appearance. Reads the whole file; raises `X12Error` where it
    cannot be read.
    """
    counts: dict[tuple[str, str], int] = {}
    group_version = ""
    for segment in read_segments(source):
        match segment.tag:
            case "GS":
                group_version = _version(segment.value(8))
            case "ST":
                key = segment.value(1).strip(), _version(segment.value(3)) or group_version
                counts[key] = counts.get(key, 0) + 1
            case "TA1":
                key = _ACKNOWLEDGMENT_TAG, ""
                counts[key] = counts.get(key, 0) + 1
    return tuple(
        Detected(transaction, version, find_guide(transaction, version) or "", count)
        for (transaction, version), count in counts.items()
    )


@dataclass(slots=True)
class _OpenLoop:
    """A loop that is being read."""

    loop_id: str
    segments: list[PlacedSegment] = field(default_factory=list)
    loops: list[LoopNode] = field(default_factory=list)

    def node(self) -> LoopNode:
        return LoopNode(self.loop_id, tuple(self.segments), tuple(self.loops))


class _TreeReader:
    """Follows a file and hands out each transaction when it has ended."""

    def __init__(self, guides: Collection[str] | None) -> None:
        self._guides = guides
        self._walkers: dict[str, Walker] = {}
        self._interchange: Segment | None = None
        self._group: Segment | None = None
        self._transaction: Segment | None = None
        self._guide_name = ""
        self._open: list[_OpenLoop] = []
        self._count = 0

    def segment(self, segment: Segment) -> TransactionTree | None:
        """Take the next segment; a transaction that it ends is handed out."""
        match segment.tag:
            case "ISA":
                self.refuse_unfinished()
                self._interchange, self._group = segment, None
            case "GS":
                self.refuse_unfinished()
                self._group = segment
            case "GE" | "IEA":
                self.refuse_unfinished()
            case "ST":
                self.refuse_unfinished()
                self._start(segment)
            case _ if self._transaction is not None:
                self._inner(segment)
                if segment.tag == "SE":
                    return self._finished()
        return None

    def refuse_unfinished(self) -> None:
        """A transaction without its end is not whole."""
        if self._transaction is not None:
            raise X12Error(
                f"{place(self._transaction)}: the transaction has no end (SE); the file was cut off. Ask the "
                "sender for the whole file"
            )

    def _start(self, segment: Segment) -> None:
        transaction = segment.value(1).strip()
        version = _version(segment.value(3)) or (_version(self._group.value(8)) if self._group else "")
        name = find_guide(transaction, version)
        if name is None or (self._guides is not None and name not in self._guides):
            wanted = sorted(self._guides if self._guides is not None else set(guide_versions().values()))
            raise X12Error(
                f"{place(segment)}: transaction {transaction[:3] or '(none)'} of guide "
                f"{version[:12] or '(none)'} cannot be read here; expected {' or '.join(wanted)}"
            )
        guide = load_guide(name)
        if name not in self._walkers:
            self._walkers[name] = Walker(guide)
        self._transaction, self._guide_name = segment, name
        self._walkers[name].start()
        self._open, self._count = [_OpenLoop(guide.root.loop_id)], 0
        self._inner(segment)

    def _inner(self, segment: Segment) -> None:
        self._count += 1
        if self._count > SEGMENTS_PER_TRANSACTION_MAX:
            raise X12Error(
                f"{place(segment)}: more than {SEGMENTS_PER_TRANSACTION_MAX} segments in one transaction; ask "
                "the sender for several smaller ones"
            )
        step = self._walkers[self._guide_name].step(segment)
        for _ in step.closed:
            node = self._open.pop().node()
            self._open[-1].loops.append(node)
        if step.opened is not None:
            self._open.append(_OpenLoop(step.opened.loop_id))
        around = self._open[-1]
        around.segments.append(PlacedSegment(around.loop_id, step.use, segment))

    def _finished(self) -> TransactionTree:
        while len(self._open) > 1:
            node = self._open.pop().node()
            self._open[-1].loops.append(node)
        assert self._transaction is not None  # only called within a transaction
        guide = load_guide(self._guide_name)
        tree = TransactionTree(self._guide_name, guide, self._origin(guide), self._open[0].node())
        self._transaction, self._open = None, []
        return tree

    def _origin(self, guide: Guide) -> Origin:
        interchange, group, started = self._interchange, self._group, self._transaction
        assert interchange is not None and started is not None  # the tokens begin with ISA
        return Origin(
            sender_id=interchange.value(6).strip(),
            receiver_id=interchange.value(8).strip(),
            created_at=created_at(group.value(4), group.value(5)) if group is not None else None,
            interchange_control_number=interchange.value(13).strip(),
            group_control_number=group.value(6).strip() if group is not None else "",
            transaction_control_number=started.value(2).strip(),
            guide_version=guide.version,
            is_test=interchange.value(15).strip() == "T",
        )


def created_at(day: str, time: str) -> datetime | None:
    """A date and a time of the envelope as a moment without offset; None where they are none."""
    moment = day.strip() + time.strip()[:4]
    form = {12: "%Y%m%d%H%M", 10: "%y%m%d%H%M"}.get(len(moment))
    if form is None or not moment.isdigit():
        return None
    try:
        return datetime.strptime(moment, form)  # noqa: DTZ007  # the file has no offset
    except ValueError:
        return None


def _version(text: str) -> str:
    return text.strip().upper()
