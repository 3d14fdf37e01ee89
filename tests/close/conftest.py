"""A small practice with one site, three people, two payers and charges."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from practice_folder import ADDRESS, PracticeFolder


@pytest.fixture
def practice(tmp_path: Path) -> PracticeFolder:
    """A practice with one site, three people, two payers and charges; no patients yet."""
    made = PracticeFolder(tmp_path / "practice")
    made.add(
        "practice",
        organization_id="ORG1",
        name="Redwood Test Clinic",
        billing_npi="1234567893",
        billing_tin="123456789",
        taxonomy_code="207Q00000X",
        phone="7075550100",
        contact_name="Billing Desk",
        time_zone="America/Los_Angeles",
        submitter_id="SUB001",
        contacts_complete_from="2025-06-01",
        **ADDRESS,
    )
    made.add("sites", site_id="S1", name="Main Site", place_of_service_code="11", **ADDRESS)
    for staff_id, role, npi, taxonomy in (
        ("PCP1", "billing_practitioner", "1993999998", "207Q00000X"),
        ("BHCM1", "bhcm", "1558598797", "1041C0700X"),
        ("PC1", "psychiatric_consultant", "", "2084P0800X"),
    ):
        made.add(
            "staff",
            staff_id=staff_id,
            last_name=f"Last{staff_id}",
            first_name="Test",
            role=role,
            npi=npi,
            taxonomy_code=taxonomy,
            site_ids="S1",
        )
    made.add(
        "payers", payer_id="MEDICARE", name="Medicare Part B", pack_id="medicare", payer_identifier="01112"
    )
    made.add(
        "payers",
        payer_id="PLAN",
        name="Golden Test Plan",
        pack_id="ca-commercial-carveout",
        payer_identifier="GTP01",
        behavioral_payer_identifier="BHADM",
    )
    for code, amount in (("99492", "200.00"), ("99493", "180.00"), ("99494", "80.00"), ("G2214", "75.00")):
        made.add("charges", hcpcs_code=code, charge_amount=amount, effective_from="2020-01-01")
    return made


@pytest.fixture
def status_of() -> Callable[[PracticeFolder, str], str]:
    """A patient's status in the last close."""

    def find(practice: PracticeFolder, patient_id: str) -> str:
        (row,) = [row for row in practice.rows("proposals.csv") if row["patient_id"] == patient_id]
        return row["status"]

    return find
