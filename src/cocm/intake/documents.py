"""A practice's documents: notes, consents and plans as files, with an index that says what each one is.

The folder `documents` beside the tables holds the files and `index.csv`. It is read for a packet only; a close never
looks at it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from cocm.intake.problems import RowProblem
from cocm.intake.small_table import small_table_rows

FOLDER: Final = "documents"
INDEX: Final = "index.csv"
COLUMNS: Final = (
    "document_id", "patient_id", "service_date", "kind", "title", "file", "part2_programme", "part2_consent_date",
)  # fmt: skip
ENDINGS: Final = (".pdf", ".txt")


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a patient. `is_part2`: its source is a substance use programme under 42 CFR part 2.

    Such a document leaves only with a consent of its own, dated `part2_consent_date`.
    """

    document_id: str
    patient_id: str
    service_date: date
    kind: str
    title: str
    path: Path
    is_part2: bool
    part2_consent_date: date | None

    def may_leave(self, today: date) -> bool:
        """Whether the law lets it out of the chart on a day."""
        return not self.is_part2 or (self.part2_consent_date is not None and self.part2_consent_date <= today)


def read_documents(
    practice: Path, patient_id: str, kinds: Collection[str]
) -> tuple[list[Document], list[RowProblem]]:
    """A patient's documents in the order of their dates, and the rows of the index that cannot be read.

    The folder lies beside the tables: in the practice's folder, or in that of its workbook. A practice without it has
    no documents. Raises `TableError` for an index without its columns.
    """
    home = practice if practice.is_dir() else practice.parent
    index = home / FOLDER / INDEX
    if not index.is_file():
        return [], []
    found: list[Document] = []
    problems: list[RowProblem] = []
    seen: set[str] = set()
    for number, cells in small_table_rows(index, COLUMNS, f"{FOLDER}/{INDEX}"):
        if cells["patient_id"] != patient_id:
            continue
        document = _RowReading(number, cells, problems).document(home, kinds, seen)
        if document is not None:
            found.append(document)
    return sorted(found, key=lambda one: (one.service_date, one.document_id)), problems


@dataclass(frozen=True, slots=True)
class _RowReading:
    number: int
    cells: dict[str, str]
    problems: list[RowProblem]

    def document(self, practice: Path, kinds: Collection[str], seen: set[str]) -> Document | None:
        """The document of the row; None where a cell cannot be read, each told as a problem."""
        before = len(self.problems)
        day = self._day("service_date", required=True)
        consented = self._day("part2_consent_date", required=False)
        if self.cells["kind"] not in kinds:
            self._refuse("kind", f"one of {', '.join(sorted(kinds))}")
        if self.cells["part2_programme"].lower() not in ("", "yes", "no"):
            self._refuse("part2_programme", "yes or no; empty is no")
        if not self.cells["document_id"] or self.cells["document_id"] in seen:
            self._refuse("document_id", "an id that no other document has")
        path = self._file(practice / FOLDER)
        if len(self.problems) > before or day is None or path is None:
            return None
        seen.add(self.cells["document_id"])
        return Document(
            self.cells["document_id"],
            self.cells["patient_id"],
            day,
            self.cells["kind"],
            self.cells["title"],
            path,
            self.cells["part2_programme"].lower() == "yes",
            consented,
        )

    def _file(self, folder: Path) -> Path | None:
        """The file, which must lie in the documents' folder: nothing outside it is ever read."""
        try:
            path = (folder / self.cells["file"]).resolve()
            is_there = path.is_relative_to(folder.resolve()) and path.is_file()
        except (ValueError, OSError):  # no name that this system takes: too long, or with a NUL
            is_there = False
        if not self.cells["file"] or not is_there:
            self._refuse("file", f"the name of a file in {FOLDER}/")
            return None
        if path.suffix.lower() not in ENDINGS:
            self._refuse("file", f"a file that ends in {' or '.join(ENDINGS)}")
            return None
        return path

    def _day(self, column: str, *, required: bool) -> date | None:
        text = self.cells[column]
        if not text and not required:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            self._refuse(column, "YYYY-MM-DD")
            return None

    def _refuse(self, column: str, expectation: str) -> None:
        self.problems.append(
            RowProblem(
                f"{FOLDER}/{INDEX}", FOLDER, self.number, column, expectation, _found(self.cells[column])
            )
        )


def _found(cell: str) -> str:
    """What stood in a cell, without its text: an index may name people where nobody expects it."""
    return f"{len(cell)} other characters" if cell else "nothing"
