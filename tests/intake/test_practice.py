"""A practice as a whole: the same in any order and any form, small tables, unusable input."""

from __future__ import annotations

import csv
import pickle
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cocm.basics.errors import TableError
from cocm.basics.months import Month
from cocm.intake import practice as practice_module
from cocm.intake.groups import PatientRows
from cocm.intake.patients import PatientParser, parse_patient
from cocm.intake.practice import open_practice
from cocm.intake.tables import TABLES

Read = Callable[..., Any]


def busy(make_tables: Callable[[], Any]) -> Any:
    """Several patients with all kinds of rows, bad ones among them."""
    tables = make_tables()
    for number in (3, 10, 1, 2):
        patient_id = f"P{number}"
        tables.patient(patient_id, postal_code="2139", birth_date="2/29/1980")
        for day in (5, 3, 9):
            tables.contact(
                f"{patient_id}-{day}", patient_id=patient_id, started_at=f"2026-03-{day:02d} 09:30"
            )
            tables.add(
                "measures",
                patient_id=patient_id,
                instrument="phq-9",
                taken_on=f"2026-03-{day:02d}",
                score=day,
            )
        tables.add("reviews", patient_id=patient_id, reviewed_on="2026-03-10", bhcm_id="BHCM1")
        tables.add(
            "other_services", patient_id=patient_id, service_date="2026-03-01", hcpcs_code="90834", minutes=40
        )
        for line in (2, 1):
            tables.add(
                "claim_history", patient_id=patient_id, payer_id="PLAN", claim_id="A1", claim_line_number=line,
                service_date="2026-02-28", hcpcs_code="99493", billing_npi="1093817462", status="paid",
            )  # fmt: skip
    tables.add("reviews", reviewed_on="2026-02-10", bhcm_id="BHCM1", psychiatric_consultant_id="PC1")
    tables.contact("X", patient_id="P1", minutes="many")
    tables.contact("X", patient_id="NOBODY1")
    tables.patient("P4", sex="female")
    return tables


def described(found: Any) -> Any:
    """What a reading came to, without the row numbers and file names that an order or a form changes."""
    problems = sorted((item.table, item.column, item.expectation, item.patient_id) for item in found.problems)
    notes = sorted((note.table, note.column, note.text, note.rows) for note in found.notes)
    return found.case_files, problems, notes


@pytest.fixture(scope="module")
def expected(
    make_tables: Callable[[], Any], read_practice: Read, tmp_path_factory: pytest.TempPathFactory
) -> Any:
    found = described(read_practice(busy(make_tables).write_csv(tmp_path_factory.mktemp("as-made"))))
    case_files, problems, notes = found
    assert [case.patient.patient_id for case in case_files] == ["P1", "P10", "P2", "P3"]
    assert {problem[0] for problem in problems} == {"patients", "contacts", "coverages", "episodes"}
    assert len(notes) == 2
    return found


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), run_rows=st.integers(1, 12))
def test_the_order_of_rows_never_changes_the_result(
    expected: Any,
    make_tables: Callable[[], Any],
    read_practice: Read,
    tmp_path_factory: pytest.TempPathFactory,
    seed: int,
    run_rows: int,
) -> None:
    folder = busy(make_tables).shuffled(seed).write_csv(tmp_path_factory.mktemp("shuffled"))
    assert described(read_practice(folder, run_rows=run_rows)) == expected


def test_a_sorted_practice_is_streamed_and_gives_the_same(
    expected: Any,
    make_tables: Callable[[], Any],
    read_practice: Read,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tables = busy(make_tables)
    for rows in tables.rows.values():
        rows.sort(key=lambda row: str(row.get("patient_id", "")))
    folder = tables.write_csv(tmp_path / "sorted")

    def not_needed(*_: object, **__: object) -> None:
        raise AssertionError("a sorted table was sorted")

    monkeypatch.setattr(practice_module, "sorted_by_patient", not_needed)
    assert described(read_practice(folder)) == expected


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL], ids=["plain", "quoted"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_the_form_of_csv_files_never_changes_the_result(
    expected: Any,
    make_tables: Callable[[], Any],
    read_practice: Read,
    tmp_path: Path,
    quoting: int,
    delimiter: str,
    encoding: str,
) -> None:
    tables = busy(make_tables)
    folder = tables.write_csv(tmp_path / "p", delimiter=delimiter, encoding=encoding, quoting=quoting)
    assert described(read_practice(folder)) == expected


def test_a_workbook_gives_the_same_as_csv_files(
    expected: Any, make_tables: Callable[[], Any], read_practice: Read, tmp_path: Path
) -> None:
    assert described(read_practice(busy(make_tables).write_xlsx(tmp_path / "practice.xlsx"))) == expected


def test_a_folder_with_only_a_workbook_is_that_workbook(
    expected: Any, make_tables: Callable[[], Any], read_practice: Read, tmp_path: Path
) -> None:
    busy(make_tables).write_xlsx(tmp_path / "practice.xlsx")
    assert described(read_practice(tmp_path)) == expected


def test_rows_and_reference_travel_to_another_process(tables: Any, tmp_path: Path) -> None:
    tables.contact()
    with open_practice(tables.write_csv(tmp_path / "p")) as source:
        (rows,) = source.patient_groups()
        reference = pickle.loads(pickle.dumps(source.reference))
        here = parse_patient(rows, source.reference, Month(2026, 3))
        there = parse_patient(pickle.loads(pickle.dumps(rows)), reference, Month(2026, 3))
    assert isinstance(rows, PatientRows)
    assert here == there
    assert len(there.case_files) == 1


def test_patients_read_together_are_read_as_each_by_itself(make_tables: Read, tmp_path: Path) -> None:
    with open_practice(busy(make_tables).write_csv(tmp_path / "p")) as source:
        rows = tuple(source.patient_groups())
        together = PatientParser(source.reference, Month(2026, 3)).parse_all(rows)
        assert together == [parse_patient(of_one, source.reference, Month(2026, 3)) for of_one in rows]
    assert {len(parsed.case_files) for parsed in together} == {0, 1}


def test_groups_can_be_read_again_and_nothing_is_left_behind(tables: Any, tmp_path: Path) -> None:
    tables.patient("P0")
    work = tmp_path / "work"
    work.mkdir()
    with open_practice(tables.write_csv(tmp_path / "p"), temporary_folder=work, run_rows=1) as source:
        assert source.patient_rows_total == 2
        first = [rows.patient_id for rows in source.patient_groups()]
        groups = source.patient_groups()
        assert next(groups).patient_id == first[0] == "P0"
        groups.close()  # type: ignore[attr-defined]  # a generator
        assert [rows.patient_id for rows in source.patient_groups()] == first
    assert list(work.iterdir()) == []


def test_charges_hold_from_their_day(tables: Any, read_tables: Read) -> None:
    tables.add("charges", hcpcs_code="99492", charge_amount="260", effective_from="2026-03-01")
    reference = read_tables(tables).reference
    assert reference.charge_amount_cents("99492", date(2025, 12, 31)) is None
    assert reference.charge_amount_cents("99492", date(2026, 2, 28)) == 25000
    assert reference.charge_amount_cents("99492", date(2026, 3, 31)) == 26000
    assert reference.charge_amount_cents("99493", date(2026, 3, 31)) is None


def test_what_a_rejected_small_row_carries_says_so(tables: Any, read_tables: Read) -> None:
    tables.rows["staff"][0]["npi"] = "1.09E+09"
    tables.contact()
    found = read_tables(tables)
    assert [(problem.table, problem.column) for problem in found.problems] == [
        ("staff", "npi"),
        ("episodes", "bhcm_id"),
        ("contacts", "staff_id"),
    ]
    assert "its row there was rejected" in found.problems[2].expectation


@pytest.mark.parametrize(
    ("table", "cells", "column"),
    [
        ("staff", {"site_ids": "S1;S9"}, "site_ids"),
        ("staff", {"role": "psychologist"}, "role"),
        ("sites", {"place_of_service_code": "office"}, "place_of_service_code"),
        ("payers", {"filing_limit_days": "soon"}, "filing_limit_days"),
        ("charges", {"charge_amount": "free"}, "charge_amount"),
    ],
)
def test_a_bad_row_of_a_small_table_is_reported(
    tables: Any, read_tables: Read, table: str, cells: dict[str, object], column: str
) -> None:
    tables.rows[table][0] |= cells
    found = read_tables(tables)
    assert (found.problems[0].table, found.problems[0].row_number, found.problems[0].column) == (
        table,
        2,
        column,
    )


def test_bad_caseload_reviews_are_reported_once(tables: Any, read_tables: Read) -> None:
    tables.add("reviews", reviewed_on="soon", bhcm_id="BHCM1")
    tables.add("reviews", reviewed_on="2026-03-01", bhcm_id="NOBODY")
    tables.add("reviews", reviewed_on="soon", bhcm_id="BHCM1", patient_id="P1")
    found = read_tables(tables)
    assert sorted((problem.row_number, problem.column) for problem in found.problems) == [
        (2, "reviewed_on"),
        (3, "bhcm_id"),
        (4, "reviewed_on"),
    ]
    assert not found.case_files[0].caseload_review_held


@pytest.mark.parametrize("rows", [0, 2])
def test_the_practice_is_exactly_one_row(tables: Any, read_tables: Read, rows: int) -> None:
    tables.rows["practice"] *= rows
    with pytest.raises(
        TableError, match=rf"practice\.csv: {rows} rows; the practice table holds exactly one"
    ):
        read_tables(tables)


def test_a_practice_that_cannot_be_read_is_unusable_input(tables: Any, read_tables: Read) -> None:
    tables.rows["practice"][0] |= {"time_zone": "Pacific", "billing_tin": "1"}
    with pytest.raises(TableError, match=r"practice\.csv, row 2, column billing_tin: .*column time_zone"):
        read_tables(tables)


def test_every_missing_table_and_column_is_named_at_once(tables: Any, tmp_path: Path) -> None:
    folder = tables.write_csv(tmp_path / "clinic")
    (folder / "reviews.csv").unlink()
    (folder / "measures.csv").write_text("patient_id,score\n")
    with pytest.raises(
        TableError, match=r"clinic: not there: reviews\.csv.*measures\.csv: .*instrument, taken_on"
    ):
        open_practice(folder)


def test_a_table_that_is_there_twice_is_refused(tables: Any, tmp_path: Path) -> None:
    folder = tables.write_csv(tmp_path / "p")
    (folder / "Contacts.tsv").write_text("x\n")
    with pytest.raises(TableError, match="contacts is there twice"):
        open_practice(folder)


def test_files_that_are_no_tables_are_left_out_and_said(
    tables: Any, read_practice: Read, tmp_path: Path
) -> None:
    folder = tables.write_csv(tmp_path / "p")
    (folder / "budget.csv").write_text("a,b\n1,2\n")
    (folder / "README.md").write_text("hello\n")
    (folder / ".contacts.csv").write_text("hello\n")
    (note,) = read_practice(folder).notes
    assert (note.file, str(note)) == (
        "budget.csv",
        "budget.csv: a file that is none of the tables was left out",
    )


@pytest.mark.parametrize("name", ["missing", "notes.txt", "practice.xls"])
def test_what_is_no_practice_is_refused_with_what_to_do(tmp_path: Path, name: str) -> None:
    if name != "missing":
        (tmp_path / name).write_text("x")
    with pytest.raises(TableError, match=r"cocm template|give a folder of CSV files or one workbook"):
        open_practice(tmp_path / name)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_junk_in_any_cell_never_crashes_and_costs_only_its_row(
    make_tables: Callable[[], Any],
    read_practice: Read,
    tmp_path_factory: pytest.TempPathFactory,
    data: st.DataObject,
) -> None:
    tables = make_tables()
    tables.patient("P1")
    tables.patient("P2")
    tables.contact("C1")
    tables.contact("C2", patient_id="P2")
    table = data.draw(st.sampled_from(["patients", "coverages", "episodes", "contacts"]))
    column = data.draw(st.sampled_from(sorted(TABLES[table].positions)))
    junk = data.draw(
        st.one_of(st.text(st.characters(exclude_categories=("Cs",)), max_size=40), st.integers().map(str))
    )
    tables.rows[table][0][column] = junk
    found = read_practice(tables.write_csv(tmp_path_factory.mktemp("junk")))
    second = [case for case in found.case_files if case.patient.patient_id == "P2"]
    assert len(second) == 1
    assert [contact.contact_id for contact in second[0].contacts] == ["C2"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=st.binary(max_size=400), table=st.sampled_from(sorted(TABLES)))
def test_junk_behind_a_header_never_crashes(
    make_tables: Callable[[], Any],
    read_practice: Read,
    tmp_path_factory: pytest.TempPathFactory,
    junk: bytes,
    table: str,
) -> None:
    tables = make_tables()
    tables.patient("P1")
    folder = tables.write_csv(tmp_path_factory.mktemp("junk"))
    with (folder / f"{table}.csv").open("ab") as stream:
        stream.write(junk)
    try:
        read_practice(folder)
    except TableError:
        assert table == "practice"
