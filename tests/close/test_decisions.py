"""A person releases what needs a person, or chooses a code that was offered; never more."""

import json
from collections.abc import Callable
from datetime import date

from practice_folder import PracticeFolder

StatusOf = Callable[[PracticeFolder, str], str]


def test_a_person_may_release_what_needs_a_person(practice: PracticeFolder, status_of: StatusOf) -> None:
    practice.add_patient("P1", minutes=170)
    practice.close(is_dry_run=True)
    assert status_of(practice, "P1") == "held"
    (item,) = [row["item"] for row in practice.rows("worklist.csv") if row["can_be_released"] == "yes"]
    practice.decide(item)
    practice.close()
    assert status_of(practice, "P1") == "claim"
    (entry,) = json.loads((practice.folder.parent / "out" / "proposals.json").read_text())["proposals"]
    assert entry["decisions"][0]["by"] == "BILLING-1"
    report = (practice.folder.parent / "out" / "report.html").read_text()
    assert "BILLING-1" in report and "seen and agreed" in report


def test_a_block_cannot_be_released(practice: PracticeFolder, status_of: StatusOf) -> None:
    practice.add_patient("P1", minutes=80).update(consent_given="no", consent_date="")
    practice.decide("consent")
    practice.close()
    assert status_of(practice, "P1") == "held"


def test_unknown_consent_cannot_be_released(practice: PracticeFolder, status_of: StatusOf) -> None:
    practice.add_patient("P1", minutes=80).update(consent_given="", consent_date="")
    practice.decide("consent")
    practice.close()
    assert status_of(practice, "P1") == "held"


def test_an_offered_code_may_be_chosen_and_no_other(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=25, payer_id="PLAN")
    practice.add("charges", hcpcs_code="99484", charge_amount="60.00", effective_from="2020-01-01")
    practice.decide("99492", "choose")
    practice.close(is_dry_run=True)
    assert [row["status"] for row in practice.rows("proposals.csv")] == ["care_due"]
    practice.decide("99484", "choose")
    practice.close()
    (row,) = practice.rows("proposals.csv")
    assert (row["status"], row["codes"]) == ("claim", "99484"), practice.rows("worklist.csv")


def test_a_decision_without_effect_is_said(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=80).update(consent_given="no", consent_date="")
    practice.decide("consent")
    practice.decide("caseload")
    practice.close()
    said = [row["why"] for row in practice.rows("worklist.csv") if row["item"] == "idle_decision"]
    assert len(said) == 2
    assert any("cannot be released" in why for why in said)
    assert any("no such item" in why for why in said)


def test_a_release_does_not_cover_entries_made_after_it(
    practice: PracticeFolder, status_of: StatusOf
) -> None:
    practice.add_patient("P1", minutes=170)
    practice.close(is_dry_run=True)
    (item,) = [row["item"] for row in practice.rows("worklist.csv") if row["can_be_released"] == "yes"]
    practice.decide(item)
    practice.add_contact("P1", "c", "2026-03-20T10:00", 20, recorded_on="2026-04-03")
    practice.close(as_of_date=date(2026, 4, 4))
    assert status_of(practice, "P1") == "held"
    assert "idle_decision" in {row["item"] for row in practice.rows("worklist.csv")}
    assert "seen and agreed" not in (practice.folder.parent / "out" / "report.html").read_text()


def test_a_person_may_hold_a_claim_back_until_the_decision_is_taken_back(
    practice: PracticeFolder, status_of: StatusOf
) -> None:
    practice.add_patient("P1", minutes=80)
    practice.decide("month", "hold")
    practice.close()
    assert status_of(practice, "P1") == "held"
    (row,) = practice.rows("worklist.csv")
    assert (row["item"], row["can_be_released"]) == ("held_by_person", "no")
    assert "BILLING-1 holds it back" in row["why"]
    practice.decide("held_by_person")
    practice.close()
    assert status_of(practice, "P1") == "held"
    practice.tables["decisions"].clear()
    practice.close()
    assert status_of(practice, "P1") == "claim"


def test_a_hold_on_a_month_without_a_code_is_said_to_have_no_effect(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=5)
    practice.decide("month", "hold")
    practice.close()
    assert any(
        row["item"] == "idle_decision" and "earns no code" in row["why"]
        for row in practice.rows("worklist.csv")
    )
