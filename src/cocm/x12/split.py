"""Splits a file into whole interchanges: by transaction, claim, payer or payment; nothing is lost and nothing changed.

Every part has the envelope of the interchange it came from, with counts, and for claims the numbering of levels, made
anew. A claim takes with it the levels above it (billing provider, subscriber, patient). A remittance is one payment
and does not balance in pieces, so it is never cut into claims.

Memory holds one claim with its levels, and a line about each part.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from cocm.basics.errors import X12Error
from cocm.x12.placed_values import place
from cocm.x12.placing import SegmentInFile, place_segments
from cocm.x12.split_part import Append, Level, Part, SplitPart
from cocm.x12.tokens import Segment, Source

PARTS_MAX: Final = 1_000_000
SEGMENTS_BEFORE_KEY_MAX: Final = 10_000
LEVEL_SEGMENTS_MAX: Final = 10_000
CONTROL_NUMBER_MAX: Final = 999_999_999

_CLAIMS: Final = "837"
_REMITTANCE: Final = "835"
_CLAIM_TAGS: Final = {"837": "CLM", "835": "CLP"}
_CLAIM_LOOP: Final = "2300"
_LEVEL_TAG: Final = "HL"


class SplitBy(StrEnum):
    """What makes a part."""

    TRANSACTION = "st"
    CLAIM = "claim"
    PAYER = "payer"
    PAYMENT = "payment"


def split(
    source: Source, by: SplitBy, append: Append, *, first_control_number: int | None = None
) -> list[SplitPart]:
    """Write the parts of a file through `append`, and tell what each holds.

    The parts keep the control numbers of their interchange and group; with `first_control_number` they are numbered
    on from it, one a part, for receivers that refuse a number twice. Raises `X12Error` for a file that is cut off or
    whose segments are so misplaced that parts could not be whole; what was written until then must be thrown away.
    """
    splitting = _Splitting(by, append, first_control_number)
    for placed in place_segments(source):
        splitting.take(placed)
    splitting.finish()
    return splitting.parts


class _Splitting:
    """Follows a file and hands its segments to the parts they belong to."""

    def __init__(self, by: SplitBy, append: Append, first_control_number: int | None) -> None:
        self._by = by
        self._append = append
        self._first_control_number = first_control_number
        self.parts: list[SplitPart] = []
        self._interchange: Segment | None = None
        self._group: Segment | None = None
        self._acknowledgments: Part | None = None
        self._by_payer: dict[str, Part] = {}
        self._transaction: _Whole | _Claims | None = None

    def take(self, placed: SegmentInFile) -> None:
        """The file's next segment."""
        segment = placed.segment
        match segment.tag:
            case "ISA":
                self._refuse_open(segment)
                self._interchange = segment
            case "GS":
                self._refuse_open(segment, is_in_interchange=True)
                self._group = segment
            case "GE":
                self._refuse_open_transaction(segment)
                self._end_group()
            case "IEA":
                self._refuse_open(segment, is_in_interchange=True)
                self._end_interchange()
            case "TA1":
                self._acknowledgment(segment)
            case "ST":
                self._refuse_open_transaction(segment)
                self._start(placed)
            case _ if self._transaction is None:
                raise X12Error(f"{place(segment)}: a segment outside a transaction; expected ST before it")
            case "SE":
                self._transaction.end()
                self._transaction = None
            case _:
                self._transaction.take(placed)

    def finish(self) -> None:
        """The file is over; refuse one that has no end."""
        if self._interchange is not None:
            raise X12Error(
                f"{place(self._interchange)}: the interchange has no end (IEA); the file was cut off. Nothing was split"
            )

    def new_part(self, key: str, transaction: str) -> Part:
        """A part of the interchange and group that are open."""
        assert self._interchange is not None  # the reader begins every file with ISA
        if len(self.parts) >= PARTS_MAX:
            raise X12Error(f"more than {PARTS_MAX} parts; split by payer or transaction first")
        number = len(self.parts) + 1
        control_number = None
        if self._first_control_number is not None:
            control_number = self._first_control_number + number - 1
            if control_number > CONTROL_NUMBER_MAX:
                raise X12Error(f"control numbers end at {CONTROL_NUMBER_MAX}; begin at a lower number")
        about = SplitPart(number, key, transaction)
        self.parts.append(about)
        part = Part(
            about, self._interchange, self._group if transaction else None, self._append, control_number
        )
        part.begin()
        return part

    def payer_part(self, key: str, transaction: str) -> Part:
        """The part of a payer in the group that is open, opened when it is first asked for."""
        part = self._by_payer.get(key)
        if part is None:
            part = self._by_payer[key] = self.new_part(key, transaction)
        return part

    def _start(self, placed: SegmentInFile) -> None:
        segment = placed.segment
        if self._interchange is None or self._group is None:
            raise X12Error(f"{place(segment)}: a transaction outside a group; expected ISA and GS before it")
        transaction = segment.value(1).strip()
        is_claims = transaction == _CLAIMS and placed.guide is not None
        if self._by is SplitBy.CLAIM and not is_claims:
            why = (
                "one payment, which does not balance in pieces; split it by payment"
                if transaction == _REMITTANCE
                else ("not made of claims that could stand alone; split it by st")
            )
            raise X12Error(f"{place(segment)}: transaction {transaction or '(none)'} is {why}")
        if self._by is SplitBy.PAYMENT and transaction != _REMITTANCE:
            raise X12Error(
                f"{place(segment)}: transaction {transaction or '(none)'} holds no payment; expected remittances (835)"
            )
        if is_claims and self._by in (SplitBy.CLAIM, SplitBy.PAYER):
            self._transaction = _Claims(self, segment, self._by)
        else:
            self._transaction = _Whole(self, segment, self._by)

    def _acknowledgment(self, segment: Segment) -> None:
        """TA1 stand in the interchange itself: they make a part of their own."""
        self._refuse_open_transaction(segment)
        if self._interchange is None:
            raise X12Error(f"{place(segment)}: a TA1 outside an interchange; expected ISA before it")
        if self._acknowledgments is None:
            self._acknowledgments = self.new_part("TA1", "")
        self._acknowledgments.write(segment)

    def _end_group(self) -> None:
        for part in self._by_payer.values():
            part.end()
        self._by_payer.clear()
        self._group = None

    def _end_interchange(self) -> None:
        if self._acknowledgments is not None:
            self._acknowledgments.end()
            self._acknowledgments = None
        self._interchange = None

    def _refuse_open_transaction(self, segment: Segment) -> None:
        if self._transaction is not None:
            raise X12Error(f"{place(segment)}: the transaction before has no end (SE). Nothing was split")

    def _refuse_open(self, segment: Segment, *, is_in_interchange: bool = False) -> None:
        self._refuse_open_transaction(segment)
        if self._group is not None:
            raise X12Error(f"{place(segment)}: the group before has no end (GE). Nothing was split")
        if not is_in_interchange:
            self.finish()


class _Whole:
    """A transaction that goes whole into one part."""

    def __init__(self, splitting: _Splitting, start: Segment, by: SplitBy) -> None:
        self._splitting = splitting
        self._start = start
        self._by = by
        self._transaction = start.value(1).strip()
        self._held = [start]
        self._part: Part | None = None
        self._source_key = ""
        if by is SplitBy.TRANSACTION:
            self._open(start.value(2).strip())

    def take(self, placed: SegmentInFile) -> None:
        segment = placed.segment
        key = self._key_in(placed)
        if self._part is None:
            self._held.append(segment)
            if len(self._held) > SEGMENTS_BEFORE_KEY_MAX:
                raise X12Error(f"{place(self._start)}: nothing in the transaction names {self._wanted}")
            if key:
                self._source_key = key
                self._open(key)
        else:
            if key and self._by is SplitBy.PAYER and key != self._source_key:
                raise X12Error(
                    f"{place(segment)}: a second payer in one transaction {self._transaction}; only claims (837) are "
                    "taken apart. Split by st"
                )
            self._part.write(segment)
        if segment.tag == _CLAIM_TAGS.get(self._transaction) and self._part is not None:
            self._part.about.claim_count += 1

    def end(self) -> None:
        if self._part is None:
            raise X12Error(f"{place(self._start)}: nothing in the transaction names {self._wanted}")
        self._part.end_transaction()
        if self._by is not SplitBy.PAYER:
            self._part.end()

    @property
    def _wanted(self) -> str:
        return "its payment (TRN)" if self._by is SplitBy.PAYMENT else "a payer; split it by st"

    def _open(self, key: str) -> None:
        splitting = self._splitting
        make = splitting.payer_part if self._by is SplitBy.PAYER else splitting.new_part
        self._part = make(key, self._transaction)
        self._part.begin_transaction(self._held)
        self._held = []

    def _key_in(self, placed: SegmentInFile) -> str:
        """The payment's trace number, or the payer that a remittance or the first level of an answer names."""
        segment = placed.segment
        if self._by is SplitBy.PAYMENT:
            return (
                segment.value(2).strip()
                if segment.tag == "TRN" and placed.placed.loop_id == "transaction"
                else ""
            )
        if self._by is not SplitBy.PAYER or placed.use is None:
            return ""
        if self._transaction == _REMITTANCE:
            is_payer = placed.placed.loop_id == "1000A" and segment.tag == "N1"
            return (segment.value(4) or segment.value(2)).strip() if is_payer else ""
        levels = sum(loop.first.tag == _LEVEL_TAG for loop in placed.loops)
        is_source = segment.tag == "NM1" and levels == 1
        return (segment.value(9) or segment.value(3)).strip() if is_source else ""


class _Claims:
    """A transaction of claims that is taken apart, claim by claim or payer by payer."""

    def __init__(self, splitting: _Splitting, start: Segment, by: SplitBy) -> None:
        self._splitting = splitting
        self._by = by
        self._transaction = start.value(1).strip()
        self._head = [start]
        self._levels: list[Level] = []
        self._level_count = 0
        self._claim: list[Segment] = []
        self._payers: list[str] = []
        self._parts: dict[str, Part] = {}

    def take(self, placed: SegmentInFile) -> None:
        segment, loops = placed.segment, placed.loops
        is_in_claim = any(loop.loop_id == _CLAIM_LOOP for loop in loops)
        if self._claim and (
            not is_in_claim or (placed.opened is not None and placed.opened.loop_id == _CLAIM_LOOP)
        ):
            self._end_claim()
        if segment.tag == _LEVEL_TAG:
            self._open_level(segment, sum(loop.first.tag == _LEVEL_TAG for loop in loops))
        elif is_in_claim:
            self._claim.append(segment)
        elif not self._levels:
            self._kept(self._head, segment)
        else:
            self._in_level(placed)

    def end(self) -> None:
        self._end_claim()
        self._close_levels(1)
        if not self._level_count:
            raise X12Error(f"{place(self._head[0])}: the transaction holds no level (HL) and no claim")
        for part in self._parts.values():
            part.end_transaction()

    def _in_level(self, placed: SegmentInFile) -> None:
        level = self._levels[-1]
        if level.has_below:
            raise X12Error(
                f"{place(placed.segment)}: a segment of the level after its claims; correct the order first"
            )
        self._kept(level.segments, placed.segment)
        if placed.placed.loop_id == "2010BB" and placed.placed.name == "payer_name":
            identifier, name = (
                placed.placed.value("identifier"),
                placed.placed.value("last_or_organization_name"),
            )
            self._payers[-1] = identifier or name

    def _kept(self, segments: list[Segment], segment: Segment) -> None:
        if len(segments) >= LEVEL_SEGMENTS_MAX:
            raise X12Error(f"{place(segment)}: more than {LEVEL_SEGMENTS_MAX} segments before a claim")
        segments.append(segment)

    def _open_level(self, segment: Segment, depth: int) -> None:
        self._close_levels(depth)
        for level in self._levels:
            level.has_below = True
        self._level_count += 1
        self._levels.append(Level(self._level_count, depth, [segment]))
        self._payers.append(self._payers[-1] if self._payers else "")

    def _close_levels(self, down_to_depth: int) -> None:
        """Leave the levels that end here; one below which nothing stood goes into a part as well."""
        while self._levels and self._levels[-1].depth >= down_to_depth:
            if not self._levels[-1].has_below:
                self._hand_out([], f"level {self._levels[-1].number}")
            self._levels.pop()
            self._payers.pop()

    def _end_claim(self) -> None:
        if not self._claim:
            return
        if not self._levels:
            raise X12Error(f"{place(self._claim[0])}: a claim outside the levels (HL) it belongs to")
        claim, self._claim = self._claim, []
        self._levels[-1].has_below = True
        self._hand_out(claim, claim[0].value(1).strip())

    def _hand_out(self, claim: list[Segment], claim_id: str) -> None:
        if self._by is SplitBy.CLAIM:
            part = self._splitting.new_part(claim_id, self._transaction)
            part.begin_transaction(self._head)
            part.claim(self._levels, claim, is_alone=True)
            part.end_transaction()
            part.end()
            return
        key = self._payers[-1] or "no payer"
        part = self._splitting.payer_part(key, self._transaction)
        if key not in self._parts:
            self._parts[key] = part
            part.begin_transaction(self._head)
        part.claim(self._levels, claim, is_alone=False)
