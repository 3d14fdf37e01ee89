"""Formulas of a sheet that were never worked out: a program wrote them, and no spreadsheet has saved them since.

Their cells look empty to whoever reads values, which is not what the practice meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import IO, Any, Final

from openpyxl.utils.cell import coordinate_to_tuple
from openpyxl.xml.functions import iterparse

_FORMULA: Final = re.compile(rb"<(?:\w+:)?f[\s/>]")
_CHUNK_BYTES: Final = 1 << 20
_TAG_BYTES_MAX: Final = 64


def pending_formulas(open_sheet: Callable[[], IO[bytes]]) -> Iterator[tuple[int, int]]:
    """Row and column, from 1 on, of each formula without a value. A sheet without formulas costs a search."""
    with open_sheet() as stream:
        if not _holds_formulas(stream):
            return
    with open_sheet() as stream:
        row = column = 0
        for event, element in iterparse(stream, events=("start", "end")):
            name = _local_name(element)
            if event == "start" and name == "row":
                row, column = int(element.get("r", row + 1)), 0
            elif event == "end" and name == "c":
                coordinate = element.get("r")
                column = coordinate_to_tuple(coordinate)[1] if coordinate else column + 1
                if _is_pending(element):
                    yield row, column
            elif event == "end" and name == "row":
                element.clear()


def _holds_formulas(stream: IO[bytes]) -> bool:
    end = b""
    while chunk := stream.read(_CHUNK_BYTES):
        if _FORMULA.search(end + chunk):
            return True
        end = chunk[-_TAG_BYTES_MAX:]
    return False


def _is_pending(cell: Any) -> bool:
    """A formula that came to an empty text has no value either, but says that it is a text."""
    children = {_local_name(child): child for child in cell}
    return "f" in children and cell.get("t") != "str" and not getattr(children.get("v"), "text", None)


def _local_name(element: Any) -> str:
    name: str = element.tag
    return name.rpartition("}")[2]
