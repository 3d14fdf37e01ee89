"""The fast reader of a file's rows: one function, written for the file's header when it is opened.

Half of a close's reading would go into calling a reader for each cell. The function written here splits a row, looks
once at the whole of it for anything that needs a second look, and puts the values in the contract's order:

    def read(row):
        c0, c1, c2, = row.split(",")
        if not (row.isprintable() and " ," not in row and ... and 0 < len(c0) <= 50 ...):
            raise NotPlain
        return (c0, read1[c2], c1,)

It decides nothing by itself: where it does not answer, the careful readers of `cells` do, and where it answers they
would have said the same. A property test holds it to that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from cocm.intake.cells import AS_IT_STANDS, NotPlain, empty_value, plain_cells
from cocm.intake.contract import Column, Kind

PlainReader: TypeAlias = Callable[[str], Sequence[Any]]
"""From a row's text to its values in the contract's order. Raises `ValueError` for a row that is not plain."""


def plain_reader(columns: Sequence[tuple[Column, int | None]], width: int, separator: str) -> PlainReader:
    """The reader of rows of `width` cells, from the contract's columns and their places (None: not there)."""
    scope: dict[str, Any] = {"NotPlain": NotPlain}
    conditions = _of_the_row(separator)
    identifiers: list[str] = []
    values: list[str] = []
    for number, (column, place) in enumerate(columns):
        cell, value = f"c{place}", f"read{number}"
        if place is None:
            scope[value] = empty_value(column)
            values.append(value)
        elif column.kind in AS_IT_STANDS:
            conditions.append(f"{'0 < ' if column.required else ''}len({cell}) <= {column.length_max}")
            if column.kind is Kind.IDENTIFIER:
                identifiers.append(cell)
            values.append(cell)
        else:
            scope[value] = plain_cells(column)
            values.append(f"{value}[{cell}]")
    if identifiers:
        conditions.append(_without_signs_of_numbers(identifiers))
    cells = ", ".join(f"c{place}" for place in range(width))
    source = (
        f"def read(row):\n"
        f"    {cells}, = row.split({separator!r})\n"
        f"    if not ({' and '.join(conditions)}):\n"
        f"        raise NotPlain\n"
        f"    return ({', '.join(values)},)\n"
    )
    exec(source, scope)  # made from numbers, the separator and our own words
    read: PlainReader = scope["read"]
    return read


def _of_the_row(separator: str) -> list[str]:
    """No odd characters, no blanks at either end of a cell, no cell that begins as a spreadsheet's errors do."""
    text = "row" if separator.isprintable() else f"row.replace({separator!r}, '')"
    ends = [f"{part!r} not in row" for part in (f" {separator}", f"{separator} ", f"{separator}#")]
    return [f"{text}.isprintable()", *ends, "row[:1] not in (' ', '#')", "row[-1:] != ' '"]


def _without_signs_of_numbers(cells: Sequence[str]) -> str:
    """No identifier that a spreadsheet may have made a number of (`1.0`, `1E+10`); most rows have no such sign."""
    each = " and ".join(f"'.' not in {cell} and '+' not in {cell}" for cell in cells)
    return f"('.' not in row and '+' not in row or {each})"
