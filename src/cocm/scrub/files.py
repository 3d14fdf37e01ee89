"""The files of a scrub: claims to check, and what was sent before. Archives are read where they lie."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cocm.basics.errors import TableError, UnusableInput
from cocm.care.records import HistoryLine
from cocm.intake.csv_file import CsvFile
from cocm.intake.patient_tables import CLAIM_HISTORY
from cocm.intake.problems import RowNote, RowProblem
from cocm.intake.rows import RowReader
from cocm.intake.wire_files import WireFile, open_x12_files
from cocm.x12 import ClaimRecord, UnreadableClaim, read_837p, read_segments
from cocm.x12.tokens import Source

HISTORY_FILES_MAX: Final = 100_000
TABLE_ENDINGS: Final = (".csv", ".tsv")
# Other claim guides, by the beginning of their version: what they are, and why this check cannot read them.
_OTHER_GUIDES: Final = {
    "005010X223": "institutional claims (837I)",
    "005010X224": "dental claims (837D)",
    "005010X221": "a remittance (835)",
    "005010X231": "an acknowledgement (999)",
    "005010X214": "a claim acknowledgement (277CA)",
}
_FIRST_SEGMENTS: Final = 50


@dataclass(frozen=True, slots=True)
class RowsRead:
    """The rows of a claim history table, each with the ids that may name its person, and how many were refused."""

    rows: tuple[tuple[tuple[str, ...], HistoryLine], ...]
    problems: tuple[RowProblem, ...]


def wire_files(path: Path) -> Iterator[WireFile]:
    """The X12 files at a path: one, or the members of an archive. Raises `UnusableInput` where there is none."""
    if path.is_dir():
        raise UnusableInput(f"{path}: a folder; name the claim files in it (folder/*.837)")
    yield from open_x12_files(path)


def read_claims(
    source: Source, on_unreadable: Callable[[UnreadableClaim], None], on_end: Callable[[UnusableInput], None]
) -> Iterator[ClaimRecord]:
    """The claims that can be read. What ends the reading before the file's end is told to `on_end`."""
    try:
        yield from read_837p(source, on_unreadable=on_unreadable)
    except UnusableInput as problem:
        on_end(problem)


def refuse_other_guides(name: str, source: Source) -> None:
    """Raise `UnusableInput` for a file that begins with something else than professional claims."""
    group_version = ""
    for segment in read_segments(source):
        if segment.tag == "GS":
            group_version = segment.value(8).strip()
        if segment.tag == "ST" or segment.number > _FIRST_SEGMENTS:
            version = segment.value(3).strip() or group_version
            kind = next((words for start, words in _OTHER_GUIDES.items() if version.startswith(start)), None)
            if kind is None:
                return
            why = (
                "a facility's claim follows other loops and other payment rules, so a check by the "
                "professional guide would mislead; check the practitioner's 837P, and the facility's claim with its "
                "own payer's tools"
                if "837I" in kind
                else "hand in the claims themselves"
            )
            raise UnusableInput(
                f"{name}: holds {kind}, guide {version}; this check reads professional claims (837P, "
                f"005010X222A1): {why}"
            )


def digest_of(path: Path) -> str:
    """SHA-256 of a file, to know it again under another name."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def history_paths(path: Path) -> tuple[list[Path], list[Path]]:
    """The claim files and the claim history tables at a path, sorted. Raises `UnusableInput` where there are none."""
    if not path.exists():
        raise UnusableInput(f"--history {path}: no such file or folder")
    paths = (
        [path] if path.is_file() else sorted(one for one in path.rglob("*") if _is_visible_file(one, path))
    )
    if len(paths) > HISTORY_FILES_MAX:
        raise UnusableInput(f"--history {path}: more than {HISTORY_FILES_MAX} files; name a smaller folder")
    tables = [one for one in paths if one.suffix.lower() in TABLE_ENDINGS]
    claims = [one for one in paths if one.suffix.lower() not in TABLE_ENDINGS]
    if not paths:
        raise UnusableInput(
            f"--history {path}: an empty folder; expected 837P files or a claim_history table"
        )
    return claims, tables


def read_history_table(path: Path) -> RowsRead:
    """The rows of a claim history table (`cocm tables` prints its columns). Raises `TableError`."""
    file = CsvFile(path, CLAIM_HISTORY)
    if file.header.faults:
        raise TableError("; ".join(file.header.faults) + ". `cocm tables` prints what the table holds")
    reader = RowReader(file.layout)
    rows: list[tuple[tuple[str, ...], HistoryLine]] = []
    problems: list[RowProblem] = []
    notes: list[RowNote] = []
    for row in file.rows():
        values = reader.read_carefully(row, problems, notes)
        if values is not None:
            line = HistoryLine(*values)
            rows.append(((line.patient_id, line.claim_id), line))
    return RowsRead(tuple(rows), (*problems, *file.damaged_rows))


def _is_visible_file(path: Path, folder: Path) -> bool:
    return path.is_file() and not any(part.startswith((".", "~")) for part in path.relative_to(folder).parts)
