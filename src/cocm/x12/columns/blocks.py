"""Bytes in, blocks of indexed segments out: where each segment and each element of it begins and ends.

A block is cut where no row of a table is cut in two (before a claim, a level, a transaction). Memory stays within a
few blocks, whatever the file. What `read_segments` refuses is refused here in the same words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass, replace
from typing import BinaryIO, Final

import numpy as np

from cocm.basics.errors import X12Error
from cocm.x12.columns import native
from cocm.x12.columns.codes import WORD_BYTES, WORD_MASKS, AnyArray, Bytes, CodeIndex, Flags, Whole, Words
from cocm.x12.tokens import (
    BETWEEN_INTERCHANGES,
    BYTE_ORDER_MARK,
    ELEMENTS_PER_SEGMENT_MAX,
    HEADER_BYTES,
    SEGMENT_BYTES_MAX,
    TRAILER_TAG,
    Delimiters,
    Segment,
    Source,
    read_delimiters,
)

BLOCK_BYTES: Final = 2 * 2**20
BLOCK_BYTES_FIRST: Final = 2**16
_BLOCKS_OF_REST: Final = 8  # where blocks may get smaller towards the end of a file
# Of one claim, level or payment head; the longest that real files have are far below a megabyte.
ROW_BYTES_MAX: Final = 128 * 2**20

# Room around a block's bytes, so that a word can be read at every place.
PAD_BYTES: Final = 32
_SENTINELS: Final = 64
_BLANKS: Final = re.compile(rb"[%s]*" % re.escape(BETWEEN_INTERCHANGES))
_LINE_FEED, _CARRIAGE_RETURN = 10, 13
_LOWER_A, _LOWER_Z, _CASE = ord("a"), ord("z"), np.uint8(32)


@dataclass(slots=True)
class Block:
    """Some whole segments. Positions are those in `buffer`; `base` more is the byte of the file.

    `marks` are the positions of all element separators and segment ends; a segment's first is `marks[first]`, and
    `count` its number of elements, the tag included. `stop` is the byte after its end. `tags` numbers the tags.
    """

    buffer: Bytes
    words: Words
    base: int
    marks: AnyArray
    start: AnyArray
    end: Whole
    stop: Whole
    first: AnyArray
    count: AnyArray
    tags: Whole
    number: int
    delimiters: Delimiters

    def __len__(self) -> int:
        return len(self.start)

    def raw(self, row: int) -> bytes:
        """The bytes of a segment, without its end."""
        return self.buffer[self.start[row] : self.end[row]].tobytes()

    def segment(self, row: int) -> Segment:
        """One segment as the record readers have it."""
        raw = self.raw(row)
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            text = raw.decode("latin-1")
        elements = text.split(self.delimiters.element)
        return Segment(
            elements[0].strip().upper(),
            text,
            elements,
            self.number + row + 1,
            int(self.start[row]) + self.base,
            int(self.stop[row]) + self.base,
            self.delimiters,
        )

    def packed(self, letters: Bytes) -> PackedBlock:
        """What elements are located with, in little room; `letters` are the whole file's bytes."""
        buffer = self.buffer
        if 0 <= self.base < len(letters):
            buffer = letters[self.base : self.base + len(buffer)]
        steps = np.empty(len(self.marks), np.int32)
        steps[:1] = self.marks[:1]
        np.subtract(
            self.marks[1:], self.marks[:-1], out=steps[1:], casting="unsafe"
        )  # within a block: it fits
        count = self.count.astype(np.uint8)
        at_ends = np.array_equal(self.start[1:], self.stop[:-1])
        in_turn = np.array_equal(self.first, _first_in_turn(count))
        return PackedBlock(
            buffer,
            self.base,
            steps.astype(np.uint16) if len(steps) and int(steps.max()) < 2**16 else steps,
            count,
            int(self.start[0]) if at_ends and len(self) else self.start.astype(np.int32),
            None if in_turn else self.first.astype(np.int32),
            self.number,
            self.delimiters,
        )

    def until(self, row: int) -> Block:
        """The first segments alone."""
        return replace(
            self,
            start=self.start[:row],
            end=self.end[:row],
            stop=self.stop[:row],
            first=self.first[:row],
            count=self.count[:row],
            tags=self.tags[:row],
        )


@dataclass(frozen=True, slots=True)
class PackedBlock:
    """A block in a tenth of its room: differences instead of places. Elements can be located once it is unpacked.

    `start` is the first segment's alone where each begins at the end of the one before, `first` None where no mark
    stands between segments.
    """

    buffer: Bytes
    base: int
    steps: AnyArray
    count: AnyArray
    start: AnyArray | int
    first: AnyArray | None
    number: int
    delimiters: Delimiters

    def unpacked(self) -> Block:
        """The block, but without words, ends and tags."""
        marks = np.cumsum(self.steps, dtype=np.int32)
        first = _first_in_turn(self.count) if self.first is None else self.first
        if isinstance(self.start, int):
            start = np.empty(len(first), np.int32)
            start[0] = self.start
            start[1:] = marks.take(first[1:] - 1) + 1
        else:
            start = self.start
        nothing = np.empty(0, np.int64)
        words = np.empty(0, np.uint64)
        return Block(
            self.buffer, words, self.base, marks, start, nothing, nothing, first, self.count, nothing,
            self.number, self.delimiters,
        )  # fmt: skip


def _first_in_turn(count: AnyArray) -> AnyArray:
    """Each segment's first mark where all marks are segments'."""
    first = np.cumsum(count, dtype=np.int32)
    first -= count
    return first


class BlockReader:
    """Reads a file block by block. `tags` are those to be numbered, `cut_tags` those before which may be cut.

    With `last_block_bytes`, blocks of bytes at hand get smaller towards their end, down to that many.
    """

    def __init__(
        self,
        source: Source,
        tags: CodeIndex,
        cut_tags: Set[str],
        block_bytes: int = BLOCK_BYTES,
        last_block_bytes: int | None = None,
    ) -> None:
        self._stream: BinaryIO | None = None if isinstance(source, bytes) else source
        self._tags = tags
        self._may_cut = np.zeros(len(tags.codes), np.bool_)
        self._may_cut[[number for tag in cut_tags if (number := tags.number(tag))]] = True
        self._trailer = tags.number(TRAILER_TAG)
        self._block_bytes = block_bytes
        self._last_block_bytes = block_bytes if last_block_bytes is None else last_block_bytes
        self._data = source if isinstance(source, bytes) else b""
        self._at = 0  # the next byte in `_data`
        self._offset = 0  # and in the file
        self._size = 0
        self._number = 0
        self._exhausted = isinstance(source, bytes)
        self._tag_numbers: dict[str, int] = {code: at for at, code in enumerate(tags.codes) if code}

    def __iter__(self) -> Iterator[Block]:
        """The blocks in their order. Raises `X12Error` where the rest cannot be read."""
        self._need(len(BYTE_ORDER_MARK))
        if self._data.startswith(BYTE_ORDER_MARK, self._at):
            self._drop(len(BYTE_ORDER_MARK))
        while self._skip_blanks():
            self._need(HEADER_BYTES)
            delimiters = read_delimiters(self._peek(0), self._offset, self._number)
            yield from self._interchanges(delimiters)
        if self._number == 0:
            raise X12Error("byte 0: the file is empty; expected an X12 interchange that begins with ISA")

    def _interchanges(self, delimiters: Delimiters) -> Iterator[Block]:
        """The blocks up to the end of the last interchange that has these delimiters."""
        self._size = min(BLOCK_BYTES_FIRST, self._block_bytes)
        while True:
            self._need(self._size)
            block = self._indexed(delimiters, min(self._size, self._available))
            is_rest = self._exhausted and self._size >= self._available
            fault = self._fault(block)
            if fault is not None:
                block, problem = block.until(fault[0]), fault[1]
            cut, is_border = self._border(block, is_rest)
            if not is_border and fault is not None:
                if cut:
                    yield self._taken(block, cut)
                raise X12Error(problem)
            if not is_border and not is_rest:
                cut = self._last_cut(block)
                if cut == 0:
                    self._grow(len(block))
                    continue
            if cut:
                yield self._taken(block.until(cut), cut)
            if is_border:
                return
            if is_rest:
                self._refuse_rest()
                return
            shrinking = max(self._last_block_bytes, self._available // _BLOCKS_OF_REST)
            self._size = min(4 * self._size, self._block_bytes, shrinking)

    def _taken(self, block: Block, count: int) -> Block:
        """A block to be handed out; its bytes are done with."""
        self._drop(int(block.stop[count - 1]) + block.base - self._offset)
        self._number += count
        return block

    def _grow(self, segment_count: int) -> None:
        """Take more bytes, as not even one row has its end in these."""
        if segment_count == 0 and self._size > SEGMENT_BYTES_MAX:
            raise X12Error(_too_long(self._offset, self._number + 1))
        if self._size >= ROW_BYTES_MAX:
            raise X12Error(
                f"byte {self._offset}, segment {self._number + 1}: a claim or level does not end within "
                f"{ROW_BYTES_MAX} bytes; the file is damaged"
            )
        self._size *= 2

    def _refuse_rest(self) -> None:
        if self._available > SEGMENT_BYTES_MAX:
            raise X12Error(_too_long(self._offset, self._number + 1))
        if self._data[self._at :].strip(BETWEEN_INTERCHANGES):
            raise X12Error(
                f"byte {self._offset}, segment {self._number + 1}: the file ends inside a segment; it was cut off. "
                "Ask the sender for the whole file"
            )
        self._drop(self._available)

    def _indexed(self, delimiters: Delimiters, size: int) -> Block:
        """The whole segments in the first bytes at hand."""
        buffer = np.empty(size + 2 * PAD_BYTES, np.uint8)
        buffer[:PAD_BYTES] = buffer[PAD_BYTES + size :] = 0
        buffer[PAD_BYTES : PAD_BYTES + size] = np.frombuffer(self._data, np.uint8, size, self._at)
        view = buffer[PAD_BYTES : PAD_BYTES + size]
        marks, last = _marks(view, ord(delimiters.element), ord(delimiters.terminator))
        end = marks.take(last)
        stop = end + 1
        start, first = np.empty_like(end), np.empty_like(last)
        if len(end):
            start[0], start[1:] = PAD_BYTES, stop[:-1]
            first[0], first[1:] = 0, last[:-1] + 1
            marks = marks[: last[-1] + 1 + _SENTINELS]
            marks[-_SENTINELS:] = end[-1]
        words = np.ndarray((len(buffer) - WORD_BYTES + 1,), "<u8", buffer, strides=(1,))
        kept = None
        if any(self._data.find(one, self._at, self._at + size) >= 0 for one in (b"\n", b"\r")):
            kept = _without_line_ends(view, start, end, delimiters)
        count = last - first + 1
        if kept is not None:
            start, end, stop, first, count = (one[kept] for one in (start, end, stop, first, count))
        block = Block(
            buffer, words, self._offset - PAD_BYTES, marks, start, end, stop, first, count, first,
            self._number, delimiters,
        )  # fmt: skip
        block.tags = self._numbered_tags(block)
        return block

    def _numbered_tags(self, block: Block) -> Whole:
        """The number of each segment's tag, however it is written."""
        length = block.marks.take(block.first) - block.start
        heads = native.words(block.buffer, block.start, block.marks.take(block.first))
        if heads is None:
            heads = block.words[block.start] & WORD_MASKS.take(np.clip(length, 0, WORD_BYTES))
        found = self._tags.find(heads) * (length <= WORD_BYTES)
        unknown = np.flatnonzero(found == 0)
        if not len(unknown):
            return found
        letters = heads[unknown].view(np.uint8)
        upper = np.where((letters >= _LOWER_A) & (letters <= _LOWER_Z), letters - _CASE, letters)
        found[unknown] = self._tags.find(upper.view(np.uint64)) * (length[unknown] <= WORD_BYTES)
        for row in unknown[found[unknown] == 0].tolist():
            raw = block.buffer[block.start[row] : block.marks[block.first[row]]].tobytes()
            found[row] = self._tag_numbers.get(raw.decode("latin-1").strip().upper(), 0)
        return found

    def _fault(self, block: Block) -> tuple[int, str] | None:
        """The first segment that passes a limit, and what to say of it."""
        if not len(block):
            return None
        before = np.concatenate((block.start[:1], block.stop[:-1]))
        too_large = (block.end - before > SEGMENT_BYTES_MAX) | (block.count > ELEMENTS_PER_SEGMENT_MAX)
        if not too_large.any():
            return None
        row = int(np.argmax(too_large))
        start, number = int(block.start[row]) + block.base, self._number + row + 1
        if block.count[row] > ELEMENTS_PER_SEGMENT_MAX:
            return row, (
                f"byte {start}, segment {number}: {int(block.count[row])} elements in one segment; the limit is "
                f"{ELEMENTS_PER_SEGMENT_MAX}. The element separator or the file is damaged"
            )
        return row, _too_long(start, number)

    def _border(self, block: Block, is_rest: bool) -> tuple[int, bool]:
        """So many segments belong to interchanges with these delimiters, and whether another thing follows them."""
        for row in np.flatnonzero(block.tags == self._trailer).tolist():
            after = int(block.stop[row]) + block.base - self._offset
            while after < self._available and self._data[self._at + after] in BETWEEN_INTERCHANGES:
                after += 1
            head = self._peek(after)
            if row + 1 < len(block) and len(head) == HEADER_BYTES and _continues(head, block.delimiters):
                block.start[row + 1] = after + self._offset - block.base
                continue
            return row + 1, True
        return len(block), False

    def _last_cut(self, block: Block) -> int:
        """The last segment before which the block may end; 0 where there is none."""
        places = np.flatnonzero(self._may_cut.take(block.tags))
        return int(places[-1]) if len(places) else 0

    @property
    def _available(self) -> int:
        return len(self._data) - self._at

    def _peek(self, ahead: int) -> bytes:
        """As many bytes as a header has, so far ahead."""
        at = self._at + ahead
        return self._data[at : at + HEADER_BYTES]

    def _need(self, count: int) -> None:
        """Have so many bytes at hand, if the file has them."""
        while self._available < count and not self._exhausted and self._stream is not None:
            chunk = self._stream.read(max(count - self._available, BLOCK_BYTES_FIRST))
            self._exhausted = not chunk
            self._data, self._at = self._data[self._at :] + chunk, 0

    def _drop(self, count: int) -> None:
        self._at += count
        self._offset += count

    def _skip_blanks(self) -> bool:
        """Pass over blanks and line ends; False at the end of the file."""
        while True:
            self._need(1)
            matched = _BLANKS.match(self._data, self._at)
            assert matched is not None  # the pattern matches nothing as well
            self._drop(matched.end() - self._at)
            if self._available:
                return True
            if self._exhausted:
                return False


def _marks(view: Bytes, element: int, terminator: int) -> tuple[Whole, Whole]:
    """The places in the buffer of all separators and ends, with room for the sentinels, and which of them are ends."""
    found = native.marks(view, element, terminator, PAD_BYTES, _SENTINELS)
    if found is not None:
        return found.places, found.last
    is_end = view == terminator
    places = np.flatnonzero(is_end | (view == element))
    last = np.flatnonzero(is_end.take(places))
    marks = np.empty(len(places) + _SENTINELS, np.int64)
    np.add(places, PAD_BYTES, out=marks[: len(places)])
    return marks, last


def _continues(head: bytes, delimiters: Delimiters) -> bool:
    """Whether what follows an interchange is another one with the same delimiters."""
    try:
        return read_delimiters(head, 0, 0) == delimiters
    except X12Error:
        return False


def _without_line_ends(view: Bytes, start: Whole, end: Whole, delimiters: Delimiters) -> Flags | None:
    """Move the starts over line ends before a segment; where these end segments, say which segments are none."""
    at = start
    while True:
        moved = np.flatnonzero(_is_line_end(view, at) & (at < end))
        if not len(moved):
            break
        if at is start:
            at = start.copy()
        step = np.ones(len(moved), np.int64)
        at[moved] += step
        if len(moved) < 64:
            _skip_one_by_one(view, at, end, moved)
    blank = at == end
    start[:] = at
    kept: Flags = ~blank
    return None if kept.all() or delimiters.terminator not in "\r\n" else kept


def _skip_one_by_one(view: Bytes, at: Whole, end: Whole, rows: Whole) -> None:
    """The rest of the way for a few segments, which may have very many line ends before them."""
    for row in rows.tolist():
        raw = view[at[row] - PAD_BYTES : end[row] - PAD_BYTES].tobytes()
        at[row] += len(raw) - len(raw.lstrip(b"\r\n"))


def _is_line_end(view: Bytes, at: Whole) -> Flags:
    found = view.take(at - PAD_BYTES, mode="clip")
    is_line_end: Flags = (found == _LINE_FEED) | (found == _CARRIAGE_RETURN)
    return is_line_end


def _too_long(start: int, number: int) -> str:
    return (
        f"byte {start}, segment {number}: no segment end within {SEGMENT_BYTES_MAX} bytes; the segment "
        "terminator or the file is damaged"
    )
