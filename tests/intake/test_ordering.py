"""The external sort and the merge by patient."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocm.basics.errors import TableError
from cocm.intake import groups, ordering
from cocm.intake.groups import PatientRows, grouped_by_patient, merged_by_patient
from cocm.intake.ordering import sorted_by_patient
from cocm.intake.rows import Layout, RawRow

LAYOUT = Layout("measures.csv", "measures", (0, 1, 2, 3), 4, ",")
TABLES = len(PatientRows._fields) - 1
IDS = st.sampled_from(["", "P1", "P10", "P2", "p1", "É"])


def rows_of(ids: list[str]) -> list[RawRow]:
    return [(number, f"{patient_id},phq-9,2026-03-05,{number}") for number, patient_id in enumerate(ids, 2)]


@given(ids=st.lists(IDS, max_size=60), run_rows=st.integers(1, 10))
def test_sorting_in_runs_is_sorting(
    ids: list[str], run_rows: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("runs")
    rows = rows_of(ids)
    found = list(sorted_by_patient(rows, LAYOUT, folder, run_rows=run_rows))
    assert found == sorted(rows, key=lambda row: (row[1].split(",")[0], row[0]))


def test_runs_are_merged_when_they_become_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ordering, "RUNS_MAX", 3)
    rows = rows_of([f"P{number % 7}" for number in range(100)])
    found = sorted_by_patient(rows, LAYOUT, tmp_path, run_rows=5)
    first = next(found)
    assert len(list(tmp_path.iterdir())) <= 3
    assert [first, *found] == sorted(rows, key=lambda row: (row[1].split(",")[0], row[0]))


@given(ids=st.lists(st.lists(IDS, max_size=20), min_size=TABLES, max_size=TABLES))
def test_the_merge_gives_each_patient_once_with_all_rows(ids: list[list[str]]) -> None:
    tables = [rows_of(sorted(table)) for table in ids]
    merged = list(merged_by_patient([grouped_by_patient(iter(rows), LAYOUT) for rows in tables]))
    expected = []
    for patient_id in sorted({patient_id for table in ids for patient_id in table}):
        of_patient = ([row for row in rows if row[1].split(",")[0] == patient_id] for rows in tables)
        expected.append(PatientRows(patient_id, *(rows or () for rows in of_patient)))
    assert merged == expected


def test_too_many_rows_of_one_patient_mean_a_wrong_column(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "PATIENT_ROWS_MAX", 3)
    with pytest.raises(TableError, match=r"measures\.csv, row 5: more than 3 rows of one patient"):
        list(grouped_by_patient(iter(rows_of(["P1"] * 4)), LAYOUT))


def test_rows_without_a_patient_come_in_bounded_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "PATIENT_ROWS_MAX", 3)
    found = list(merged_by_patient([grouped_by_patient(iter(rows_of([""] * 10 + ["P1"])), LAYOUT)]))
    assert [rows.patient_id for rows in found] == ["", "", "", "P1"]
    assert sum(len(rows.patients) for rows in found) == 11


def test_a_file_that_changes_while_it_is_read_stops_the_reading() -> None:
    with pytest.raises(TableError, match="changed while it was read"):
        list(grouped_by_patient(iter(rows_of(["P2", "P1"])), LAYOUT))
