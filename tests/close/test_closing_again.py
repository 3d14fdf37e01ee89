"""A month is closed a second time: nothing is billed twice, and what changed is corrected in the payer's way."""

import errno
import shutil
import stat
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from practice_folder import MARCH, PracticeFolder

from cocm.basics.errors import StateError, UnusableInput
from cocm.close.run import STATE_FILE_NAME, default_state_path
from cocm.close.staging import Staging

StatusOf = Callable[[PracticeFolder, str], str]


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


def test_a_paid_claim_that_changed_is_replaced_where_the_payer_takes_replacements(
    practice: PracticeFolder, status_of: StatusOf
) -> None:
    practice.add_patient("P1", minutes=40, payer_id="PLAN")
    practice.close()
    (row,) = practice.rows("proposals.csv")
    practice.answer(row["claim_id"], "PLAN", "paid", "ICN42")
    practice.add_contact("P1", "c", "2026-03-20T10:00", 50)
    practice.close(out="again")
    text = practice.claims_text("again")
    assert "REF*F8*ICN42~" in text
    assert text.count("CLM*") == 2
    (again,) = practice.rows("proposals.csv", "again")
    assert again["status"] == "claim"
    assert again["claim_id"] != row["claim_id"]


@pytest.mark.parametrize(("payer_id", "control_number"), [("MEDICARE", "ICN42"), ("PLAN", "")])
def test_a_held_correction_is_not_told_to_be_a_duplicate_of_the_claim_it_corrects(
    practice: PracticeFolder, payer_id: str, control_number: str
) -> None:
    practice.add_patient("P1", minutes=70, payer_id=payer_id)
    practice.close()
    (row,) = practice.rows("proposals.csv")
    practice.answer(row["claim_id"], payer_id, "paid", control_number)
    practice.add_contact("P1", "c", "2026-03-20T10:00", 50)
    practice.close(out="again")
    assert [item["item"] for item in practice.rows("worklist.csv", "again")] == ["correction"]
    practice.answer(
        "ANOTHERS", payer_id, "paid"
    )  # a claim of the month that it does not correct still counts
    practice.close(out="third")
    items = {item["item"] for item in practice.rows("worklist.csv", "third")}
    assert {"correction", "duplicate.already_billed"} <= items


def test_a_second_replacement_does_not_count_the_claim_that_the_first_one_replaced(
    practice: PracticeFolder, status_of: StatusOf
) -> None:
    practice.add_patient("P1", minutes=40, payer_id="PLAN")
    for number, out in enumerate(("out", "again"), 1):
        practice.close(out)
        (row,) = practice.rows("proposals.csv", out)
        practice.answer(row["claim_id"], "PLAN", "paid", f"ICN{number}")
        practice.tables["claim_history"][-1]["frequency_code"] = "1" if number == 1 else "7"
        practice.add_contact("P1", f"c{number}", f"2026-03-2{number}T10:00", 75 - 25 * number)
    practice.close()
    assert status_of(practice, "P1") == "claim"
    assert "REF*F8*ICN2~" in practice.claims_text()


def test_a_rejected_claim_goes_again_as_an_original(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=40)
    practice.close()
    (row,) = practice.rows("proposals.csv")
    practice.answer(row["claim_id"], "MEDICARE", "rejected")
    result = practice.close(out="again")
    assert result.tally.by_status == {"claim": 1}
    assert practice.claims_text("again").count(":B:1*") == 2


def test_a_month_that_no_longer_earns_its_code_is_on_the_worklist(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=40)
    practice.close()
    practice.tables["contacts"][-1].update(minutes=5)
    practice.close()
    assert "no_longer_supported" in {row["item"] for row in practice.rows("worklist.csv")}


def test_files_are_for_their_owner_only(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=80)
    practice.close()
    for path in (practice.folder.parent / "out").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name


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


def test_a_denied_claim_is_on_the_worklist(practice: PracticeFolder, status_of: StatusOf) -> None:
    practice.add_patient("P1", minutes=40)
    practice.close()
    (row,) = practice.rows("proposals.csv")
    practice.answer(row["claim_id"], "MEDICARE", "denied", "ICN1")
    practice.close()
    assert status_of(practice, "P1") == "already_sent"
    assert [row["item"] for row in practice.rows("worklist.csv")] == ["denied"]


def test_an_answer_under_an_unknown_claim_id_is_said(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=40)
    practice.close()
    (row,) = practice.rows("proposals.csv")
    practice.answer(row["claim_id"][:-1] + "~", "MEDICARE", "rejected")
    practice.close()
    assert "unknown_claim_id" in {row["item"] for row in practice.rows("worklist.csv")}


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
    practice.answer(row["claim_id"], "MEDICARE", "paid", "ICN1")
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
    practice.answer(row["claim_id"], "PLAN", "paid", "ICN42")
    practice.add_contact("P1", "c", "2026-03-20T10:00", 50)
    practice.close(out="second")
    (row,) = practice.rows("proposals.csv", "second")
    practice.answer(row["claim_id"], "PLAN", "rejected")
    practice.close(out="third")
    text = practice.claims_text("third")
    assert text.count(":B:7*") == 2
    assert text.count("REF*F8*ICN42~") == 2


def test_a_denied_claim_is_corrected_by_identity_data_too(practice: PracticeFolder) -> None:
    practice.add_patient("P1", minutes=40, payer_id="PLAN")
    practice.close()
    (row,) = practice.rows("proposals.csv")
    practice.answer(row["claim_id"], "PLAN", "denied", "ICN42")
    practice.tables["patients"][-1].update(birth_date="1981-05-06")
    practice.close(out="again")
    assert ":B:7*" in practice.claims_text("again")


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


def test_what_a_killed_close_left_is_swept_away_and_what_another_writes_is_not(
    practice: PracticeFolder,
) -> None:
    practice.add_patient("P1", minutes=80)
    beside = practice.folder.parent
    killed = Staging(beside / "out").__enter__()
    killed.open("worklist.csv").close()
    kept = beside / "kept"
    shutil.copytree(killed.folder, kept)
    practice.close()
    assert killed.folder.is_dir()  # its process lives: another close, still writing
    killed.__exit__()
    shutil.copytree(kept, beside / ".out.killed")
    practice.close()
    assert [path.name for path in beside.iterdir() if path.name.startswith(".out")] == []


@pytest.mark.parametrize("is_refused_beside", [False, True], ids=["beside", "in it"])
def test_an_out_folder_on_another_disk_takes_the_files(
    practice: PracticeFolder, monkeypatch: pytest.MonkeyPatch, is_refused_beside: bool
) -> None:
    practice.add_patient("P1", minutes=80)
    out = practice.folder.parent / "out"
    out.mkdir()
    rename = Path.replace

    def replace(path: Path, target: Path) -> Path:
        if is_refused_beside and target.parent == out and out not in path.parents:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return rename(path, target)

    monkeypatch.setattr(Path, "replace", replace)
    practice.close()
    assert practice.claims_text().count("CLM*") == 1
    assert [path.name for path in out.iterdir() if path.name.startswith(".")] == []
