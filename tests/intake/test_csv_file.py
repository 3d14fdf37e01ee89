"""CSV files as practices have them: marks, separators, quotes, blank rows, damage, other encodings."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cocm.basics.errors import TableError
from cocm.intake.csv_file import CsvFile, Survey
from cocm.intake.tables import TABLES

MEASURES = TABLES["measures"]
HEADER = "patient_id,instrument,taken_on,score\n"


def measures(folder: Path, content: str | bytes) -> CsvFile:
    path = folder / "measures.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return CsvFile(path, MEASURES)


def cells(file: CsvFile) -> list[tuple[int, list[str]]]:
    return [(row[0], file.layout.cells(row)) for row in file.rows()]


def test_rows_are_numbered_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    file = measures(tmp_path, HEADER + "P1,phq-9,2026-03-05,11\n\n,,,\nP2,gad-7,2026-03-06,7\r\n")
    assert cells(file) == [(2, ["P1", "phq-9", "2026-03-05", "11"]), (5, ["P2", "gad-7", "2026-03-06", "7"])]


def test_rows_after_a_cell_over_several_lines_are_numbered_as_a_spreadsheet_shows_them(
    tmp_path: Path,
) -> None:
    file = measures(tmp_path, HEADER + '"P\n1",phq-9,2026-03-05,11\nP2,gad-7,2026-03-06,7\n')
    assert cells(file) == [
        (2, ["P\n1", "phq-9", "2026-03-05", "11"]),
        (3, ["P2", "gad-7", "2026-03-06", "7"]),
    ]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["without a mark", "with a mark"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_marks_separators_and_line_ends_do_not_matter(
    tmp_path: Path, mark: bytes, delimiter: str, line_end: str
) -> None:
    lines = [HEADER.strip(), "P1,phq-9,2026-03-05,11", "P2,gad-7,2026-03-06,7", ""]
    file = measures(tmp_path, mark + line_end.join(lines).replace(",", delimiter).encode())
    assert not file.header.faults
    assert [row for _, row in cells(file)] == [
        ["P1", "phq-9", "2026-03-05", "11"],
        ["P2", "gad-7", "2026-03-06", "7"],
    ]
    assert file.survey.is_sorted


def test_a_header_is_read_in_any_case_order_and_spelling(tmp_path: Path) -> None:
    file = measures(tmp_path, "Score, Taken-On ,INSTRUMENT,Patient ID,Remark\n11,2026-03-05,phq-9,P1,x\n")
    assert file.header.faults == ()
    assert file.header.layout.places == (3, 2, 1, 0)
    (note,) = file.header.notes
    assert "remark" in note.text
    assert note.row_number == 0


def test_missing_and_repeated_columns_are_named(tmp_path: Path) -> None:
    file = measures(tmp_path, "patient_id,score,score\n")
    assert file.header.faults == (
        "measures.csv: the first row must name instrument, taken_on",
        "measures.csv: the first row names score more than once",
    )


def test_an_empty_file_lacks_its_columns(tmp_path: Path) -> None:
    assert "must name patient_id, instrument, taken_on, score" in measures(tmp_path, "").header.faults[0]


@pytest.mark.parametrize(
    ("content", "survey"),
    [
        ("", Survey(True, True, 0)),
        ("P1,a\nP1,b\nP2,c\n", Survey(True, True, 3)),
        ("P10,a\nP2,b\n", Survey(True, True, 2)),
        ("P2,a\nP10,b\n", Survey(False, True, 2)),
        ("P1,a\n\n,,,\nP2,b\n", Survey(True, True, 4)),
        ("P1,a\n ,b\n", Survey(False, True, 2)),
        ('P1,"a, b"\nP2,c\n', Survey(True, False, 2)),
        ('"P2",a\nP1,c\n', Survey(False, False, 2)),
        ("Pé,a\nPü,b\n", Survey(True, True, 2)),
    ],
)
def test_a_first_look_tells_whether_a_file_is_sorted(tmp_path: Path, content: str, survey: Survey) -> None:
    assert measures(tmp_path, HEADER + content).survey == survey


def test_bytes_that_are_not_utf8_stop_nothing(tmp_path: Path) -> None:
    file = measures(tmp_path, HEADER.encode() + b"P1,phq-9,2026-03-05,11\nP\xe9,phq-9,2026-03-05,11\n")
    assert not file.survey.is_plain
    assert [row[0] for _, row in cells(file)] == ["P1", "P\udce9"]


@pytest.mark.parametrize("start", [b"\xff\xfe", b"PK\x03\x04", b"\x1f\x8b"])
def test_a_file_that_is_no_csv_is_refused_with_what_to_do(tmp_path: Path, start: bytes) -> None:
    with pytest.raises(TableError, match=r"measures\.csv: not a CSV file in UTF-8.*save it as"):
        measures(tmp_path, start + b"\x00" * 100)


def test_a_row_with_a_huge_cell_keeps_its_patient_and_the_rest_goes_on(tmp_path: Path) -> None:
    huge = "x" * (csv.field_size_limit() + 10)
    file = measures(tmp_path, HEADER + f'P1,"a",,\nP2,"{huge}",,\nP3,"b",,\n')
    rows = cells(file)
    assert [(number, row[0], len(row)) for number, row in rows] == [(2, "P1", 4), (3, "P2", 4), (4, "P3", 4)]
    assert 200 < len(rows[1][1][1]) < len(huge)  # too long for any column: the row is refused by itself
    assert file.damaged_rows == []


def test_a_row_is_read_on_after_a_huge_cell_for_its_patient(tmp_path: Path) -> None:
    huge, limit = "x" * (csv.field_size_limit() + 10), csv.field_size_limit()
    file = measures(tmp_path, f'instrument,patient_id,taken_on,score\n"{huge}",P2,2026-03-05,11\n')
    ((number, row),) = cells(file)
    assert (number, row[1:]) == (2, ["P2", "2026-03-05", "11"])
    assert 2_000 < len(row[0]) < len(huge)
    assert file.damaged_rows == []
    assert csv.field_size_limit() == limit


def test_a_damaged_row_of_nobody_is_reported_and_the_rest_goes_on(tmp_path: Path) -> None:
    huge = "x" * (csv.field_size_limit() + 10)
    header = "instrument,patient_id,taken_on,score\n"
    file = measures(tmp_path, header + f'"a",P1,,\n"{huge},P2,,\n"b",P3,,\n')
    assert [(number, row[1]) for number, row in cells(file)] == [(2, "P1"), (4, "P3")]
    (damage,) = file.damaged_rows
    assert damage.row_number == 3
    assert "quotation mark" in damage.expectation


@pytest.mark.parametrize("broken", ['"C2,P1,BHCM1', 'C2,P1,"BHCM1'], ids=["first cell", "third cell"])
def test_a_quotation_mark_that_is_not_closed_rejects_each_row_it_swallows(
    tables: Any, read_practice: Callable[..., Any], tmp_path: Path, broken: str
) -> None:
    tables.patient("P2")
    for number in range(1, 5):
        tables.contact(f"C{number}", patient_id="P1" if number < 4 else "P2")
    folder = tables.write_csv(tmp_path / "practice")
    contacts = folder / "contacts.csv"
    contacts.write_text(contacts.read_text().replace("C2,P1,BHCM1", broken))
    found = read_practice(folder)
    read = [contact.contact_id for case in found.case_files for contact in case.contacts]
    assert read == ["C1"]
    assert [(problem.row_number, problem.patient_id) for problem in found.problems] == [
        (3, "P1"),
        (4, "P1"),
        (5, "P2"),  # nobody is billed without the contacts that were swallowed
    ]
    assert all("quotation mark" in problem.expectation for problem in found.problems)


def test_a_cell_of_several_lines_swallows_no_row(tmp_path: Path) -> None:
    file = measures(tmp_path, HEADER + 'P1,"phq\n-9",2026-03-05,11\nP2,phq-9,2026-03-05,11\n')
    assert [row[:2] for _, row in cells(file)] == [["P1", "phq\n-9"], ["P2", "phq-9"]]


def test_a_quotation_mark_that_swallows_more_than_a_cell_may_hold_is_refused(tmp_path: Path) -> None:
    many = "P2,phq-9,2026-03-05,11\n" * (csv.field_size_limit() // 20)
    with pytest.raises(TableError, match=r"measures\.csv, row 3: a quotation mark that is not closed"):
        list(measures(tmp_path, HEADER + f'P1,phq-9,2026-03-05,11\nP1,"phq-9,2026-03-05,11\n{many}').rows())


def test_a_cell_with_the_separator_in_it_needs_quotes(
    tables: Any, read_practice: Callable[..., Any], tmp_path: Path
) -> None:
    folder = tables.write_csv(tmp_path / "practice")
    patients = folder / "patients.csv"
    patients.write_text(patients.read_text().replace("1 Test Way", "1 Test Way, Apt 4"))
    problem = read_practice(folder).problems[0]
    assert "put a cell with the separator in it in quotes" in problem.expectation
    assert problem.found == "10 cells"
    assert "Apt" not in str(problem)


def test_a_row_that_was_cut_off_is_rejected(
    tables: Any, read_practice: Callable[..., Any], tmp_path: Path
) -> None:
    tables.contact("C1")
    tables.contact("C2", billed_elsewhere_code="90834", billed_elsewhere_minutes=20)
    folder = tables.write_csv(tmp_path / "practice")
    contacts = folder / "contacts.csv"
    whole = contacts.read_text()
    contacts.write_text(whole[: whole.index(",90834")])
    found = read_practice(folder)
    assert [contact.contact_id for contact in found.case_files[0].contacts] == ["C1"]
    (problem,) = found.problems
    assert (problem.row_number, problem.column, problem.found) == (3, "", "12 cells")
    assert "17 cells as in the header (the row is cut off" in problem.expectation
    assert problem.patient_id == "P1"


def test_a_short_row_in_the_middle_of_a_quoted_file_is_rejected_too(
    tables: Any, read_practice: Callable[..., Any], tmp_path: Path
) -> None:
    tables.contact("C1")
    folder = tables.write_csv(tmp_path / "practice", quoting=csv.QUOTE_ALL)
    contacts = folder / "contacts.csv"
    header, row = contacts.read_text().splitlines()
    contacts.write_text("\n".join([header, row.replace('"C1"', '"C0"')[: -len(',""')], row, ""]))
    found = read_practice(folder)
    assert [contact.contact_id for contact in found.case_files[0].contacts] == ["C1"]
    assert [(problem.row_number, problem.found) for problem in found.problems] == [(2, "16 cells")]
