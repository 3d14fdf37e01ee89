"""Reminders: one plain e-mail a person and day, with counts and a link; never a name; who says no is left alone."""

from datetime import date
from io import StringIO

import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command

from cocm.server.access.permissions import MemberRole
from cocm.server.accounts.models import Organization
from cocm.server.accounts.services import member_add
from cocm.server.audit.models import AuditEvent
from cocm.server.registry.models import Patient
from cocm.server.registry.services.entries import alert_raise
from cocm.server.today.models import DayReminder
from cocm.server.today.reminders import letters, reminders_set, send

TODAY = date(2026, 3, 20)


@pytest.fixture(autouse=True)
def _letters(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    with time_machine.travel("2026-03-20T19:00:00Z", tick=False):
        yield


@pytest.fixture
def alarmed(world):
    bhcm = world.actor(MemberRole.BHCM)
    with world.inside(bhcm):
        alert_raise(actor=bhcm, patient=world.ariana, kind="safety", reason="item 9 above 0", raised_on=TODAY)
    return bhcm


def letter_to(address: str):
    return next((letter for letter in mail.outbox if letter.to == [address]), None)


def test_counts_and_a_link_and_nothing_of_a_patients(world, alarmed) -> None:
    sent, failed = send(address="https://cocm.example/")
    assert sent and not failed
    letter = letter_to("bhcm@demo.example")
    assert "Safety: 1\n" in letter.body and "https://cocm.example/" in letter.body
    with world.inside(world.practice):
        for patient in Patient.objects.of(world.practice):
            for told in (letter.body, letter.subject):
                assert patient.last_name not in told
                assert patient.first_name not in told
                assert patient.patient_id not in told and str(patient.pk) not in told
        events = AuditEvent.objects.of(world.practice).filter(verb="reminded")
        assert {str(event.object_id) for event in events} >= {str(alarmed.user_id)}
        assert all(event.patient_id is None for event in events)


def test_one_letter_a_day_and_the_next_day_another(world, alarmed) -> None:
    send(address="https://cocm.example/")
    first = len(mail.outbox)
    assert send(address="https://cocm.example/") == (0, 0)
    assert len(mail.outbox) == first
    with time_machine.travel("2026-03-21T19:00:00Z", tick=False):
        send(address="https://cocm.example/")
    assert letter_to("bhcm@demo.example") is not None and len(mail.outbox) > first


def test_who_says_no_gets_none_and_may_say_yes_again(world, alarmed, client_of) -> None:
    client = client_of(MemberRole.BHCM)
    assert client.post("/my-day/reminders/", {"wanted": "no"}, follow=True).status_code == 200
    send(address="https://cocm.example/")
    assert letter_to("bhcm@demo.example") is None
    client.post("/my-day/reminders/", {"wanted": "yes"})
    send(address="https://cocm.example/")
    assert letter_to("bhcm@demo.example") is not None
    with world.inside(alarmed):
        assert not DayReminder.objects.of(alarmed).get(user_id=alarmed.user_id).is_off


def test_who_left_or_is_shut_out_gets_none(world, alarmed) -> None:
    user = world.user(MemberRole.BHCM)
    user.is_active = False
    user.save()
    send(address="https://cocm.example/")
    assert letter_to("bhcm@demo.example") is None


def test_a_person_of_two_organizations_gets_one_letter(world, alarmed) -> None:
    with world.inside(world.neighbour):
        member_add(actor=world.neighbour, user=world.user(MemberRole.BHCM), role=MemberRole.ADMINISTRATOR)
    found = [letter for letter in letters() if letter.user.email == "bhcm@demo.example"]
    [letter] = found
    assert len(letter.parts) == 2
    for organization in Organization.objects.filter(key__in=("north-valley", "far-creek")):
        assert organization.name in letter.text("https://cocm.example/")


def test_a_mail_server_that_fails_is_told_and_the_letter_is_tried_again(world, alarmed, settings) -> None:
    settings.EMAIL_BACKEND = "no.such.backend"
    with pytest.raises(CommandError, match="could not be sent"):
        call_command("send_reminders", stdout=StringIO())
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    out = StringIO()
    call_command("send_reminders", "--dry-run", stdout=out)
    assert "would be told" in out.getvalue() and not mail.outbox
    call_command("send_reminders", stdout=out)
    assert letter_to("bhcm@demo.example") is not None


def test_nothing_waiting_sends_nothing(world, monkeypatch) -> None:
    from cocm.server.today import sources

    monkeypatch.setattr(sources, "sources", lambda: ())
    assert send(address="https://cocm.example/") == (0, 0)


def test_the_choice_is_of_one_person(world, alarmed) -> None:
    other = world.actor(MemberRole.PCP)
    with world.inside(other):
        reminders_set(actor=other, is_wanted=False)
    assert "bhcm@demo.example" in {letter.user.email for letter in letters()}
