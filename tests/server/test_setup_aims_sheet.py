"""A caseload sheet with the AIMS columns, taken in: what was taken out says nothing new, a bad row is told, nothing is
guessed; and the practice's tables as one workbook, through the pages.
"""

import io
from datetime import date

import pytest
import time_machine
from databases import ONE_ENGINE
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook
from setup_rows import practice_files, rows_of, upload

from cocm.server.access.permissions import MemberRole
from cocm.server.contacts.models import Contact
from cocm.server.registry.aims import aims_workbook
from cocm.server.registry.caseload import Caseload
from cocm.server.registry.models import CaseloadReview, Episode, MeasureResult, Patient
from cocm.server.registry.services.episodes import status_change
from cocm.server.setup.importing import ImportRefused, import_confirm, read_import
from cocm.server.setup.staging import is_sheet, stage

TODAY = date(2026, 3, 20)
HEADINGS = (
    "Patient ID", "MRN", "First name", "Last name", "Birth date", "Sex", "Status", "PHQ-9 first", "PHQ-9 last",
    "GAD-7 first", "GAD-7 last", "I/A", "F/U", "P/C", "RPP", "# sessions", "Care manager",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-03-20T19:00:00Z", tick=False):
        yield


def sheet_of(*rows: dict, headings=HEADINGS, above: int = 0) -> bytes:
    book = Workbook()
    for _ in range(above):
        book.active.append(["Caseload of North Valley"])
    book.active.append(headings)
    for row in rows:
        book.active.append([row.get(name) for name in headings])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@pytest.fixture
def bring(world):
    def bring(content: bytes):
        with world.inside(world.practice):
            staged = stage(actor=world.practice, uploads=[upload("Caseload March.xlsx", content)])
            assert is_sheet(staged)
            return staged

    return bring


@pytest.fixture
def read(world, bring):
    def read(content: bytes):
        with world.inside(world.practice):
            return read_import(actor=world.practice, staged=bring(content), today=TODAY)

    return read


@pytest.mark.parametrize("is_ended", [False, True])
def test_what_was_taken_out_says_nothing_new_when_it_comes_back(world, bring, is_ended) -> None:
    with world.inside(world.practice):
        named = Patient.objects.of(world.practice).get(pk=world.ariana.pk)
        named.last_name = "=1+1"  # escaped on its way out
        named.save()
        if is_ended:
            episode = Episode.objects.of(world.practice).get(patient=named)
            status_change(
                actor=world.practice,
                patient=named,
                episode=episode,
                status="graduated",
                from_date=TODAY,
                reason="well",
            )
        load = Caseload(world.practice, TODAY, ended=is_ended)
        assert load.rows
        content = aims_workbook(load.rows, TODAY)
    staged = bring(content)
    with world.inside(world.practice):
        reading = read_import(actor=world.practice, staged=staged, today=TODAY)
        assert reading.problems == [] and reading.notes == []
        assert reading.tables["patients"].unchanged == len(load.rows)
        assert all(change.is_empty for change in reading.changes)
        assert import_confirm(actor=world.practice, staged=staged, today=TODAY) == {}


def test_a_sheet_changes_what_it_may_and_leaves_the_ledger_alone(world, bring) -> None:
    with world.inside(world.practice):
        row = next(
            row
            for row in Caseload(world.practice, TODAY).rows
            if row.scores("phq-9")
            and row.scores("phq-9")[-1].taken_on < TODAY
            and TODAY not in row.course.reviewed_on
        )
        contacts = Contact.objects.of(world.practice).count()
    patient_id = row.values["patient_id"]
    line = {
        "Patient ID": patient_id, "MRN": "M-77", "First name": "Renamed", "Status": "relapse prevention",
        "PHQ-9 last": 3, "I/A": row.values["start_date"], "F/U": TODAY, "P/C": "3/20/2026", "RPP": TODAY,
        "# sessions": 99,
    }  # fmt: skip
    staged = bring(sheet_of(line, above=2))
    with world.inside(world.practice):
        reading = read_import(actor=world.practice, staged=staged, today=TODAY)
        assert reading.problems == []
        assert {note.column for note in reading.notes} >= {"#_sessions", "phq_9_last"}
        counts = import_confirm(actor=world.practice, staged=staged, today=TODAY)
        assert counts["patients"] == {"new": 0, "changed": 1} and counts["scores"] == {"new": 1, "changed": 0}
        [after] = Caseload.of_episodes(world.practice, TODAY, [row.values["key"]]).rows
        assert (after.values["medical_record_number"], after.values["first_name"]) == ("M-77", "Renamed")
        assert after.status == "maintenance" and after.relapse_plan_date == TODAY
        assert after.last_reviewed_on == TODAY and after.scores("phq-9")[-1].score == 3
        assert Contact.objects.of(world.practice).count() == contacts
    again = bring(sheet_of(line, above=2))
    with world.inside(world.practice):
        assert import_confirm(actor=world.practice, staged=again, today=TODAY) == {}


def test_a_new_patient_comes_with_scores_team_and_review(world, bring) -> None:
    with world.inside(world.practice):
        member = Episode.objects.of(world.practice).get(patient=world.ariana, end_date=None).bhcm
    line = {
        "Patient ID": "NEW-1", "MRN": "M-1", "First name": "Nora", "Last name": "New", "Birth date": "1990-05-06",
        "Sex": "f", "Status": "Active", "PHQ-9 first": 18, "PHQ-9 last": 9, "GAD-7 first": 12, "GAD-7 last": 12,
        "I/A": date(2026, 2, 2), "F/U": date(2026, 3, 10), "P/C": date(2026, 3, 3),
        "Care manager": f"{member.first_name} {member.last_name}",
    }  # fmt: skip
    staged = bring(sheet_of(line))
    with world.inside(world.practice):
        counts = import_confirm(actor=world.practice, staged=staged, today=TODAY)
        assert counts["patients"]["new"] == 1 and counts["scores"]["new"] == 4
        patient = Patient.objects.of(world.practice).get(patient_id="NEW-1")
        episode = Episode.objects.of(world.practice).get(patient=patient)
        assert episode.bhcm_id == member.pk and episode.team.count() == 1
        scores = MeasureResult.objects.of(world.practice).filter(patient=patient, instrument="phq-9")
        assert list(scores.order_by("taken_on").values_list("taken_on", "score")) == [
            (date(2026, 2, 2), 18),
            (date(2026, 3, 10), 9),
        ]
        assert CaseloadReview.objects.of(world.practice).get(patient=patient).reviewed_on == date(2026, 3, 3)


@ONE_ENGINE
@pytest.mark.parametrize(
    ("line", "column"),
    [
        ({"Patient ID": None, "MRN": "1"}, "patient_id"),
        ({"Patient ID": "NOBODY"}, "birth_date"),
        ({"Patient ID": "P000001", "I/A": date(2020, 1, 1)}, "i/a"),
        ({"Patient ID": "P000001", "I/A": "31/31/2026"}, "i/a"),
        ({"Patient ID": "P000001", "Status": "somehow"}, "status"),
        ({"Patient ID": "P000001", "Status": "Ended, as brought in"}, "status"),
        ({"Patient ID": "P000001", "PHQ-9 last": 28, "F/U": TODAY}, "phq_9_last"),
        ({"Patient ID": "P000001", "PHQ-9 last": "nine"}, "phq_9_last"),
        ({"Patient ID": "P000001", "PHQ-9 first": 27}, "phq_9_first"),
        ({"Patient ID": "P000001", "PHQ-9 last": 27}, "phq_9_last"),
        ({"Patient ID": "P000001", "P/C": date(2026, 12, 1)}, "p/c"),
        ({"Patient ID": "P000001", "RPP": date(2019, 12, 1)}, "rpp"),
        ({"Patient ID": "P000001", "Last name": "L" * 100}, "last_name"),
    ],
)  # fmt: skip
def test_a_bad_row_is_told_before_anything_is_saved(world, bring, line, column) -> None:
    staged = bring(sheet_of({"Patient ID": "P000002", "MRN": "M-2"}, line))
    with world.inside(world.practice):
        reading = read_import(actor=world.practice, staged=staged, today=TODAY)
        assert column in {problem.column for problem in reading.problems}
        assert {problem.row_number for problem in reading.problems} == {3}
        with pytest.raises(ImportRefused):
            import_confirm(actor=world.practice, staged=staged, today=TODAY)
        assert not Patient.objects.of(world.practice).filter(medical_record_number="M-2").exists()


@ONE_ENGINE
def test_a_patient_that_stands_twice_is_told(read) -> None:
    reading = read(sheet_of({"Patient ID": "P000001"}, {"Patient ID": "P000001"}))
    assert [(problem.row_number, problem.column) for problem in reading.problems] == [(3, "patient_id")]


def test_the_neighbours_patients_are_none_of_ours(world, bring) -> None:
    """Far Creek's P000001 is another person: a sheet of ours changes ours."""
    staged = bring(sheet_of({"Patient ID": "P000001", "MRN": "M-9"}))
    with world.inside(world.practice):
        import_confirm(actor=world.practice, staged=staged, today=TODAY)
    with world.inside(world.neighbour):
        assert Patient.objects.of(world.neighbour).get(patient_id="P000001").medical_record_number == ""


@ONE_ENGINE
def test_the_sheet_goes_through_the_pages(client_of, world) -> None:
    client = client_of(MemberRole.MANAGER)
    file = SimpleUploadedFile(
        "tracker.xlsx", sheet_of({"Patient ID": "P000001", "MRN": "M-5"}, {"Patient ID": "X"})
    )
    preview = client.post("/setup/import/", {"files": file})["Location"]
    page = client.get(preview).content.decode()
    assert (
        "birth_date" in page
        and "not a patient here yet" in page
        and "Bring in" not in page.partition("<main")[2].partition("</h1>")[2]
    )
    assert b"birth_date" in client.get(f"{preview}rows/").content
    assert client.post(preview).status_code == 422
    file = SimpleUploadedFile("tracker.xlsx", sheet_of({"Patient ID": "P000001", "MRN": "M-5"}))
    preview = client.post("/setup/import/", {"files": file})["Location"]
    assert "Bring in 0 new and 1 changed row" in client.get(preview).content.decode()
    assert client.post(preview)["Location"] == "/setup/"
    with world.inside(world.practice):
        assert Patient.objects.of(world.practice).get(patient_id="P000001").medical_record_number == "M-5"


@ONE_ENGINE
def test_the_tables_as_one_workbook_go_through_the_pages(client_of, world, tmp_path) -> None:
    files = practice_files(tmp_path / "tables")
    rows = rows_of(files["measures"])
    rows.append([*rows[1]])
    at = rows[0].index
    rows[-1][at("taken_on")] = "2026-03-18"
    bad = [[*row] for row in rows]
    bad[2][at("score")] = "many"

    def workbook(measures) -> SimpleUploadedFile:
        book = Workbook()
        book.remove(book.active)
        for name, table in (("measures", measures), ("staff", rows_of(files["staff"]))):
            sheet = book.create_sheet(name)
            for row in table:
                sheet.append([int(cell) if cell.isdecimal() and len(cell) < 4 else cell for cell in row])
        target = io.BytesIO()
        book.save(target)
        return SimpleUploadedFile("Practice.xlsx", target.getvalue())

    client = client_of(MemberRole.ADMINISTRATOR)
    preview = client.post("/setup/import/", {"files": workbook(bad)})["Location"]
    page = client.get(preview).content.decode()
    assert "1 place to mend" in page and "workbook.xlsx, sheet measures" in page
    assert client.post(preview).status_code == 422
    with world.inside(world.practice):
        before = MeasureResult.objects.of(world.practice).count()
    preview = client.post("/setup/import/", {"files": workbook(rows)})["Location"]
    assert "Bring in 1 new and 0 changed rows" in client.get(preview).content.decode()
    assert client.post(preview).status_code == 302
    with world.inside(world.practice):
        assert MeasureResult.objects.of(world.practice).count() == before + 1
    template = client.get("/setup/import/empty/").content
    assert "measures" in load_workbook(io.BytesIO(template)).sheetnames
