"""From a practice's tables to the month's case files: what is in one, what is rejected, what is noted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from cocm.basics.months import Month
from cocm.care.people import Address, Role, Subscriber
from cocm.care.records import Answer, ClaimStatus

FEBRUARY, MARCH = Month(2026, 2), Month(2026, 3)
Read = Callable[..., Any]


def test_a_case_file_holds_all_that_the_practice_gave(tables: Any, read_tables: Read) -> None:
    tables.contact(
        "C2", started_at="2026-03-05 14:30", minutes=25, seconds=30, note_minutes=5, modality="phone"
    )
    tables.contact("C1", started_at="2026-02-05 14:30")
    tables.add("measures", patient_id="P1", instrument="PHQ-9", taken_on="2026-03-05", score=11)
    tables.add(
        "reviews", patient_id="P1", reviewed_on="2026-03-10", bhcm_id="BHCM1", psychiatric_consultant_id="PC1"
    )
    tables.add("other_services", patient_id="P1", service_date="2026-03-12", stay_to="2026-03-14")
    tables.add(
        "claim_history",
        patient_id="P1",
        payer_id="PLAN",
        claim_id="A1",
        service_date="2026-02-28",
        hcpcs_code="99492",
        billing_npi="1093817462",
        status="denied",
    )
    case = read_tables(tables).case()
    assert case.practice.organization_id == "test"
    assert case.month == MARCH
    assert (case.patient.patient_id, case.patient.birth_date) == ("P1", date(1980, 5, 6))
    assert case.patient.address == Address("1 Test Way", "Arcata", "CA", "95521")
    assert case.episode.diagnosis_codes == ("F32.1", "E11.9")
    assert case.episode.consent.given is Answer.YES
    assert case.episode.initiating_visit.is_new_patient is Answer.UNKNOWN
    assert case.payer is not None
    assert case.payer.payer_id == "PLAN"
    assert case.payer.receiver_id == "TP001"
    assert case.site is not None
    assert case.site.time_zone == "America/Los_Angeles"
    assert case.billing_practitioner is not None
    assert case.billing_practitioner.staff_id == "PCP1"
    assert case.bhcm is not None
    assert case.bhcm.role is Role.BHCM
    assert case.referring_practitioner is None
    assert [contact.contact_id for contact in case.contacts] == ["C1", "C2"]
    assert (case.contacts[1].service_seconds, case.contacts[1].note_seconds) == (25 * 60 + 30, 300)
    assert case.contacts[1].role is Role.BHCM
    assert case.contacts[1].started_at.isoformat() == "2026-03-05T14:30:00-08:00"
    assert (case.measures[0].instrument, case.measures[0].score) == ("phq-9", 11)
    assert case.reviews[0].reviewed_on == date(2026, 3, 10)
    assert case.caseload_review_held
    assert case.other_services[0].is_inpatient_stay
    assert case.history[0].status is ClaimStatus.DENIED
    assert (case.history[0].frequency_code, case.history[0].service_unit_quantity) == ("1", 1)


@pytest.mark.parametrize(
    ("start", "end", "is_active"),
    [
        ("2026-03-31", "", True),
        ("2026-04-01", "", False),
        ("2026-01-07", "2026-03-01", True),
        ("2026-01-07", "2026-02-28", False),
        ("2026-03-10", "2026-03-10", True),
    ],
)
def test_an_episode_is_active_when_any_of_its_days_is_in_the_month(
    make_tables: Callable[[], Any], read_tables: Read, start: str, end: str, is_active: bool
) -> None:
    tables = make_tables()
    tables.patient("P1", episode=False)
    tables.episode("P1", start_date=start, end_date=end)
    found = read_tables(tables)
    assert len(found.case_files) == is_active
    assert not found.problems


def test_a_patient_without_an_episode_gives_no_case_file(
    make_tables: Callable[[], Any], read_tables: Read
) -> None:
    tables = make_tables()
    tables.patient("P1", episode=False)
    found = read_tables(tables)
    assert (found.case_files, found.problems) == ([], [])


def test_a_contact_of_the_month_without_an_active_episode_is_said(tables: Any, read_tables: Read) -> None:
    tables.rows["episodes"][0]["end_date"] = "2026-02-10"
    tables.contact("C1", started_at="2026-02-05 09:00")
    tables.contact("C2", started_at="2026-03-05 09:00")
    found = read_tables(tables)
    assert found.case_files == []
    assert (found.problem().row_number, found.problem().column) == (3, "started_at")
    assert "2026-03" in found.problem().expectation


def test_two_episodes_in_a_month_never_count_a_contact_twice(tables: Any, read_tables: Read) -> None:
    tables.rows["episodes"][0]["end_date"] = "2026-03-10"
    tables.episode("P1", 2, start_date="2026-03-20")
    for day, contact_id in ((5, "C1"), (15, "C2"), (25, "C3")):
        tables.contact(contact_id, started_at=f"2026-03-{day:02d} 10:00")
    tables.contact("C0", started_at="2026-02-05 10:00")
    first, second = read_tables(tables).case_files
    assert [contact.contact_id for contact in first.contacts] == ["C0", "C1", "C2"]
    assert [contact.contact_id for contact in second.contacts] == ["C0", "C3"]


def test_half_past_eleven_on_the_31st_is_in_the_month_and_midnight_in_the_next(
    tables: Any, read_tables: Read
) -> None:
    tables.contact("C1", started_at="2026-03-31 23:30")
    tables.contact("C2", started_at="2026-04-01 00:00")
    case = read_tables(tables).case()
    assert [contact.service_date in MARCH for contact in case.contacts] == [True, False]


def test_the_sites_clock_decides_the_month(tables: Any, read_tables: Read) -> None:
    tables.rows["sites"][0]["time_zone"] = "America/New_York"
    tables.contact("C1", started_at="2026-03-31T23:30-07:00")
    found = read_tables(tables, Month(2026, 4))
    (contact,) = found.case_files[0].contacts
    assert contact.started_at.isoformat() == "2026-04-01T02:30:00-04:00"
    assert any("another offset" in note.text for note in found.notes)


def test_each_episode_has_the_clock_of_its_site(tables: Any, read_tables: Read) -> None:
    tables.add(
        "sites", site_id="S2", name="East", place_of_service_code="11", time_zone="America/New_York",
        address_line="1 A", city="B", state="NY", postal_code="10001",
    )  # fmt: skip
    tables.rows["episodes"][0]["end_date"] = "2026-03-10"
    tables.episode("P1", 2, start_date="2026-03-20", site_id="S2")
    tables.contact("C1", started_at="2026-03-09 10:00")
    tables.contact("C2", started_at="2026-03-25 10:00")
    first, second = read_tables(tables).case_files
    assert first.contacts[0].started_at.isoformat() == "2026-03-09T10:00:00-07:00"
    assert second.contacts[0].started_at.isoformat() == "2026-03-25T10:00:00-04:00"


def test_clock_change_rejects_a_time_that_does_not_exist_and_notes_one_that_comes_twice(
    tables: Any, read_tables: Read
) -> None:
    tables.contact("C1", started_at="2026-03-08 02:30")
    tables.contact("C2", started_at="2026-11-01 01:30")
    tables.contact("C3", started_at="2026-11-01 01:30-08:00")
    found = read_tables(tables)
    problem = found.problem()
    assert (problem.row_number, problem.column, problem.found) == (2, "started_at", "'2026-03-08 02:30'")
    assert "set forward" in problem.expectation
    contacts = found.case_files[0].contacts
    assert [contact.contact_id for contact in contacts] == ["C2", "C3"]
    assert contacts[1].started_at.timestamp() - contacts[0].started_at.timestamp() == 3600
    assert [note.text for note in found.notes if note.column == "started_at"] != []


def test_coverage_of_the_month_is_in_order_and_the_first_pays(tables: Any, read_tables: Read) -> None:
    tables.add("payers", payer_id="OTHER", name="Other", pack_id="cpt", payer_identifier="OT001")
    tables.rows["coverages"][0]["rank"] = 2
    plain = {"patient_id": "P1", "member_id": "M9", "relationship": "self"}
    tables.add("coverages", payer_id="OTHER", coverage_from="2026-03-31", **plain)
    tables.add("coverages", payer_id="PLAN", coverage_from="2025-01-01", coverage_to="2026-02-28", **plain)
    case = read_tables(tables).case()
    assert [coverage.payer_id for coverage in case.coverages] == ["OTHER", "PLAN"]
    assert case.payer.payer_id == "OTHER"


@pytest.mark.parametrize(
    ("first_to", "other", "is_tie"),
    [
        ("", {}, True),
        ("2026-03-15", {"coverage_from": "2026-03-15"}, True),
        ("2026-03-15", {"coverage_from": "2026-03-16"}, False),
        ("", {"rank": 2}, False),
        ("", {"coverage_to": "2026-02-28"}, False),
        ("", {"payer_id": "PLAN", "member_id": "MP1"}, False),
    ],
    ids=["both open", "one day", "one after the other", "ranked", "ended before", "one row twice"],
)
def test_two_coverages_of_the_first_rank_on_one_day_are_a_tie(
    tables: Any, read_tables: Read, first_to: str, other: dict[str, object], is_tie: bool
) -> None:
    tables.add("payers", payer_id="ALPHA", name="Alpha", pack_id="cpt", payer_identifier="TP002")
    tables.rows["coverages"][0]["coverage_to"] = first_to
    second = {
        "patient_id": "P1",
        "payer_id": "ALPHA",
        "member_id": "A1",
        "relationship": "self",
        "coverage_from": "2025-01-01",
    }
    tables.add("coverages", **(second | other))
    assert read_tables(tables).case().has_coverage_tie is is_tie


@pytest.mark.parametrize("birth_date", ["2026-04-01", "2062-05-06", "1899-12-31", "1000-01-01"])
def test_nobody_is_born_after_the_month_or_before_1900(
    tables: Any, read_tables: Read, birth_date: str
) -> None:
    tables.rows["patients"][0]["birth_date"] = birth_date
    problem = read_tables(tables).problems[0]
    assert (problem.table, problem.column) == ("patients", "birth_date")
    assert birth_date not in str(problem)


@pytest.mark.parametrize("birth_date", ["2026-03-31", "1900-01-01"])
def test_births_up_to_the_last_day_of_the_month_are_read(
    tables: Any, read_tables: Read, birth_date: str
) -> None:
    tables.rows["patients"][0]["birth_date"] = birth_date
    assert read_tables(tables).case().patient.birth_date.isoformat() == birth_date


def test_no_coverage_in_the_month_is_no_payer(tables: Any, read_tables: Read) -> None:
    tables.rows["coverages"][0]["coverage_to"] = "2026-02-28"
    case = read_tables(tables).case()
    assert case.coverages == ()
    assert case.payer is None


def test_a_dependent_brings_the_policy_holder(tables: Any, read_tables: Read) -> None:
    tables.rows["coverages"][0] |= {"relationship": "child", "subscriber_last_name": "Quill"}
    problem = read_tables(tables).problem()
    assert (problem.table, problem.column) == ("coverages", "subscriber_first_name")
    tables.rows["coverages"][0]["subscriber_first_name"] = "Maria"
    assert read_tables(tables).case().coverages[0].subscriber == Subscriber(
        "Quill", "Maria", None, "U", Address("", "", "", "")
    )


def test_short_member_ids_get_their_zeros_back_where_the_plan_says_how_long_they_are(
    tables: Any, read_tables: Read
) -> None:
    tables.rows["payers"][0]["member_id_digits"] = 9
    tables.rows["coverages"][0]["member_id"] = "1234567"
    found = read_tables(tables)
    assert found.case().coverages[0].member_id == "001234567"
    assert any(note.column == "member_id" for note in found.notes)
    tables.rows["coverages"][0]["member_id"] = "W1234"
    assert read_tables(tables).case().coverages[0].member_id == "W1234"


def test_time_billed_elsewhere_is_kept_apart(tables: Any, read_tables: Read) -> None:
    tables.contact("C1", minutes=50, billed_elsewhere_code="90834", billed_elsewhere_minutes=40)
    tables.contact("C2", minutes=50, billed_elsewhere_code="90834", started_at="2026-03-06 10:00")
    found = read_tables(tables)
    assert [contact.billed_elsewhere_seconds for contact in found.case().contacts] == [2400, 3000]
    assert any("billed elsewhere" in note.text for note in found.notes)
    tables.contact("C3", minutes=30, billed_elsewhere_code="90834", billed_elsewhere_minutes=40)
    assert read_tables(tables).problem().column == "billed_elsewhere_minutes"


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"staff_id": "NOBODY"}, "staff_id"),
        ({"staff_id": ""}, "staff_id"),
        ({"minutes": "1441"}, "minutes"),
        ({"minutes": "1440", "seconds": "1"}, "seconds"),
        ({"seconds": "60"}, "seconds"),
        ({"activity": "therapy"}, "activity"),
        ({"corrects_contact_id": "C1", "correction_reason": "typo"}, "corrects_contact_id"),
        ({"corrects_contact_id": "C9", "correction_reason": "typo"}, "corrects_contact_id"),
        ({"corrects_contact_id": "C0"}, "correction_reason"),
    ],
)
def test_a_bad_contact_is_rejected_and_the_rest_goes_on(
    tables: Any, read_tables: Read, cells: dict[str, object], column: str
) -> None:
    tables.contact("C0", started_at="2026-03-04 09:00")
    tables.contact("C1", **cells)
    found = read_tables(tables)
    problem = found.problem()
    assert (problem.file, problem.table, problem.row_number) == ("contacts.csv", "contacts", 3)
    assert (problem.column, problem.patient_id) == (column, "P1")
    assert [contact.contact_id for contact in found.case_files[0].contacts] == ["C0"]


def test_a_correction_names_another_entry_even_one_that_was_rejected(tables: Any, read_tables: Read) -> None:
    tables.contact("C1", minutes="1000000")
    tables.contact("C2", corrects_contact_id="C1", correction_reason="typo")
    found = read_tables(tables)
    assert found.problem().row_number == 2
    assert [contact.corrects_contact_id for contact in found.case_files[0].contacts] == ["C1"]


def test_corrections_that_lead_back_or_share_an_entry_are_rejected(tables: Any, read_tables: Read) -> None:
    tables.contact("A1", corrects_contact_id="A2", correction_reason="x")
    tables.contact("A2", corrects_contact_id="A1", correction_reason="x")
    tables.contact("B0")
    tables.contact("B1", corrects_contact_id="B0", correction_reason="x")
    tables.contact("B2", corrects_contact_id="B0", correction_reason="x")
    tables.contact("D0")
    tables.contact("D1", corrects_contact_id="D0", correction_reason="x")
    tables.contact("D2", corrects_contact_id="D1", correction_reason="x")
    found = read_tables(tables)
    assert [contact.contact_id for contact in found.case_files[0].contacts] == ["B0", "D0", "D1", "D2"]
    assert [problem.row_number for problem in found.problems] == [2, 3, 5, 6]


def test_a_row_that_stands_twice_is_read_once(tables: Any, read_tables: Read) -> None:
    tables.contact("C1")
    tables.contact("C1")
    found = read_tables(tables)
    assert len(found.case_files[0].contacts) == 1
    assert found.problem().row_number == 3
    assert "row 2 says the same" in found.problem().expectation


@pytest.mark.parametrize("order", [1, -1])
def test_rows_that_share_an_id_and_differ_are_all_rejected_in_any_order(
    tables: Any, read_tables: Read, order: int
) -> None:
    tables.contact("C1", minutes=10)
    tables.contact("C1", minutes=20)
    tables.rows["contacts"] = tables.rows["contacts"][::order]
    found = read_tables(tables)
    assert found.case_files[0].contacts == ()
    assert [problem.row_number for problem in found.problems] == [2, 3]


def test_two_patients_of_one_id_are_nobody(tables: Any, read_tables: Read) -> None:
    tables.rows["patients"].append(tables.rows["patients"][0] | {"last_name": "Other"})
    found = read_tables(tables)
    assert found.case_files == []
    assert {problem.table for problem in found.problems} == {"patients", "coverages", "episodes"}
    assert all("Other" not in str(problem) for problem in found.problems)


def test_rows_of_a_patient_that_is_not_there_are_reported_where_they_stand(
    tables: Any, read_tables: Read
) -> None:
    tables.contact("C1", patient_id="P2")
    tables.add("measures", patient_id="P0", instrument="phq-9", taken_on="2026-03-05", score=1)
    found = read_tables(tables)
    assert len(found.case_files) == 1
    assert {(problem.table, problem.column) for problem in found.problems} == {
        ("contacts", "patient_id"),
        ("measures", "patient_id"),
    }
    assert all("there is no such row" in problem.expectation for problem in found.problems)


def test_rows_without_a_patient_are_reported_but_caseload_reviews_are_not(
    tables: Any, read_tables: Read
) -> None:
    tables.contact("C1", patient_id="")
    tables.add("reviews", reviewed_on="2026-03-10", bhcm_id="BHCM1", psychiatric_consultant_id="PC1")
    found = read_tables(tables)
    assert (found.problem().table, found.problem().column) == ("contacts", "patient_id")
    assert found.case_files[0].caseload_review_held
    assert found.case_files[0].reviews == ()


@pytest.mark.parametrize("consultant_id", ["", "PCP1"])
@pytest.mark.parametrize("patient_id", ["", "P1"])
def test_a_review_without_a_psychiatric_consultant_is_no_consultation(
    tables: Any, read_tables: Read, consultant_id: str, patient_id: str
) -> None:
    tables.add(
        "reviews",
        patient_id=patient_id,
        reviewed_on="2026-03-10",
        bhcm_id="BHCM1",
        psychiatric_consultant_id=consultant_id,
    )
    found = read_tables(tables)
    assert not found.problems
    assert not found.case().caseload_review_held
    noted = [note.column for note in found.notes if note.table == "reviews"]
    assert noted == ([] if patient_id else ["psychiatric_consultant_id"])


def test_a_review_in_another_month_or_of_another_care_manager_is_not_this_months(
    tables: Any, read_tables: Read
) -> None:
    tables.add("staff", staff_id="BHCM2", last_name="X", first_name="Y", role="bhcm")
    tables.add("reviews", reviewed_on="2026-02-10", bhcm_id="BHCM1", psychiatric_consultant_id="PC1")
    tables.add("reviews", reviewed_on="2026-03-10", bhcm_id="BHCM2", psychiatric_consultant_id="PC1")
    assert not read_tables(tables).case().caseload_review_held
    assert read_tables(tables, FEBRUARY).case().caseload_review_held


@pytest.mark.parametrize(
    ("table", "cells", "column"),
    [
        ("coverages", {"payer_id": "NONE"}, "payer_id"),
        ("coverages", {"coverage_to": "2024-01-01"}, "coverage_to"),
        ("episodes", {"end_date": "2025-01-01"}, "end_date"),
        ("episodes", {"site_id": "NONE"}, "site_id"),
        ("episodes", {"bhcm_id": "NONE"}, "bhcm_id"),
    ],
)
def test_a_row_that_names_what_is_not_there_or_contradicts_itself_is_rejected(
    tables: Any, read_tables: Read, table: str, cells: dict[str, object], column: str
) -> None:
    tables.rows[table][0] |= cells
    problem = read_tables(tables).problem()
    assert (problem.table, problem.row_number, problem.column) == (table, 2, column)


def test_a_service_is_a_code_or_a_stay(tables: Any, read_tables: Read) -> None:
    tables.add("other_services", patient_id="P1", service_date="2026-03-05")
    assert read_tables(tables).problem().column == "hcpcs_code"
    tables.rows["other_services"][0] |= {"stay_to": "2026-03-04"}
    assert read_tables(tables).problem().column == "stay_to"


def test_a_consent_date_without_an_answer_leaves_the_consent_unknown_and_is_noted(
    tables: Any, read_tables: Read
) -> None:
    tables.rows["episodes"][0]["consent_given"] = ""
    found = read_tables(tables)
    assert found.case().episode.consent.given is Answer.UNKNOWN
    assert any(note.column == "consent_given" for note in found.notes)


def test_decisions_about_the_month_come_along_and_two_that_differ_do_not(
    tables: Any, read_tables: Read
) -> None:
    made = {"patient_id": "P1", "month": "2026-03", "decision": "release", "item": "late_entry"}
    why = {"decided_by": "B1", "decided_on": "2026-04-01", "reason": "checked"}
    tables.add("decisions", **made, **why)
    tables.add("decisions", **made | {"month": "2026-02"}, **why)
    (decision,) = read_tables(tables).case().decisions
    assert (decision.month, decision.item) == (MARCH, "late_entry")
    tables.add("decisions", **made, **why | {"reason": "not checked"})
    found = read_tables(tables)
    assert found.case_files[0].decisions == ()
    assert [problem.row_number for problem in found.problems] == [2, 4]


def test_a_claim_of_a_payer_long_gone_is_kept_and_noted(tables: Any, read_tables: Read) -> None:
    line = {"patient_id": "P1", "payer_id": "GONE", "claim_id": "A1", "service_date": "2025-02-28"}
    tables.add("claim_history", **line, hcpcs_code="99493", billing_npi="1093817462", status="paid")
    found = read_tables(tables)
    assert len(found.case().history) == 1
    assert any(note.table == "claim_history" for note in found.notes)


def test_many_dates_in_another_style_are_one_note(tables: Any, read_tables: Read) -> None:
    for day in range(1, 29):
        tables.contact(f"C{day:02d}", started_at=f"3/{day}/2026 10:00", recorded_on=f"3/{day}/2026")
    found = read_tables(tables)
    assert len(found.case().contacts) == 28
    assert [(note.column, note.rows, note.first_row_number) for note in found.notes] == [
        ("recorded_on", 28, 2),
        ("started_at", 28, 2),
    ]


def test_injection_like_cells_are_text(tables: Any, read_tables: Read) -> None:
    tables.rows["patients"][0]["last_name"] = "=cmd|' /C calc'!A0"
    tables.rows["episodes"][0]["end_reason"] = "@SUM(1+1)*cmd|' /C calc'!A0"
    case = read_tables(tables).case()
    assert case.patient.last_name == "=cmd|' /C calc'!A0"


def test_no_message_names_a_patient(tables: Any, read_tables: Read) -> None:
    tables.rows["patients"][0] |= {"birth_date": "Quill", "state": "Test", "sex": "Quill"}
    tables.contact("Quill", minutes="Quill", started_at="Quill", staff_id="Quill")
    found = read_tables(tables)
    text = "\n".join(str(item) for item in (*found.problems, *found.notes))
    assert "Quill" not in text
    assert "Test" not in text
