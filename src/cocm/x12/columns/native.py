"""The compiled core, where somebody has built it: the same answers as NumPy's, in fewer passes.

Never needed: without the library (`python -m cocm.x12.columns.accelerate` builds it) all is read with NumPy alone.
Each function answers None where it cannot help, and NumPy goes on.
"""

from __future__ import annotations

import ctypes
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:  # the codes are looked up with what is here
    from cocm.x12.columns.codes import AnyArray, Bytes, Flags, Whole, Words

SOURCE: Final = Path(__file__).with_name("native.c")

# What is said of a value: it is left out, was read, or has no plain form.
ABSENT, READ, LEFT = 0, 1, 2

_POINTER, _WHOLE, _BYTE, _WORD = ctypes.c_void_p, ctypes.c_int64, ctypes.c_uint8, ctypes.c_uint64
_Argument = ctypes.c_void_p | ctypes.c_int64 | ctypes.c_uint8 | ctypes.c_uint64
_ARGUMENTS: Final[dict[str, tuple[type[_Argument], ...]]] = {
    "cocm_count_marks": (_POINTER, _WHOLE, _BYTE, _BYTE, _POINTER),
    "cocm_marks": (_POINTER, _WHOLE, _BYTE, _BYTE, _WHOLE, _POINTER, _POINTER),
    "cocm_elements": (_POINTER, _POINTER, _POINTER, _POINTER, _WHOLE, _WHOLE, _POINTER, _POINTER),
    "cocm_words": (_POINTER, _POINTER, _POINTER, _POINTER, _BYTE, _WHOLE, _POINTER),
    "cocm_decimals": (_POINTER, _POINTER, _POINTER, _WHOLE, _WHOLE, _POINTER, _POINTER),
    "cocm_days": (_POINTER, _POINTER, _POINTER, _WHOLE, _POINTER, _POINTER),
    "cocm_find": (_POINTER, _WHOLE, _WORD, _WHOLE, _POINTER, _POINTER, _POINTER),
    "cocm_find_tagged": (
        _POINTER, _POINTER, _WHOLE, _WORD, _WORD, _WHOLE, _POINTER, _POINTER, _POINTER, _POINTER,
    ),
    "cocm_run_sums": (_POINTER, _POINTER, _POINTER, _WHOLE, _POINTER, _WHOLE, _POINTER),
    "cocm_differ": (
        _POINTER, _POINTER, _POINTER, _WHOLE, _POINTER, _POINTER, _POINTER, _POINTER, _POINTER,
    ),
    "cocm_pieces": (_POINTER, _POINTER, _POINTER, _WHOLE, _POINTER),
    "cocm_order": (_POINTER, _WHOLE, _WHOLE, _POINTER, _POINTER),
}  # fmt: skip


def library_path(folder: Path = SOURCE.parent) -> Path:
    """Where the library of this source is looked for; that of another version of the source has another name."""
    return folder / f"_native-{zlib.crc32(SOURCE.read_bytes()):08x}-{sys.platform}.so"


def load(path: Path) -> ctypes.CDLL | None:
    """The library at a place; None where there is none, or it is another machine's."""
    if not path.exists():
        return None
    try:
        library = ctypes.CDLL(str(path))
        for name, arguments in _ARGUMENTS.items():
            function = getattr(library, name)
            function.argtypes, function.restype = arguments, None
    except (OSError, AttributeError):
        return None
    return library


_library = load(library_path())


def is_used() -> bool:
    """Whether the compiled core is at work."""
    return _library is not None


@contextmanager
def using(path: Path | None) -> Iterator[None]:
    """For a while read with the library at a place, or (None) with NumPy alone. For tests and benchmarks.

    Raises `OSError` where the library cannot be loaded.
    """
    global _library  # of the process: threads are not told apart
    before, found = _library, None if path is None else load(path)
    if path is not None and found is None:
        raise OSError(f"{path}: no compiled core of this version for this machine; build it first")
    _library = found
    try:
        yield
    finally:
        _library = before


class Marks(NamedTuple):
    """The places of element separators and segment ends, and where among these the ends are."""

    places: Whole
    last: Whole


def marks(view: Bytes, element: int, terminator: int, shift: int, room: int) -> Marks | None:
    """The marks in some bytes, each `shift` further on; behind the places is room for so many more."""
    if _library is None:
        return None
    counts = np.zeros(2, np.int64)
    _library.cocm_count_marks(view.ctypes.data, len(view), element, terminator, counts.ctypes.data)
    found = Marks(np.empty(int(counts[0]) + room, np.int64), np.empty(int(counts[1]) + 1, np.int64))
    _library.cocm_marks(
        view.ctypes.data, len(view), element, terminator, shift,
        found.places.ctypes.data, found.last.ctypes.data,
    )  # fmt: skip
    return Marks(found.places, found.last[:-1])


def elements(
    places: AnyArray, first: AnyArray, counts: AnyArray, rows: AnyArray | None, position: int
) -> tuple[Whole, Whole] | None:
    """Where an element (1 and following) of some segments, or of all, begins and ends."""
    if _library is None or not _are_whole(places, first, counts, first if rows is None else rows):
        return None
    count = len(first) if rows is None else len(rows)
    start, end = np.empty(count, np.int64), np.empty(count, np.int64)
    _library.cocm_elements(
        places.ctypes.data, first.ctypes.data, counts.ctypes.data, None if rows is None else rows.ctypes.data,
        count, position, start.ctypes.data, end.ctypes.data,
    )  # fmt: skip
    return start, end


def words(
    buffer: Bytes, start: AnyArray, end: AnyArray, is_cut: Flags | None = None, separator: int = 0
) -> Words | None:
    """Values as words; those that are to be cut end at their first separator."""
    if _library is None or not _are_whole(start, end):
        return None
    found = np.empty(len(start), np.uint64)
    flags = None if is_cut is None else np.ascontiguousarray(is_cut)
    _library.cocm_words(
        buffer.ctypes.data, start.ctypes.data, end.ctypes.data,
        None if flags is None else flags.ctypes.data,
        separator, len(start), found.ctypes.data,
    )  # fmt: skip
    return found


def decimals(buffer: Bytes, start: AnyArray, end: AnyArray, places: int) -> tuple[Whole, Bytes] | None:
    """Numbers as whole multiples of their last decimal, and what is said of each."""
    if _library is None or not _are_whole(start, end):
        return None
    values, states = np.empty(len(start), np.int64), np.empty(len(start), np.uint8)
    _library.cocm_decimals(
        buffer.ctypes.data, start.ctypes.data, end.ctypes.data, len(start), places,
        values.ctypes.data, states.ctypes.data,
    )  # fmt: skip
    return values, states


def days(buffer: Bytes, start: AnyArray, end: AnyArray) -> tuple[Whole, Bytes] | None:
    """Dates as days since 1970-01-01, and what is said of each."""
    if _library is None or not _are_whole(start, end):
        return None
    values, states = np.empty(len(start), np.int64), np.empty(len(start), np.uint8)
    _library.cocm_days(
        buffer.ctypes.data, start.ctypes.data, end.ctypes.data, len(start),
        values.ctypes.data, states.ctypes.data,
    )  # fmt: skip
    return values, states


class Table(NamedTuple):
    """Where the codes of an index stand: a word's place is its product with the multiplier, shifted."""

    multiplier: np.uint64
    shift: np.uint64
    keys: Words
    numbers: Whole


def find(table: Table, words: Words) -> Whole | None:
    """The number of each word's code; 0 where it is none."""
    if _library is None or not _are_words(words):
        return None
    found = np.empty(len(words), np.int64)
    _library.cocm_find(
        words.ctypes.data, len(words), int(table.multiplier), int(table.shift),
        table.keys.ctypes.data, table.numbers.ctypes.data, found.ctypes.data,
    )  # fmt: skip
    return found


def find_tagged(
    table: Table, key_tags: Whole, tag_multiplier: int, tags: AnyArray, words: Words
) -> Whole | None:
    """The number of each word among the codes of its tag; 0 where it is none of them."""
    if _library is None or not (_are_words(words) and _are_whole(tags)):
        return None
    found = np.empty(len(words), np.int64)
    _library.cocm_find_tagged(
        tags.ctypes.data, words.ctypes.data, len(words), tag_multiplier,
        int(table.multiplier), int(table.shift), table.keys.ctypes.data, key_tags.ctypes.data,
        table.numbers.ctypes.data, found.ctypes.data,
    )  # fmt: skip
    return found


def run_sums(content: AnyArray, start: AnyArray, length: AnyArray, mix: Words) -> Words | None:
    """A sum over each run of numbers, in which places count. The factors are a power of two of them."""
    if _library is None or not _are_whole(content, start, length):
        return None
    sums = np.empty(len(start), np.uint64)
    _library.cocm_run_sums(
        content.ctypes.data, start.ctypes.data, length.ctypes.data, len(start),
        mix.ctypes.data, len(mix), sums.ctypes.data,
    )  # fmt: skip
    return sums


def differ(
    content: AnyArray,
    start: AnyArray,
    length: AnyArray,
    shapes: AnyArray,
    flat: AnyArray,
    offsets: AnyArray,
    lengths: AnyArray,
) -> Flags | None:
    """Whether each run differs from the numbers of its shape."""
    if _library is None or not _are_whole(content, start, length, shapes, flat, offsets, lengths):
        return None
    found = np.empty(len(start), np.bool_)
    _library.cocm_differ(
        content.ctypes.data, start.ctypes.data, length.ctypes.data, len(start), shapes.ctypes.data,
        flat.ctypes.data, offsets.ctypes.data, lengths.ctypes.data, found.ctypes.data,
    )  # fmt: skip
    return found


def pieces(numbers: AnyArray, offsets: AnyArray, length: AnyArray, count: int) -> Whole | None:
    """Pieces of numbers one after the other, `count` numbers together."""
    if _library is None or not _are_whole(numbers, offsets, length):
        return None
    found = np.empty(count, np.int64)
    _library.cocm_pieces(
        numbers.ctypes.data, offsets.ctypes.data, length.ctypes.data, len(offsets), found.ctypes.data
    )
    return found


def order(numbers: AnyArray) -> tuple[Whole, Whole] | None:
    """The places of numbers from -1, ordered by them, and where in this order each number's places begin."""
    if _library is None or not len(numbers) or not _are_whole(numbers):
        return None
    kinds = int(numbers.max()) + 2
    places, borders = np.empty(len(numbers), np.int64), np.zeros(kinds + 1, np.int64)
    _library.cocm_order(numbers.ctypes.data, len(numbers), kinds, borders.ctypes.data, places.ctypes.data)
    return places, borders


def _are_words(words: AnyArray) -> bool:
    return bool(words.dtype == np.uint64 and words.flags.c_contiguous)


def _are_whole(*arrays: AnyArray) -> bool:
    return all(one.dtype == np.int64 and one.flags.c_contiguous for one in arrays)
