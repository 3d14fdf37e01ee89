"""What a pack asks for reaches the close: a chosen base, a base code beside an add-on, an attestation."""

from __future__ import annotations

import pytest
from practice_folder import PracticeFolder


def add_payer(practice: PracticeFolder, pack_id: str, **cells: object) -> None:
    practice.add(
        "payers",
        payer_id="P",
        name="Payer",
        pack_id=pack_id,
        payer_identifier="P0001",
        filing_limit_days=365,
        **cells,
    )


def items(practice: PracticeFolder) -> dict[str, str]:
    return {row["item"]: row["grade"] for row in practice.rows("worklist.csv") if row["grade"] != "noted"}


def decide(practice: PracticeFolder, decision: str, item: str) -> None:
    practice.add(
        "decisions",
        patient_id="P1",
        month="2026-03",
        decision=decision,
        item=item,
        decided_by="BILLING1",
        decided_on="2026-04-02",
        reason="as the payer told us",
    )


def test_the_base_alone_is_billed_where_a_person_chooses_it(practice: PracticeFolder) -> None:
    add_payer(practice, "co-medicaid")
    practice.add_patient("P1", minutes=100, payer_id="P")
    practice.close()
    assert items(practice)["limit.addon_units"] == "no data"
    assert practice.claims_text() == ""
    decide(practice, "choose", "99493")
    for item in set(items(practice)) - {"limit.addon_units"}:
        decide(practice, "release", item)
    practice.close()
    assert items(practice) == {}
    text = practice.claims_text()
    assert "SV1*HC:99493*180*UN*1" in text
    assert "HC:99494" not in text


@pytest.mark.parametrize("is_on_record", [True, False])
def test_an_add_on_of_advanced_primary_care_waits_for_its_base(
    practice: PracticeFolder, is_on_record: bool
) -> None:
    add_payer(practice, "medicare-apcm")
    practice.add("charges", hcpcs_code="G0569", charge_amount="150.00", effective_from="2026-01-01")
    practice.add_patient("P1", minutes=12, payer_id="P")
    if is_on_record:
        practice.add("other_services", patient_id="P1", service_date="2026-03-31", hcpcs_code="G0557")
    practice.close()
    assert items(practice) == ({} if is_on_record else {"required_base": "no data"})
    assert ("SV1*HC:G0569*150*UN*1" in practice.claims_text()) == is_on_record


def test_an_attestation_and_an_authorization_are_read_from_the_tables(practice: PracticeFolder) -> None:
    add_payer(practice, "tx-medicaid", attested_from="2024-02-01")
    practice.add_patient("P1", minutes=40, payer_id="P")
    practice.close()
    assert "attestation" not in items(practice)
    assert items(practice)["authorization"] == "no data"
    practice.tables["coverages"][0].update(
        prior_authorization_number="PA-1", prior_authorization_to="2026-12-31"
    )
    practice.close()
    assert "authorization" not in items(practice)
    practice.tables["payers"][-1].update(attested_from="")
    practice.close()
    assert items(practice)["attestation"] == "no data"


def test_the_consultants_taxonomy_is_read_from_the_staff_table(practice: PracticeFolder) -> None:
    practice.tables["staff"][2].update(taxonomy_code="1041C0700X")
    practice.add_patient("P1", minutes=40)
    practice.close()
    assert items(practice) == {"consultant_type": "needs a person"}


@pytest.mark.parametrize(("pack_id", "is_sent"), [("mi-medicaid", True), ("medicare", False)])
def test_an_authorization_goes_to_a_payer_that_asks_for_one(
    practice: PracticeFolder, pack_id: str, is_sent: bool
) -> None:
    add_payer(practice, pack_id)
    practice.add_patient("P1", minutes=45, payer_id="P")
    practice.tables["coverages"][0].update(
        prior_authorization_number="PA-1", prior_authorization_to="2026-12-31"
    )
    practice.close()
    assert ("REF*G1*PA-1~" in practice.claims_text()) == is_sent
    assert "CLM*" in practice.claims_text()
