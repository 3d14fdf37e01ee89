"""One table in a CSV file: its delimiter, its header, its rows, and whether it is sorted by patient."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count, islice, repeat
from pathlib import Path
from typing import Final, TextIO

from cocm.basics.errors import TableError
from cocm.intake.contract import TABLE_ROWS_MAX, Table
from cocm.intake.headers import HeaderReading, column_name, read_header
from cocm.intake.problems import RowProblem
from cocm.intake.rows import BLANKS, CELL_SEPARATOR, Layout, RawRow, joined_cells

DELIMITERS: Final = (",", ";", "\t")
_OTHER_ENCODINGS: Final = (b"\xff\xfe", b"\xfe\xff", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b")
_CHUNK_BYTES: Final = 1 << 18
_CUT_LENGTH: Final = 10_000
"""What is kept of a huge cell: more than any column takes."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What a first look at a file by patient found.

    `is_sorted`: by patient, in plain string order. `is_plain`: each line is a row and every delimiter ends a
    cell, so that a CSV reader is not needed. `rows` counts them, blank ones included.
    """

    is_sorted: bool
    is_plain: bool
    rows: int


def delimiter_of(header: str, table: Table) -> str:
    """The separator under which most of a header's cells are columns of the table; the comma wins a tie."""

    def known(delimiter: str) -> int:
        cells = next(csv.reader([header], delimiter=delimiter), [])
        return sum(column_name(cell) in table.positions for cell in cells)

    return max(DELIMITERS, key=known)


@dataclass
class CsvFile:
    """A table in a CSV file: UTF-8, separated by commas, semicolons or tabs, with or without a byte order
    mark.

    Bytes that are not UTF-8 do not stop the reading: they are kept as they are and refused where they stand.
    `damaged_rows` gathers, while rows are read, those that are no CSV at all.
    """

    path: Path
    table: Table
    header: HeaderReading = field(init=False)
    damaged_rows: list[RowProblem] = field(default_factory=list)
    _delimiter: str = field(init=False)

    def __post_init__(self) -> None:
        try:
            with self.path.open("rb") as stream:
                if stream.read(4).startswith(_OTHER_ENCODINGS):
                    raise TableError(
                        f"{self.path.name}: not a CSV file in UTF-8 (it looks like UTF-16, a workbook or an "
                        "archive); save it as “CSV UTF-8 (comma delimited)”"
                    )
            with self._open() as text:
                first_line = text.readline(_CHUNK_BYTES)
                self._delimiter = delimiter_of(first_line, self.table)
                text.seek(0)
                cells = next(csv.reader(text, delimiter=self._delimiter), [])
        except (OSError, csv.Error) as problem:
            raise TableError(f"{self.path.name}: cannot be read ({problem})") from problem
        self.header = read_header(self.path.name, self.table, cells)

    def _open(self, newline: str = "") -> TextIO:
        return self.path.open(newline=newline, encoding="utf-8-sig", errors="surrogateescape")

    @cached_property
    def layout(self) -> Layout:
        """The file's layout; for a table by patient it takes the survey."""
        layout = self.header.layout
        if self.table.is_by_patient and self.survey.is_plain:
            return replace(layout, separator=self._delimiter)
        return layout

    def rows(self) -> Iterator[RawRow]:
        """The rows in file order without header and blank ones, numbered as a spreadsheet numbers them."""
        if self.table.is_by_patient and self.survey.is_plain:
            return self._plain_rows()
        return self._rows()

    def _plain_rows(self) -> Iterator[RawRow]:
        blanks = BLANKS + self._delimiter
        with self._open(newline="\n") as text:
            next(text, None)
            for row in enumerate(map(str.rstrip, text, repeat("\r\n")), 2):
                line = row[1]
                if line and (line[0] not in blanks or line.strip(blanks)):
                    yield row

    def _rows(self) -> Iterator[RawRow]:
        with self._open() as text:
            reader = csv.reader(text, delimiter=self._delimiter)
            next(reader, None)
            numbers = count(2)
            lines_read = reader.line_num
            while True:
                try:
                    for cells in reader:
                        number = next(numbers)
                        if any(cells):
                            text_of_row = joined_cells(cells)
                            if "\n" in text_of_row and (swallowed := self._swallowed(text_of_row)):
                                yield number, swallowed[0]
                                for row in swallowed[1:]:
                                    yield next(numbers), row
                            else:
                                yield number, text_of_row
                        lines_read = reader.line_num
                    return
                except csv.Error as problem:  # this row is lost; the reader goes on with the next
                    number = next(numbers)
                    if reader.line_num > lines_read + 1:
                        raise TableError(
                            f"{self.path.name}, row {number}: a quotation mark that is not closed swallows the rows "
                            "after it; close it and start again"
                        ) from problem
                    lines_read = reader.line_num
                    if row := self._cut_short(lines_read):
                        yield number, row
                    else:
                        self._note_damage(number, problem)

    def _cut_short(self, line_number: int) -> str:
        """A row with a cell longer than a CSV reader takes: cut, so that the cell is refused and the patient known.

        Empty where no patient is found: the cell swallowed the rest of its line.
        """
        with self._open() as text:
            line = next(islice(text, line_number - 1, None))
        limit = csv.field_size_limit(max(csv.field_size_limit(), len(line)))
        try:
            read = next(csv.reader([line], delimiter=self._delimiter), [])
        except csv.Error:
            return ""
        finally:
            csv.field_size_limit(limit)
        cells = [cell[:_CUT_LENGTH] for cell in read]
        layout = self.header.layout
        if self.table.is_by_patient and len(cells) <= layout.place("patient_id"):
            return ""
        return joined_cells(cells + [""] * (layout.width - len(cells)))

    def _swallowed(self, text: str) -> list[str]:
        """The rows that a quotation mark which is not closed made into one; none where a cell has several lines.

        Each is marked so that it is refused by itself: its patient is known, and nobody is billed without it.
        """
        layout = self.header.layout
        lines = text.replace(CELL_SEPARATOR, self._delimiter).split("\n")
        rows = [
            row
            for line in lines
            for row in csv.reader([line.rstrip("\r")], delimiter=self._delimiter)
            if 2 * len(row) > layout.width
        ]
        if len(rows) < 2:
            return []
        mark = next(
            place
            for column, place in zip(self.table.columns, layout.places, strict=True)
            if place >= 0 and column.name != "patient_id"
        )
        for row in rows:
            row += [""] * (layout.width - len(row))
            row[mark] = f"{row[mark] or '?'}\n?"
        return [joined_cells(row) for row in rows]

    def _note_damage(self, number: int, problem: csv.Error) -> None:
        expectation = "a row of CSV (look for a quotation mark that is not closed)"
        damage = RowProblem(self.path.name, self.table.name, number, "", expectation, str(problem))
        if damage not in self.damaged_rows:  # a file may be read more than once
            self.damaged_rows.append(damage)

    @cached_property
    def survey(self) -> Survey:
        """A first look at a file by patient. Raises `TableError` above `TABLE_ROWS_MAX` rows."""
        found = self._survey_of_lines() or self._survey_of_rows()
        if found.rows > TABLE_ROWS_MAX:
            raise TableError(
                f"{self.path.name}: {found.rows} rows; at most {TABLE_ROWS_MAX} are read: split the practice"
            )
        return found

    def _survey_of_lines(self) -> Survey | None:
        """The survey of a plain file, from its bytes; None for a file that is not plain."""
        place = self.header.layout.place("patient_id")
        delimiter = self._delimiter.encode()
        last, is_sorted, rows = b"", True, -1  # the header is no row
        with self.path.open("rb") as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                chunk += stream.readline()
                if b'"' in chunk or b"\r" in chunk.replace(b"\r\n", b"") or not _is_text(chunk):
                    return None
                lines = chunk.splitlines()
                first = 1 if rows < 0 else 0
                rows += len(lines)
                if is_sorted:
                    keys = [last, *_keys(lines[first:], delimiter, place)]
                    is_sorted = keys == sorted(keys)
                    last = keys[-1]
        return Survey(is_sorted, True, max(rows, 0))

    def _survey_of_rows(self) -> Survey:
        layout = self.header.layout
        last, is_sorted, rows = "", True, 0
        for row in self._rows():
            key = patient_key(row[1], layout.separator, layout.place("patient_id"))
            is_sorted = is_sorted and last <= key
            last = key
            rows += 1
        return Survey(is_sorted, False, rows)


def _is_text(chunk: bytes) -> bool:
    try:
        return chunk.isascii() or bool(chunk.decode())
    except UnicodeDecodeError:
        return False


def _keys(lines: list[bytes], delimiter: bytes, place: int) -> list[bytes]:
    try:
        keys = [line.split(delimiter, place + 1)[place].strip() for line in lines]
    except IndexError:
        keys = [b""]
    if b"" not in keys:
        return keys
    blanks = BLANKS.encode() + delimiter  # blank lines are no rows; a short one belongs to no patient
    cells = [line.split(delimiter, place + 1) for line in lines if line.strip(blanks)]
    return [row[place].strip() if place < len(row) else b"" for row in cells]


def patient_keys(texts: Sequence[str], separator: str, place: int) -> list[str]:
    """The patients of rows, each as `patient_key` has it."""
    try:
        return [text.split(separator, place + 1)[place].strip(BLANKS) for text in texts]
    except IndexError:
        return [patient_key(text, separator, place) for text in texts]


def patient_key(text: str, separator: str, place: int) -> str:
    """The patient a row belongs to, as files are sorted and merged by; empty where the row ends before."""
    cells = text.split(separator, place + 1)
    return cells[place].strip(BLANKS) if place < len(cells) else ""
