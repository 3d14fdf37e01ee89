"""Several people write at once: nothing is lost, nothing is doubled, the chains hold."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections
from django.test import Client

from cocm.care.records import Activity
from cocm.server.access.permissions import MemberRole
from cocm.server.accounts.models import StaffMember
from cocm.server.audit.selectors import first_broken_event
from cocm.server.contacts.models import Contact
from cocm.server.contacts.selectors import first_broken_contact
from cocm.server.contacts.services import contact_add

WRITERS, ENTRIES = 4, 8


@pytest.mark.live
@pytest.mark.once
def test_entries_and_page_views_at_once_lose_nothing(world) -> None:
    actor = world.actor(MemberRole.BHCM)
    ariana, user = world.ariana, world.user(MemberRole.BHCM)
    with world.inside(actor):
        before = Contact.objects.of(actor).filter(patient=ariana).count()
    problems: list[BaseException] = []

    def write(writer: int) -> None:
        try:
            client = Client()
            client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
            for entry in range(ENTRIES):
                with world.inside(actor):
                    contact_add(
                        actor=actor,
                        patient=ariana,
                        staff_member=StaffMember.objects.get(pk=actor.staff_member_id),
                        started_at=datetime(2026, 4, 1 + writer, 17, 0, tzinfo=UTC)
                        + timedelta(minutes=20 * entry),
                        service_seconds=600,
                        activity=Activity.FOLLOW_UP,
                    )
                assert client.get(f"/caseload/{ariana.pk}/").status_code == 200
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
        assert Contact.objects.of(actor).filter(patient=ariana).count() == before + WRITERS * ENTRIES
        assert first_broken_contact(actor=actor, patient=ariana) is None
        assert first_broken_event(actor=actor) is None
