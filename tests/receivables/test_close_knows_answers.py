"""A close goes by what came back: nothing that is with the payer is billed again, corrections go the payer's way."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from practice_folder import PracticeFolder, small_practice
from remittance_maker import Decided, Line, remittance
from status_maker import acknowledged, answered, requested

from cocm.receivables.post import post_files
from cocm.receivables.practice_books import BooksRequest
from cocm.receivables.status import take_in_statuses

AS_OF = date(2026, 5, 4)


@pytest.fixture
def sent(tmp_path: Path) -> tuple[PracticeFolder, str]:
    """A month of 45 minutes, closed and sent; then a further contact of the month is entered."""
    practice = small_practice(tmp_path / "practice")
    practice.add_patient("P1", minutes=45, payer_id="PLAN")
    practice.close()
    claim_id = practice.rows("proposals.csv")[0]["claim_id"]
    practice.add_contact("P1", "late", "2026-03-20T09:00", 40, recorded_on="2026-03-20")
    return practice, claim_id


def again(
    practice: PracticeFolder, *, answers: bytes | None = None, paid: bytes | None = None
) -> dict[str, str]:
    """What the next close of the month makes of it, after what came back."""
    request = BooksRequest(practice.folder, AS_OF)
    path = practice.folder.parent / "back"
    if answers is not None:
        path.write_bytes(answers)
        take_in_statuses(request, [path])
    if paid is not None:
        path.write_bytes(paid)
        post_files(request, [path])
    practice.close("again", as_of_date=AS_OF)
    (row,) = practice.rows("proposals.csv", "again")
    texts = "".join(
        path.read_text()
        for path in sorted((practice.folder.parent / "again").glob("*.837"))
        if not (
            practice.folder.parent / "out" / path.name
        ).exists()  # the first file is written again as it was
    )
    with (practice.folder.parent / "again" / "worklist.csv").open(encoding="utf-8", newline="") as stream:
        items = [item["item"] for item in csv.DictReader(stream)]
    return {"status": row["status"], "claims": texts, "items": " ".join(items)}


@pytest.mark.parametrize("told", ["accepted", "pended", "requested"])
def test_a_claim_with_the_payer_is_not_billed_again(sent: tuple[PracticeFolder, str], told: str) -> None:
    practice, claim_id = sent
    answers = {
        "accepted": acknowledged(claim_id, "A2:20"),
        "pended": answered(claim_id, "P2:20"),
        "requested": requested(claim_id, "11506-3", due=date(2026, 5, 29)),
    }[told]
    found = again(practice, answers=answers)
    assert (found["status"], found["claims"]) == ("held", "") and "correction" in found["items"]


def test_a_rejected_claim_goes_again_as_an_original(sent: tuple[PracticeFolder, str]) -> None:
    practice, claim_id = sent
    found = again(practice, answers=acknowledged(claim_id, "A7:249"))
    assert found["status"] == "claim" and "CLM*" in found["claims"] and ":B:1*" in found["claims"]


def test_a_decided_claim_is_replaced_by_the_payers_number(sent: tuple[PracticeFolder, str]) -> None:
    practice, claim_id = sent
    paid = remittance(Decided(claim_id, (Line("99493", 18000, (("CO", "45", 3000),)),), payer_number="ICN55"))
    found = again(practice, paid=paid)
    assert found["status"] == "claim" and ":B:7*" in found["claims"] and "REF*F8*ICN55~" in found["claims"]


def test_without_an_answer_the_changed_month_waits(sent: tuple[PracticeFolder, str]) -> None:
    practice, _ = sent
    found = again(practice)
    assert (found["status"], found["claims"]) == ("held", "")
