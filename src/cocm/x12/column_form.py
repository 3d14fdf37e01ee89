"""Blocks of segments filled in for many claims at once: each value of a column is checked, then all texts are made.

What a value must be comes from the same map as in `form`; a whole column is checked in a few steps that Python takes
at the speed of C. A column form says yes or no. Which value is wrong, and why, is said by `form`, value by value.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from cocm.x12.charset import EXTENDED
from cocm.x12.form import BlockForm, OpenElement
from cocm.x12.patterns import value_matcher

Column = Sequence[str]

# Values of elements this short, and codes, come again and again: they are remembered. So are those of these names.
SHORT_CHARACTERS_MAX: Final = 3
_REPEATED: Final = frozenset({"group_number"})
VALUES_KEPT_MAX: Final = 8192

_OPEN: Final = "\ue000"  # no X12 text holds it


class ColumnForm:
    """Several blocks, and between them places for text that is already written (`None`).

    Elements named in `plain` are given texts out of `plain_texts`: their characters are right. What is given to
    elements named in `proven` is right altogether. The first `head_parts` of the parts are the head of a row, which a
    row may have in other words.
    """

    def __init__(
        self,
        delimiters: str,
        plain: Collection[str],
        proven: Collection[str],
        *parts: BlockForm | None,
        head_parts: int = 0,
    ) -> None:
        checks: list[Callable[[Column], bool] | None] = []
        for number, part in enumerate(parts, start=1):
            if part is None:
                checks.append(None)
            else:
                checks += [
                    None if one.element.name in proven else column_check(one, delimiters, plain)
                    for one in part.open_elements
                ]
            if number == head_parts:
                self._head_columns = len(checks)
        self._checks = checks
        template = "".join("%s" if part is None else part.template for part in parts)
        self._between = (template % ((_OPEN,) * len(checks))).split(_OPEN)

    def fill(
        self, columns: Sequence[Column], heads: Mapping[int, str] = MappingProxyType({})
    ) -> list[str] | None:
        """The texts of all rows in pieces, as many for each row; None where the map does not allow some value.

        `heads` are those of the rows whose head is another. Their values here are checked all the same.
        """
        row_count = len(columns[0])
        if any(len(column) != row_count for column in columns):
            raise ValueError("the columns of a form must be of one length")
        # The row that all are like, with the columns that differ from row to row. Columns of one value are part of it.
        row: list[str] = []
        places: list[tuple[int, Column]] = []
        written, head_pieces = self._between[0], 0
        for number, (check, column, after) in enumerate(
            zip(self._checks, columns, self._between[1:], strict=True), start=1
        ):
            is_one = column[0] == column[-1] and column.count(column[0]) == row_count
            if check is not None and not check(column[:1] if is_one else column):
                return None
            if is_one:
                written += column[0]
            else:
                places.append((len(row) + 1, column))
                row += (written, "")
                written = ""
            if heads and number == self._head_columns:
                row.append(written)
                head_pieces, written = len(row), ""
            written += after
        row.append(written)
        # A list that is repeated and then set column by column is made in a third of the time that zip takes.
        pieces, stride = row * row_count, len(row)
        for place, column in places:
            pieces[place::stride] = column
        for at, head in heads.items():
            pieces[at * stride : at * stride + head_pieces] = [head, *[""] * (head_pieces - 1)]
        return pieces

    def texts(self, columns: Sequence[Column]) -> list[str] | None:
        """The text of each row."""
        pieces = self.fill(columns)
        if pieces is None:
            return None
        stride = len(pieces) // len(columns[0])
        return ["".join(pieces[at : at + stride]) for at in range(0, len(pieces), stride)]


class Known:
    """Whether every value of a column passes a test; values that did are remembered."""

    def __init__(self, is_right: Callable[[str], object], *known: str) -> None:
        self._is_right = is_right
        self._first = known
        self._known = set(known)

    def __call__(self, column: Column) -> bool:
        if self._known.issuperset(column):
            return True
        new = set(column) - self._known
        if not all(map(self._is_right, new)):
            return False
        if len(self._known) + len(new) > VALUES_KEPT_MAX:
            self._known = set(self._first)
        self._known |= new
        return True


class _Lengths:
    """Whether every value of a column has the right length."""

    def __init__(self, element: OpenElement) -> None:
        self._shortest, self._longest = element.element.length_min, element.element.length_max
        self._may_be_empty = element.may_be_empty

    def __call__(self, column: Column) -> bool:
        lengths = set(map(len, column))
        if self._may_be_empty:
            lengths.discard(0)
        return not lengths or (min(lengths) >= self._shortest and max(lengths) <= self._longest)


class _Texts(_Lengths):
    """Whether every value of a column has the right length and characters."""

    def __init__(self, element: OpenElement, delimiters: str) -> None:
        super().__init__(element)
        self._allowed = "".join(one for one in EXTENDED if one not in delimiters).encode("ascii")

    def __call__(self, column: Column) -> bool:
        joined = "".join(column)
        if not joined.isascii() or joined.encode().translate(None, self._allowed):
            return False
        return super().__call__(column)


def column_check(element: OpenElement, delimiters: str, plain: Collection[str]) -> Callable[[Column], bool]:
    """The check of a column of values of one element."""
    one, empty = element.element, ("",) if element.may_be_empty else ()
    if one.codes:
        return one.codes.union(empty).issuperset
    if one.name in plain:
        return _Lengths(element)
    is_long = one.length_max > SHORT_CHARACTERS_MAX and one.name not in _REPEATED
    if one.data_type in ("AN", "ID") and is_long:
        return _Texts(element, delimiters)
    return Known(value_matcher(one, delimiters).fullmatch, *empty)
