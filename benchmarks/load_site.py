"""A whole site for the load test: PostgreSQL, its tables, a synthetic practice, people with sessions, the server."""

from __future__ import annotations

import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

TESTS = Path(__file__).resolve().parents[1] / "tests"
OWNER, APPLICATION, DATABASE = "load_owner", "load_app", "load"
START_SECONDS_MAX = 300
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Person:
    """Somebody who works with the site: a session, the role, patients whose charts are open, and an API token."""

    name: str
    role: str
    session: str
    patients: tuple[str, ...]
    token: str = ""


@dataclass
class Site:
    """A running site. `stop` and `start` may be called in turn; `kill` is what a broken machine does."""

    environment: dict[str, str]
    workers: int
    threads: int
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    cpu_before: float = 0.0
    log: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="cocm-load-")) / "server.log")

    def start(self) -> None:
        """Serve, and wait until the site answers."""
        self.port = self.port or free_port()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable, "-m", "cocm.cli", "serve", "--port", str(self.port), "--workers",
                    str(self.workers), "--threads", str(self.threads), "--job-workers", "0",
                ],
                env=self.environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + START_SECONDS_MAX
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/", timeout=5):
                    return
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise RuntimeError(f"the site does not answer:\n{self.log.read_text()[-2000:]}") from None
                time.sleep(0.2)

    def stop(self) -> None:
        """End it as an operator does."""
        self._signal(signal.SIGINT)

    def kill(self) -> None:
        """End every process of it at once, in the middle of whatever they do."""
        self._signal(signal.SIGKILL)

    def cpu_seconds(self) -> float:
        """Processor time of the site's processes so far."""
        assert self.process is not None
        total = 0.0
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = path.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == self.process.pid:  # the session
                total += (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND
        return total

    def _signal(self, number: int) -> None:
        assert self.process is not None
        with suppress(ProcessLookupError):  # it has ended by itself, which `start` has told
            os.killpg(self.process.pid, number)
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(timeout=60)


def free_port() -> int:
    """A port of this machine that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def postgresql() -> Iterator[dict[str, str]]:
    """A real PostgreSQL of its own, with an owner and an application's role; the environment of a site on it."""
    import psycopg

    sys.path.append(str(TESTS))
    from embedded_postgresql import embedded_postgresql

    with embedded_postgresql() as uri:
        with psycopg.connect(uri, autocommit=True) as connection:
            for statement in (
                f"CREATE ROLE {OWNER} LOGIN",
                f"CREATE ROLE {APPLICATION} LOGIN NOSUPERUSER NOBYPASSRLS",
                f"CREATE DATABASE {DATABASE} OWNER {OWNER}",
            ):
                connection.execute(statement)
        yield plain_environment() | {
            "COCM_DEMO": "1",
            "COCM_LOG_LEVEL": "WARNING",
            "DATABASE_URL": _as(uri, APPLICATION),
            "COCM_OWNER_DATABASE_URL": _as(uri, OWNER),
        }


def plain_environment() -> dict[str, str]:
    """The environment without any of our settings."""
    mine = ("COCM_", "DJANGO_", "DATABASE")
    return {name: value for name, value in os.environ.items() if not name.startswith(mine)}


def _as(uri: str, role: str) -> str:
    parts = urlsplit(uri)
    host = f"{role}@{parts.netloc.rpartition('@')[2]}"
    return urlunsplit((parts.scheme, host, f"/{DATABASE}", parts.query, ""))


def fill(environment: dict[str, str], patients: int) -> None:
    """Tables, and a practice of so many patients over three months; today in the middle of the last."""
    for arguments in (
        ["migrate", "--verbosity", "0"],
        ["load_demo", "--patients", str(patients), "--months", "3", "--without-books"],
    ):
        subprocess.run(
            [sys.executable, "-m", "cocm.cli", "manage", *arguments],
            env=environment, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip


def django_here(environment: dict[str, str]) -> None:
    """Django in this process, on the site's database."""
    os.environ.update(
        {name: environment[name] for name in environment if name.startswith(("COCM_", "DATABASE"))}
    )
    os.environ["DJANGO_SETTINGS_MODULE"] = "cocm.server.settings"
    import django

    django.setup()


ROLES = (
    ("bhcm", 34), ("psychiatric_consultant", 8), ("pcp", 6), ("billing", 6), ("manager", 3), ("administrator", 3),
)  # fmt: skip
"""Who works at once, in sixty: mostly care managers."""
PATIENTS_OF_ONE = 24


def people(count: int) -> list[Person]:
    """So many people, each with a session; the clinical ones on the teams of some patients; half with a token.

    Their passwords would cost the site's processors more than their work: they are signed in beforehand.
    """
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.db import transaction

    from cocm.care.people import Role
    from cocm.server.access.actor import Actor, acting_for
    from cocm.server.access.permissions import MemberRole
    from cocm.server.accounts.models import Organization, StaffMember, User
    from cocm.server.accounts.services import member_add
    from cocm.server.api.scopes import scopes_open_to
    from cocm.server.api.tokens import token_make
    from cocm.server.registry.models import CareTeamMember, Episode

    parts = {"bhcm": Role.BHCM, "psychiatric_consultant": Role.PSYCHIATRIC_CONSULTANT,
             "pcp": Role.BILLING_PRACTITIONER}  # fmt: skip
    mark = secrets.token_hex(3)  # a database may be used for several runs
    mix = [role for role, share in ROLES for _ in range(share)]
    practice = Actor.system(Organization.objects.get(key="north-valley").pk)
    made = []
    with transaction.atomic(), acting_for(practice):
        episodes = list(
            Episode.objects.of(practice)
            .filter(end_date__isnull=True)
            .order_by("episode_id")
            .values_list("pk", "patient_id", "start_date")
        )
        for number in range(count):
            role = mix[number * len(mix) // count]
            staff = None
            user = User.objects.create_user(
                f"load-{mark}-{number}@demo.example", full_name=f"Load Person {number}"
            )
            if role in parts:
                staff = StaffMember(
                    organization_id=practice.organization_id,
                    staff_id=f"LOAD-{mark}-{number:04d}",
                    last_name=f"Load{number}",
                    first_name="Person",
                    role=parts[role],
                )
                staff.save()
            member = member_add(actor=practice, user=user, role=MemberRole(role), staff_member=staff)
            start = number * 7 % max(1, len(episodes))
            own = (episodes[start:] + episodes[:start])[:PATIENTS_OF_ONE]
            if staff is not None:
                CareTeamMember.objects.bulk_create(
                    [
                        CareTeamMember(
                            organization_id=practice.organization_id,
                            episode_id=episode,
                            staff_member=staff,
                            part=CareTeamMember.Part.COVERING,
                            from_date=since,
                        )
                        for episode, _, since in own
                    ]
                )
            actor = member.as_actor()
            token = ""
            if role == "bhcm" and number % 2 == 0:
                _, token = token_make(actor=actor, name="Load", scopes=scopes_open_to(actor), days=2)
            session = SessionStore()
            session[SESSION_KEY] = str(user.pk)
            session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
            session[HASH_SESSION_KEY] = user.get_session_auth_hash()
            session["organization_id"] = str(practice.organization_id)
            session.create()
            patients = tuple(str(patient) for _, patient, _ in own)
            made.append(Person(f"load-{number}", role, session.session_key or "", patients, token))
    return made


def count_of(model: str, **conditions: Any) -> int:
    """Rows of the practice."""
    return len(keys_of(model, "pk", **conditions))


def keys_of(model: str, column: str, **conditions: Any) -> list[str]:
    """One column of the practice's rows."""
    from django.apps import apps

    from cocm.server.access.actor import Actor, acting_for
    from cocm.server.accounts.models import Organization

    practice = Actor.system(Organization.objects.get(key="north-valley").pk)
    with acting_for(practice):
        rows = apps.get_model(model).objects.of(practice).filter(**conditions)
        return [str(value) for value in rows.values_list(column, flat=True)]


def broken_ledgers() -> list[str]:
    """Patients whose chain of entries does not hold."""
    from cocm.server.access.actor import Actor, acting_for
    from cocm.server.accounts.models import Organization
    from cocm.server.contacts.selectors import first_broken_contact
    from cocm.server.registry.models import Patient

    practice = Actor.system(Organization.objects.get(key="north-valley").pk)
    with acting_for(practice):
        return [
            str(patient.pk)
            for patient in Patient.objects.of(practice)
            if first_broken_contact(actor=practice, patient=patient) is not None
        ]


def trail_is_sound(environment: dict[str, str]) -> bool:
    """What `cocm audit verify` says."""
    asked = [sys.executable, "-m", "cocm.cli", "audit", "verify"]
    return subprocess.run(asked, env=environment, stdout=subprocess.DEVNULL, check=False).returncode == 0


def errors_logged(log: Path) -> list[str]:
    """What the server's log holds of errors."""
    return [
        line
        for line in log.read_text(errors="replace").splitlines()
        if re.search(r" (ERROR|CRITICAL) ", line)
    ]
