"""The same facts make two lawful claims: who renders, who supervises and where is the payer's rule, not ours."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from practice_folder import PracticeFolder

from cocm.x12 import ClaimRecord, read_837p

PCP_NPI, BHCM_NPI, GROUP_NPI = "1993999998", "1558598797", "1234567893"


def only_claim(practice: PracticeFolder) -> ClaimRecord:
    (path,) = (practice.folder.parent / "out").glob("*.837")
    (claim,) = read_837p(io.BytesIO(path.read_bytes()))
    return claim


def closed(practice: PracticeFolder, payer_id: str, **settings: object) -> ClaimRecord:
    practice.add_patient("P1", minutes=80, payer_id=payer_id, **settings)  # type: ignore[arg-type]  # test settings
    practice.close()
    return only_claim(practice)


def test_medicare_names_the_practitioner_as_rendering(practice: PracticeFolder) -> None:
    claim = closed(practice, "MEDICARE")
    assert claim.billing.identifier == GROUP_NPI
    assert claim.rendering is not None and claim.rendering.identifier == PCP_NPI
    assert claim.supervising is None


def test_the_california_plan_names_the_care_manager_and_her_supervisor(practice: PracticeFolder) -> None:
    claim = closed(practice, "PLAN")
    assert claim.billing.identifier == GROUP_NPI
    assert claim.rendering is not None and claim.rendering.identifier == BHCM_NPI
    assert claim.supervising is not None and claim.supervising.identifier == PCP_NPI


def test_without_the_care_managers_npi_the_claim_is_held_and_nobody_else_is_named(
    practice: PracticeFolder,
) -> None:
    next(row for row in practice.tables["staff"] if row["staff_id"] == "BHCM1").update(npi="")
    practice.add_patient("P1", minutes=80, payer_id="PLAN")
    practice.close()
    assert practice.claims_text() == ""
    (row,) = [row for row in practice.rows("worklist.csv") if "rendering" in row["item"]]
    assert "claim.rendering_role" in row["rules"]


def test_the_claim_goes_to_the_medical_plan_never_to_its_behavioral_administrator(
    practice: PracticeFolder,
) -> None:
    assert closed(practice, "PLAN").payer.identifier == "GTP01"


def test_a_payer_id_of_the_behavioral_administrator_stops_the_claim(practice: PracticeFolder) -> None:
    next(row for row in practice.tables["payers"] if row["payer_id"] == "PLAN").update(
        payer_identifier="BHADM"
    )
    practice.add_patient("P1", minutes=80, payer_id="PLAN")
    practice.close()
    assert practice.claims_text() == ""
    assert [row["grade"] for row in practice.rows("worklist.csv")] == ["stops the claim"]


def test_diagnoses_keep_their_order_and_lines_point_to_the_behavioral_one(practice: PracticeFolder) -> None:
    claim = closed(practice, "PLAN", diagnoses="E11.9;F32.1")
    assert claim.diagnosis_codes == ("E119", "F321")
    assert {line.diagnosis_pointers for line in claim.lines} == {(2,)}


def test_the_service_date_is_the_months_last_day(practice: PracticeFolder) -> None:
    claim = closed(practice, "MEDICARE")
    assert {str(line.service_from_date) for line in claim.lines} == {"2026-03-31"}


def test_cover_that_ended_in_the_month_moves_the_service_date(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=80)
    practice.tables["coverages"][-1].update(coverage_to="2026-03-20")
    practice.close()
    assert {str(line.service_to_date) for line in only_claim(practice).lines} == {"2026-03-20"}


def test_a_dependent_is_billed_under_the_policy_holder(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=80, payer_id="PLAN")
    practice.tables["coverages"][-1].update(
        relationship="child",
        subscriber_last_name="Holder",
        subscriber_first_name="Pat",
        subscriber_birth_date="1955-01-02",
        subscriber_sex="M",
    )
    practice.close()
    claim = only_claim(practice)
    assert not claim.patient_is_subscriber
    assert claim.subscriber.last_or_organization_name == "HOLDER"
    assert claim.patient.last_or_organization_name == "QUILL"


def test_a_missing_charge_is_named(practice: PracticeFolder) -> None:
    practice.tables["charges"] = [row for row in practice.tables["charges"] if row["hcpcs_code"] != "99494"]
    practice.add_patient("P1", minutes=80)
    practice.close()
    (row,) = practice.rows("worklist.csv")
    assert row["item"] == "charge" and "99494" in row["why"]


def test_a_practices_own_contract_changes_one_value(practice: PracticeFolder, tmp_path: Path) -> None:
    rule = tmp_path / "contracts" / "payers" / "ca-commercial-carveout" / "rules" / "codes.short_month.yaml"
    rule.parent.mkdir(parents=True)
    rule.write_text(
        "id: codes.short_month\n"
        "values:\n"
        "  - effective_from: 2026-01-01\n"
        "    observed: 2026-01-15\n"
        '    value: "G2214"\n'
        "    confidence: stated\n"
        "    source: {title: Our contract with the plan, url: file cabinet 3, grade: B}\n"
    )
    practice.add_patient("P1", minutes=20, payer_id="PLAN")
    practice.close(out="without", is_dry_run=True)
    practice.close(out="with", overlays=(tmp_path / "contracts",), is_dry_run=True)
    assert [row["codes"] for row in practice.rows("proposals.csv", "without")] == [""]
    assert [row["codes"] for row in practice.rows("proposals.csv", "with")] == ["G2214"]


@pytest.mark.parametrize(("column", "value"), [("site_id", ""), ("billing_practitioner_id", "")])
def test_what_the_episode_does_not_name_stops_the_claim(
    practice: PracticeFolder, column: str, value: str
) -> None:
    practice.add_patient("P1", minutes=80).update({column: value})
    practice.close()
    assert practice.claims_text() == ""
    assert "stops the claim" in {row["grade"] for row in practice.rows("worklist.csv")}
