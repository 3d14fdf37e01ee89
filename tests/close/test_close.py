"""A month is closed from files: what goes out, what is held, what is never sent twice."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from practice_folder import PracticeFolder
from pypdf import PdfReader

from cocm.basics.errors import TableError, UnusableInput
from cocm.close.run import STATE_FILE_NAME
from cocm.intake.groups import PatientRows
from cocm.intake.practice import PracticeSource

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


def test_patients_are_read_as_they_are_decided_so_that_memory_stays_flat(
    practice: PracticeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cocm.close.run.PATIENTS_PER_CHUNK", 2)
    for number in range(20):
        practice.add_patient(f"P{number:02d}", minutes=40)
    read: list[str] = []
    groups_of = PracticeSource.patient_groups

    def noted(source: PracticeSource) -> Iterator[PatientRows]:
        for rows in groups_of(source):
            read.append(rows.patient_id)
            yield rows

    monkeypatch.setattr(PracticeSource, "patient_groups", noted)
    read_by_then: list[int] = []
    practice.close(workers=1, progress=lambda _: read_by_then.append(len(read)))
    assert read_by_then[0] <= 2 * 3
    assert read_by_then[-1] == 20


def test_a_claim_that_no_837p_can_hold_is_held_and_the_others_of_its_chunk_go_out(
    practice: PracticeFolder, status_of: StatusOf
) -> None:
    for number in range(4):
        practice.add_patient(f"P{number}", minutes=40)
    practice.tables["patients"][1].update(address_line="王")
    result = practice.close()
    assert [status_of(practice, f"P{number}") for number in range(4)] == ["claim", "held", "claim", "claim"]
    assert {row["item"] for row in practice.rows("worklist.csv") if row["patient_id"] == "P1"} >= {
        "claim_form"
    }
    assert result.tally.patient_months == 4
    assert result.tally.by_status["claim"] == 3
    assert len(practice.rows("proposals.csv")) == 4


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
