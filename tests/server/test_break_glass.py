"""A chart opens outside its care team with a reason, for a while, and somebody is told and looks at it."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone
from people_rows import REASON, opening_by_the_care_manager

from cocm.server.access.models import ChartOpening
from cocm.server.access.permissions import MemberRole
from cocm.server.access.selectors import openings_unreviewed
from cocm.server.accounts.models import User
from cocm.server.audit.models import AuditEvent
from cocm.server.audit.verbs import Verb

ANSWER = {"reason_kind": "emergency", "reason": REASON}


@pytest.fixture
def off_the_team(world) -> Client:
    client = Client()
    client.force_login(
        User.objects.get(email="not-on-the-team@demo.example"),
        "allauth.account.auth_backends.AuthenticationBackend",
    )
    return client


def opening_address(world) -> str:
    return reverse("break_glass", kwargs={"patient_id": world.ariana.pk})


def test_the_chart_opens_with_a_reason_and_leaves_event_and_row(off_the_team, world) -> None:
    chart = f"/caseload/{world.ariana.pk}/"
    refused = off_the_team.get(chart)
    assert refused.status_code == 403 and opening_address(world) in refused.content.decode()
    form = off_the_team.get(opening_address(world))
    assert world.ariana.last_name not in form.content.decode()
    answer = off_the_team.post(opening_address(world), ANSWER, follow=True)
    assert answer.redirect_chain == [(chart, 302)] and answer.status_code == 200
    assert world.ariana.last_name in answer.content.decode()
    with world.inside(world.practice):
        opening = ChartOpening.objects.of(world.practice).get()
        assert opening.reason == REASON and opening.patient_id == world.ariana.pk
        event = AuditEvent.objects.of(world.practice).get(verb=Verb.GLASS_BROKEN)
        assert event.patient_id == world.ariana.pk and event.object_id == str(opening.pk)
        assert REASON not in str(event.content())
        opened = AuditEvent.objects.of(world.practice).filter(verb=Verb.CHART_OPENED).last()
        assert opened.details["by"] == "break_glass"


def test_the_opening_ends_by_itself(off_the_team, world, settings) -> None:
    off_the_team.post(opening_address(world), ANSWER)
    chart = f"/caseload/{world.ariana.pk}/"
    with time_machine.travel(timezone.now() + timedelta(minutes=settings.GLASS_MINUTES - 1), tick=False):
        off_the_team.force_login(
            User.objects.get(email="not-on-the-team@demo.example"),
            "allauth.account.auth_backends.AuthenticationBackend",
        )
        assert off_the_team.get(chart).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=settings.GLASS_MINUTES + 1), tick=False):
        off_the_team.force_login(
            User.objects.get(email="not-on-the-team@demo.example"),
            "allauth.account.auth_backends.AuthenticationBackend",
        )
        assert off_the_team.get(chart).status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"reason_kind": "emergency"},
        {"reason_kind": "emergency", "reason": "short"},
        {"reason": REASON},
        {"reason_kind": "curious", "reason": REASON},
        {"reason_kind": "other", "reason": " " * 40},
    ],
)
def test_without_a_reason_it_stays_closed(off_the_team, world, body) -> None:
    assert off_the_team.post(opening_address(world), body).status_code == 422
    with world.inside(world.practice):
        assert not ChartOpening.objects.of(world.practice).exists()


def test_nothing_but_the_reason_is_taken_from_the_form(off_the_team, world) -> None:
    body = ANSWER | {"until": "2099-01-01", "acknowledged_at": "2020-01-01", "finding": "all is well"}
    off_the_team.post(opening_address(world), body)
    with world.inside(world.practice):
        opening = ChartOpening.objects.of(world.practice).get()
        assert opening.until.year < 2099 and opening.acknowledged_at is None and opening.finding == ""


def test_those_who_review_are_told_without_a_patients_data(off_the_team, world) -> None:
    with TestCase.captureOnCommitCallbacks(execute=True):
        off_the_team.post(opening_address(world), ANSWER)
    told = {letter.to[0]: letter for letter in mail.outbox}
    assert set(told) == {world.user(MemberRole.MANAGER).email, world.user(MemberRole.ADMINISTRATOR).email}
    for letter in mail.outbox:
        text = letter.subject + letter.body
        for word in (
            world.ariana.last_name,
            world.ariana.first_name,
            "P000001",
            str(world.ariana.pk),
            REASON,
        ):
            assert word not in text
        assert "http://testserver/openings/" in text


def test_a_mail_server_that_fails_does_not_close_the_chart(off_the_team, world, settings, caplog) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert off_the_team.post(opening_address(world), ANSWER).status_code == 302
    assert "could not be sent (ConnectionRefusedError)" in caplog.text


def test_a_manager_sees_it_in_the_menu_and_reviews_it(client_of, world) -> None:
    opening = opening_by_the_care_manager(world)
    manager = client_of(MemberRole.MANAGER)
    assert 'class="count">1<' in manager.get("/").content.decode()
    page = manager.get("/openings/").content.decode()
    assert REASON in page and world.ariana.last_name in page
    address = f"/openings/{opening.pk}/"
    assert manager.post(address, {"finding": "ok"}).status_code == 422
    assert manager.post(address, {"finding": "Needed; the team was told."}).status_code == 302
    assert "Needed; the team was told." in manager.get("/openings/").content.decode()
    assert 'class="count"' not in manager.get("/").content.decode()
    assert manager.post(address, {"finding": "Once more, something else."}).status_code == 422
    with world.inside(world.practice):
        opening.refresh_from_db()
        assert opening.finding == "Needed; the team was told."
        assert AuditEvent.objects.of(world.practice).filter(verb=Verb.REVIEWED).count() == 1


def test_an_administrator_reviews_without_the_patients_name(client_of, world) -> None:
    opening_by_the_care_manager(world)
    page = client_of(MemberRole.ADMINISTRATOR).get("/openings/").content.decode()
    assert REASON in page and world.ariana.last_name not in page and str(world.ariana.pk) in page


def test_nobody_reviews_an_opening_of_their_own(client_of, world) -> None:
    patient = world.patient("P000002")
    manager = client_of(MemberRole.MANAGER)
    assert manager.post(f"/charts/{patient.pk}/open/", ANSWER).status_code == 302
    with world.inside(world.practice):
        opening = ChartOpening.objects.of(world.practice).get()
        assert openings_unreviewed(actor=world.actor(MemberRole.MANAGER)) == 0
    answer = manager.post(f"/openings/{opening.pk}/", {"finding": "I find myself in order."})
    assert answer.status_code == 422 and "somebody else" in answer.content.decode()


def test_another_organizations_chart_does_not_open(client_of, world) -> None:
    far = client_of(MemberRole.BHCM, "far-creek")
    assert far.post(opening_address(world), ANSWER).status_code == 404
    with world.inside(world.practice):
        assert not ChartOpening.objects.of(world.practice).exists()


def test_pages_of_ones_own_account_have_the_menu(client_of) -> None:
    page = client_of(MemberRole.BHCM).get("/account/2fa/").content.decode()
    assert 'aria-label="Main"' in page and "Caseload" in page and "data-session-seconds" in page
    assert "<code>" in page  # the rulebook's hash in the footer
    missing = client_of(MemberRole.BHCM).get("/nothing-here/")
    assert missing.status_code == 404


def test_staying_signed_in_is_a_small_request(client_of, django_assert_max_num_queries) -> None:
    client = client_of(MemberRole.BHCM)
    with django_assert_max_num_queries(14):
        assert client.get("/session/extend/").status_code == 204
