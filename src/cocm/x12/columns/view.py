"""A block seen element by element: the spans and words of one element of many segments at once."""

from __future__ import annotations

from functools import cached_property
from typing import Final, NamedTuple

import numpy as np

from cocm.x12.columns import native
from cocm.x12.columns.blocks import PAD_BYTES, Block, PackedBlock
from cocm.x12.columns.codes import LONGER, WORD_BYTES, WORD_MASKS, AnyArray, Bytes, Flags, Whole, Words

_BLANK: Final = 32
_NOWHERE: Final = 2**62
_ONES: Final = np.uint64(0x0101010101010101)
_TOPS: Final = np.uint64(0x8080808080808080)
# So many blanks around a value are taken off at once; more are taken off one value at a time.
_STRIPS_MAX: Final = 16


class Spans(NamedTuple):
    """Where values begin and end in a block's buffer; a value that is left out has no length."""

    start: Whole
    end: Whole

    @property
    def length(self) -> Whole:
        return self.end - self.start


class _Rows(NamedTuple):
    """What is asked of the same rows again and again."""

    rows: AnyArray
    first: Whole
    counts: Whole
    count_min: int
    count_max: int


class _Elements(NamedTuple):
    """A composite element of some rows, with the first component separator at or after its start."""

    rows: AnyArray
    position: int
    spans: Spans
    separator: Whole


class View:
    """Reads elements of a block's segments. Rows are places of segments in the block."""

    def __init__(self, block: Block) -> None:
        self._block: Block | PackedBlock = block
        self._rows: _Rows | None = None
        self._elements: _Elements | None = None

    @property
    def block(self) -> Block:
        """The block that is seen."""
        block = self._block
        if isinstance(block, PackedBlock):
            block = self._block = block.unpacked()
        return block

    def pack(self, letters: Bytes) -> None:
        """Keep, in little room, what elements are located with; `letters` are the whole file's bytes."""
        _ = self._blank_rows  # which cannot be worked out from a packed block
        self._rows = self._elements = None
        self.__dict__.pop("_components", None)
        self._block = self.block.packed(letters)

    @cached_property
    def _components(self) -> Whole:
        """The places of all component separators."""
        places = np.flatnonzero(self.block.buffer == ord(self.block.delimiters.component))
        return np.append(places, _NOWHERE)

    @cached_property
    def _blank_rows(self) -> Flags | None:
        """The segments that have a blank beside a separator; None where no segment has."""
        block = self.block
        marks = block.delimiters
        blanks = np.flatnonzero(block.buffer[PAD_BYTES:-PAD_BYTES] <= _BLANK) + PAD_BYTES
        separates = np.zeros(256, np.bool_)
        separates[[ord(marks.element), ord(marks.component)]] = True
        beside = separates.take(block.buffer.take(blanks - 1))
        separates[ord(marks.terminator)] = True
        beside |= separates.take(block.buffer.take(blanks + 1))
        found = blanks[beside]
        if not len(found) or not len(block):
            return None
        flags = np.zeros(len(block), np.bool_)
        at = np.searchsorted(block.stop, found, "right")
        flags[at[at < len(block)]] = True
        return flags

    def element(self, rows: AnyArray, position: int, component: int = 0) -> Spans:
        """The spans of an element (0: the tag), or of one of its components, exactly as written."""
        if component:
            return self._component(rows, position, component)
        block = self.block
        if position:
            found = native.elements(block.marks, block.first, block.count, rows, position)
            if found is not None:
                return Spans(*found)
        known = self._known(rows)
        if position == 0:
            return Spans(block.start.take(rows), block.marks.take(known.first))
        if position >= known.count_max:
            nothing = np.zeros(len(rows), np.int64)
            return Spans(nothing, nothing.copy())
        mark = known.first + (position - 1)
        start = block.marks.take(mark)
        start += 1
        mark += 1
        end = block.marks.take(mark)
        if position >= known.count_min:
            stands = known.counts > position
            start *= stands
            end *= stands
        return Spans(start, end)

    def _known(self, rows: AnyArray) -> _Rows:
        if self._rows is None or self._rows.rows is not rows:
            count = self.block.count.take(rows)
            count_min, count_max = (int(count.min()), int(count.max())) if len(rows) else (0, 0)
            self._rows = _Rows(rows, self.block.first.take(rows), count, count_min, count_max)
        return self._rows

    def _component(self, rows: AnyArray, position: int, component: int) -> Spans:
        known = self._elements
        if known is None or known.rows is not rows or known.position != position:
            spans = self.element(rows, position)
            known = _Elements(rows, position, spans, np.searchsorted(self._components, spans.start))
            self._elements = known
        (start, end), at = known.spans, known.separator
        following = np.minimum(self._components.take(at + (component - 1), mode="clip"), end)
        if component == 1:
            return Spans(start.copy(), following)
        before = self._components.take(at + (component - 2), mode="clip")
        stands = before < end
        if not stands.any():
            nothing = np.zeros(len(rows), np.int64)
            return Spans(nothing, nothing.copy())
        return Spans((before + 1) * stands, following * stands)

    def value(self, rows: AnyArray, position: int, component: int = 0) -> Spans:
        """The spans of an element without the blanks around its value."""
        spans = self.element(rows, position, component)
        flags = self._blank_rows
        if flags is None:
            return spans
        touched = np.flatnonzero(flags.take(rows))
        if len(touched):
            start, end = self._stripped(Spans(spans.start[touched], spans.end[touched]))
            spans.start[touched], spans.end[touched] = start, end
        return spans

    def _stripped(self, spans: Spans) -> Spans:
        """Spans without the blanks (and control characters that count as such) at their ends."""
        start, end = spans
        buffer = self.block.buffer
        for _ in range(_STRIPS_MAX):
            blank = _IS_BLANK.take(buffer.take(start)) & (start < end)
            if not blank.any():
                break
            start += blank
        for _ in range(_STRIPS_MAX):
            blank = _IS_BLANK.take(buffer.take(end - 1)) & (start < end)
            if not blank.any():
                break
            end -= blank
        left = _IS_BLANK.take(buffer.take(start)) | _IS_BLANK.take(buffer.take(end - 1))
        for at in np.flatnonzero(left & (start < end)).tolist():
            text = buffer[start[at] : end[at]].tobytes().decode("latin-1")
            start[at] += len(text) - len(text.lstrip(_BLANKS))
            end[at] = start[at] + len(text.strip(_BLANKS))
        return Spans(start, end)

    def words(self, spans: Spans) -> Words:
        """Each value as a word: 0 where it is left out, `LONGER` where it has more than eight bytes."""
        found = native.words(self.block.buffer, *spans)
        if found is not None:
            return found
        length = spans.length
        words = self.block.words[spans.start]
        words &= WORD_MASKS.take(length, mode="clip")
        is_longer = length > WORD_BYTES
        if is_longer.any():
            words[is_longer] = LONGER
        return words

    def first_words(self, is_composite: Flags) -> Words:
        """The first element of every segment as a word, of composite ones its first component; as `words`."""
        block = self.block
        spans = native.elements(block.marks, block.first, block.count, None, 1)
        if spans is not None:
            separator = ord(block.delimiters.component)
            cut_words = native.words(block.buffer, *spans, is_composite, separator)
            if cut_words is not None:
                return cut_words
        stands = block.count > 1
        start = block.marks.take(block.first) + 1
        length = block.marks.take(block.first + 1)
        length -= start
        length *= stands
        words: Words = block.words[start]
        words &= WORD_MASKS.take(length, mode="clip")
        # The lowest byte that is a component separator becomes zero, and is found by what it borrows.
        separated = words ^ (np.uint64(ord(block.delimiters.component)) * _ONES)
        found = separated - _ONES
        found &= ~separated
        found &= _TOPS
        is_cut = is_composite & (found != 0)
        is_longer = (length > WORD_BYTES) & ~is_cut
        if is_longer.any():
            words[is_longer] = LONGER
        if is_cut.any():
            lowest = found & (~found + np.uint64(1))
            lowest >>= np.uint64(7)
            lowest -= np.uint64(1)
            words[is_cut] &= lowest[is_cut]
        return words

    def text(self, spans: Spans, at: int) -> str:
        """One value as text."""
        raw = self.block.buffer[spans.start[at] : spans.end[at]].tobytes()
        try:
            return raw.decode().strip()
        except UnicodeDecodeError:
            return raw.decode("latin-1").strip()


# What counts as blank around a value: as Python's `str.strip` has it, within ASCII.
_BLANKS: Final = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f "
_IS_BLANK: Final[Flags] = np.zeros(256, np.bool_)
_IS_BLANK[[ord(one) for one in _BLANKS]] = True
