"""A small table beside the contract's: a CSV file of a few named columns, read whole or refused by name."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from cocm.basics.errors import TableError
from cocm.intake.csv_file import DELIMITERS
from cocm.intake.headers import column_name


def small_table_rows(
    path: Path, columns: Sequence[str], name: str = ""
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows with their numbers (the heading is row 1), each cell by its column and without blanks around it.

    UTF-8, with commas, semicolons or tabs; headings as spreadsheets and people write them (`Claim ID` is `claim_id`).
    Columns that are not asked for are left out, and a row without anything is none. `name` is what the file is called
    in messages, where it is not its own name. Raises `TableError` where a column is missing or named twice, or the file
    is no CSV in UTF-8.
    """
    file = name or path.name
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            heading = lines.readline()
            rows = csv.reader(lines, delimiter=_delimiter(heading))
            places = _places(file, next(csv.reader([heading], rows.dialect), []), columns)
            for number, cells in enumerate(rows, start=2):
                if any(cell.strip() for cell in cells):
                    yield (
                        number,
                        {
                            column: cells[place].strip() if place < len(cells) else ""
                            for column, place in zip(columns, places, strict=True)
                        },
                    )
    except (UnicodeDecodeError, csv.Error) as problem:
        raise TableError(f"{file}: not a CSV file in UTF-8 ({problem})") from None


def _delimiter(heading: str) -> str:
    """What stands most often between the headings; the comma wins a tie."""
    return max(DELIMITERS, key=heading.count)


def _places(file: str, heading: Sequence[str], columns: Sequence[str]) -> list[int]:
    names = [column_name(cell) for cell in heading]
    missing = sorted(set(columns) - set(names))
    if missing:
        raise TableError(f"{file}: column {', '.join(missing)} is missing")
    twice = sorted(column for column in columns if names.count(column) > 1)
    if twice:
        raise TableError(f"{file}: column {', '.join(twice)} is there more than once")
    return [names.index(column) for column in columns]
