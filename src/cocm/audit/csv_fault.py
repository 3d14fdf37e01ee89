"""What keeps a CSV file from being read: the first row that is not UTF-8, or has other than the header's cells."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_DELIMITERS: Final = ",;\t|"


def csv_fault(path: Path) -> str | None:
    """The file's first fault in words, with the row and without its values; None where it has none of these.

    Rows are counted from 1, the header's.
    """
    with path.open("rb") as stream:
        header = stream.readline().decode("utf-8-sig", "replace")
        stream.seek(0)
        delimiter = max(_DELIMITERS, key=header.count)
        width = 0
        try:
            rows = csv.reader(_lines(stream), delimiter=delimiter, strict=True)
            for number, cells in enumerate(rows, 1):
                width = width or len(cells)
                if cells and len(cells) != width:
                    return (
                        f"{path}: row {number}: expected {width} cells as in the header, found {len(cells)}"
                    )
        except _NotUtf8 as problem:
            return f"{path}: {problem}"
        except csv.Error:
            return (
                f"{path}: cannot be read as rows of cells: a quotation mark may stand open, or the lines have other "
                "ends than those of a CSV file"
            )
    return None


class _NotUtf8(Exception):
    """A line that is not UTF-8."""


def _lines(stream: Iterator[bytes]) -> Iterator[str]:
    for number, line in enumerate(stream, 1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            raise _NotUtf8(
                f"line {number}: expected text in UTF-8, found another encoding; save the file as CSV UTF-8"
            ) from None
