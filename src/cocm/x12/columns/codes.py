"""Short codes as numbers: a known set of them is looked up in whole arrays at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cocm.x12.columns import native

Whole = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]
AnyArray = npt.NDArray[Any]

WORD_BYTES: Final = 8
# The bytes of a word that hold a value of so many bytes; the first byte of a text is the lowest of its word.
WORD_MASKS: Final[Words] = np.array(
    [(1 << (8 * count)) - 1 for count in range(WORD_BYTES)] + [2**64 - 1], dtype=np.uint64
)
# A word that no value of up to eight bytes makes: the sign for one that is longer.
LONGER: Final = np.uint64(2**64 - 1)

_BITS_MIN: Final = 8
_BITS_MAX: Final = 20
_MULTIPLIER: Final = 0x9E3779B97F4A7C15
_TRIES: Final = 64


def distinct(values: AnyArray) -> AnyArray:
    """Each value once, in order: `numpy.unique` without NumPy's masked arrays, which it takes long to import."""
    ordered = np.sort(values)
    is_new = np.ones(len(ordered), np.bool_)
    is_new[1:] = ordered[1:] != ordered[:-1]
    return ordered[is_new]


def word_of(code: str) -> int:
    """A code of up to eight bytes as a word."""
    raw = code.encode()
    if len(raw) > WORD_BYTES:
        raise ValueError("a code in a code index has at most eight bytes")
    return int.from_bytes(raw, "little")


class CodeIndex:
    """Numbers a set of codes from 1; everything else is 0. One multiplication finds a code's place in a table.

    Codes of more than eight bytes cannot be held (`ValueError`).
    """

    __slots__ = ("_keys", "_multiplier", "_numbers", "_shift", "_table", "codes")

    def __init__(self, codes: Iterable[str]) -> None:
        self.codes = ("", *sorted({code for code in codes if code}))
        words = np.array([word_of(code) for code in self.codes[1:]], dtype=np.uint64)
        self._multiplier, self._shift = _spread(words)
        size = 1 << (64 - int(self._shift))
        self._keys = np.zeros(size, np.uint64)
        self._numbers = np.zeros(size, np.int64)
        slots = ((words * self._multiplier) >> self._shift).astype(np.int64)
        self._keys[slots] = words
        self._numbers[slots] = np.arange(1, len(self.codes))
        self._table = native.Table(self._multiplier, self._shift, self._keys, self._numbers)

    def find(self, words: Words) -> Whole:
        """The number of each word's code; 0 where it is none of them."""
        compiled = native.find(self._table, words)
        if compiled is not None:
            return compiled
        slots = ((words * self._multiplier) >> self._shift).view(np.int64)
        numbers: Whole = self._numbers.take(slots) * (self._keys.take(slots) == words)
        return numbers

    def number(self, code: str) -> int:
        """The number of one code."""
        return self.codes.index(code) if code in self.codes else 0


class TaggedCodes:
    """Numbers the codes of each of some tags from 1; one look-up serves segments of all tags."""

    __slots__ = ("_keys", "_multiplier", "_numbers", "_shift", "_table", "_tags")

    def __init__(self, codes_by_tag: Mapping[int, Sequence[str]]) -> None:
        entries = [
            (tag, word_of(code), at)
            for tag, codes in codes_by_tag.items()
            for at, code in enumerate(codes, start=1)
        ]
        tags = np.array([tag for tag, _, _ in entries], np.int64)
        mixed = self._mixed(tags, np.array([word for _, word, _ in entries], np.uint64))
        self._multiplier, self._shift = _spread(mixed)
        slots = ((mixed * self._multiplier) >> self._shift).astype(np.int64)
        size = 1 << (64 - int(self._shift))
        self._keys, self._tags = np.zeros(size, np.uint64), np.full(size, -1, np.int64)
        self._numbers = np.zeros(size, np.int64)
        self._keys[slots], self._tags[slots] = mixed, tags
        self._numbers[slots] = [at for _, _, at in entries]
        self._table = native.Table(self._multiplier, self._shift, self._keys, self._numbers)

    @staticmethod
    def _mixed(tags: Whole, words: Words) -> Words:
        mixed: Words = words ^ (tags.astype(np.uint64) * np.uint64(_MULTIPLIER))
        return mixed

    def find(self, tags: Whole, words: Words) -> Whole:
        """The number of each word among the codes of its tag; 0 where it is none of them."""
        compiled = native.find_tagged(self._table, self._tags, _MULTIPLIER, tags, words)
        if compiled is not None:
            return compiled
        mixed = self._mixed(tags, words)
        slots = ((mixed * self._multiplier) >> self._shift).view(np.int64)
        found = self._keys.take(slots) == mixed
        found &= self._tags.take(slots) == tags
        numbers: Whole = self._numbers.take(slots) * found
        return numbers


def _spread(words: Words) -> tuple[np.uint64, np.uint64]:
    """A multiplier and a shift that send each word to a place of its own."""
    bits = max(_BITS_MIN, 2 * len(words).bit_length())
    for size in range(min(bits, _BITS_MAX), _BITS_MAX + 1):
        shift, multiplier = np.uint64(64 - size), _MULTIPLIER
        for _ in range(_TRIES):
            slots = (words * np.uint64(multiplier)) >> shift
            if len(distinct(slots)) == len(words):
                return np.uint64(multiplier), shift
            multiplier = (multiplier * 6364136223846793005 + 1442695040888963407) % 2**64 | 1
    raise ValueError(f"{len(words)} codes are more than a code index holds")
