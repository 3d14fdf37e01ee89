"""The server is killed while people record contacts: what was acknowledged is in the ledger once, and nothing is torn.

A real `cocm serve` on both databases, killed with SIGKILL (it and its workers). Whoever got no answer sends the form
again, as a browser does: the entry's own id sees to it that it stands there once.
"""

import http.client
import os
import pkgutil
import signal
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connections
from django.test import Client
from django.utils import timezone
from django_ready import OTHERS_APPS
from test_serve import environment, first_answer, free_port

from cocm.server.access.permissions import MemberRole
from cocm.server.audit.models import AuditEvent
from cocm.server.audit.selectors import first_broken_event
from cocm.server.contacts.models import Contact
from cocm.server.contacts.selectors import first_broken_contact

pytestmark = [pytest.mark.live, pytest.mark.once]
WRITERS, ACKNOWLEDGED_BEFORE_THE_KILL, ENTRIES_MAX = 4, 12, 60
TOKEN = "k" * 32


@pytest.fixture
def address(database, engines) -> str:
    """The database's address for a process of its own, which takes other packages' tables for migrated."""
    name = connections.settings["default"]["NAME"]
    rows = [
        (label, module.name, timezone.now())
        for label in OTHERS_APPS
        for module in pkgutil.iter_modules([str(Path(apps.get_app_config(label).path) / "migrations")])
    ]
    statement = "INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)"
    if database == "postgresql":
        with psycopg.connect(engines(database).url(name, as_owner=True)) as connection:
            connection.cursor().executemany(statement, rows)
        return engines(database).url(name)
    with connections["default"].cursor() as cursor:
        cursor.executemany(statement, rows)
    return f"sqlite:///{name}"


def form(entry_id: uuid.UUID, writer: int, number: int) -> dict[str, str]:
    return {
        "do": "save", "entry_id": str(entry_id), "activity": "follow_up", "modality": "phone",
        "with_whom": "patient", "outcome": "done", "day": f"2026-04-{6 + writer:02}",
        "at": f"{8 + number // 6:02}:{number % 6 * 10:02}", "service_minutes": "1", "programme": "cocm",
        "csrfmiddlewaretoken": TOKEN,
    }  # fmt: skip


class People:
    """Some people who record contacts over the wire, each one entry after the other, until nobody answers."""

    def __init__(self, port: int, session: str, path: str) -> None:
        self.port, self.path = port, path
        self.headers = {
            "Cookie": f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={TOKEN}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        self.acknowledged: list[uuid.UUID] = []
        self.unanswered: list[tuple[uuid.UUID, int, int]] = []
        self.refused: list[int] = []
        self.threads = [threading.Thread(target=self._record, args=(number,)) for number in range(WRITERS)]

    def _record(self, writer: int) -> None:
        for number in range(ENTRIES_MAX):
            entry_id = uuid.uuid4()
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            try:
                connection.request("POST", self.path, urlencode(form(entry_id, writer, number)), self.headers)
                with connection.getresponse() as answer:
                    answer.read()
            except (OSError, http.client.HTTPException):
                self.unanswered.append((entry_id, writer, number))
                return
            finally:
                connection.close()
            if answer.status != 302 or "/account/" in (answer.headers["Location"] or ""):
                self.refused.append(answer.status)
                return
            self.acknowledged.append(entry_id)


def test_what_was_acknowledged_is_there_once_when_the_server_is_killed(database, world, address) -> None:
    bhcm, ariana = world.actor(MemberRole.BHCM), world.ariana
    client = Client()
    client.force_login(world.user(MemberRole.BHCM), "allauth.account.auth_backends.AuthenticationBackend")
    with world.inside(bhcm):
        before = Contact.objects.of(bhcm).filter(patient=ariana).count()
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "cocm.cli", "serve", "--port", str(port), "--job-workers", "0"],
        env=environment(COCM_DEMO="1", DATABASE_URL=address),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    path = f"/contacts/{ariana.pk}/entry/"
    people = People(port, client.cookies[settings.SESSION_COOKIE_NAME].value, path)
    try:
        first_answer(f"http://127.0.0.1:{port}/health/")
        for thread in people.threads:
            thread.start()
        deadline = time.monotonic() + 120
        while len(people.acknowledged) < ACKNOWLEDGED_BEFORE_THE_KILL and not people.refused:
            assert time.monotonic() < deadline, "nobody was answered in time"
            time.sleep(0.01)
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait(timeout=120)
    for thread in people.threads:
        thread.join()
    assert people.refused == []
    assert people.unanswered, "the server was to be killed while somebody waits"

    with world.inside(bhcm):
        kept = set(Contact.objects.of(bhcm).filter(patient=ariana).values_list("pk", flat=True))
        assert set(people.acknowledged) <= kept
        assert len(kept) - before - len(people.acknowledged) <= len(people.unanswered)
        assert first_broken_contact(actor=bhcm, patient=ariana) is None
        assert first_broken_event(actor=bhcm) is None
    for entry_id, writer, number in people.unanswered:
        assert client.post(path, form(entry_id, writer, number)).status_code == 302
    everybody = [*people.acknowledged, *(entry_id for entry_id, _, _ in people.unanswered)]
    with world.inside(bhcm):
        entries = Contact.objects.of(bhcm).filter(patient=ariana)
        assert entries.count() == before + len(everybody)
        assert entries.filter(pk__in=everybody).count() == len(set(everybody)) == len(everybody)
        told = AuditEvent.objects.of(bhcm).filter(object_type="contact", object_id__in=map(str, everybody))
        assert told.filter(verb="added").count() == len(everybody)
        assert first_broken_contact(actor=bhcm, patient=ariana) is None
        assert first_broken_event(actor=bhcm) is None
