"""Several people write at once: nothing is lost, nothing is doubled, the chains hold."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections
from django.test import Client

from cocm.care.records import Activity
from cocm.server.access.permissions import MemberRole
from cocm.server.accounts.models import StaffMember
from cocm.server.audit.models import AuditEvent
from cocm.server.audit.selectors import first_broken_event
from cocm.server.contacts.models import Contact
from cocm.server.contacts.selectors import first_broken_contact
from cocm.server.contacts.services import contact_add

WRITERS, ENTRIES = 4, 5


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


@pytest.mark.live
@pytest.mark.once
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_page_that_is_only_looked_at_holds_no_writer_back(world, monkeypatch) -> None:
    """While one page is being read, another person writes: SQLite has one writer, and the page is none."""
    from cocm.server.registry.views import case_file

    actor, ariana, user = world.actor(MemberRole.BHCM), world.ariana, world.user(MemberRole.BHCM)
    is_read, is_written = threading.Event(), threading.Event()
    answers: list[int] = []
    plain = case_file.CaseFilePage

    def slow(*given, **more):
        found = plain(*given, **more)
        assert list(StaffMember.objects.all())
        is_read.set()
        assert is_written.wait(120)
        return found

    monkeypatch.setattr(case_file, "CaseFilePage", slow)

    def look() -> None:
        client = Client()
        client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
        answers.append(client.get(f"/caseload/{ariana.pk}/").status_code)
        connections.close_all()

    with world.inside(actor):
        seen_before = AuditEvent.objects.of(actor).count()
    reader = threading.Thread(target=look)
    reader.start()
    assert is_read.wait(120)
    with world.inside(actor):
        contact_add(
            actor=actor,
            patient=ariana,
            staff_member=StaffMember.objects.get(pk=actor.staff_member_id),
            started_at=datetime(2026, 4, 1, 17, 0, tzinfo=UTC),
            service_seconds=600,
            activity=Activity.FOLLOW_UP,
        )
    is_written.set()
    reader.join()
    assert answers == [200]
    with world.inside(actor):
        verbs = list(AuditEvent.objects.of(actor).order_by("number").values_list("verb", flat=True))
        assert verbs[seen_before:] == ["signed_in", "added", "chart_opened"]
        assert first_broken_event(actor=actor) is None


@pytest.mark.live
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_page_whose_events_cannot_be_written_is_not_shown(world, monkeypatch) -> None:
    from cocm.server.audit import trail

    def refused(events) -> None:
        raise RuntimeError("the trail cannot be written")

    client = Client(raise_request_exception=False)
    client.force_login(world.user(MemberRole.BHCM), "allauth.account.auth_backends.AuthenticationBackend")
    monkeypatch.setattr(trail, "_write", refused)
    answer = client.get(f"/caseload/{world.ariana.pk}/")
    assert answer.status_code == 500 and b"Ariana" not in answer.content


@pytest.mark.live
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_page_that_writes_after_another_has_written_is_made_once_more(world, rf) -> None:
    from cocm.server.transactions import in_page_transaction

    made: list[str] = []

    def make() -> str:
        list(StaffMember.objects.all())  # it begins to read
        if not made:
            other = connections.create_connection("default")
            with other.cursor() as cursor:
                cursor.execute("UPDATE accounts_staffmember SET last_name = 'Written'")
            other.close()
        made.append("once")
        StaffMember.objects.filter(last_name="Written").update(first_name="Too")
        return "shown"

    assert in_page_transaction(rf.get("/"), make) == "shown"
    assert made == ["once", "once"]
    assert set(StaffMember.objects.values_list("last_name", "first_name")) == {("Written", "Too")}
