"""The way in: sign-in, the start page of each role, the caseload, a chart."""

from datetime import date

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from cocm.server.access.permissions import PLAN_ROLES, MemberRole
from cocm.server.audit.models import AuditEvent
from cocm.server.audit.verbs import Verb
from cocm.server.logs import Scrub


def test_a_person_signs_in_with_an_address_and_a_password(world) -> None:
    client = Client()
    page = client.get("/")
    assert page.status_code == 302 and page["Location"] == "/account/login/?next=/"
    assert client.get(page["Location"]).status_code == 200
    answer = client.post(
        "/account/login/", {"login": "bhcm@demo.example", "password": "cocm-demo-password"}, follow=True
    )
    assert answer.status_code == 200
    assert "Caseload" in answer.content.decode()
    with world.inside(world.practice):
        assert AuditEvent.objects.of(world.practice).filter(verb=Verb.SIGNED_IN).exists()


def test_a_wrong_password_and_an_unknown_person_read_the_same(world) -> None:
    client = Client()
    pages = [
        client.post("/account/login/", {"login": login, "password": "wrong-password"}).content.decode()
        for login in ("bhcm@demo.example", "nobody@demo.example")
    ]
    assert "bhcm@demo.example" in pages[0]
    assert pages[0].count("not correct") == pages[1].count("not correct") == 1


def test_nobody_signs_up_by_themselves(world) -> None:
    assert Client().get("/account/signup/").status_code == 404


@pytest.mark.parametrize("role", MemberRole)
def test_each_role_has_a_start_page(role, client_of) -> None:
    organization = "north-valley" if role not in PLAN_ROLES else "far-creek"
    assert client_of(role, organization).get("/").status_code == 200


def test_the_caseload_shows_the_care_managers_own_patients_and_leaves_an_event(client_of, world) -> None:
    page = client_of(MemberRole.BHCM).get("/caseload/").content.decode()
    assert "Davis, Ariana" in page
    assert "Neighbour" not in page
    with world.inside(world.practice):
        seen = AuditEvent.objects.of(world.practice).filter(verb=Verb.PATIENTS_SEEN).get()
        assert str(world.ariana.pk) in seen.details["patients"]


def test_a_colleague_off_the_team_is_told_how_to_break_the_glass(world) -> None:
    from cocm.server.accounts.models import User

    client = Client()
    client.force_login(
        User.objects.get(email="not-on-the-team@demo.example"),
        "allauth.account.auth_backends.AuthenticationBackend",
    )
    page = client.get(f"/caseload/{world.ariana.pk}/")
    assert page.status_code == 403
    assert "Ariana" not in page.content.decode()
    with world.inside(world.practice):
        refused = AuditEvent.objects.of(world.practice).get(verb=Verb.REFUSED)
        assert refused.patient_id == world.ariana.pk


def test_an_error_shows_and_logs_nothing_of_a_patient(client_of, world, monkeypatch, caplog) -> None:
    def breaks(*args, **_):
        raise ValueError(f"cannot read {world.ariana.last_name}")

    monkeypatch.setattr("cocm.server.registry.views.caseload.Caseload", breaks)
    client = client_of(MemberRole.BHCM)
    client.raise_request_exception = False
    caplog.handler.addFilter(Scrub())
    page = client.get("/caseload/")
    assert page.status_code == 500
    told = page.content.decode() + caplog.text
    assert "ValueError at" in caplog.text
    assert world.ariana.last_name not in told


def test_days_are_the_practices(client_of, monkeypatch) -> None:
    days = []

    def today():
        days.append((timezone.get_current_timezone_name(), timezone.localdate()))
        return timezone.localdate()

    monkeypatch.setattr("cocm.server.registry.views.caseload.today_of", today)
    with time_machine.travel("2026-05-01T06:30:00Z", tick=False):
        client_of(MemberRole.BHCM).get("/caseload/")
    assert days == [("America/Los_Angeles", date(2026, 4, 30))]
