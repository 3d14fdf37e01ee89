"""The way in: sign-in, the start page of each role, the caseload, a chart."""

import pytest
from django.test import Client

from cocm.server.access.permissions import MemberRole
from cocm.server.audit.models import AuditEvent
from cocm.server.audit.verbs import Verb


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
    organization = "north-valley" if role is not MemberRole.PLAN_REVIEWER else "far-creek"
    assert client_of(role, organization).get("/").status_code == 200


def test_the_caseload_shows_the_care_managers_own_patients_and_leaves_an_event(client_of, world) -> None:
    page = client_of(MemberRole.BHCM).get("/caseload/").content.decode()
    assert "P000001" in page
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
