"""A remittance's columnar tables as lists of Python values: what the books walk through row by row.

NumPy's arrays are only asked for those lists, a block at a time.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from cocm.basics.errors import X12Error
from cocm.basics.money import plain_dollars
from cocm.remits.decision import AMOUNT_CENTS_MAX

if TYPE_CHECKING:
    from cocm.x12.columns import Table

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


class TablesUnfit(X12Error):
    """The tables tell a problem that the record reader must judge: read the file again with it."""


class BlockColumns:
    """A block's columns as lists of Python values. A number that is left out is 0, a date None, a text empty."""

    def __init__(self) -> None:
        self._letters: dict[int, tuple[Any, str | None]] = {}
        self._days = _Days({None: None})

    def texts(self, table: Table, name: str) -> list[str]:
        """A column of texts."""
        return self._texts(table[name])

    def numbers(self, table: Table, name: str) -> list[int]:
        """A column of whole numbers: cents, keys, bytes or thousandths."""
        column: Any = table[name]
        found: list[int] = column.values.tolist()
        return found

    def amounts(self, table: Table, name: str) -> list[int]:
        """A column of cents. Raises `TablesUnfit` for one beyond the books' limit: the records name its claim."""
        found = self.numbers(table, name)
        if found and (max(found) > AMOUNT_CENTS_MAX or min(found) < -AMOUNT_CENTS_MAX):
            raise TablesUnfit(f"{table.name}: {name}: more than {plain_dollars(AMOUNT_CENTS_MAX)} dollars")
        return found

    def optional(self, table: Table, name: str) -> list[int | None]:
        """The same as `numbers` with None where it is left out."""
        column: Any = table[name]
        if column.present is None:
            return self.numbers(table, name)  # type: ignore[return-value]  # a list of int serves as one of int | None
        if not column.present.any():
            return [None] * len(column)
        return [
            value if there else None
            for value, there in zip(column.values.tolist(), column.present.tolist(), strict=True)
        ]

    def days(self, table: Table, name: str) -> list[date | None]:
        """A column of dates."""
        return [*map(self._days.__getitem__, self.optional(table, name))]

    def first_of(self, table: Table, key: str, segment: str, wanted: str) -> dict[int, str]:
        """A value of the first segment of a name, by the row it belongs to."""
        names: Any = table["segment"]
        if segment not in names.names:
            return {}
        rows = (names.numbers == names.names.index(segment)).nonzero()[0][::-1]
        owners: Any = table[key]
        return dict(zip(owners.values[rows].tolist(), self._texts(table[wanted], rows), strict=True))

    def _texts(self, column: Any, rows: Any = None) -> list[str]:
        """A column's texts, of all rows or an array of them: a block's letters become one text, which is cut."""
        if not len(column):
            return []
        kept = self._letters.get(id(column.data))
        if kept is None:
            raw = column.data.tobytes()
            # Kept with its bytes, so that the number under which it is kept stays theirs.
            kept = self._letters[id(column.data)] = (
                column.data,
                raw.decode("ascii") if raw.isascii() else None,
            )
        letters = kept[1]
        if letters is None:
            return [column[row] for row in (range(len(column)) if rows is None else rows.tolist())]
        start, length = column.located()
        if rows is not None:
            start, length = start[rows], length[rows]
        return [letters[at:end] for at, end in zip(start.tolist(), (start + length).tolist(), strict=True)]


class _Days(dict[int | None, date | None]):
    """Dates by the days since 1970-01-01, each made once."""

    def __missing__(self, number: int | None) -> date | None:
        assert number is not None  # the None is there from the start
        found = self[number] = date.fromordinal(number + _EPOCH_ORDINAL)
        return found
