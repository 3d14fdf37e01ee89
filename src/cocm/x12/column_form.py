"""Blocks of segments filled in for many claims at once: each value of a column is checked, then all texts are made.

What a value must be comes from the same map as in `form`; a whole column is checked in a few steps that Python takes
at the speed of C. A column form says yes or no. Which value is wrong, and why, is said by `form`, value by value.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import repeat
from typing import Final

from cocm.x12.charset import EXTENDED
from cocm.x12.form import BlockForm, OpenElement
from cocm.x12.patterns import value_matcher

Column = Sequence[str]

# Values of elements this short, and codes, come again and again: they are remembered.
SHORT_CHARACTERS_MAX: Final = 3
VALUES_KEPT_MAX: Final = 8192

_OPEN: Final = "\ue000"  # no X12 text holds it


class ColumnForm:
    """Several blocks, and between them places for text that is already written (`None`).

    Elements named in `plain` are given texts out of `plain_texts`: their characters are right.
    """

    def __init__(self, delimiters: str, plain: Collection[str], *parts: BlockForm | None) -> None:
        checks: list[Callable[[Column], bool] | None] = []
        for part in parts:
            if part is None:
                checks.append(None)
            else:
                checks += [_check(one, delimiters, plain) for one in part.open_elements]
        self._checks = checks
        template = "".join("%s" if part is None else part.template for part in parts)
        self._between = (template % ((_OPEN,) * len(checks))).split(_OPEN)

    def fill(self, columns: Sequence[Column]) -> list[str] | None:
        """The texts, one for each row of the columns; None where the map does not allow some value."""
        if len(set(map(len, columns))) > 1:
            raise ValueError("the columns of a form must be of one length")
        pieces: list[Iterable[str]] = [repeat(self._between[0])]
        for check, column, after in zip(self._checks, columns, self._between[1:], strict=True):
            if check is not None and not check(column):
                return None
            pieces.append(column)
            if after:
                pieces.append(repeat(after))
        # Joined, for that takes less than half the time of filling in a template of so many places.
        return list(map("".join, zip(*pieces, strict=False)))


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


def _check(element: OpenElement, delimiters: str, plain: Collection[str]) -> Callable[[Column], bool]:
    """The check of a column of values of one element."""
    one, empty = element.element, ("",) if element.may_be_empty else ()
    if one.codes:
        return one.codes.union(empty).issuperset
    if one.name in plain:
        return _Lengths(element)
    if one.data_type in ("AN", "ID") and one.length_max > SHORT_CHARACTERS_MAX:
        return _Texts(element, delimiters)
    return Known(value_matcher(one, delimiters).fullmatch, *empty)
