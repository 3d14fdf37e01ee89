"""Eight people's browsers send entries, drafts and timers at once: nothing is lost, nothing is doubled, chains hold."""

import threading
import uuid

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from cocm.basics.months import Month
from cocm.server.access.permissions import MemberRole
from cocm.server.audit.selectors import first_broken_event
from cocm.server.contacts.drafts import DRAFTS_MAX
from cocm.server.contacts.minutes import minutes_of_month
from cocm.server.contacts.models import Contact, ContactDraft, WorkTimer
from cocm.server.contacts.selectors import first_broken_contact
from cocm.server.registry.models import Patient

WRITERS, ENTRIES = 8, 2


def post(client, address, sent):
    answer = client.post(address, sent)
    assert answer.status_code in (200, 302), answer.status_code
    return answer


@pytest.mark.live
@pytest.mark.once
def test_eight_writers_lose_and_double_nothing(world) -> None:
    actor, ariana, user = world.actor(MemberRole.BHCM), world.ariana, world.user(MemberRole.BHCM)
    entry = reverse("contacts:entry", kwargs={"patient_id": ariana.pk})
    draft = reverse("contacts:draft", kwargs={"patient_id": ariana.pk})
    problems: list[BaseException] = []
    sent_ids: list[str] = []
    if connections["default"].vendor == "sqlite":
        # what is lost is asked here, not how long a busy machine lets a writer wait
        connections.settings["default"]["OPTIONS"]["timeout"] = 240
    with world.inside(actor):
        before = Contact.objects.of(actor).filter(patient=ariana).count()

    def write(writer: int) -> None:
        try:
            client = Client()
            client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
            for number in range(ENTRIES):
                sent = {
                    "do": "save", "entry_id": str(uuid.uuid4()), "activity": "follow_up", "modality": "phone",
                    "with_whom": "patient", "outcome": "done", "day": f"2026-04-{2 + writer:02d}",
                    "at": f"{9 + number:02d}:00", "service_minutes": "20", "note_text": f"{writer}.{number}",
                }  # fmt: skip
                sent_ids.append(sent["entry_id"])
                post(client, draft, sent)
                post(client, entry, sent | {"do": "timer_start"})
                post(client, entry, sent)
                post(client, entry, sent)  # the same form again
        except BaseException as problem:
            problems.append(problem)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    with world.inside(actor):
        entries = Contact.objects.of(actor).filter(patient=ariana)
        assert entries.count() == before + WRITERS * ENTRIES
        assert {str(pk) for pk in entries.values_list("pk", flat=True)} >= set(sent_ids)
        assert first_broken_contact(actor=actor, patient=ariana) is None
        assert first_broken_event(actor=actor) is None
        assert WorkTimer.objects.of(actor).count() <= 1
        # writers at once do not see each other's newest when they clear away the oldest; the next save clears them
        drafts = ContactDraft.objects.of(actor).filter(author_id=actor.staff_member_id)
        assert drafts.count() <= DRAFTS_MAX + WRITERS
        [row] = minutes_of_month(actor=actor, patients=[ariana.pk], month=Month(2026, 4)).values()
        assert row.seconds_counted == WRITERS * ENTRIES * 1200
        assert Patient.objects.of(actor).filter(pk=ariana.pk).exists()
    client = Client()
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    post(client, draft, {"do": "save", "entry_id": str(uuid.uuid4()), "note_text": "one more"})
    with world.inside(actor):
        assert drafts.count() <= DRAFTS_MAX
