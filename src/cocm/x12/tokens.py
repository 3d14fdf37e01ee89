"""Bytes in, segments out: each with its place in the file, under whatever delimiters its interchange
declares.

The first 106 bytes of an interchange (ISA) have fixed places, and name the delimiters. Line ends between
segments, a byte-order mark and blanks around interchanges are tolerated; anything else that cannot be read is
an `X12Error` naming the byte and the segment. Memory stays within one chunk and one segment, whatever the
file.
"""

from __future__ import annotations

import io
import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import BinaryIO, Final, NamedTuple, NoReturn

from cocm.basics.errors import X12Error

Source = bytes | BinaryIO

HEADER_TAG: Final = "ISA"
TRAILER_TAG: Final = "IEA"

# Limits. The longest segment that a 5010 guide allows is under 3,000 bytes; real files stay far below.
SEGMENT_BYTES_MAX: Final = 65_536
ELEMENTS_PER_SEGMENT_MAX: Final = 200
TAGS_KEPT_MAX: Final = 256
# An attachment's bytes; HL7 sets this limit for what a 275 carries.
BINARY_BYTES_MAX: Final = 67_108_864
# A file of many senders has a handful; each set costs the preparation of every pattern once more.
DELIMITER_SETS_MAX: Final = 32
CHUNK_BYTES: Final = 262_144
# The tag of a piece that holds whole levels (see `read_pieces`); no segment has it, for tags are upper case.
LEVELS_TAG: Final = "levels"
# So many HL segments are looked at, from a block's end back, for one that begins a level of a subscriber or provider.
_LEVELS_LOOKED_AT_MAX: Final = 64

HEADER_BYTES: Final = 106
_HEADER_SEPARATORS_AT: Final = (3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103)
_REPETITION_AT: Final = 82
_VERSION_AT: Final = slice(84, 89)
_COMPONENT_AT: Final = 104
_TERMINATOR_AT: Final = 105
_FIRST_VERSION_WITH_REPETITION: Final = b"00402"
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_LINE_ENDS: Final = "\r\n"
# Segments whose last element is bytes of any kind, delimiters included; the element before it says how many. Here with
# the number of elements before the bytes.
_BINARY_TAGS: Final = {b"BDS": 2, b"BIN": 1}
_BINARY_HEAD_BYTES_MAX: Final = 64
BETWEEN_INTERCHANGES: Final = b"\r\n\t \x00\x1a"
_BLANKS: Final = re.compile(rb"[\r\n\t \x00\x1a]*")


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The four separating characters of an interchange. `repetition` is empty before version 00402."""

    element: str = "*"
    component: str = ":"
    repetition: str = "^"
    terminator: str = "~"

    def __post_init__(self) -> None:
        used = [one for one in (self.element, self.component, self.repetition, self.terminator) if one]
        if any(len(one) != 1 or not one.isascii() or one.isalnum() or one == " " for one in used):
            raise ValueError("a delimiter is one ASCII character and neither a letter, a digit nor a blank")
        if len(set(used)) != len(used) or not (self.element and self.component and self.terminator):
            raise ValueError("the delimiters of an interchange must differ from each other")

    @property
    def all(self) -> str:
        """All of them in one text."""
        return self.element + self.component + self.repetition + self.terminator


class Segment(NamedTuple):
    """One segment: its tag, its text as written (without the terminator), its elements, and where it stands.

    `elements[0]` is the tag as written, so that `elements[2]` is the field's 02. `number` counts segments of the file
    from 1; `start` and `end` are byte offsets, the terminator included.
    """

    tag: str
    text: str
    elements: list[str]
    number: int
    start: int
    end: int
    delimiters: Delimiters

    def value(self, position: int, component: int = 0) -> str:
        """The text of an element, or of one of its components; empty where it is left out."""
        if position >= len(self.elements):
            return ""
        text = self.elements[position]
        if component == 0:
            return text
        parts = text.split(self.delimiters.component)
        return parts[component - 1] if component <= len(parts) else ""


def read_segments(source: Source) -> Iterator[Segment]:
    """All segments of a file, which may hold several interchanges with different delimiters.

    Raises `X12Error` where the file is no interchange, is cut off inside a segment, or passes a limit above.
    """
    return _pieces_of(source, has_levels=False)


def read_pieces(source: Source) -> Iterator[Segment]:
    """As `read_segments`, but with subscribers' levels in one piece where whole ones stand at hand.

    Such a piece has the tag `LEVELS_TAG` and no elements. Its text is ASCII, begins with the HL segment of a
    subscriber's level (HL03 22) and ends, terminators and line ends included, before another one, or before that of a
    provider's level (20), which is the next piece. Its `number` is that of the segment before it.
    """
    return _pieces_of(source, has_levels=True)


def segments_within(text: str, start: int, number: int, delimiters: Delimiters) -> Iterator[Segment]:
    """The segments of a part of a file in ASCII; it begins at byte `start`, behind so many segments."""
    return _interchange(_Window(io.BytesIO(text.encode()), start), delimiters, number, has_levels=False)


def _pieces_of(source: Source, *, has_levels: bool) -> Iterator[Segment]:
    window = _Window(io.BytesIO(source) if isinstance(source, bytes) else source)
    window.skip(BYTE_ORDER_MARK)
    window.skip_blanks()
    if window.at_end:
        raise X12Error("byte 0: the file is empty; expected an X12 interchange that begins with ISA")
    number = 0
    seen: set[Delimiters] = set()
    while not window.at_end:
        delimiters = _header(window, number)
        seen.add(delimiters)
        if len(seen) > DELIMITER_SETS_MAX:
            raise X12Error(
                f"byte {window.offset}, segment {number + 1}: interchanges with more than {DELIMITER_SETS_MAX} "
                "different sets of delimiters in one file; split the file by its senders"
            )
        number = yield from _interchange(window, delimiters, number, has_levels=has_levels)
        window.skip_blanks()


def _interchange(
    window: _Window, delimiters: Delimiters, number: int, *, has_levels: bool
) -> Generator[Segment, None, int]:
    """The segments from ISA to IEA, or to the end of the file; returns the number of the last."""
    terminator, separator = delimiters.terminator, delimiters.element
    blank_is_space = terminator in _LINE_ENDS
    new, tags = tuple.__new__, dict[str, str]()
    while True:
        binary_tag = window.binary_tag(separator.encode())
        if binary_tag:
            number += 1
            yield _binary_segment(window, delimiters, number, binary_tag)
            continue
        block = window.next_block(terminator.encode(), separator.encode(), number)
        if block is None:
            return number
        for data, start, is_levels in _parts(*block, delimiters) if has_levels else ((*block, False),):
            if is_levels:
                text = data.decode("ascii")
                yield Segment(LEVELS_TAG, text, [], number, start, start + len(data), delimiters)
                number += text.count(terminator)
                continue
            has_ends = b"\n" in data or b"\r" in data
            texts, lengths = _pieces(data, terminator)
            for text, length in zip(texts, lengths, strict=True):
                end = start + length + 1
                if has_ends and text[:1] in _LINE_ENDS:
                    bare = text.lstrip(_LINE_ENDS)
                    start += len(text) - len(bare)
                    text = bare
                    if not bare and blank_is_space:
                        start = end
                        continue
                number += 1
                elements = text.split(separator)
                if length > SEGMENT_BYTES_MAX or len(elements) > ELEMENTS_PER_SEGMENT_MAX:
                    _refuse_large(start, number, len(elements))
                tag = tags.get(elements[0])
                if tag is None:
                    tag = elements[0].strip().upper()
                    if len(tags) < TAGS_KEPT_MAX:
                        tags[elements[0]] = tag
                yield new(Segment, (tag, text, elements, number, start, end, delimiters))
                start = end
                if tag == TRAILER_TAG:
                    window.go_back_to(end)
                    return number


def _parts(data: bytes, start: int, delimiters: Delimiters) -> Sequence[tuple[bytes, int, bool]]:
    """A block as what stands before whole levels, these (True), and the rest; each with its offset."""
    patterns = _level_patterns(delimiters)
    whole = ((data, start, False),)
    if not data.isascii() or (patterns.strange_line_end and patterns.strange_line_end.search(data)):
        return whole
    first = patterns.subscriber.search(data)
    if first is None:
        return whole
    begin, end = first.start(2), len(data)
    for _ in range(_LEVELS_LOOKED_AT_MAX):
        end = data.rfind(patterns.mark, begin + 1, end)
        if end < 0:
            return whole
        followed = patterns.follower.match(data, end)
        if followed and data[end - 1 : end] in (delimiters.terminator.encode(), b"\r", b"\n"):
            break
    else:
        return whole
    levels = data[begin:end]
    if patterns.trailer.search(levels):
        return whole
    before = ((data[: first.start(1)], start, False),)
    return (*before, (levels, start + begin, True), (data[end:], start + end, False))


class _LevelPatterns(NamedTuple):
    """What `_parts` looks for: groups of `subscriber` are the terminator with line ends, and the HL segment."""

    mark: bytes
    subscriber: re.Pattern[bytes]
    follower: re.Pattern[bytes]
    trailer: re.Pattern[bytes]
    strange_line_end: re.Pattern[bytes] | None


@lru_cache(maxsize=DELIMITER_SETS_MAX)
def _binary_mark(separator: bytes) -> re.Pattern[bytes]:
    """How a segment of bytes begins, in capitals."""
    return re.compile(b"(?:%b)%b" % (b"|".join(_BINARY_TAGS), re.escape(separator.upper())))


@lru_cache(maxsize=DELIMITER_SETS_MAX)
def _level_patterns(delimiters: Delimiters) -> _LevelPatterns:
    by = re.escape(delimiters.element.encode())
    end = re.escape(delimiters.terminator.encode())
    numbers = rb"\d{1,9}%s\d{1,9}" % by
    # Where line ends end segments, blank lines are none, and counting ends would not count segments.
    strange = {"\n": rb"\n\n|\r", "\r": rb"\r\r|\n"}.get(delimiters.terminator)
    return _LevelPatterns(
        b"HL" + delimiters.element.encode(),
        re.compile(rb"(%s[\r\n]*)(HL%s%s%s22%s[01]%s)" % (end, by, numbers, by, by, end)),
        re.compile(rb"HL%s(?:%s%s22|\d{1,9}%s%s20)%s[01](?:%s|\Z)" % (by, numbers, by, by, by, by, end)),
        re.compile(rb"%s[\x00-\x20]*IEA[\x00-\x20]*(?:%s|%s)" % (end, by, end), re.IGNORECASE),
        re.compile(strange) if strange else None,
    )


def _binary_segment(window: _Window, delimiters: Delimiters, number: int, tag: bytes) -> Segment:
    """The segment of bytes that stands here: as many as it says, whatever they are, then its end.

    The bytes come as characters of the same numbers (Latin-1).
    """
    separator, name, offset = delimiters.element.encode(), tag.decode(), window.offset
    window.need(_BINARY_HEAD_BYTES_MAX)
    head = window.peek(_BINARY_HEAD_BYTES_MAX)
    blanks = len(head) - len(head.lstrip(b"\r\n"))
    before = _BINARY_TAGS[tag]
    parts = head[blanks:].split(separator, before + 1)
    count = parts[before] if len(parts) == before + 2 else b""
    place = f"byte {offset + blanks}, segment {number}, {name}{before:02d}"
    if not count.isdigit() or int(count) > BINARY_BYTES_MAX:
        raise X12Error(f"{place}: expected how many bytes follow, at most {BINARY_BYTES_MAX}")
    length = blanks + sum(len(part) + 1 for part in parts[: before + 1]) + int(count)
    data = window.take(length + 1)
    if len(data) <= length:
        raise X12Error(
            f"{place}: {int(count)} bytes are announced, and the file ends before; it was cut off. Ask the sender "
            "for the whole file"
        )
    if data[length:] != delimiters.terminator.encode():
        raise X12Error(
            f"{place}: {int(count)} bytes are announced, and no segment end stands behind them; the length is wrong"
        )
    text = data[blanks:length].decode("latin-1")
    elements = text.split(delimiters.element, before + 1)
    return Segment(name, text, elements, number, offset + blanks, offset + length + 1, delimiters)


def _pieces(data: bytes, terminator: str) -> tuple[Sequence[str], Iterable[int]]:
    """The texts between terminators, and their lengths in bytes.

    ASCII as the standard has it; UTF-8 or Latin-1 where a sender did not keep to it, so that nothing is lost.
    """
    if data.isascii():
        texts = data.decode("ascii").split(terminator)
        return texts, map(len, texts)
    raws = data.split(terminator.encode())
    return [_text(raw) for raw in raws], map(len, raws)


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _refuse_large(start: int, number: int, element_count: int) -> NoReturn:
    if element_count > ELEMENTS_PER_SEGMENT_MAX:
        raise X12Error(
            f"byte {start}, segment {number}: {element_count} elements in one segment; the limit is "
            f"{ELEMENTS_PER_SEGMENT_MAX}. The element separator or the file is damaged"
        )
    raise X12Error(
        f"byte {start}, segment {number}: no segment end within {SEGMENT_BYTES_MAX} bytes; the segment "
        "terminator or the file is damaged"
    )


def _header(window: _Window, number: int) -> Delimiters:
    """Read the delimiters from the ISA that must stand at the window's start."""
    window.need(HEADER_BYTES)
    return read_delimiters(window.peek(HEADER_BYTES), window.offset, number)


def read_delimiters(head: bytes, start: int, number: int) -> Delimiters:
    """The delimiters that an interchange's first bytes name; `start` and `number` (segments so far) go into messages.

    Raises `X12Error` where this is no ISA segment, or one that is damaged.
    """
    if head[:3].upper() != HEADER_TAG.encode():
        raise X12Error(
            f"byte {start}, segment {number + 1}: expected an X12 interchange that begins with ISA; "
            "this is something else, or the interchange before it ended too early"
        )
    separator = head[3:4]
    if len(head) < HEADER_BYTES or any(head[at : at + 1] != separator for at in _HEADER_SEPARATORS_AT):
        raise X12Error(
            f"byte {start}, segment {number + 1}: the ISA segment must be {HEADER_BYTES} bytes with each "
            "element at its fixed width; this one is shorter or not padded. Ask the sender for the original file"
        )
    repeats = head[_VERSION_AT] >= _FIRST_VERSION_WITH_REPETITION
    try:
        return Delimiters(
            element=separator.decode("latin-1"),
            component=chr(head[_COMPONENT_AT]),
            repetition=chr(head[_REPETITION_AT])
            if repeats and not head[_REPETITION_AT : _REPETITION_AT + 1].isalnum()
            else "",
            terminator=chr(head[_TERMINATOR_AT]),
        )
    except ValueError as problem:
        raise X12Error(
            f"byte {start}, segment {number + 1}: the ISA segment's delimiters cannot be used: {problem}"
        ) from None


class _Window:
    """The part of the stream that is in memory. `offset` is the file's byte that comes next."""

    def __init__(self, stream: BinaryIO, start: int = 0) -> None:
        self._stream = stream
        self._data = b""
        self._at = 0
        self._start = start
        self._exhausted = False

    @property
    def offset(self) -> int:
        return self._start + self._at

    @property
    def at_end(self) -> bool:
        return self._at >= len(self._data) and not self._grow()

    def _grow(self) -> bool:
        """Read one more chunk, dropping what was already handed out. False at the end of the stream."""
        if self._exhausted:
            return False
        chunk = self._stream.read(CHUNK_BYTES)
        if not chunk:
            self._exhausted = True
            return False
        self._start += self._at
        self._data = self._data[self._at :] + chunk
        self._at = 0
        return True

    def need(self, count: int) -> None:
        """Have so many bytes at hand, if the file has them."""
        while len(self._data) - self._at < count and self._grow():
            pass

    def peek(self, count: int) -> bytes:
        return self._data[self._at : self._at + count]

    def skip(self, mark: bytes) -> None:
        """Pass over a mark, if it stands here."""
        self.need(len(mark))
        if self.peek(len(mark)) == mark:
            self._at += len(mark)

    def skip_blanks(self) -> None:
        """Pass over blanks and line ends before or after an interchange."""
        while not self.at_end:
            matched = _BLANKS.match(self._data, self._at)
            assert matched is not None  # the pattern matches nothing as well
            self._at = matched.end()
            if self._at < len(self._data):
                return

    def binary_tag(self, separator: bytes) -> bytes:
        """The tag of the segment of bytes that comes next; empty for any other segment."""
        self.need(_BINARY_HEAD_BYTES_MAX)
        while (head := self.peek(_BINARY_HEAD_BYTES_MAX)) and not head.strip(b"\r\n"):
            self._at += len(head)
            self.need(_BINARY_HEAD_BYTES_MAX)
        head = head.lstrip(b"\r\n")
        for tag in _BINARY_TAGS:
            if head.startswith((tag + separator, tag.lower() + separator)):
                return tag
        return b""

    def take(self, count: int) -> bytes:
        """So many bytes, or as many as are left; memory holds them once."""
        parts = [self.peek(count)]
        self._at += len(parts[0])
        missing = count - len(parts[0])
        while missing > 0 and self._grow():
            parts.append(self.peek(missing))
            self._at += len(parts[-1])
            missing -= len(parts[-1])
        return b"".join(parts)

    def next_block(self, terminator: bytes, separator: bytes, number: int) -> tuple[bytes, int] | None:
        """The bytes of as many whole segments as are at hand, without the last terminator, and their offset.

        A block never goes past the next thing that looks like an interchange's trailer, nor into a segment of bytes.
        None at the end of the file.
        """
        while (end := self._data.rfind(terminator, self._at)) < 0:
            if len(self._data) - self._at > SEGMENT_BYTES_MAX:
                _refuse_large(self.offset, number + 1, 0)
            if not self._grow():
                self._refuse_rest(number)
                return None
        trailer = self._data.find(TRAILER_TAG.encode() + separator, self._at, end)
        if trailer >= 0:
            end = self._data.find(terminator, trailer)
        end = self._before_binary(terminator, separator, end)
        block, start = self._data[self._at : end], self.offset
        self._at = end + 1
        return block, start

    def _before_binary(self, terminator: bytes, separator: bytes, end: int) -> int:
        """Where a block that would end here must end, so that a segment of bytes begins the next one."""
        data, first = self._data, self._at
        for found in _binary_mark(separator).finditer(data[first + 1 : end].upper()):
            at = first + 1 + found.start()
            if data[at - 1 : at] in (terminator, b"\r", b"\n"):
                before = data.rfind(terminator, first, at)
                if before >= 0 and not data[before + 1 : at].strip(b"\r\n"):
                    return before
        return end

    def go_back_to(self, offset: int) -> None:
        """Continue from a byte that was handed out in the last block."""
        self._at = offset - self._start

    def _refuse_rest(self, number: int) -> None:
        if self._data[self._at :].strip(BETWEEN_INTERCHANGES):
            raise X12Error(
                f"byte {self.offset}, segment {number + 1}: the file ends inside a segment; it was cut off. "
                "Ask the sender for the whole file"
            )
        self._at = len(self._data)
