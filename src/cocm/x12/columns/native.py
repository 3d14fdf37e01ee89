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
from typing import Final, NamedTuple

import numpy as np

from cocm.x12.columns.codes import AnyArray, Bytes, Flags, Whole, Words

SOURCE: Final = Path(__file__).with_name("native.c")

# What is said of a value: it is left out, was read, or has no plain form.
ABSENT, READ, LEFT = 0, 1, 2

_POINTER, _WHOLE, _BYTE = ctypes.c_void_p, ctypes.c_int64, ctypes.c_uint8
_ARGUMENTS: Final[dict[str, tuple[type[ctypes.c_void_p | ctypes.c_int64 | ctypes.c_uint8], ...]]] = {
    "cocm_count_marks": (_POINTER, _WHOLE, _BYTE, _BYTE, _POINTER),
    "cocm_marks": (_POINTER, _WHOLE, _BYTE, _BYTE, _WHOLE, _POINTER, _POINTER),
    "cocm_elements": (_POINTER, _POINTER, _POINTER, _POINTER, _WHOLE, _WHOLE, _POINTER, _POINTER),
    "cocm_words": (_POINTER, _POINTER, _POINTER, _POINTER, _BYTE, _WHOLE, _POINTER),
    "cocm_decimals": (_POINTER, _POINTER, _POINTER, _WHOLE, _WHOLE, _POINTER, _POINTER),
    "cocm_days": (_POINTER, _POINTER, _POINTER, _WHOLE, _POINTER, _POINTER),
}


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


def _are_whole(*arrays: AnyArray) -> bool:
    return all(one.dtype == np.int64 and one.flags.c_contiguous for one in arrays)
