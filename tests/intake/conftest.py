"""A small practice to be written as CSV files or a workbook, row by row in domain words."""

from __future__ import annotations

import copy
import csv
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from openpyxl import Workbook

from cocm.basics.months import Month
from cocm.care.casefile import CaseFile
from cocm.intake.patients import parse_patient
from cocm.intake.practice import open_practice
from cocm.intake.problems import NoteTally, RowProblem, TalliedNote
from cocm.intake.reference import Reference
from cocm.intake.tables import TABLES

ADDRESS = {"address_line": "1 Test Way", "city": "Arcata", "state": "CA", "postal_code": "95521"}
NPI = "1093817462"


@dataclass
class ReadPractice:
    """All that came of reading a practice for a month."""

    reference: Reference
    case_files: list[CaseFile]
    problems: list[RowProblem]
    notes: list[TalliedNote]

    def problem(self) -> RowProblem:
        """The only problem."""
        assert len(self.problems) == 1, [str(problem) for problem in self.problems]
        return self.problems[0]

    def case(self) -> CaseFile:
        """The only case file; nothing was rejected."""
        assert not self.problems, [str(problem) for problem in self.problems]
        assert len(self.case_files) == 1
        return self.case_files[0]


@dataclass
class PracticeTables:
    """Tables as lists of rows; a row is a dict of the cells that are not empty."""

    rows: dict[str, list[dict[str, object]]] = field(default_factory=lambda: {name: [] for name in TABLES})

    def add(self, table: str, **cells: object) -> dict[str, object]:
        """A row; an unknown column is a mistake of the test."""
        assert set(cells) <= set(TABLES[table].positions), cells
        self.rows[table].append(cells)
        return cells

    def contact(self, contact_id: str = "C1", **cells: object) -> dict[str, object]:
        """A contact of P1 by the care manager."""
        plain: dict[str, object] = {
            "patient_id": "P1",
            "staff_id": "BHCM1",
            "started_at": "2026-03-05 14:30",
            "minutes": 25,
            "activity": "follow_up",
        }
        return self.add("contacts", contact_id=contact_id, **(plain | cells))

    def patient(self, patient_id: str, *, episode: bool = True, **cells: object) -> dict[str, object]:
        """A patient with coverage and, unless asked not to, an episode since January."""
        plain: dict[str, object] = {
            "last_name": "Quill",
            "first_name": "Test",
            "birth_date": "1980-05-06",
            "sex": "F",
        }
        self.add(
            "coverages",
            patient_id=patient_id,
            payer_id="PLAN",
            member_id=f"M{patient_id}",
            relationship="self",
            coverage_from="2025-01-01",
        )
        if episode:
            self.episode(patient_id)
        return self.add("patients", patient_id=patient_id, **(plain | ADDRESS | cells))

    def episode(self, patient_id: str = "P1", number: int = 1, **cells: object) -> dict[str, object]:
        """An episode since January, with its team and diagnoses."""
        plain: dict[str, object] = {
            "start_date": "2026-01-07",
            "site_id": "S1",
            "billing_practitioner_id": "PCP1",
            "bhcm_id": "BHCM1",
            "psychiatric_consultant_id": "PC1",
            "diagnosis_codes": "F32.1;E11.9",
            "consent_given": "yes",
            "consent_date": "2026-01-07",
            "consent_form": "verbal",
        }
        return self.add(
            "episodes", episode_id=f"{patient_id}-{number}", patient_id=patient_id, **(plain | cells)
        )

    def shuffled(self, seed: int) -> PracticeTables:
        """The same rows in another order."""
        order = random.Random(seed)
        other = copy.deepcopy(self)
        for rows in other.rows.values():
            order.shuffle(rows)
        return other

    def write_csv(
        self, folder: Path, *, delimiter: str = ",", encoding: str = "utf-8", quoting: int = csv.QUOTE_MINIMAL
    ) -> Path:
        """One CSV file per table; the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in TABLES.items():
            with (folder / f"{name}.csv").open("w", newline="", encoding=encoding) as stream:
                columns = list(table.positions)
                writer = csv.DictWriter(stream, columns, restval="", delimiter=delimiter, quoting=quoting)
                writer.writeheader()
                writer.writerows(self.rows[name])
        return folder

    def write_xlsx(self, path: Path) -> Path:
        """A sheet per table; the workbook."""
        book = Workbook()
        book.remove(book.worksheets[0])
        for name, table in TABLES.items():
            sheet = book.create_sheet(name)
            sheet.append(list(table.positions))
            for row in self.rows[name]:
                sheet.append([row.get(column) for column in table.positions])
        book.save(path)
        return path


def read(path: Path, month: Month = Month(2026, 3), *, run_rows: int = 50_000) -> ReadPractice:  # noqa: B008  # a value
    """Read a whole practice as a close does."""
    with open_practice(path, run_rows=run_rows) as source:
        reference = source.reference
        case_files: list[CaseFile] = []
        problems = list(reference.problems)
        tally = NoteTally()
        tally.add(reference.notes)
        for rows in source.patient_groups():
            parsed = parse_patient(rows, reference, month)
            case_files += parsed.case_files
            problems += parsed.problems
            tally.add(parsed.notes)
        problems += source.damaged_rows
        return ReadPractice(reference, case_files, problems, [*source.notes, *tally.notes()])


@pytest.fixture(scope="session")
def make_tables() -> Callable[[], PracticeTables]:
    """Makes a practice with one site, the three roles and one payer, and no patient."""

    def make() -> PracticeTables:
        tables = PracticeTables()
        tables.add(
            "practice",
            organization_id="test",
            name="Test Medical Group",
            billing_npi=NPI,
            billing_tin="123456789",
            taxonomy_code="261QP2300X",
            phone="7075550142",
            contact_name="Billing",
            time_zone="America/Los_Angeles",
            submitter_id="TEST01",
            **ADDRESS,
        )
        tables.add("sites", site_id="S1", name="Test Clinic", place_of_service_code="11", **ADDRESS)
        tables.add("staff", staff_id="BHCM1", last_name="Reyes", first_name="E", role="bhcm")
        tables.add(
            "staff", staff_id="PCP1", last_name="Okafor", first_name="N", role="billing_practitioner", npi=NPI
        )
        tables.add(
            "staff", staff_id="PC1", last_name="Lindqvist", first_name="S", role="psychiatric_consultant"
        )
        tables.add("payers", payer_id="PLAN", name="Test Plan", pack_id="cpt", payer_identifier="TP001")
        tables.add("charges", hcpcs_code="99492", charge_amount="250.00", effective_from="2026-01-01")
        return tables

    return make


@pytest.fixture
def tables(make_tables: Callable[[], PracticeTables]) -> PracticeTables:
    """The practice with one patient, P1, in an episode since January."""
    tables = make_tables()
    tables.patient("P1")
    return tables


@pytest.fixture(scope="session")
def read_practice() -> Callable[..., ReadPractice]:
    """Reads a practice from a path, for March 2026 unless told otherwise."""
    return read


@pytest.fixture
def read_tables(tmp_path: Path) -> Callable[..., ReadPractice]:
    """Writes tables as CSV files and reads them."""

    def write_and_read(tables: PracticeTables, month: Month = Month(2026, 3)) -> ReadPractice:  # noqa: B008  # a value
        return read(tables.write_csv(tmp_path / "practice"), month)

    return write_and_read
