"""Workbooks: real dates, day numbers, numbers for identifiers, sheets that are no tables, damaged files."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl import Workbook as OutBook
from openpyxl import load_workbook

from cocm.basics.errors import TableError
from cocm.intake import workbook as workbook_module
from cocm.intake.tables import TABLES
from cocm.intake.workbook import NOTE_SERIAL, cell_text

Read = Callable[..., Any]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("00123", "00123"),
        (25, "25"),
        (25.0, "25"),
        (2.5, "2.5"),
        (1093817462.0, "1093817462"),
        (True, "yes"),
        (date(2026, 3, 5), "2026-03-05"),
        (datetime(2026, 3, 5, 14, 29, 59, 999_999), "2026-03-05 14:30:00"),
        (datetime(2026, 3, 5, 14, 30, 0, 4), "2026-03-05 14:30:00"),
        (time(14, 30), "14:30:00"),
        (timedelta(hours=1), "1:00:00"),
    ],
)
def test_a_cell_becomes_the_text_a_csv_file_would_hold(value: object, text: str) -> None:
    assert cell_text(value) == text


def test_real_dates_and_numbers_are_read_without_a_note(
    tables: Any, read_practice: Read, tmp_path: Path
) -> None:
    tables.rows["patients"][0]["birth_date"] = date(1980, 2, 29)
    tables.rows["episodes"][0]["start_date"] = datetime(2026, 1, 7)
    tables.rows["staff"][1]["npi"] = 1093817462
    tables.rows["charges"][0]["charge_amount"] = 250.1
    tables.rows["coverages"][0]["member_id"] = 123456
    tables.contact("C1", started_at=datetime(2026, 3, 5, 14, 30), minutes=25.0, acting_as_bhcm=False)
    found = read_practice(tables.write_xlsx(tmp_path / "p.xlsx"))
    case = found.case()
    assert found.notes == []
    assert case.patient.birth_date == date(1980, 2, 29)
    assert case.episode.start_date == date(2026, 1, 7)
    assert case.billing_practitioner.npi == "1093817462"
    assert case.coverages[0].member_id == "123456"
    assert case.contacts[0].started_at.isoformat() == "2026-03-05T14:30:00-08:00"
    assert found.reference.charges[0].charge_amount_cents == 25010


def test_day_numbers_in_a_date_column_are_dates_and_noted(
    tables: Any, read_practice: Read, tmp_path: Path
) -> None:
    tables.rows["episodes"][0]["start_date"] = 46029
    tables.contact("C1", started_at=46086.604166666664, recorded_on=46086)
    found = read_practice(tables.write_xlsx(tmp_path / "p.xlsx"))
    case = found.case()
    assert case.episode.start_date == date(2026, 1, 7)
    assert case.contacts[0].started_at.isoformat() == "2026-03-05T14:30:00-08:00"
    assert case.contacts[0].recorded_on == date(2026, 3, 5)
    assert {(note.column, note.text) for note in found.notes} == {
        ("start_date", NOTE_SERIAL),
        ("started_at", NOTE_SERIAL),
        ("recorded_on", NOTE_SERIAL),
    }


@pytest.mark.parametrize("cell", [date(2026, 3, 5), datetime(2026, 3, 5), 46086])
def test_a_day_without_its_time_is_no_contact_at_midnight(
    tables: Any, read_practice: Read, tmp_path: Path, cell: object
) -> None:
    """Two of a day would lie over each other and count once; midnight itself is written as text."""
    tables.contact("C1", started_at=cell)
    tables.contact("C2", started_at="2026-03-05 00:00")
    found = read_practice(tables.write_xlsx(tmp_path / "p.xlsx"))
    assert [contact.contact_id for contact in found.case_files[0].contacts] == ["C2"]
    assert (found.problem().column, found.problem().found) == ("started_at", "'2026-03-05'")
    assert "the time of day is missing" in found.problem().expectation


def test_an_identifier_kept_as_a_number_too_long_for_one_is_refused(
    tables: Any, read_practice: Read, tmp_path: Path
) -> None:
    tables.rows["coverages"][0]["member_id"] = 1.2345678901234567e18
    found = read_practice(tables.write_xlsx(tmp_path / "p.xlsx"))
    assert found.problem().column == "member_id"
    assert "scientific" in found.problem().expectation
    assert found.problem().file == "p.xlsx, sheet coverages"


def test_rows_are_numbered_as_in_the_sheet_and_blank_ones_left_out(
    tables: Any, read_practice: Read, tmp_path: Path
) -> None:
    path = tables.write_xlsx(tmp_path / "p.xlsx")
    book = load_workbook(path)
    sheet = book["contacts"]
    sheet.cell(7, 1, "C1")
    sheet.cell(7, 2, "P1")
    sheet.cell(40, 3).number_format = "@"
    book.save(path)
    found = read_practice(path)
    assert {problem.row_number for problem in found.problems} == {7}
    assert {problem.column for problem in found.problems} == {"staff_id", "started_at", "minutes", "activity"}


def test_other_sheets_are_left_out_and_said(tables: Any, read_practice: Read, tmp_path: Path) -> None:
    path = tables.write_xlsx(tmp_path / "p.xlsx")
    book = load_workbook(path)
    book.create_sheet("README")
    book.create_sheet("Budget")
    book["claim_history"].title = "Claim History"
    book.save(path)
    (note,) = read_practice(path).notes
    assert "'Budget'" in note.text


def test_missing_sheets_are_named(tmp_path: Path, read_practice: Read) -> None:
    OutBook().save(tmp_path / "p.xlsx")
    with pytest.raises(TableError, match=r"p\.xlsx: not there: practice, sites, .*claim_history"):
        read_practice(tmp_path / "p.xlsx")


def with_sheet_xml(path: Path, sheet_number: int, old: str, new: str) -> Path:
    """The workbook with a sheet's XML changed, as another program would have written it."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = f"xl/worksheets/sheet{sheet_number}.xml"
    assert old.encode() in parts[name]
    parts[name] = parts[name].replace(old.encode(), new.encode())
    with zipfile.ZipFile(path, "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    return path


CONTACTS_SHEET = list(TABLES).index("contacts") + 1


def test_a_formula_that_was_never_worked_out_is_refused(
    tables: Any, read_practice: Read, tmp_path: Path
) -> None:
    tables.contact("C1", billed_elsewhere_code="90834", billed_elsewhere_minutes="=20+5")
    tables.contact("C2", minutes="=20+5")
    path = tables.write_xlsx(tmp_path / "p.xlsx")
    with pytest.raises(
        TableError, match=r"p\.xlsx, sheet contacts: formulas .* in N2, E3; open the workbook"
    ):
        read_practice(path)


def test_many_formulas_are_shown_by_the_first_few(tables: Any, read_practice: Read, tmp_path: Path) -> None:
    for number in range(9):
        tables.contact(f"C{number}", minutes="=20+5")
    with pytest.raises(TableError, match=r"in E2, E3, E4, E5, E6 …; open"):
        read_practice(tables.write_xlsx(tmp_path / "p.xlsx"))


def test_a_formula_is_what_it_last_came_to(tables: Any, read_practice: Read, tmp_path: Path) -> None:
    tables.contact("C1", minutes="=20+5")
    path = tables.write_xlsx(tmp_path / "p.xlsx")
    # openpyxl writes an empty element one way with lxml and another without
    pending = "<f>20+5</f><v></v>" if openpyxl.LXML else "<f>20+5</f><v />"
    with_sheet_xml(path, CONTACTS_SHEET, pending, "<f>20+5</f><v>25</v>")
    assert read_practice(path).case().contacts[0].service_seconds == 25 * 60


def test_a_formula_that_came_to_nothing_is_an_empty_cell(
    tables: Any, read_practice: Read, tmp_path: Path
) -> None:
    tables.contact("C1", billed_elsewhere_code='=""')
    path = tables.write_xlsx(tmp_path / "p.xlsx")
    with_sheet_xml(path, CONTACTS_SHEET, '<c r="M2">', '<c r="M2" t="str">')
    assert read_practice(path).case().contacts[0].billed_elsewhere_code == ""


def test_formulas_beside_the_table_do_not_matter(tables: Any, read_practice: Read, tmp_path: Path) -> None:
    path = tables.write_xlsx(tmp_path / "p.xlsx")
    book = load_workbook(path)
    book["patients"].cell(1, 30, "remark")
    book["patients"].cell(2, 30, "=1+1")
    book.save(path)
    assert read_practice(path).case().patient.patient_id == "P1"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"not a zip at all"])
def test_a_damaged_workbook_is_refused(tmp_path: Path, read_practice: Read, content: bytes) -> None:
    (tmp_path / "p.xlsx").write_bytes(content)
    with pytest.raises(TableError, match=r"p\.xlsx: cannot be read as an XLSX workbook"):
        read_practice(tmp_path / "p.xlsx")


def test_a_workbook_that_unpacks_to_too_much_is_refused(
    tables: Any, read_practice: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tables.write_xlsx(tmp_path / "p.xlsx")
    monkeypatch.setattr(workbook_module, "WORKBOOK_BYTES_MAX", 1000)
    with pytest.raises(TableError, match="at most 1000 are read"):
        read_practice(path)
