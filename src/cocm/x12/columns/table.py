"""Tables of plain columns: numbers as arrays, texts as places in the file's bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cocm.x12.columns.codes import AnyArray, Bytes, Flags
from cocm.x12.columns.values import QUANTITY_DECIMALS, day_as_date, number_as_decimal

if TYPE_CHECKING:
    import pyarrow  # type: ignore[import-untyped]  # it ships no types

Value = str | int | bool | date | Decimal | None

_ARROW_DECIMAL_DIGITS: Final = 18


class Kind(StrEnum):
    """What the numbers of a column are."""

    KEY = "key"  # the number of a row in another table; -1 none
    BYTE = "byte"  # an offset in the file
    CENTS = "cents"
    DAY = "day"  # days since 1970-01-01
    QUANTITY = "quantity"  # thousandths
    COUNT = "count"


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """A column of numbers. `present` is None where every row has one; where it is False the number is 0."""

    kind: Kind
    values: AnyArray
    present: Flags | None = None

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, row: int) -> int | date | Decimal | None:
        """A row's value: None where there is none."""
        value = int(self.values[row])
        if (self.present is not None and not self.present[row]) or (self.kind is Kind.KEY and value < 0):
            return None
        if self.kind is Kind.DAY:
            return day_as_date(value)
        return number_as_decimal(value, QUANTITY_DECIMALS) if self.kind is Kind.QUANTITY else value

    def to_arrow(self) -> pyarrow.Array[Any]:
        """As an Arrow array: days as date32, quantities as decimals, cents and keys as int64."""
        import pyarrow as pa

        missing = ~self.present if self.present is not None else None
        if self.kind is Kind.KEY:
            missing = self.values < 0
        if self.kind is Kind.DAY:
            return pa.array(self.values.astype(np.int32), mask=missing).cast(pa.date32())
        if self.kind is Kind.QUANTITY:
            values = self.values.astype(np.int64)
            wide = np.stack((values, values >> 63), axis=1)
            kind = pa.decimal128(_ARROW_DECIMAL_DIGITS, QUANTITY_DECIMALS)
            valid = None if missing is None else pa.array(~missing).buffers()[1]
            return pa.Array.from_buffers(kind, len(values), [valid, pa.py_buffer(wide.tobytes())])
        return pa.array(self.values.astype(np.int64), mask=missing)


class Text:
    """A column of texts: where each begins in `data`, and its length in bytes; no length, no text.

    Where the texts stand is worked out when it is first asked for.
    """

    __slots__ = ("_count", "_found", "_locate", "data")

    def __init__(self, data: Bytes, count: int, locate: Callable[[], tuple[AnyArray, AnyArray]]) -> None:
        self.data = data
        self._count = count
        self._locate: Callable[[], tuple[AnyArray, AnyArray]] | None = locate
        self._found: tuple[AnyArray, AnyArray] | None = None

    @property
    def start(self) -> AnyArray:
        """The byte at which each text begins."""
        return self.located()[0]

    @property
    def length(self) -> AnyArray:
        """The bytes of each text."""
        return self.located()[1]

    def located(self) -> tuple[AnyArray, AnyArray]:
        """Starts and lengths."""
        if self._found is None:
            assert self._locate is not None  # let go only when it was used
            self._found = self._locate()
            self._locate = None
        return self._found

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, row: int) -> str:
        """A row's text, without blanks around it."""
        start = int(self.start[row])
        return _decoded(self.data[start : start + int(self.length[row])].tobytes())

    def to_arrow(self) -> pyarrow.Array[Any]:
        """As an Arrow array of strings; a text that is left out is null."""
        import pyarrow as pa

        length = self.length.astype(np.int64)
        ends = np.cumsum(length)
        total = int(ends[-1]) if len(ends) else 0
        if total == 0:
            return pa.nulls(len(length), pa.string())
        at = np.repeat(self.start - ends + length, length) + np.arange(total)
        letters = self.data.take(at)
        if (letters >= 128).any() or total >= 2**31:
            return pa.array([self[row] or None for row in range(len(self))], pa.string())
        offsets = np.concatenate(([0], ends)).astype(np.int32)
        valid = pa.array(length > 0).buffers()[1]
        buffers = [valid, pa.py_buffer(offsets), pa.py_buffer(letters)]
        return pa.Array.from_buffers(pa.string(), len(length), buffers)


@dataclass(frozen=True, slots=True, eq=False)
class Names:
    """A column of few names of our own: the number of each row's name among `names`; -1 none."""

    names: tuple[str, ...]
    numbers: AnyArray

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, row: int) -> str:
        number = int(self.numbers[row])
        return self.names[number] if number >= 0 else ""

    def to_arrow(self) -> pyarrow.Array[Any]:
        """As an Arrow array of strings, kept as a dictionary; no name is null."""
        import pyarrow as pa

        numbers = pa.array(self.numbers.astype(np.int32), mask=self.numbers < 0)
        return pa.DictionaryArray.from_arrays(numbers, pa.array(self.names, pa.string()))


Column = Numbers | Text | Names


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Named columns of one length. The row number within the whole file is the row's key."""

    name: str
    columns: Mapping[str, Column]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def __getitem__(self, column: str) -> Column:
        return self.columns[column]

    def row(self, at: int) -> dict[str, Value]:
        """One row by column names."""
        return {name: column[at] for name, column in self.columns.items()}

    def rows(self) -> Iterator[dict[str, Value]]:
        """All rows in the file's order."""
        return (self.row(at) for at in range(len(self)))

    def emptied(self) -> Table:
        """A table of the same columns without rows."""
        return Table(self.name, {name: _emptied(column) for name, column in self.columns.items()})

    def to_arrow(self) -> pyarrow.Table:
        """As an Arrow table."""
        import pyarrow as pa

        return pa.table({name: column.to_arrow() for name, column in self.columns.items()})


def _emptied(column: Column) -> Column:
    if isinstance(column, Text):
        nothing = np.zeros(0, np.int64)
        return Text(column.data[:0].copy(), 0, lambda: (nothing, nothing))
    if isinstance(column, Names):
        return Names(column.names, column.numbers[:0].copy())
    present = None if column.present is None else column.present[:0].copy()
    return Numbers(column.kind, column.values[:0].copy(), present)


@dataclass(frozen=True, slots=True)
class MovedText:
    """Locates a block's texts in the whole file."""

    text: Text
    base: int
    kind: type[np.signedinteger[Any]]

    def __call__(self) -> tuple[AnyArray, AnyArray]:
        start, length = self.text.located()
        return np.maximum(start + self.base, 0).astype(self.kind), length


@dataclass(frozen=True, slots=True)
class JoinedTexts:
    """Locates the texts of several pieces."""

    texts: list[Text]

    def __call__(self) -> tuple[AnyArray, AnyArray]:
        located = [text.located() for text in self.texts]
        found = (
            _concatenated([start for start, _ in located]),
            _concatenated([length for _, length in located]),
        )
        self.texts.clear()
        return found


def _concatenated(parts: Sequence[AnyArray]) -> AnyArray:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode().strip()
    except UnicodeDecodeError:
        return raw.decode("latin-1").strip()
