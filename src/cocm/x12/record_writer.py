"""Writes claims that were read as they were read: every segment of theirs, known to the guide or not.

`write_837p` writes our own claims anew; here nothing is made but what a file counts: the trailers. So claims can be
left out, or several files be joined, without losing what our claim has no field for. Segments stand one behind the
other, without line ends; text that was not ASCII comes out as UTF-8.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import BinaryIO

from cocm.basics.errors import X12Error
from cocm.x12.claim_record import ClaimRecord, Transmission
from cocm.x12.placed_values import place
from cocm.x12.professional import WriteResult
from cocm.x12.tokens import Delimiters, Segment


def write_records(
    records: Iterable[ClaimRecord], out: BinaryIO, *, delimiters: Delimiters | None = None
) -> WriteResult:
    """Write claims with their envelopes and levels, under the delimiters they came in or those given.

    Levels keep their numbers; where claims were left out, the numbers of levels have gaps. Raises `X12Error` where
    records come in another order than in their file, or a value holds one of the delimiters asked for.
    """
    writer = _RecordWriter(out, delimiters)
    for record in records:
        writer.add(record)
    return writer.finish()


class _RecordWriter:
    """The interchange, group and transaction that are open, and what they hold."""

    def __init__(self, out: BinaryIO, delimiters: Delimiters | None) -> None:
        self._out = out
        self._delimiters = delimiters
        self._transmission: Transmission | None = None
        self._last_number = 0
        self._segments = self._transactions = self._groups = 0
        self._transaction_count = self._claim_count = self._line_count = 0
        self._segment_count = self._byte_count = self._charge_amount_cents = 0

    def add(self, record: ClaimRecord) -> None:
        """The next claim, with the levels above it that were not written yet."""
        if record.transmission is not self._transmission:
            self._open(record.transmission)
        first = record.segments[0].segment
        if first.number <= self._last_number:
            raise X12Error(
                f"{place(first)}, claim {record.claim_id}: records must come in the order of their file"
            )
        for placed in (*record.level_segments, *record.segments):
            if placed.segment.number > self._last_number:
                self._write(placed.segment)
                self._last_number = placed.segment.number
        self._claim_count += 1
        self._line_count += len(record.lines)
        self._charge_amount_cents += record.charge_amount_cents

    def finish(self) -> WriteResult:
        """Close what is open."""
        self._close(None)
        return WriteResult(
            self._transaction_count,
            self._claim_count,
            self._line_count,
            self._segment_count,
            self._byte_count,
            self._charge_amount_cents,
        )

    def _open(self, transmission: Transmission) -> None:
        before = self._transmission
        self._close(transmission)
        self._transmission = transmission
        same_interchange = before is not None and _header(before, "ISA") is _header(transmission, "ISA")
        same_group = same_interchange and before is not None and _is_same_group(before, transmission)
        for placed in transmission.segments:
            is_open = same_interchange if placed.segment.tag in ("ISA", "TA1") else same_group
            if placed.segment.tag in ("ISA", "TA1", "GS"):
                if not is_open:
                    self._write(placed.segment)
                continue
            if placed.segment.tag == "ST":
                self._segments = 0
            self._write(placed.segment)
        self._last_number = transmission.segments[-1].segment.number
        self._transaction_count += 1

    def _close(self, following: Transmission | None) -> None:
        """End the open transaction, and the group and interchange unless what follows belongs to them."""
        ending = self._transmission
        if ending is None:
            return
        self._end("SE", self._segments + 1, _header(ending, "ST").value(2))
        self._transactions += 1
        if following is not None and _is_same_group(ending, following):
            return
        self._end("GE", self._transactions, _header(ending, "GS").value(6))
        self._transactions, self._groups = 0, self._groups + 1
        if following is not None and _header(ending, "ISA") is _header(following, "ISA"):
            return
        self._end("IEA", self._groups, _header(ending, "ISA").value(13))
        self._groups = 0

    def _end(self, tag: str, count: int, control_number: str) -> None:
        assert self._transmission is not None  # only what is open ends
        marks = self._delimiters or self._transmission.delimiters
        self._put(marks.element.join((tag, str(count), control_number)), marks)

    def _write(self, segment: Segment) -> None:
        marks = self._delimiters or segment.delimiters
        text = segment.text if marks == segment.delimiters else _delimited(segment, marks)
        self._put(text, marks)

    def _put(self, text: str, marks: Delimiters) -> None:
        self._segments += 1
        self._segment_count += 1
        self._byte_count += self._out.write((text + marks.terminator).encode())


def _header(transmission: Transmission, tag: str) -> Segment:
    return next(placed.segment for placed in transmission.segments if placed.segment.tag == tag)


def _is_same_group(one: Transmission, other: Transmission) -> bool:
    return _header(one, "GS") is _header(other, "GS")


def _delimited(segment: Segment, marks: Delimiters) -> str:
    """A segment's text under other delimiters than its own."""
    own = segment.delimiters
    elements: Sequence[str] = segment.elements
    if segment.tag == "ISA":  # two of its elements are delimiters
        names = {11: marks.repetition, 16: marks.component} if own.repetition else {16: marks.component}
        return marks.element.join(names.get(at, element) for at, element in enumerate(elements))
    values = "".join(elements).translate({ord(one): None for one in own.all})
    if any(one in values for one in marks.all):
        raise X12Error(f"{place(segment)}: a value holds one of the delimiters asked for; choose others")
    replaced = {ord(own.component): marks.component}
    if own.repetition:
        replaced[ord(own.repetition)] = marks.repetition or own.repetition
    return marks.element.join(element.translate(replaced) for element in elements)
