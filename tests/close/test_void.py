"""A claim is taken back in the payer's own way, and the month may be billed anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from practice_folder import AS_OF, PracticeFolder

from cocm.basics.errors import UnusableInput
from cocm.close.void import VoidRequest, void_claim


def request(practice: PracticeFolder, claim_id: str, out: Path) -> VoidRequest:
    return VoidRequest(practice.folder, claim_id, "ICN42", out, AS_OF)


def closed(practice: PracticeFolder, payer_id: str) -> str:
    practice.add_patient("P1", minutes=80, payer_id=payer_id)
    practice.add_patient("P2", minutes=40, payer_id=payer_id)
    practice.close()
    (row,) = [row for row in practice.rows("proposals.csv") if row["patient_id"] == "P1"]
    return row["claim_id"]


def test_a_void_repeats_the_claim_with_the_payers_number(practice: PracticeFolder, tmp_path: Path) -> None:
    claim_id = closed(practice, "PLAN")
    written = void_claim(request(practice, claim_id, tmp_path / "voids"))
    text = (tmp_path / "voids" / written.file_name).read_text()
    assert text.count("CLM*") == 1
    assert ":B:8*" in text
    assert "REF*F8*ICN42~" in text
    assert "SV1*HC:99493*180*UN*1" in text
    assert claim_id not in text


def test_after_a_void_the_month_is_billed_anew_when_a_person_means_it(
    practice: PracticeFolder, tmp_path: Path
) -> None:
    claim_id = closed(practice, "PLAN")
    void_claim(request(practice, claim_id, tmp_path / "voids"))
    assert practice.close(out="unmeant", is_dry_run=True).tally.by_status == {"held": 1, "already_sent": 1}
    practice.add(
        "decisions",
        patient_id="P1",
        month="2026-03",
        decision="release",
        item="after_void",
        decided_by="BILLING-1",
        decided_on="2026-04-20",
        reason="the payer asked for a new claim",
    )
    result = practice.close(out="again")
    assert result.tally.by_status == {"claim": 1, "already_sent": 1}
    assert practice.close(out="third").tally.by_status == {"already_sent": 2}


def test_a_claim_is_voided_once(practice: PracticeFolder, tmp_path: Path) -> None:
    claim_id = closed(practice, "PLAN")
    void_claim(request(practice, claim_id, tmp_path / "voids"))
    with pytest.raises(UnusableInput, match="voided by claim"):
        void_claim(request(practice, claim_id, tmp_path / "more"))
    assert not (tmp_path / "more").exists()


def test_medicare_takes_no_voids(practice: PracticeFolder, tmp_path: Path) -> None:
    claim_id = closed(practice, "MEDICARE")
    with pytest.raises(UnusableInput, match=r"claim\.correction_method = reopening"):
        void_claim(request(practice, claim_id, tmp_path / "voids"))


def test_an_unknown_claim_is_named(practice: PracticeFolder, tmp_path: Path) -> None:
    closed(practice, "PLAN")
    with pytest.raises(UnusableInput, match="C-NONE"):
        void_claim(request(practice, "C-NONE", tmp_path / "voids"))
