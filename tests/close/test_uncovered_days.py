"""All contacts of a month lie on days that the policy does not cover: the month is held, with its money."""

import pytest
from practice_folder import PracticeFolder


def uncovered(practice: PracticeFolder, minutes: int = 80) -> dict[str, object]:
    """P1 with a contact on March 10 and a policy from March 20 on."""
    practice.add_patient("P1", minutes=minutes)
    coverage = practice.tables["coverages"][0]
    coverage["coverage_from"] = "2026-03-20"
    return coverage


def test_a_month_without_a_covered_contact_is_held_with_its_money(practice: PracticeFolder) -> None:
    uncovered(practice)
    practice.close()
    (row,) = practice.rows("worklist.csv")
    assert (row["status"], row["item"], row["can_be_released"]) == ("held", "coverage", "no")
    assert row["codes"] == "99493 + 99494"
    assert float(row["money_at_stake"]) > 0
    assert practice.claims_text() == ""


@pytest.mark.parametrize("cells", [{"coverage_from": "2026-03-10"}, {"coverage_from": "2025-01-01"}])
def test_a_covered_contact_is_billed(practice: PracticeFolder, cells: dict[str, str]) -> None:
    uncovered(practice).update(cells)
    assert practice.close().tally.by_status == {"claim": 1}


def test_a_policy_that_ended_before_the_contacts_is_the_same_question(practice: PracticeFolder) -> None:
    uncovered(practice).update(coverage_from="2025-01-01", coverage_to="2026-03-09")
    assert practice.close().tally.by_item == {"coverage": 1}


def test_time_that_earns_nothing_is_no_question(practice: PracticeFolder) -> None:
    uncovered(practice, minutes=5)
    assert practice.close().tally.by_status == {"no_service": 1}
    assert practice.rows("worklist.csv") == []


def test_days_of_another_policy_are_billed_to_it_once_it_pays_first(practice: PracticeFolder) -> None:
    other = uncovered(practice) | {"payer_id": "PLAN", "coverage_from": "2025-01-01", "rank": 2}
    practice.tables["coverages"].append(other)
    practice.close()
    (row,) = practice.rows("worklist.csv")
    assert (row["item"], "first rank in coverages" in row["what_to_do"]) == ("coverage", True)
    other["rank"], practice.tables["coverages"][0]["rank"] = 1, 2
    practice.close()
    (month,) = practice.rows("proposals.csv")
    assert (month["payer_id"], month["status"]) == ("PLAN", "claim")


def test_a_claim_whose_policy_turns_out_later_is_not_supported_any_more(practice: PracticeFolder) -> None:
    coverage = uncovered(practice)
    coverage["coverage_from"] = "2025-01-01"
    practice.close()
    coverage["coverage_from"] = "2026-03-20"
    practice.close(out="again")
    assert {row["item"] for row in practice.rows("worklist.csv", "again")} == {"no_longer_supported"}
