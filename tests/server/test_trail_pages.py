"""The trail on pages: searched, taken out after proving who one is, verified; long lists are kept once."""

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook
from people_rows import PASSWORD, recently_proven

from cocm.server.access.permissions import MemberRole
from cocm.server.access.throttle_limits import ALLOWANCES, Limit
from cocm.server.audit.models import AuditEvent, PatientList
from cocm.server.audit.selectors import Search, first_broken_event, found_events, patients_of
from cocm.server.audit.trail import PATIENTS_INLINE_MAX, gathered, record, seen
from cocm.server.audit.verbs import Verb
from cocm.server.files import attachment, plain_cell

MANY = [f"00000000-0000-4000-8000-{number:012d}" for number in range(500)]


def rows_of(answer) -> list[dict]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def prove_again(client: Client, back: str):
    """The way of somebody who signed in a while ago: asked once more, then led back."""
    asked = client.get(back)
    assert asked.status_code == 302 and asked["Location"].startswith("/account/reauthenticate/")
    return client.post(asked["Location"], {"password": PASSWORD}, follow=True)


def test_long_lists_of_patients_are_kept_once_and_whole(world) -> None:
    with world.inside(world.practice):
        for _ in range(3):
            with gathered(world.practice):
                seen(MANY)
        events = AuditEvent.objects.of(world.practice).filter(verb=Verb.PATIENTS_SEEN)
        assert events.count() == 3
        assert PatientList.objects.of(world.practice).count() == 1
        for event in events:
            assert len(str(event.details)) < 200
            assert patients_of(actor=world.practice, event=event) == MANY
        found = found_events(actor=world.practice, search=Search(patient=MANY[137]))
        assert found.count() == 3
        assert first_broken_event(actor=world.practice) is None


def test_a_short_list_stays_in_its_event_and_is_found(world) -> None:
    with world.inside(world.practice):
        with gathered(world.practice):
            seen(MANY[:PATIENTS_INLINE_MAX])
        assert not PatientList.objects.of(world.practice).exists()
        for patient, count in ((MANY[3], 1), (MANY[400], 0)):
            found = found_events(actor=world.practice, search=Search(patient=patient))
            assert found.count() == count


@pytest.mark.live
@pytest.mark.parametrize(
    "tampering",
    ["DELETE FROM audit_patientlist", "UPDATE audit_patientlist SET patients = substr(patients, 38)"],
)
def test_whoever_takes_a_patient_off_a_list_is_told(world, behind_its_back, tampering) -> None:
    with world.inside(world.practice), gathered(world.practice):
        seen(MANY)
    behind_its_back(tampering)
    with world.inside(world.practice):
        assert "list of patients" in first_broken_event(actor=world.practice).what


def test_the_trail_is_searched_by_person_verb_patient_and_days(client_of, world) -> None:
    client_of(MemberRole.BHCM).get(f"/caseload/{world.ariana.pk}/")
    manager = client_of(MemberRole.MANAGER)
    nurse = world.user(MemberRole.BHCM)
    page = manager.get(f"/trail/?person={nurse.pk}&verb=chart_opened&patient=P000001").content.decode()
    assert "1 event<" in page and nurse.full_name in page and str(world.ariana.pk) in page
    tomorrow = timezone.localdate() + timedelta(days=2)
    assert "Nothing fits." in manager.get(f"/trail/?from_date={tomorrow}").content.decode()
    assert manager.get("/trail/?patient=nobody").status_code == 422
    assert manager.get("/trail/?person=not-one&verb=x&from_date=yesterday&page=minus").status_code == 422


def test_another_organizations_events_are_not_found(client_of, world) -> None:
    client_of(MemberRole.BHCM).get(f"/caseload/{world.ariana.pk}/")
    page = client_of(MemberRole.MANAGER, "far-creek").get(f"/trail/?patient={world.ariana.pk}")
    assert "Nothing fits." in page.content.decode()


def test_an_export_asks_who_it_is_and_comes_back(client_of, world) -> None:
    address = "/trail/export/?format=csv&verb=signed_in"
    client = client_of(MemberRole.MANAGER)
    answer = prove_again(client, address)
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/csv")
    rows = rows_of(answer)
    assert rows and {row["verb"] for row in rows} == {"signed_in"}
    assert all(len(row["row_hash"]) == 64 for row in rows)
    assert client.get(address).status_code == 200  # within minutes it does not ask again
    with world.inside(world.practice):
        exported = AuditEvent.objects.of(world.practice).filter(verb=Verb.EXPORTED)
        assert [event.details["rows"] for event in exported] == [len(rows), len(rows)]


def test_the_caseloads_file_asks_who_it_is_as_well(client_of, world) -> None:
    client = client_of(MemberRole.BHCM)
    answer = prove_again(client, "/caseload/export/?query=sort%3Dneed")
    assert answer.status_code == 200 and answer["Content-Type"].endswith("spreadsheetml.sheet")
    with world.inside(world.practice):
        event = AuditEvent.objects.of(world.practice).get(verb=Verb.EXPORTED)
        assert str(world.ariana.pk) in patients_of(actor=world.practice, event=event)


def test_a_wrong_password_opens_no_export(client_of) -> None:
    client = client_of(MemberRole.MANAGER)
    asked = client.get("/trail/export/")
    client.post(asked["Location"], {"password": "wrong"})
    assert client.get("/trail/export/").status_code == 302


def test_proving_it_again_leads_nowhere_else(client_of) -> None:
    answer = client_of(MemberRole.MANAGER).post(
        "/account/reauthenticate/?next=https://evil.example/", {"password": PASSWORD}
    )
    assert answer.status_code == 302 and "evil" not in answer["Location"]


def test_a_workbook_holds_no_formula(client_of, world) -> None:
    with world.inside(world.practice):
        record(
            world.practice,
            Verb.CORRECTED,
            object_type="=1+1",
            object_id="+x",
            reason='=HYPERLINK("http://evil.example","\x07a")',
        )
    client = recently_proven(client_of(MemberRole.MANAGER))
    answer = client.get("/trail/export/?format=xlsx&verb=corrected")
    sheet = load_workbook(io.BytesIO(answer.content)).active
    cells = [cell for row in sheet.iter_rows(min_row=2) for cell in row]
    assert not any(cell.data_type == "f" for cell in cells)
    assert any(str(cell.value).startswith("'=HYPERLINK") for cell in cells)


@pytest.mark.parametrize("text", ["=1", " =1", "+1", "-1", "@x", "\t=1", "\r=1", "|calc", "%0A"])
def test_a_text_that_would_run_is_a_text(text) -> None:
    assert str(plain_cell(text)).startswith("'")


def test_plain_values_stay_as_they_are() -> None:
    assert [plain_cell(value) for value in ("Davis", 3, None, "a=b")] == ["Davis", 3, None, "a=b"]


@pytest.mark.parametrize("name", ['a"b.csv', "a\r\nX-Evil: 1", "../../etc/passwd", "Müller.csv", "…"])
def test_a_files_name_is_plain(name) -> None:
    told = attachment(b"", name=name, content_type="text/csv")["Content-Disposition"]
    inside = told.removeprefix('attachment; filename="').removesuffix('"')
    assert inside and all(letter.isascii() and (letter.isalnum() or letter in "._-") for letter in inside)
    assert not inside.startswith(".")


def test_too_many_exports_of_one_person_wait_and_a_colleagues_do_not(client_of, world) -> None:
    client = recently_proven(client_of(MemberRole.MANAGER))
    answers = [
        client.get("/trail/export/?verb=removed").status_code
        for _ in range(ALLOWANCES[Limit.EXPORT].requests_max + 1)
    ]
    assert answers[:-1] == [200] * (len(answers) - 1) and answers[-1] == 429
    assert recently_proven(client_of(MemberRole.ADMINISTRATOR)).get("/trail/export/").status_code == 200
    with world.inside(world.practice):
        refused = AuditEvent.objects.of(world.practice).get(verb=Verb.REFUSED)
        assert refused.details == {"limit": "exports"}


def test_the_page_says_whether_the_chain_is_whole(client_of, world) -> None:
    page = client_of(MemberRole.ADMINISTRATOR).get("/trail/verify/").content.decode()
    assert "The trail is whole." in page


@pytest.mark.live
def test_the_page_says_where_the_chain_is_broken(client_of, world, behind_its_back) -> None:
    client = client_of(MemberRole.ADMINISTRATOR)
    behind_its_back("UPDATE audit_auditevent SET reason = 'nothing happened' WHERE number = 1")
    page = client.get("/trail/verify/").content.decode()
    assert "The trail is broken." in page and "Row 1 is not what was written" in page
