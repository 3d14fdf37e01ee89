"""Files are written whole or not at all, and a cell never becomes a formula."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, Final, TextIO, cast

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
_ESCAPE: Final = "'"


@contextmanager
def atomic_write(path: Path) -> Iterator[BinaryIO]:
    """A binary file that appears under its name only when it is complete, for its owner alone (mode 0600).

    It is written beside its target under a temporary name, synced and renamed; when the body raises, nothing
    is left behind and an older file of that name stays as it was. Raises `OSError` naming `path`.
    """
    try:
        descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    except OSError as problem:
        raise OSError(problem.errno, problem.strerror, str(path)) from problem
    try:
        with os.fdopen(descriptor, "wb") as out:
            yield cast(BinaryIO, out)
            out.flush()
            os.fsync(out.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def safe_cell(text: str) -> str:
    """A cell that a spreadsheet shows as text: what would begin a formula gets an apostrophe in front.

    Source: OWASP, "CSV Injection".
    """
    return f"{_ESCAPE}{text}" if text.startswith(FORMULA_STARTS) else text


def _sync_folder(folder: Path) -> None:
    """Make the rename itself survive a power cut, where the system lets a folder be opened."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError:
        pass  # some network file systems refuse to sync a folder; the file itself is safe
    finally:
        os.close(descriptor)


@contextmanager
def text_into(stream: BinaryIO) -> Iterator[TextIO]:
    """Text in UTF-8 into an open binary file, which stays open afterwards. Line ends are written as they are given."""
    text = TextIOWrapper(stream, encoding="utf-8", newline="")
    try:
        yield text
        text.flush()
    finally:
        text.detach()
