"""Where each value stands on a paper form: a table of lines and columns on a typewriter's grid, from the rulebook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cocm.basics.errors import FormError, RulebookError
from cocm.rules import Rulebook
from cocm.rules.tables import read_table

OTHERWISE: Final = "*"
_CROSS: Final = "X"


@dataclass(frozen=True, slots=True)
class Field:
    """One place on the form. With `marks` it is a box, crossed when the value is among them (`*`: when no other is)."""

    box: str
    name: str
    line: int
    column: int
    width: int
    is_right_aligned: bool
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlacedText:
    """A text at a line and column of the form, both from 1."""

    line: int
    column: int
    text: str


@lru_cache(maxsize=8)
def load_layout(name: str) -> tuple[Field, ...]:
    """The fields of a form in the rulebook's `forms/`."""
    return tuple(
        Field(
            box=row.text("box"),
            name=row.text("field"),
            line=int(row.number("line")),
            column=int(row.number("column")),
            width=int(row.number("width")),
            is_right_aligned=row.text("align") == "right",
            marks=tuple(row.text("mark").split()),
        )
        for row in read_table(Rulebook().data_file(f"forms/{name}.csv"))
    )


def placed_texts(
    layout: tuple[Field, ...], values: Mapping[str, str], *, may_cut: frozenset[str], line_offset: int = 0
) -> Iterator[PlacedText]:
    """The values at their places.

    A value longer than its place is cut where its name is in `may_cut`, else it is a `FormError` naming the box. Values
    the form has no field for are a `RulebookError`: the table and the code must agree.
    """
    unknown = values.keys() - {field.name for field in layout}
    if unknown:
        raise RulebookError(f"the form's table has no field {', '.join(sorted(unknown))}")
    crossed = {field.name for field in layout if values.get(field.name, "") in field.marks}
    for field in layout:
        value = values.get(field.name, "")
        if not value:
            continue
        if field.marks:
            is_crossed = value in field.marks or (OTHERWISE in field.marks and field.name not in crossed)
            text = _CROSS if is_crossed else ""
        else:
            text = _fitted(field, value, may_cut)
        if text:
            column = field.column + (field.width - len(text) if field.is_right_aligned else 0)
            yield PlacedText(field.line + line_offset, column, text)


def _fitted(field: Field, value: str, may_cut: frozenset[str]) -> str:
    if len(value) <= field.width:
        return value
    if field.name in may_cut:
        return value[: field.width].rstrip()
    raise FormError(
        f"box {field.box} ({field.name}): {len(value)} characters, and the form has room for {field.width}"
    )
