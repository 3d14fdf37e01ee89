"""A file's blocks put together: columns that grow block by block, without a second copy at the end.

Room for the whole file is taken early, by what the blocks so far had; pages that are not written to cost nothing.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cocm.x12.columns.codes import AnyArray, Bytes
from cocm.x12.columns.table import Column, JoinedTexts, Kind, MovedText, Names, Numbers, Text

# A column that has to grow takes at most so many times its length, however much of the file is left.
_GROWTH_MAX: Final = 8
_SPARE: Final = 1.03
_ROWS_MIN: Final = 1024
_WIDE: Final = frozenset({Kind.CENTS, Kind.QUANTITY, Kind.COUNT})


class _Growing:
    """An array that is filled piece by piece."""

    def __init__(self, kind: npt.DTypeLike) -> None:
        self._array: AnyArray = np.empty(0, kind)
        self._count = 0

    def add(self, piece: AnyArray, to_come: float) -> None:
        """Add a piece; the whole is expected to be `to_come` times what there is with it."""
        needed = self._count + len(piece)
        if needed > len(self._array):
            times = min(to_come * _SPARE, _GROWTH_MAX)
            grown = np.empty(max(needed, int(needed * times) + _ROWS_MIN), self._array.dtype)
            grown[: self._count] = self._array[: self._count]
            self._array = grown
        self._array[self._count : needed] = piece
        self._count = needed

    def taken(self) -> AnyArray:
        """What was added."""
        return self._array[: self._count]


class GrowingColumn:
    """A column of the whole file. Offsets are narrow where the file is small."""

    def __init__(self, column: Column, letters: Bytes) -> None:
        self._letters = letters
        self._first = column
        self._narrow: type[np.signedinteger[Any]] = np.int32 if len(letters) < 2**31 else np.int64
        self._texts: list[Text] = []
        self._count = 0
        self._values: _Growing | None = None  # None: all 0 so far
        self._present: _Growing | None = None  # None: all alike so far, there as long as there are no values
        self._has_any = False

    def add(self, column: Column, base: int, to_come: float) -> None:
        """Add a block's column; the block begins at byte `base`."""
        if isinstance(column, Text):
            column.data = (
                self._letters
            )  # it is only asked for places from now on, and lets its block's bytes go
            self._texts.append(Text(self._letters, len(column), MovedText(column, base, self._narrow)))
        elif isinstance(column, Names):
            self._add_values(column.numbers, column.numbers.dtype, to_come)
        else:
            self._add_numbers(column, to_come)
        self._count += len(column)

    def column(self) -> Column:
        """The whole column."""
        first = self._first
        if isinstance(first, Text):
            return Text(self._letters, self._count, JoinedTexts(self._texts))
        if isinstance(first, Names):
            return Names(first.names, self._taken(self._values, first.numbers.dtype))
        values = self._taken(self._values, self._kind(first))
        if self._present is None and (self._has_any or not self._count):
            return Numbers(first.kind, values)
        return Numbers(first.kind, values, self._taken(self._present, np.bool_))

    def _add_numbers(self, column: Numbers, to_come: float) -> None:
        if not len(column):
            return
        present = column.present
        is_full = present is None or bool(present.all())
        if present is not None and not is_full and not self._has_any and not present.any():
            return  # as all before: nothing, for which no room is taken
        if self._present is None and (not is_full or (self._count and not self._has_any)):
            self._present = _Growing(np.bool_)
            self._present.add(np.full(self._count, self._has_any), to_come)
        self._has_any = True
        self._add_values(column.values, self._kind(column), to_come)
        if self._present is not None:
            self._present.add(np.ones(len(column), np.bool_) if present is None else present, to_come)

    def _add_values(self, values: AnyArray, kind: npt.DTypeLike, to_come: float) -> None:
        if self._values is None:
            self._values = _Growing(kind)
            self._values.add(np.zeros(self._count, kind), to_come)
        self._values.add(values, to_come)

    def _kind(self, column: Numbers) -> npt.DTypeLike:
        return np.int64 if column.kind in _WIDE else self._narrow

    def _taken(self, grown: _Growing | None, kind: npt.DTypeLike) -> AnyArray:
        return np.zeros(self._count, kind) if grown is None else grown.taken()
