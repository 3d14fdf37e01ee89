"""Rows that cannot be read: whose month they leave undecided stands on the worklist, and nobody is lost in silence."""

import csv

import pytest
from practice_folder import PracticeFolder


def rejected(practice: PracticeFolder) -> list[tuple[str, str]]:
    """Patients and statuses of the worklist's rejected rows; nothing else may be on it."""
    rows = practice.rows("worklist.csv")
    assert {row["item"] for row in rows} <= {"rejected_rows"}
    assert all("rejected_rows.csv" in row["what_to_do"] for row in rows)
    return [(row["patient_id"], row["status"]) for row in rows]


@pytest.mark.parametrize(
    ("table", "cells"),
    [
        ("episodes", {"diagnosis_codes": "F32.1;banana"}),
        ("patients", {"birth_date": "2026-04-01"}),
        ("patients", {"patient_id": "P2"}),  # nobody of P1's id is left
    ],
)
def test_a_patient_whose_month_cannot_be_decided_is_held(
    practice: PracticeFolder, table: str, cells: dict[str, str]
) -> None:
    practice.add_patient("P1", minutes=80)
    practice.tables[table][0].update(cells)
    practice.add_patient("P3", minutes=80)
    result = practice.close()
    assert rejected(practice) == [("P1", "held")]
    assert [row["patient_id"] for row in practice.rows("proposals.csv")] == ["P3"]
    assert result.tally.by_item == {"rejected_rows": 1}


def test_a_patient_without_care_to_bill_is_not_on_the_worklist_for_a_scale_that_cannot_be_read(
    practice: PracticeFolder,
) -> None:
    practice.add_patient("P1", minutes=80)
    practice.add_patient("P2", minutes=80)["end_date"] = "2026-02-20"
    practice.tables["contacts"].pop()
    practice.tables["measures"][-1]["score"] = "eleven"
    practice.close()
    assert rejected(practice) == []
    assert len(practice.rows("rejected_rows.csv")) == 1


def test_a_row_that_names_nobody_is_said_once(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=80)
    practice.add_contact("P1", "c", "2026-03-20T10:00", 50)
    practice.add_contact("P1", "d", "2026-03-21T10:00", 50)
    practice.tables["contacts"][-1]["patient_id"] = ""
    practice.tables["contacts"][-2]["patient_id"] = "Maryanne"  # a name that slipped into the column is no id
    practice.close()
    assert rejected(practice) == [("", "held")]
    (row,) = practice.rows("worklist.csv")
    assert row["why"].startswith("2 rows of unknown patients")
    assert "Maryanne" not in "".join(row.values())


def test_a_row_with_a_huge_cell_holds_its_patient_wherever_the_cell_stands(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=80)
    practice.add_contact("P1", "c", "2026-03-20T10:00", 50)
    practice.tables["contacts"][-1]["contact_id"] = "x" * (csv.field_size_limit() + 10)
    practice.close()
    assert rejected(practice) == [("P1", "held")]


def test_a_row_whose_patient_a_huge_cell_swallowed_is_said(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=80)
    with (practice.write() / "contacts.csv").open("a", encoding="utf-8") as stream:
        stream.write(f'"{"x" * (csv.field_size_limit() + 10)},P1,BHCM1,2026-03-20T10:00,50\n')
    practice.write = lambda: practice.folder  # type: ignore[method-assign]  # as it stands
    practice.close()
    assert rejected(practice) == [("", "held")]
