"""The fast reader of a file's rows: one function, written for the file's header when it is opened.

Half of a close's reading would go into calling a reader for each cell, and half of the rest into looking at each row by
itself. The function written here splits many rows, looks once at the whole text for anything that needs a second look,
takes column after column, and puts the values in the contract's order:

    def read(rows):
        c0, c1, c2, = zip(*[row.split(",") for row in rows], strict=True)
        text = "," + ",".join(rows) + ","
        if not (is_printable(text) and " ," not in text and ... and all(c0) and max(map(len, c0)) <= 50 ...):
            raise NotPlain
        return list(zip(c0, map(read1.__getitem__, c2), c1))

It decides nothing by itself: where it does not answer, the careful readers of `cells` do, and where it answers they
would have said the same. A property test holds it to that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Any, Final, TypeAlias

from cocm.intake.cells import AS_IT_STANDS, NotPlain, empty_value, plain_cells
from cocm.intake.contract import Column, Kind

PlainReader: TypeAlias = Callable[[Sequence[str]], list[Sequence[Any]]]
"""From rows' texts to their values in the contract's order. Raises `ValueError` where any row is not plain."""


def plain_reader(columns: Sequence[tuple[Column, int | None]], width: int, separator: str) -> PlainReader:
    """The reader of rows of `width` cells, from the contract's columns and their places (None: not there)."""
    scope: dict[str, Any] = {"NotPlain": NotPlain, "repeat": repeat, "is_printable": is_printable}
    conditions = _of_the_text(separator)
    identifiers: list[str] = []
    values: list[str] = []
    for number, (column, place) in enumerate(columns):
        cells, value = f"c{place}", f"read{number}"
        if place is None:
            scope[value] = empty_value(column)
            values.append(f"repeat({value}, len(rows))")
        elif column.kind in AS_IT_STANDS:
            if column.required:
                conditions.append(f"all({cells})")
            conditions.append(f"max(map(len, {cells})) <= {column.length_max}")
            if column.kind is Kind.IDENTIFIER:
                identifiers.append(cells)
            values.append(cells)
        else:
            scope[value] = plain_cells(column)
            values.append(f"map({value}.__getitem__, {cells})")
    if identifiers:
        conditions.append(_without_signs_of_numbers(identifiers))
    names = ", ".join(f"c{place}" for place in range(width))
    source = (
        f"def read(rows):\n"
        f"    {names}, = zip(*[row.split({separator!r}) for row in rows], strict=True)\n"
        f"    text = {separator!r} + {separator!r}.join(rows) + {separator!r}\n"
        f"    if not ({' and '.join(conditions)}):\n"
        f"        raise NotPlain\n"
        f"    return list(zip({', '.join(values)}))\n"
    )
    exec(source, scope)  # made from numbers, the separator and our own words
    read: PlainReader = scope["read"]
    return read


def _of_the_text(separator: str) -> list[str]:
    """No odd characters, no blanks at either end of a cell, no cell that begins as a spreadsheet's errors do."""
    ends = [f"{part!r} not in text" for part in (f" {separator}", f"{separator} ")]
    no_error = (
        f"('#' not in text or {f'{separator}#'!r} not in text)"  # one character is found ten times as fast
    )
    return [f"is_printable(text, {separator!r})", no_error, *ends]


def is_printable(text: str, separator: str) -> bool:
    """Whether all characters are printable, or the separator. Asked of ASCII's table where that is enough."""
    if text.isascii() and not text.encode().translate(None, _PRINTABLE + separator.encode()):
        return True
    return text.replace(separator, "").isprintable()


_PRINTABLE: Final = bytes(range(ord(" "), ord("~") + 1))


def _without_signs_of_numbers(identifiers: Sequence[str]) -> str:
    """No identifier that a spreadsheet may have made a number of (`1.0`, `1E+10`); most texts have no such sign."""
    each = " and ".join(f"{sign!r} not in ''.join({cells})" for cells in identifiers for sign in ".+")
    return f"('.' not in text and '+' not in text or {each})"
