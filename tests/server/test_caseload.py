"""The caseload: its flags are the core's, its order and filters, views people keep, search, the file, its queries."""

import io
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from cocm.basics.months import Month
from cocm.care.course import care_course
from cocm.care.flags import CareState, flags_on, need_order
from cocm.care.records import Activity, Outcome
from cocm.rules.care_flags import FlagKind
from cocm.server.access.permissions import MemberRole
from cocm.server.audit.models import AuditEvent
from cocm.server.contacts.services import contact_add, contact_correct
from cocm.server.practice_port import PracticePort
from cocm.server.registry.aims import AIMS_COLUMNS, aims_workbook
from cocm.server.registry.caseload import Caseload, Choice, chosen, ordered
from cocm.server.registry.models import Alert, Episode, MeasureResult, Patient, SavedView
from cocm.server.registry.services.entries import alert_close, alert_raise
from cocm.server.registry.services.episodes import episode_open, status_change

TODAY = date(2026, 3, 20)
NOON = "2026-03-20T19:00:00Z"


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOON, tick=False):
        yield


def flags_by_the_core(actor, load, day):
    """Each open episode's flags from its whole case file."""
    cases = PracticePort(actor).case_files(load.patients, Month.of(day))
    found = {}
    for case in cases:
        course = care_course(case, load.watched)
        found[case.episode.episode_id] = [
            (flag.kind, flag.reason, flag.urgency)
            for flag in flags_on(course, CareState(), load.watched, day)
        ]
    return found


def flags_by_the_list(load, day):
    return {
        row.values["episode_id"]: [
            (flag.kind, flag.reason, flag.urgency)
            for flag in flags_on(row.course, CareState(), load.watched, day)
        ]
        for row in load.rows
    }


@pytest.mark.parametrize("day", [TODAY, date(2026, 3, 31)])
def test_the_list_sees_what_the_core_sees_in_the_case_files(world, day) -> None:
    bhcm = world.actor(MemberRole.BHCM)
    with world.inside(bhcm):
        for hour, outcome in (
            (17, Outcome.ATTEMPT),
            (18, Outcome.ATTEMPT),
            (19, Outcome.DONE),
            (20, Outcome.ATTEMPT),
        ):
            entry = contact_add(
                actor=bhcm,
                patient=world.ariana,
                staff_member=Episode.objects.of(bhcm).get(patient=world.ariana, end_date=None).bhcm,
                started_at=datetime(2026, 3, 19, hour, tzinfo=UTC),
                service_seconds=600,
                activity=Activity.FOLLOW_UP,
                modality="phone",
                outcome=outcome,
            )
        contact_correct(actor=bhcm, contact=entry, reason="reached after all", outcome=Outcome.DONE)
    with world.inside(world.practice):
        load = Caseload(world.practice, day)
        listed = flags_by_the_list(load, day)
        assert len(listed) > 5
        expected = flags_by_the_core(world.practice, load, day)
        assert {key: listed[key] for key in expected} == expected
        assert any(expected.values())


def test_a_second_episode_is_told_by_its_own_contacts_only(world) -> None:
    with world.inside(world.practice):
        practice = world.practice
        episode = Episode.objects.of(practice).get(patient=world.ariana, end_date=None)
        status_change(
            actor=practice,
            patient=world.ariana,
            episode=episode,
            status="graduated",
            from_date=date(2026, 3, 1),
            reason="remission",
        )
        again = episode_open(
            actor=practice, patient=world.ariana, start_date=date(2026, 3, 15), status="enrolled"
        )
        assert again.bhcm == episode.bhcm
        [row] = Caseload.of_episodes(practice, TODAY, [again.pk]).rows
        assert all(day >= date(2026, 3, 15) for day in row.course.reached_on)
        assert row.scores("phq-9") == tuple(
            score for score in row.scores("phq-9") if score.taken_on >= date(2026, 3, 1)
        )


def test_rows_stand_in_the_order_of_need(world) -> None:
    with world.inside(world.practice):
        practice = world.practice
        last = Caseload(practice, TODAY).rows[-1]
        patient = Patient.objects.of(practice).get(pk=last.values["patient_pk"])
        alert_raise(
            actor=practice, patient=patient, kind="safety", reason="said so on the phone", raised_on=TODAY
        )
        rows = Caseload(practice, TODAY).rows
        assert rows[0].values["key"] == last.values["key"]
        assert rows[0].flags[0].kind == FlagKind.SAFETY
        assert [row.need for row in rows] == sorted(need_order(row.flags) for row in rows)
        [alert] = Alert.objects.of(practice).filter(patient=patient)
        alert_close(actor=practice, patient=patient, alert=alert, action="safety plan made", by_protocol=True)
        assert Caseload(practice, TODAY).rows[0].values["key"] != last.values["key"] or not rows[0].flags[1:]


def test_the_page_shows_minutes_flags_and_how_the_order_comes_about(client_of, world) -> None:
    page = client_of(MemberRole.BHCM).get("/caseload/").content.decode()
    assert "Why this order" in page and "reliable change" in page
    assert "minutes-small" in page and "Davis, Ariana" in page
    everything = client_of(MemberRole.BHCM).get("/caseload/?columns=all").content.decode()
    for heading in (
        "PHQ-9",
        "GAD-7",
        "RPP",
        "Consent",
        "Site (place of service)",
        "Last claim",
        "First CoCM month",
    ):
        assert heading in everything


def test_the_number_of_queries_does_not_grow_with_the_patients(client_of, world) -> None:
    billing = client_of(MemberRole.BILLING)
    address = "/caseload/?columns=all"
    billing.get(address)  # the month's minutes are worked out once
    with CaptureQueriesContext(connection) as few:
        billing.get(address)
    with world.inside(world.practice):
        for number in range(5):
            patient = Patient.objects.create(
                organization_id=world.practice.organization_id,
                patient_id=f"NEW-{number}",
                last_name="More",
                first_name="One",
                birth_date=date(1980, 1, 1),
                sex="F",
            )
            episode_open(actor=world.practice, patient=patient, start_date=date(2026, 3, 2), status="active")
    billing.get(address)
    with CaptureQueriesContext(connection) as more:
        assert b"NEW-4" in billing.get(address).content
    assert len(more) <= len(few) < 60


def test_filters_and_sorting(world) -> None:
    with world.inside(world.practice):
        load = Caseload(world.practice, TODAY)
        rows = load.rows
        some = rows[0]
        assert {row.values["bhcm_pk"] for row in chosen(rows, Choice(bhcm=str(some.values["bhcm_pk"])))} == {
            some.values["bhcm_pk"]
        }
        assert not list(chosen(rows, Choice(site="none")))
        kind = next(row for row in rows if row.flags).flags[0].kind
        assert all(kind in {flag.kind for flag in row.flags} for row in chosen(rows, Choice(flag=kind)))
        scores = [row.scores("phq-9")[-1].score for row in ordered(rows, "-phq_last") if row.scores("phq-9")]
        assert scores == sorted(scores, reverse=True)
        assert ordered(rows, "nonsense") == rows
        assert ordered(rows, "phq_last")[-1].scores("phq-9") == () or all(row.scores("phq-9") for row in rows)


@pytest.mark.parametrize(
    "query", ["flag=nonsense", "bhcm=1", "page=99999999999", "page=-1", "rows=7", "sort=%00", "columns=x"]
)
def test_a_strange_address_shows_the_list(client_of, query) -> None:
    assert client_of(MemberRole.BHCM).get(f"/caseload/?{query}").status_code == 200


def test_pages_of_fifty(client_of, world) -> None:
    with world.inside(world.practice):
        for number in range(60):
            patient = Patient.objects.create(
                organization_id=world.practice.organization_id,
                patient_id=f"Q{number:03}",
                last_name="Many",
                first_name=f"No{number:03}",
                birth_date=date(1980, 1, 1),
                sex="F",
            )
            episode_open(
                actor=world.practice, patient=patient, start_date=date(2026, 3, 2), status="referred"
            )
    client = client_of(MemberRole.BILLING)
    first = client.get("/caseload/?rows=50").content.decode()
    second = client.get("/caseload/?rows=50&page=2").content.decode()
    assert first.count("row-link") == 50 and "page=2" in first
    assert 0 < second.count("row-link") < 50


def test_a_view_is_kept_by_its_person_and_names_no_patient(client_of, world) -> None:
    client = client_of(MemberRole.BHCM)
    body = {"name": "Slow", "query": "flag=not_improved&sort=-phq_last&q=Davis", "is_default": "on"}
    assert client.post("/caseload/views/keep/", body).status_code == 302
    with world.inside(world.practice):
        [view] = SavedView.objects.of(world.practice)
        assert view.query == "flag=not_improved&sort=-phq_last"
    assert client.get("/caseload/")["Location"] == f"/caseload/?{view.query}"
    assert client_of(MemberRole.PCP).get("/caseload/").status_code == 200
    client_of(MemberRole.PCP).post("/caseload/views/forget/", {"view": str(view.pk)})
    with world.inside(world.practice):
        assert SavedView.objects.of(world.practice).exists()
    client.post("/caseload/views/forget/", {"view": str(view.pk)})
    with world.inside(world.practice):
        assert not SavedView.objects.of(world.practice).exists()


def test_search_finds_by_name_or_id_and_puts_nothing_into_an_address(client_of, world) -> None:
    client = client_of(MemberRole.BHCM)
    assert client.post("/caseload/find/", {"q": "davis ari"})["Location"] == f"/caseload/{world.ariana.pk}/"
    assert client.post("/caseload/find/", {"q": "P000001"}).status_code == 302
    assert client.post("/caseload/find/", {"q": "x"}).status_code == 422
    nobody = client.post("/caseload/find/", {"q": "Neighbour"})
    assert nobody.status_code == 200 and "0 found" in nobody.content.decode()


def test_search_tells_who_is_outside_the_care_team_by_name_and_id_only(world) -> None:
    from django.test import Client

    from cocm.server.accounts.models import User

    client = Client()
    client.force_login(
        User.objects.get(email="not-on-the-team@demo.example"),
        "allauth.account.auth_backends.AuthenticationBackend",
    )
    page = client.post("/caseload/find/", {"q": "Davis"}).content.decode()
    assert "outside your care team" in page
    assert str(world.ariana.birth_date) not in page


def test_the_file_has_the_trackers_columns_and_no_formula(world) -> None:
    with world.inside(world.practice):
        patient = Patient.objects.of(world.practice).get(pk=world.ariana.pk)
        patient.last_name = "=1+1"
        patient.save()
        load = Caseload(world.practice, TODAY)
        sheet = load_workbook(io.BytesIO(aims_workbook(load.rows, TODAY))).active
        heading, *lines = list(sheet.iter_rows(values_only=True))
        assert heading[: len(AIMS_COLUMNS)] == AIMS_COLUMNS
        assert len(lines) == len(load.rows)
        [ariana] = [line for line in lines if line[0] == "P000001"]
        assert ariana[3] == "'=1+1"
        row = next(row for row in load.rows if row.values["patient_id"] == "P000001")
        assert ariana[5] == row.scores("phq-9")[0].score
        assert ariana[14] == (TODAY - row.values["start_date"]).days // 7
        assert all(cell.data_type != "f" for cells in sheet.iter_rows() for cell in cells)


def test_looking_at_the_list_leaves_an_event_with_everybody_on_it(client_of, world) -> None:
    answer = client_of(MemberRole.BHCM).get("/caseload/")
    with world.inside(world.practice):
        events = AuditEvent.objects.of(world.practice).filter(request_id=answer["X-Request-ID"])
        assert events.filter(verb="patients_seen").exists()


def test_scores_before_the_episode_are_no_baseline_of_it(world) -> None:
    with world.inside(world.practice):
        episode = Episode.objects.of(world.practice).get(patient=world.ariana, end_date=None)
        for days, score in ((-60, 26), (-10, 21)):
            MeasureResult.objects.create(
                organization_id=world.practice.organization_id,
                patient=world.ariana,
                instrument="phq-9",
                taken_on=episode.start_date + timedelta(days=days),
                score=score,
            )
        [row] = Caseload.of_episodes(world.practice, TODAY, [episode.pk]).rows
        assert row.scores("phq-9")[0].score == 21
