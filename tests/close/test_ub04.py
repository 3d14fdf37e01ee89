"""Institutional claims: codes, worklist and a data sheet for the UB-04; held with that reason, never an 837P."""

from __future__ import annotations

import stat
from datetime import date
from pathlib import Path

import pytest
from practice_folder import PracticeFolder

from cocm.basics.months import Month
from cocm.close.ub04 import UB04_COLUMNS

RURAL, HEALTH_CENTER, HOSPITAL = "72", "50", "22"


@pytest.fixture
def clinic(practice: PracticeFolder) -> PracticeFolder:
    """The practice as a rural health clinic, with Medicare as its clinics' payer and charges for the clinic code."""
    practice.tables["sites"][0].update(place_of_service_code=RURAL)
    for payer_id, pack_id in (("CLINIC", "medicare-rhc-fqhc"), ("HOSPITAL", "medicare-hospital-outpatient")):
        practice.add("payers", payer_id=payer_id, name="Medicare", pack_id=pack_id, payer_identifier="01112")
    practice.add("charges", hcpcs_code="G0512", charge_amount="190.00", effective_from="2020-01-01")
    return practice


def sheet(practice: PracticeFolder) -> list[dict[str, str]]:
    return practice.rows("ub04.csv")


def has_sheet(practice: PracticeFolder) -> bool:
    return (practice.folder.parent / "out" / "ub04.csv").exists()


def items(practice: PracticeFolder) -> set[str]:
    return {row["item"] for row in practice.rows("worklist.csv")}


def test_a_clinics_month_is_held_and_its_data_stand_on_the_sheet(clinic: PracticeFolder) -> None:
    clinic.add_patient("P1", minutes=80, payer_id="CLINIC")
    result = clinic.close()
    assert (result.exit_status, result.tally.by_status) == (1, {"held": 1})
    assert items(clinic) == {"institutional"}
    assert clinic.claims_text() == ""
    first, second = sheet(clinic)
    assert (first["type_of_bill"], first["revenue_code"]) == ("0711", "052X")
    assert first["to_complete"] == "the last digit of the revenue code"
    assert [(row["hcpcs_code"], row["service_unit_quantity"]) for row in (first, second)] == [
        ("99493", "1"),
        ("99494", "1"),
    ]
    assert (first["charge_amount"], first["claim_charge_amount"]) == ("180.00", "260.00")
    assert {row["claim_line_number"] for row in (first, second)} == {"1", "2"}
    assert (first["statement_from"], first["statement_through"]) == ("2026-03-31", "2026-03-31")
    assert (first["principal_diagnosis"], first["other_diagnoses"]) == ("F32.1", "E11.9")
    assert (first["attending_npi"], first["billing_npi"]) == ("1993999998", "1234567893")
    assert (first["member_id"], first["patient_birth_date"]) == ("MP1", "1980-05-06")
    assert first["patient_control_number"] == second["patient_control_number"] != ""


def test_the_sheets_columns_are_in_the_forms_order_and_every_cell_is_filled_or_known_empty(
    clinic: PracticeFolder,
) -> None:
    clinic.add_patient("P1", minutes=80, payer_id="CLINIC")
    clinic.close()
    row = sheet(clinic)[0]
    assert tuple(row) == UB04_COLUMNS
    assert {column for column, cell in row.items() if not cell} == {"group_number"}
    path = clinic.folder.parent / "out" / "ub04.csv"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("month", "earlier", "code"),
    [("2025-12", "2025-11", "G0512"), ("2026-01", "2025-12", "99493")],
    ids=["December 2025", "January 2026"],
)
def test_the_clinic_code_ends_with_2025(clinic: PracticeFolder, month: str, earlier: str, code: str) -> None:
    clinic.add_patient("P1", minutes=65, payer_id="CLINIC", month=month, earlier_month=earlier)
    clinic.close(month=Month.parse(month), as_of_date=date(2026, 2, 4))
    (row,) = sheet(clinic)
    assert (row["hcpcs_code"], row["service_unit_quantity"]) == (code, "1")
    assert row["service_date"] == f"{month}-31"


@pytest.mark.parametrize(
    ("taxonomy_code", "place", "payer_id", "expected"),
    [
        ("261QF0400X", "11", "CLINIC", "0771"),
        ("261QR1300X", HEALTH_CENTER, "CLINIC", "0711"),
        ("207Q00000X", HEALTH_CENTER, "CLINIC", "0771"),
        ("207Q00000X", "11", "CLINIC", "0711 or 0771"),
        ("282N00000X", "11", "HOSPITAL", "0131"),
        ("282NC0060X", HOSPITAL, "HOSPITAL", "0851"),
        ("207Q00000X", HOSPITAL, "HOSPITAL", "0131"),
    ],
)
def test_the_type_of_bill_is_the_facilitys(
    clinic: PracticeFolder, taxonomy_code: str, place: str, payer_id: str, expected: str
) -> None:
    clinic.tables["practice"][0].update(taxonomy_code=taxonomy_code)
    clinic.tables["sites"][0].update(place_of_service_code=place)
    clinic.add_patient("P1", minutes=40, payer_id=payer_id)
    clinic.close()
    (row,) = sheet(clinic)
    assert row["type_of_bill"] == expected
    assert ("the facility's type of bill" in row["to_complete"]) == (" or " in expected)
    assert ("the department's revenue code" in row["to_complete"]) == (payer_id == "HOSPITAL")


def test_what_something_else_holds_too_is_not_on_the_sheet(clinic: PracticeFolder) -> None:
    clinic.add_patient("P1", minutes=80, payer_id="CLINIC").update(consent_given="no", consent_date="")
    clinic.close()
    assert {"institutional", "consent"} <= items(clinic)
    assert not has_sheet(clinic)


def test_a_month_billed_before_is_caught_by_the_edits(clinic: PracticeFolder) -> None:
    clinic.add_patient("P1", minutes=80, payer_id="CLINIC")
    clinic.add(
        "claim_history",
        patient_id="P1",
        payer_id="CLINIC",
        claim_id="OLD",
        service_date="2026-03-31",
        hcpcs_code="99493",
        billing_npi="1234567893",
        status="paid",
    )
    clinic.close()
    assert any(item.startswith("duplicate.") for item in items(clinic))
    assert not has_sheet(clinic)


def test_an_assumed_code_is_on_the_sheet_once_a_person_has_released_it(clinic: PracticeFolder) -> None:
    clinic.add_patient("P1", minutes=20, payer_id="CLINIC")
    clinic.close()
    assert items(clinic) == {"institutional", "codes.short_month"}
    assert not has_sheet(clinic)
    clinic.add(
        "decisions",
        patient_id="P1",
        month="2026-03",
        decision="release",
        item="codes.short_month",
        decided_by="BILLING1",
        decided_on="2026-04-02",
        reason="the contractor confirmed the code",
    )
    clinic.close()
    assert [row["hcpcs_code"] for row in sheet(clinic)] == ["G2214"]


def test_without_institutional_months_there_is_no_sheet(clinic: PracticeFolder) -> None:
    clinic.add_patient("P1", minutes=80)
    clinic.close()
    assert not has_sheet(clinic)


def test_a_cell_never_becomes_a_formula(clinic: PracticeFolder) -> None:
    clinic.add_patient("P1", minutes=40, payer_id="CLINIC")
    clinic.tables["staff"][0].update(last_name="-Test")
    clinic.close()
    assert sheet(clinic)[0]["attending_last_name"] == "'-Test"


def test_an_unknown_form_holds_the_month_too_and_writes_nothing(clinic: PracticeFolder) -> None:
    clinic.add(
        "payers", payer_id="NC", name="NC Medicaid", pack_id="nc-medicaid-rhc-fqhc", payer_identifier="NC1"
    )
    clinic.add_patient("P1", minutes=65, payer_id="NC")
    clinic.close()
    assert "claim_format" in items(clinic)
    assert not has_sheet(clinic)
    assert clinic.claims_text() == ""


def test_of_two_episodes_that_both_earn_a_code_none_is_on_the_sheet(clinic: PracticeFolder) -> None:
    row = clinic.add_patient("P1", minutes=40, payer_id="CLINIC")
    clinic.add("episodes", **(row | {"episode_id": "P1-E2", "start_date": "2026-03-15"}))
    clinic.add_contact("P1", "c", "2026-03-20T09:00", 40)
    clinic.close()
    assert "two_episodes" in items(clinic)
    assert not has_sheet(clinic)


def test_the_sheet_does_not_depend_on_chunks_or_workers(
    clinic: PracticeFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cocm.close.run.PATIENTS_PER_CHUNK", 2)
    for number in range(5):
        clinic.add_patient(f"P{number}", minutes=40 + number, payer_id="CLINIC" if number % 2 else "MEDICARE")
    clinic.close(out="one", state=tmp_path / "one.sqlite", workers=1)
    clinic.close(out="two", state=tmp_path / "two.sqlite", workers=2)
    assert (tmp_path / "one" / "ub04.csv").read_bytes() == (tmp_path / "two" / "ub04.csv").read_bytes()
    assert len(clinic.rows("ub04.csv", "one")) == 2
