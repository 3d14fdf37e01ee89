"""A publisher's file as downloaded: plain, or inside its archive; text in either encoding, or a workbook."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import warnings
import zipfile
import zlib
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import product
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final, TypeAlias

from openpyxl import load_workbook

from cocm.basics.errors import FileTooLarge, PublishedFileError

Cells: TypeAlias = list[str]
"""A row's cells, trimmed; an empty cell is empty text."""
NumberedRow: TypeAlias = tuple[int, Cells]

FILE_BYTES_MAX: Final = 512 * 1024**2
"""Unpacked size of a file. The largest published one, a quarter of the coding pairs, has about 100 MB."""
WORKBOOK_BYTES_MAX: Final = 1024**3
"""Unpacked size of a workbook's parts."""
_SUFFIXES: Final = (".csv", ".txt", ".xlsx")
"""In the order of preference where an archive holds one table in several forms."""
_SUFFIXES_READ: Final = (*_SUFFIXES, ".tsv")
_CHUNK_BYTES: Final = 1 << 20
_CODE_PAGE: Final = "cp1252"
_OLD_HARD_BLANK: Final = "ÿ"
_SNIFFED_LINES: Final = 60
_TABS_MIN: Final = 2


@dataclass(frozen=True)
class SourceFile:
    """An opened file: `path` as given, `member` the file inside its archive (empty: the file itself)."""

    path: Path
    member: str

    @property
    def name(self) -> str:
        """The name that errors and sources tell: `rvu26d.zip/PPRRVU2026_Oct.csv`."""
        return f"{self.path.name}/{self.member}" if self.member else self.path.name

    @property
    def table_name(self) -> str:
        """The name of the table's own file, without folders."""
        return PurePosixPath(self.member or self.path.name).name

    @property
    def is_workbook(self) -> bool:
        """Whether the table is an XLSX workbook."""
        return self.table_name.lower().endswith(".xlsx")

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the file as downloaded."""
        with self.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    def lines(self) -> Iterator[tuple[int, str]]:
        """The numbered lines of a text file, without line ends."""
        if self.is_workbook:
            raise PublishedFileError(f"{self.name}: expected a text file, found a workbook")
        with self._text() as text:
            for number, line in enumerate(self._clean(text), 1):
                yield number, line.rstrip("\r\n")

    def sheets(self) -> Iterator[tuple[str, Iterator[NumberedRow]]]:
        """The file's tables, each with a name for errors: one for a text file, one a sheet for a workbook."""
        if self.is_workbook:
            yield from self._workbook_sheets()
        else:
            yield self.name, self._delimited_rows()

    def _delimited_rows(self) -> Iterator[NumberedRow]:
        with self._text() as text:
            delimiter = self._delimiter
            reader = csv.reader(self._clean(text), delimiter=delimiter)
            try:
                for cells in reader:
                    yield reader.line_num, [trimmed(cell) for cell in cells]
            except csv.Error as problem:
                raise PublishedFileError(
                    f"{self.name}: line {reader.line_num + 1} is no delimited text ({problem}); "
                    "look for a quotation mark that is not closed"
                ) from problem

    def _clean(self, text: io.TextIOWrapper) -> Iterator[str]:
        """The text's lines; in CMS's older files the last code of the code page is a hard blank."""
        if self._encoding != _CODE_PAGE:
            return iter(text)
        return (line.replace(_OLD_HARD_BLANK, " ") for line in text)

    @cached_property
    def _delimiter(self) -> str:
        with self._text() as text:
            first = [line for _, line in zip(range(_SNIFFED_LINES), text, strict=False)]
        return "\t" if any(line.count("\t") >= _TABS_MIN for line in first) else ","

    def _workbook_sheets(self) -> Iterator[tuple[str, Iterator[NumberedRow]]]:
        with self._bytes() as stream:
            content = io.BytesIO(stream.read())
        try:
            with zipfile.ZipFile(content) as parts:
                unpacked = sum(part.file_size for part in parts.infolist())
            if unpacked > WORKBOOK_BYTES_MAX:
                raise FileTooLarge(
                    f"{self.name}: the workbook unpacks to {unpacked:,} bytes; at most {WORKBOOK_BYTES_MAX:,} "
                    "are read"
                )
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # styles and extensions that do not matter here
                book = load_workbook(content, read_only=True, data_only=True, keep_links=False)
        except FileTooLarge:
            raise
        except Exception as problem:  # openpyxl raises whatever it stumbles over in a damaged file
            raise PublishedFileError(
                f"{self.name}: cannot be read as an XLSX workbook ({problem})"
            ) from problem
        for sheet in book.worksheets:
            yield f"{self.name}, sheet {sheet.title}", self._sheet_rows(sheet)
        book.close()

    def _sheet_rows(self, sheet: Any) -> Iterator[NumberedRow]:
        if hasattr(sheet, "reset_dimensions"):
            sheet.reset_dimensions()  # the size written in the file is often wrong
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            for number, values in enumerate(sheet.iter_rows(values_only=True), 1):
                yield number, [_cell_text(value) for value in values]

    @contextmanager
    def _text(self) -> Iterator[io.TextIOWrapper]:
        with self._bytes() as stream:
            yield io.TextIOWrapper(stream, encoding=self._encoding, errors="replace", newline="")

    @cached_property
    def _encoding(self) -> str:
        """UTF-8 where every byte is, else the Windows code page that CMS uses; a byte order mark decides."""
        decoder = getincrementaldecoder("utf-8")()
        with self._bytes() as stream:
            first = chunk = stream.read(_CHUNK_BYTES)
            if first.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
                return "utf-16"
            try:
                while chunk:
                    decoder.decode(chunk)
                    chunk = stream.read(_CHUNK_BYTES)
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                return _CODE_PAGE
        return "utf-8-sig" if first.startswith(BOM_UTF8) else "utf-8"

    @contextmanager
    def _bytes(self) -> Iterator[IO[bytes]]:
        try:
            if not self.member:
                with self.path.open("rb") as stream:
                    yield stream
                return
            with zipfile.ZipFile(self.path) as archive, archive.open(self.member) as member:
                yield member
        except (OSError, zipfile.BadZipFile, zlib.error, RuntimeError, EOFError) as problem:
            raise PublishedFileError(f"{self.name}: cannot be read ({problem})") from problem


def open_source(path: Path, names: Sequence[re.Pattern[str]], member: str | None = None) -> SourceFile:
    """The file itself, or the one member of an archive whose name fits a kind of file.

    `names` fit the names of such files, the best one first. Where an archive holds one table in several forms,
    CSV is preferred to text and text to a workbook. `member` names one where several fit. Raises
    `PublishedFileError`, or `FileTooLarge` before anything is unpacked.
    """
    if not path.is_file():
        raise PublishedFileError(f"{path}: no such file")
    if path.suffix.lower() != ".zip":
        if path.suffix.lower() not in _SUFFIXES_READ:
            raise PublishedFileError(
                f"{path.name}: expected a file ending in .zip, {', '.join(_SUFFIXES_READ)}; give it as downloaded"
            )
        _refuse_large(path.name, path.stat().st_size)
        return SourceFile(path, "")
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {part.filename: part.file_size for part in archive.infolist() if not part.is_dir()}
    except (zipfile.BadZipFile, OSError) as problem:
        raise PublishedFileError(f"{path.name}: not a readable archive ({problem})") from problem
    chosen = _member(path, sizes, names, member)
    _refuse_large(f"{path.name}/{chosen}", sizes[chosen])
    return SourceFile(path, chosen)


def _member(path: Path, sizes: dict[str, int], names: Sequence[re.Pattern[str]], wanted: str | None) -> str:
    there = f"it holds {', '.join(sorted(sizes)) or 'nothing'}"
    if wanted is not None:
        if wanted not in sizes:
            raise PublishedFileError(f"{path.name}: has no member {wanted!r}; {there}")
        return wanted
    for form, suffix in product(names, _SUFFIXES):
        found = [
            name for name in sizes if name.lower().endswith(suffix) and form.search(PurePosixPath(name).name)
        ]
        if len(found) > 1:
            raise PublishedFileError(
                f"{path.name}: {', '.join(sorted(found))} all fit; say which with --member NAME"
            )
        if found:
            return found[0]
    raise PublishedFileError(
        f"{path.name}: no member is named as this kind of file is; {there}; say which with --member NAME"
    )


def _refuse_large(name: str, size: int) -> None:
    if size > FILE_BYTES_MAX:
        raise FileTooLarge(
            f"{name}: has {size:,} bytes unpacked; at most {FILE_BYTES_MAX:,} are read. No publisher's file is "
            "so large: check where it comes from"
        )


def trimmed(text: str) -> str:
    """A cell without blanks around it (hard blanks too) and with single ones inside."""
    return " ".join(text.split()) if text else text


def _cell_text(value: Any) -> str:
    """A workbook's cell as the text that the same table has as a CSV file."""
    match value:
        case None:
            return ""
        case str():
            return trimmed(value)
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case datetime():
            return value.date().isoformat()
        case date():
            return value.isoformat()
    return str(value)
