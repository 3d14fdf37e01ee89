"""A practice's tables, wherever they lie: a folder of CSV files or one XLSX workbook."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from cocm.basics.errors import TableError
from cocm.intake.contract import Table
from cocm.intake.csv_file import CsvFile
from cocm.intake.groups import PatientRows, grouped_by_patient, merged_by_patient
from cocm.intake.headers import column_name
from cocm.intake.ordering import RUN_ROWS, sorted_by_patient
from cocm.intake.patient_tables import PATIENT_TABLES, REVIEWS
from cocm.intake.problems import RowNote, RowProblem, TalliedNote
from cocm.intake.reference import ContractRate, Reference, ReferenceLoader
from cocm.intake.reference_tables import CHARGES, CONTRACT_RATES, PAYERS, PRACTICE, SITES, STAFF
from cocm.intake.rows import Layout, RawRow
from cocm.intake.tables import TABLES

if TYPE_CHECKING:
    from cocm.intake.workbook import SheetFile, Workbook

CSV_ENDINGS: Final = (".csv", ".tsv")
WORKBOOK_ENDINGS: Final = (".xlsx", ".xlsm")

TableFile: TypeAlias = "CsvFile | SheetFile"


def open_practice(
    path: Path,
    *,
    temporary_folder: Path | None = None,
    run_rows: int = RUN_ROWS,
    is_partial: bool = False,
) -> PracticeSource:
    """The practice in a folder or a workbook. Raises `TableError` naming every missing table and column.

    All tables but the optional must be there: an empty one says that there is nothing to report, a missing one says
    nothing. `temporary_folder` is where unsorted tables are sorted (the system's, by default; only this user
    can read it); `run_rows` rows are held in memory for it. Use the source in a `with`, or `close` it.
    `is_partial`: some of the tables are enough, such as what a server adds to its own; `table_names` says which.
    """
    if path.is_dir():
        files, notes, faults = _files_of_folder(path)
        books = _workbooks_in(path)
        if files or len(books) != 1:
            return PracticeSource(path, files, notes, faults, None, temporary_folder, run_rows, is_partial)
        path = books[0]  # the folder of `cocm template --xlsx`
    if not path.exists():
        raise TableError(
            f"{path}: no such folder or workbook; `cocm template {path}` writes empty tables to fill in"
        )
    if path.suffix.lower() not in WORKBOOK_ENDINGS:
        raise TableError(
            f"{path}: give a folder of CSV files or one workbook ({', '.join(WORKBOOK_ENDINGS)})"
        )
    from cocm.intake.workbook import Workbook  # it loads openpyxl, which a folder of CSV files does not need

    book = Workbook(path)
    try:
        return PracticeSource(path, *_sheets_of(book), book, temporary_folder, run_rows, is_partial)
    except BaseException:
        book.close()
        raise


def _files_of_folder(folder: Path) -> tuple[dict[str, TableFile], list[RowNote], list[str]]:
    files: dict[str, TableFile] = {}
    notes: list[RowNote] = []
    faults: list[str] = []
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in CSV_ENDINGS or path.name.startswith((".", "~")) or not path.is_file():
            continue
        table = TABLES.get(column_name(path.stem))
        if table is None:
            notes.append(RowNote(path.name, "", 0, "", "a file that is none of the tables was left out"))
        elif table.name in files:
            faults.append(
                f"{path.name}: the table {table.name} is there twice, also as {_name_of(files[table.name])}"
            )
        else:
            files[table.name] = CsvFile(path, table)
    return files, notes, faults


def _workbooks_in(folder: Path) -> list[Path]:
    return [
        path
        for path in sorted(folder.iterdir())
        if path.suffix.lower() in WORKBOOK_ENDINGS and not path.name.startswith((".", "~"))
    ]


def _sheets_of(book: Workbook) -> tuple[dict[str, TableFile], list[RowNote], list[str]]:
    from cocm.intake.workbook import SheetFile  # as in open_practice

    sheets: dict[str, TableFile] = {}
    notes: list[RowNote] = []
    faults = [
        f"{book.path.name}: the sheet {title} is there twice"
        for title in book.repeated_names
        if column_name(title) in TABLES
    ]
    for name, title in book.sheet_names.items():
        if name in TABLES:
            sheets[name] = SheetFile(book, title, TABLES[name])
        elif name != "readme":
            notes.append(
                RowNote(
                    book.path.name,
                    "",
                    0,
                    "",
                    f"a sheet that is none of the tables was left out: {title!a}",
                )
            )
    return sheets, notes, faults


def _name_of(file: TableFile) -> str:
    return file.layout.file


class PracticeTables(Protocol):
    """What a close reads: a practice's tables, from files (`PracticeSource`) or from a server's database."""

    @property
    def reference(self) -> Reference: ...

    @property
    def notes(self) -> tuple[TalliedNote, ...]: ...

    @property
    def damaged_rows(self) -> Sequence[RowProblem]: ...

    def patient_groups(self) -> Iterator[PatientRows]: ...


class PracticeSource:
    """A practice's tables, opened. Read `reference` first, then `patient_groups` as often as needed.

    `notes` and `damaged_rows` are complete once `reference` and `patient_groups` have been read through.
    """

    def __init__(
        self,
        path: Path,
        files: dict[str, TableFile],
        notes: list[RowNote],
        faults: list[str],
        book: Workbook | None,
        temporary_folder: Path | None,
        run_rows: int,
        is_partial: bool = False,
    ) -> None:
        missing = [name for name, table in TABLES.items() if name not in files and not table.is_optional]
        if missing and not is_partial:
            listed = ", ".join(name if book is not None else f"{name}.csv" for name in missing)
            faults = [f"{path.name}: not there: {listed} (an empty table still has its header)", *faults]
        faults += [fault for file in files.values() for fault in file.header.faults]
        if faults:
            raise TableError("; ".join(faults) + ". `cocm tables` prints what each table holds")
        self.path = path
        self._files = files
        self._book = book
        self._temporary_folder = temporary_folder
        self._run_rows = run_rows
        self._notes = notes + [note for file in files.values() for note in file.header.notes]

    def __enter__(self) -> PracticeSource:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the files."""
        if self._book is not None:
            self._book.close()

    @cached_property
    def reference(self) -> Reference:
        """The small tables, with their problems. Raises `TableError` when the practice row cannot be read."""
        loader = ReferenceLoader([], [], set())
        practice = loader.practice(*self._layout_and_rows(PRACTICE))
        sites = loader.sites(*self._layout_and_rows(SITES), practice)
        staff = loader.staff(*self._layout_and_rows(STAFF), sites)
        payers, member_id_digits = loader.payers(*self._layout_and_rows(PAYERS))
        charges = loader.charges(*self._layout_and_rows(CHARGES))
        contract_rates: tuple[ContractRate, ...] = ()
        if CONTRACT_RATES.name in self._files:
            contract_rates = loader.contract_rates(*self._layout_and_rows(CONTRACT_RATES), payers)
        reviews_held = loader.reviews_held(*self._layout_and_rows(REVIEWS), staff)
        return Reference(
            practice,
            sites,
            staff,
            payers,
            charges,
            reviews_held,
            member_id_digits,
            {table.name: self._files[table.name].layout for table in PATIENT_TABLES},
            frozenset(loader.rejected_ids),
            tuple(loader.problems),
            tuple(loader.notes),
            contract_rates,
        )

    @property
    def table_names(self) -> frozenset[str]:
        """The tables that are there."""
        return frozenset(self._files)

    def rows_of(self, table: Table) -> tuple[Layout, Iterator[RawRow]]:
        """How a table lies in its file, and its rows as they stand there."""
        return self._layout_and_rows(table)

    def _layout_and_rows(self, table: Table) -> tuple[Layout, Iterator[RawRow]]:
        file = self._files[table.name]
        return file.layout, file.rows()

    @property
    def patient_rows_total(self) -> int:
        """Rows of the patients table, for a progress bar. A workbook is not counted beforehand: 0."""
        file = self._files["patients"]
        return file.survey.rows if isinstance(file, CsvFile) else 0

    def patient_groups(self) -> Iterator[PatientRows]:
        """Each patient's rows, in plain string order of patient_id, in bounded memory.

        Tables that are sorted already are streamed; the others are sorted on disk first. Reviews of the whole
        caseload are part of `reference` and are left out here. Rows of other tables without a patient come
        first.
        """
        with tempfile.TemporaryDirectory(prefix="cocm-", dir=self._temporary_folder) as folder:
            tables = []
            for table in PATIENT_TABLES:
                file = self._files[table.name]
                rows = file.rows()
                if not (isinstance(file, CsvFile) and file.survey.is_sorted):
                    rows = sorted_by_patient(rows, file.layout, Path(folder), run_rows=self._run_rows)
                groups = grouped_by_patient(rows, file.layout)
                tables.append(_of_patients(groups) if table is REVIEWS else groups)
            yield from merged_by_patient(tables)

    @property
    def notes(self) -> tuple[TalliedNote, ...]:
        """What was left out of files as a whole, and what a workbook's cells were read as."""
        tallied = [
            TalliedNote(note.file, note.table, note.column, note.text, 1, note.row_number)
            for note in self._notes
        ]
        for file in self._files.values():
            if not isinstance(file, CsvFile):
                tallied += file.tally.notes()
        return tuple(sorted(tallied))

    @property
    def damaged_rows(self) -> Sequence[RowProblem]:
        """Rows that are no CSV at all."""
        return [
            problem
            for file in self._files.values()
            if isinstance(file, CsvFile)
            for problem in file.damaged_rows
        ]


def _of_patients(groups: Iterator[tuple[str, list[RawRow]]]) -> Iterator[tuple[str, list[RawRow]]]:
    return (group for group in groups if group[0])
