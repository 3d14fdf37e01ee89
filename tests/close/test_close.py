"""A month is closed from files: what goes out, what is held, what is never sent twice."""

import json
import stat
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from practice_folder import MARCH, PracticeFolder
from pypdf import PdfReader

from cocm.basics.errors import StateError, TableError, UnusableInput
from cocm.close.run import STATE_FILE_NAME, default_state_path

StatusOf = Callable[[PracticeFolder, str], str]


def test_a_complete_month_goes_out_as_a_claim(practice: PracticeFolder, status_of: StatusOf) -> None:
    practice.add_patient("P1", minutes=80)
    result = practice.close()
    assert result.exit_status == 0, [(row["item"], row["why"]) for row in practice.rows("worklist.csv")]
    assert status_of(practice, "P1") == "claim"
    text = practice.claims_text()
    assert "SV1*HC:99493*180*UN*1" in text
    assert "SV1*HC:99494*80*UN*1" in text
    assert text.startswith("ISA*") and text.rstrip().endswith("~")


def test_what_lacks_consent_is_held_and_says_what_to_do(
    practice: PracticeFolder, status_of: StatusOf
) -> None:
    practice.add_patient("P1", minutes=80).update(consent_given="no", consent_date="")
    result = practice.close()
    assert result.exit_status == 1
    assert status_of(practice, "P1") == "held"
    (row,) = [row for row in practice.rows("worklist.csv") if row["item"] == "consent"]
    assert row["grade"] == "stops the claim"
    assert row["can_be_released"] == "no"
    assert "consent.required" in row["rules"]
    assert float(row["money_at_stake"]) > 0
    assert practice.claims_text() == ""


def test_a_short_month_is_care_due_and_never_asks_for_minutes(
    practice: PracticeFolder, status_of: StatusOf
) -> None:
    practice.add_patient("P1", minutes=28, payer_id="PLAN")
    result = practice.close()
    assert status_of(practice, "P1") == "care_due"
    assert result.exit_status == 0
    (row,) = practice.rows("worklist.csv")
    assert (row["item"], row["minutes_to_next_tier"]) == ("care_due", "3")
    assert "add minutes" not in (practice.folder.parent / "out" / "report.html").read_text().lower()


def test_the_same_close_again_writes_the_same_bytes_and_bills_nothing_twice(
    practice: PracticeFolder, status_of: StatusOf
) -> None:
    practice.add_patient("P1", minutes=80)
    practice.add_patient("P2", minutes=40, payer_id="PLAN")
    first = practice.close()
    before = {path.name: path.read_bytes() for path in (practice.folder.parent / "out").glob("*.837")}
    second = practice.close(as_of_date=date(2026, 4, 20))
    after = {path.name: path.read_bytes() for path in (practice.folder.parent / "out").glob("*.837")}
    assert after == before
    assert first.tally.by_status["claim"] == 2
    assert second.tally.by_status == {"already_sent": 2}
    assert [payer.is_new for payer in second.payers] == [False, False]


def test_bytes_are_the_same_on_another_machine_given_the_date(
    practice: PracticeFolder, tmp_path: Path
) -> None:
    for number in range(5):
        practice.add_patient(f"P{number}", minutes=50 + number)
    practice.close(out="one", state=tmp_path / "one.sqlite")
    practice.close(out="two", state=tmp_path / "two.sqlite")
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_the_order_of_rows_never_changes_the_result(practice: PracticeFolder, tmp_path: Path) -> None:
    for number in range(6):
        practice.add_patient(f"P{number}", minutes=50 + number)
    practice.close(out="one", state=tmp_path / "one.sqlite")
    for rows in practice.tables.values():
        rows.reverse()
    practice.close(out="two", state=tmp_path / "two.sqlite")
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_the_number_of_workers_and_chunks_never_changes_the_claims(
    practice: PracticeFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cocm.close.run.PATIENTS_PER_CHUNK", 3)
    for number in range(10):
        practice.add_patient(f"P{number}", minutes=40 + number, payer_id="PLAN" if number % 3 else "MEDICARE")
    practice.close(out="one", state=tmp_path / "one.sqlite", workers=1)
    practice.close(out="two", state=tmp_path / "two.sqlite", workers=2)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name
    assert practice.claims_text("one").count("ST*837*") > 2


def test_only_what_is_new_goes_into_a_new_interchange(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=80)
    held = practice.add_patient("P2", minutes=80)
    held.update(consent_given="no", consent_date="")
    practice.close()
    held.update(consent_given="yes", consent_date="2025-11-10")
    result = practice.close()
    assert result.tally.by_status == {"already_sent": 1, "claim": 1}
    assert [(payer.claim_count, payer.is_new) for payer in result.payers] == [(1, False), (1, True)]
    numbers = [payer.control_number for payer in result.payers]
    assert len(set(numbers)) == 2


def test_a_dry_run_records_nothing(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=80)
    practice.close(is_dry_run=True)
    assert not (practice.folder / STATE_FILE_NAME).exists()
    assert practice.close().tally.by_status["claim"] == 1


def test_a_claim_that_changed_while_the_payer_has_it_is_held(
    practice: PracticeFolder, status_of: StatusOf
) -> None:
    practice.add_patient("P1", minutes=40)
    practice.close()
    practice.add_contact("P1", "c", "2026-03-20T10:00", 50)
    practice.close()
    assert status_of(practice, "P1") == "held"
    assert "correction" in {row["item"] for row in practice.rows("worklist.csv")}
    assert practice.claims_text().count("CLM*") == 1


def _answered(
    practice: PracticeFolder, claim_id: str, payer_id: str, status: str, control_number: str = ""
) -> None:
    practice.add(
        "claim_history",
        patient_id="P1",
        payer_id=payer_id,
        claim_id=claim_id,
        claim_line_number=1,
        service_date="2026-03-31",
        hcpcs_code="99493",
        service_unit_quantity=1,
        billing_npi="1234567893",
        billing_tin="123456789",
        status=status,
        payer_claim_control_number=control_number,
    )


def test_a_paid_claim_that_changed_is_replaced_where_the_payer_takes_replacements(
    practice: PracticeFolder, status_of: StatusOf
) -> None:
    practice.add_patient("P1", minutes=40, payer_id="PLAN")
    practice.close()
    (row,) = practice.rows("proposals.csv")
    _answered(practice, row["claim_id"], "PLAN", "paid", "ICN42")
    practice.add_contact("P1", "c", "2026-03-20T10:00", 50)
    practice.close(out="again")
    text = practice.claims_text("again")
    assert "REF*F8*ICN42~" in text
    assert text.count("CLM*") == 2
    (again,) = practice.rows("proposals.csv", "again")
    assert again["status"] == "claim"
    assert again["claim_id"] != row["claim_id"]


def test_a_rejected_claim_goes_again_as_an_original(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=40)
    practice.close()
    (row,) = practice.rows("proposals.csv")
    _answered(practice, row["claim_id"], "MEDICARE", "rejected")
    result = practice.close(out="again")
    assert result.tally.by_status == {"claim": 1}
    assert practice.claims_text("again").count(":B:1*") == 2


def test_a_month_that_no_longer_earns_its_code_is_on_the_worklist(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=40)
    practice.close()
    practice.tables["contacts"][-1].update(minutes=5)
    practice.close()
    assert "no_longer_supported" in {row["item"] for row in practice.rows("worklist.csv")}


def test_bad_rows_are_reported_with_their_place_and_the_rest_goes_on(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=80)
    practice.add_patient("P2", minutes=80)
    practice.tables["contacts"][-1].update(minutes="many")
    result = practice.close()
    assert result.exit_status == 1
    (row,) = practice.rows("rejected_rows.csv")
    assert (row["file"], row["column"]) == ("contacts.csv", "minutes")
    assert row["row"] == str(len(practice.tables["contacts"]) + 1)
    assert result.tally.by_status["claim"] == 1


def test_a_patient_with_an_unreadable_row_is_held_and_not_billed_short(
    practice: PracticeFolder, status_of: StatusOf
) -> None:
    practice.add_patient("P1", minutes=40)
    practice.add_contact("P1", "c", "2026-03-20T10:00", 50)
    practice.tables["contacts"][-1].update(minutes="fifty")
    practice.close()
    assert status_of(practice, "P1") == "held"
    assert "rejected_rows" in {row["item"] for row in practice.rows("worklist.csv")}


def test_files_are_for_their_owner_only(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=80)
    practice.close()
    for path in (practice.folder.parent / "out").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name


def test_every_result_says_how_it_was_made(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=80)
    practice.close()
    for name in ("summary.json", "proposals.json"):
        carried = json.loads((practice.folder.parent / "out" / name).read_text())["provenance"]
        assert carried["organization_id"] == "ORG1"
        assert carried["as_of_date"] == "2026-04-02"
        assert len(carried["rulebook_hash"]) == 64
        assert carried["schema_version"] and carried["engine_version"]


def test_names_stand_in_claim_files_only(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=80).update(consent_given="no", consent_date="")
    practice.add_patient("P2", minutes=80)
    practice.tables["patients"][-1].update(birth_date="not a date")
    practice.close()
    for path in (practice.folder.parent / "out").iterdir():
        if path.suffix != ".837":
            assert "Quill" not in path.read_text(), path.name


def test_a_missing_table_writes_nothing(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=80)
    folder = practice.write()
    (folder / "contacts.csv").unlink()
    practice.write = lambda: folder  # type: ignore[method-assign]
    with pytest.raises(TableError, match=r"contacts\.csv"):
        practice.close()
    assert not (folder.parent / "out").exists()
    assert not (folder / STATE_FILE_NAME).exists()


def test_an_unknown_pack_is_named(practice: PracticeFolder) -> None:
    practice.tables["payers"][0].update(pack_id="medicaire")
    with pytest.raises(UnusableInput, match="medicaire"):
        practice.close()


def test_an_unknown_payer_is_named(practice: PracticeFolder) -> None:
    with pytest.raises(UnusableInput, match="NOBODY"):
        practice.close(payer_id="NOBODY")


def test_one_payer_alone(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=80)
    practice.add_patient("P2", minutes=80, payer_id="PLAN")
    result = practice.close(payer_id="PLAN")
    assert [payer.payer_id for payer in result.payers] == ["PLAN"]


def test_a_crash_before_the_commit_leaves_nothing(
    practice: PracticeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    practice.add_patient("P1", minutes=80)

    def crash(*_: object) -> str:
        raise OSError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr("cocm.close.run.render_report", crash)
        with pytest.raises(OSError, match="disk full"):
            practice.close()
    assert not (practice.folder.parent / "out").exists()
    assert [path.name for path in practice.folder.parent.iterdir() if path.name.startswith(".out")] == []
    assert practice.close().tally.by_status["claim"] == 1


def test_a_crash_after_the_commit_is_mended_by_the_next_close(
    practice: PracticeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    practice.add_patient("P1", minutes=80)

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("cocm.close.staging.Staging.publish", crash)
        with pytest.raises(KeyboardInterrupt):
            practice.close()
    result = practice.close()
    assert result.tally.by_status == {"already_sent": 1}
    assert practice.claims_text().count("CLM*") == 1


def test_a_damaged_stored_interchange_is_never_sent(practice: PracticeFolder) -> None:
    import sqlite3
    import zlib

    practice.add_patient("P1", minutes=80)
    practice.close()
    connection = sqlite3.connect(practice.folder / STATE_FILE_NAME)
    connection.execute("UPDATE interchange_piece SET zlib_bytes = ?", (zlib.compress(b"ISA"),))
    connection.commit()
    connection.close()
    with pytest.raises(StateError, match="damaged"):
        practice.close()


def test_another_month_has_its_own_claims(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=80)
    practice.add("reviews", reviewed_on="2026-02-12", bhcm_id="BHCM1", psychiatric_consultant_id="PC1")
    practice.close(out="march")
    result = practice.close(out="february", month=MARCH.plus(-1))
    assert result.tally.by_status == {"claim": 1}, practice.rows("worklist.csv", "february")
    assert {payer.control_number for payer in result.payers} == {2}


def _decide(practice: PracticeFolder, item: str, decision: str = "release") -> None:
    practice.add(
        "decisions",
        patient_id="P1",
        month="2026-03",
        decision=decision,
        item=item,
        decided_by="BILLING-1",
        decided_on="2026-04-02",
        reason="seen and agreed",
    )


def test_a_person_may_release_what_needs_a_person(practice: PracticeFolder, status_of: StatusOf) -> None:
    practice.add_patient("P1", minutes=170)
    practice.close(is_dry_run=True)
    assert status_of(practice, "P1") == "held"
    (item,) = [row["item"] for row in practice.rows("worklist.csv") if row["can_be_released"] == "yes"]
    _decide(practice, item)
    practice.close()
    assert status_of(practice, "P1") == "claim"
    (entry,) = json.loads((practice.folder.parent / "out" / "proposals.json").read_text())["proposals"]
    assert entry["decisions"][0]["by"] == "BILLING-1"
    report = (practice.folder.parent / "out" / "report.html").read_text()
    assert "BILLING-1" in report and "seen and agreed" in report


def test_a_block_cannot_be_released(practice: PracticeFolder, status_of: StatusOf) -> None:
    practice.add_patient("P1", minutes=80).update(consent_given="no", consent_date="")
    _decide(practice, "consent")
    practice.close()
    assert status_of(practice, "P1") == "held"


def test_unknown_consent_cannot_be_released(practice: PracticeFolder, status_of: StatusOf) -> None:
    practice.add_patient("P1", minutes=80).update(consent_given="", consent_date="")
    _decide(practice, "consent")
    practice.close()
    assert status_of(practice, "P1") == "held"


def test_an_offered_code_may_be_chosen_and_no_other(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=25, payer_id="PLAN")
    practice.add("charges", hcpcs_code="99484", charge_amount="60.00", effective_from="2020-01-01")
    _decide(practice, "99492", "choose")
    practice.close(is_dry_run=True)
    assert [row["status"] for row in practice.rows("proposals.csv")] == ["care_due"]
    _decide(practice, "99484", "choose")
    practice.close()
    (row,) = practice.rows("proposals.csv")
    assert (row["status"], row["codes"]) == ("claim", "99484"), practice.rows("worklist.csv")


def test_forms_stand_beside_each_interchange_also_later(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=80)
    practice.add_patient("P2", minutes=80, payer_id="PLAN")
    practice.close()
    out = practice.folder.parent / "out"
    assert list(out.glob("*.pdf")) == []
    practice.add_patient("P3", minutes=80)
    practice.close(forms=frozenset({"cms1500", "charges"}))
    pages = {path.stem.removeprefix("cms1500-"): len(PdfReader(path).pages) for path in out.glob("*.pdf")}
    assert sorted(pages.values()) == [1, 1, 1]
    charges = [row for path in sorted(out.glob("charges-*.csv")) for row in practice.rows(path.name)]
    assert sorted({row["patient_id"] for row in charges}) == ["P1", "P2", "P3"]
    assert {row["hcpcs_code"] for row in charges} == {"99493", "99494"}


def test_two_episodes_in_a_month_are_never_billed_twice(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=50)
    first = practice.tables["episodes"][-1]
    practice.tables["episodes"].append(first | {"episode_id": "P1-E2", "start_date": "2026-03-15"})
    first.update(end_date="2026-03-14")
    practice.add_contact("P1", "c", "2026-03-20T10:00", 50)
    practice.close()
    assert practice.claims_text() == ""
    assert {row["item"] for row in practice.rows("worklist.csv")} >= {"two_episodes"}
    assert [row["status"] for row in practice.rows("proposals.csv")] == ["held", "held"]


def test_psychotherapy_of_the_same_person_on_the_same_day_needs_a_look(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=50)
    practice.add(
        "other_services",
        patient_id="P1",
        service_date="2026-03-10",
        hcpcs_code="90834",
        minutes=40,
        rendering_npi="1558598797",
        billing_npi="1234567893",
    )
    practice.close()
    (row,) = practice.rows("worklist.csv")
    assert (row["item"], row["can_be_released"]) == ("time_billed_elsewhere", "yes")
    practice.tables["contacts"][-1].update(billed_elsewhere_code="90834", billed_elsewhere_minutes=40)
    practice.close()
    assert [row["minutes_counted"] for row in practice.rows("proposals.csv")] == ["10"]


def test_another_clinicians_therapy_is_allowed(practice: PracticeFolder, status_of: StatusOf) -> None:
    practice.add_patient("P1", minutes=50)
    practice.add(
        "other_services",
        patient_id="P1",
        service_date="2026-03-10",
        hcpcs_code="90834",
        rendering_npi="1003000126",
        billing_npi="1003000126",
    )
    practice.close()
    assert status_of(practice, "P1") == "claim"


def test_a_denied_claim_is_on_the_worklist(practice: PracticeFolder, status_of: StatusOf) -> None:
    practice.add_patient("P1", minutes=40)
    practice.close()
    (row,) = practice.rows("proposals.csv")
    _answered(practice, row["claim_id"], "MEDICARE", "denied", "ICN1")
    practice.close()
    assert status_of(practice, "P1") == "already_sent"
    assert [row["item"] for row in practice.rows("worklist.csv")] == ["denied"]


def test_an_answer_under_an_unknown_claim_id_is_said(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=40)
    practice.close()
    (row,) = practice.rows("proposals.csv")
    _answered(practice, row["claim_id"][:-1] + "~", "MEDICARE", "rejected")
    practice.close()
    assert "unknown_claim_id" in {row["item"] for row in practice.rows("worklist.csv")}


def test_a_decision_without_effect_is_said(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=80).update(consent_given="no", consent_date="")
    _decide(practice, "consent")
    _decide(practice, "caseload")
    practice.close()
    said = [row["why"] for row in practice.rows("worklist.csv") if row["item"] == "idle_decision"]
    assert len(said) == 2
    assert any("cannot be released" in why for why in said)
    assert any("no such item" in why for why in said)


def test_a_workbook_and_its_folder_share_one_state(practice: PracticeFolder, tmp_path: Path) -> None:
    assert default_state_path(tmp_path / "practice.xlsx") == tmp_path / STATE_FILE_NAME
    assert default_state_path(tmp_path / "renamed.xlsx") == default_state_path(tmp_path)


def test_a_test_file_is_not_recorded_as_sent(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=80)
    practice.close(out="test", is_test=True)
    assert "*T*:~" in practice.claims_text("test")
    assert all(path.name.startswith("TEST-") for path in (practice.folder.parent / "test").glob("*.837"))
    assert practice.close().tally.by_status == {"claim": 1}
    assert "*P*:~" in practice.claims_text()


def test_a_month_that_is_not_over_is_only_looked_at(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=80)
    with pytest.raises(UnusableInput, match="not over"):
        practice.close(as_of_date=date(2026, 3, 15))
    practice.close(as_of_date=date(2026, 3, 15), is_dry_run=True)
    assert {path.name[:8] for path in (practice.folder.parent / "out").glob("*.837")} == {"DRY-RUN-"}


def test_a_paid_claim_is_not_billed_again_after_the_state_was_lost(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=40)
    practice.close()
    (row,) = practice.rows("proposals.csv")
    _answered(practice, row["claim_id"], "MEDICARE", "paid", "ICN1")
    (practice.folder / STATE_FILE_NAME).unlink()
    result = practice.close(out="again")
    assert result.tally.by_status == {"held": 1}
    assert practice.claims_text("again") == ""


def test_a_claim_for_another_payer_must_be_taken_back_first(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=40, payer_id="PLAN")
    practice.close()
    practice.tables["coverages"][-1].update(payer_id="MEDICARE")
    result = practice.close(out="again")
    assert result.tally.by_status == {"held": 1}
    assert "other_payer_claim" in {row["item"] for row in practice.rows("worklist.csv", "again")}


def test_a_rejected_replacement_goes_again_as_a_replacement(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=40, payer_id="PLAN")
    practice.close()
    (row,) = practice.rows("proposals.csv")
    _answered(practice, row["claim_id"], "PLAN", "paid", "ICN42")
    practice.add_contact("P1", "c", "2026-03-20T10:00", 50)
    practice.close(out="second")
    (row,) = practice.rows("proposals.csv", "second")
    _answered(practice, row["claim_id"], "PLAN", "rejected")
    practice.close(out="third")
    text = practice.claims_text("third")
    assert text.count(":B:7*") == 2
    assert text.count("REF*F8*ICN42~") == 2


def test_a_denied_claim_is_corrected_by_identity_data_too(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=40, payer_id="PLAN")
    practice.close()
    (row,) = practice.rows("proposals.csv")
    _answered(practice, row["claim_id"], "PLAN", "denied", "ICN42")
    practice.tables["patients"][-1].update(birth_date="1981-05-06")
    practice.close(out="again")
    assert ":B:7*" in practice.claims_text("again")


def test_a_release_does_not_cover_entries_made_after_it(
    practice: PracticeFolder, status_of: StatusOf
) -> None:
    practice.add_patient("P1", minutes=170)
    practice.close(is_dry_run=True)
    (item,) = [row["item"] for row in practice.rows("worklist.csv") if row["can_be_released"] == "yes"]
    _decide(practice, item)
    practice.add_contact("P1", "c", "2026-03-20T10:00", 20, recorded_on="2026-04-03")
    practice.close(as_of_date=date(2026, 4, 4))
    assert status_of(practice, "P1") == "held"


def test_a_claim_whose_patient_is_gone_is_named(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=40)
    practice.add_patient("P2", minutes=40)
    practice.close()
    practice.tables["episodes"] = [row for row in practice.tables["episodes"] if row["patient_id"] != "P1"]
    practice.tables["contacts"] = [row for row in practice.tables["contacts"] if row["patient_id"] != "P1"]
    result = practice.close()
    assert [row["patient_id"] for row in practice.rows("worklist.csv") if row["item"] == "basis_gone"] == [
        "P1"
    ]
    assert result.exit_status == 1


def test_a_code_that_does_not_exist_is_named(practice: PracticeFolder) -> None:
    practice.tables["sites"][0].update(place_of_service_code="98")
    practice.add_patient("P1", minutes=40, diagnoses="F32")
    practice.close()
    assert {"place_of_service", "diagnosis_code"} <= {row["item"] for row in practice.rows("worklist.csv")}
    assert practice.claims_text() == ""


def test_an_out_folder_that_cannot_take_the_files_is_refused_before_anything_is_recorded(
    practice: PracticeFolder,
) -> None:
    practice.add_patient("P1", minutes=40)
    out = practice.folder.parent / "out"
    (out / "worklist.csv").mkdir(parents=True)
    with pytest.raises(UnusableInput, match=r"worklist\.csv"):
        practice.close()
    with pytest.raises(UnusableInput, match="own folder"):
        practice.close(out="practice")
    assert practice.close(out="other").tally.by_status == {"claim": 1}


def test_an_emptied_or_cut_state_is_refused(practice: PracticeFolder) -> None:
    import sqlite3

    practice.add_patient("P1", minutes=40)
    practice.close()
    path = practice.folder / STATE_FILE_NAME
    connection = sqlite3.connect(path)
    connection.execute("DROP TRIGGER claim_is_never_deleted")
    connection.execute("DELETE FROM claim")
    connection.commit()
    connection.close()
    with pytest.raises(StateError, match="0 claims, but 1 were written"):
        practice.close()
    for leftover in practice.folder.glob(f"{STATE_FILE_NAME}*"):
        leftover.unlink()
    path.touch()
    with pytest.raises(StateError, match="is empty"):
        practice.close()


def test_two_policies_of_the_same_rank_need_a_person(practice: PracticeFolder, status_of: StatusOf) -> None:
    practice.add_patient("P1", minutes=40)
    practice.tables["coverages"].append(
        practice.tables["coverages"][-1] | {"payer_id": "PLAN", "member_id": "X1"}
    )
    practice.close(is_dry_run=True)
    assert status_of(practice, "P1") == "held"
    assert [row["item"] for row in practice.rows("worklist.csv")] == ["coverage_order"]
    practice.tables["coverages"][-1].update(rank=2)
    assert practice.close().tally.by_status == {"claim": 1}
