"""What the load test's requests cost the processor: each in this process, the least of several, with its queries.

    python benchmarks/load_pages.py [--patients 60] [--profile chart]

Without network or middle men, on SQLite, or on the PostgreSQL of this machine that DATABASE_URL names, whose own time
is told beside. `--profile NAME` prints where one of them spends its time.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import pstats
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from load_users import DOUBTS

REPEATS = 7


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--patients", type=int, default=60)
    parser.add_argument("--profile", default="", help="the name of a request")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{Path(folder) / 'pages.sqlite'}")
        os.environ.update(
            DJANGO_SETTINGS_MODULE="cocm.server.settings", COCM_DEMO="1", COCM_LOG_LEVEL="ERROR"
        )
        import django

        django.setup()
        from django.core.management import call_command

        from cocm.server.accounts.models import User

        if "sqlite" in os.environ["DATABASE_URL"]:
            call_command("migrate", verbosity=0)
        if not User.objects.exists():
            call_command(
                "load_demo",
                patients=options.patients,
                months=3,
                without_books=True,
                stdout=open(os.devnull, "w"),  # noqa: SIM115, PTH123
            )
        measure(options.profile)
    return 0


def measure(profiled: str) -> None:
    """Ask for everything, and print what it took."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    print(f"{'':<14}{'CPU ms':>8}{'database':>9}{'queries':>9}")
    for name, ask in requests().items():
        if profiled and name != profiled:
            continue
        ask()
        taken = [(cpu_of(ask), database_seconds()) for _ in range(REPEATS)]
        best = min(seconds for seconds, _ in taken)
        database = (taken[-1][1] - taken[0][1]) / (REPEATS - 1)
        with CaptureQueriesContext(connection) as made:
            ask()
        print(f"{name:<14}{best * 1000:>8.1f}{database * 1000:>9.1f}{len(made):>9}")
        if profiled:
            for query in made:
                print(" ", query["sql"][:160])
            profile = cProfile.Profile()
            profile.runcall(ask)
            pstats.Stats(profile).sort_stats("cumulative").print_stats(60)


def database_seconds() -> float:
    """Processor seconds of PostgreSQL's process for this connection so far; 0 on SQLite, which works in this one."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0.0
    told = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    return int(told.read_text().split()[0]) / 1e9


def cpu_of(ask: Callable[[], object]) -> float:
    """Processor seconds of one request."""
    started = time.process_time()
    ask()
    return time.process_time() - started


def requests() -> dict[str, Callable[[], object]]:
    """The care manager's requests, by the load test's names."""
    from django.test import Client

    from load_site import people

    client = Client(headers={"host": "localhost"})
    person = people(2)[0]
    client.cookies["sessionid"] = person.session
    patient = person.patients[0]
    headers = {"Authorization": f"Bearer {person.token}"}

    def get(path: str, **more: Any) -> Callable[[], object]:
        return lambda: good(client.get(path, **more))

    def save() -> object:
        begun = datetime.now().astimezone() - timedelta(minutes=1_000)
        form = {
            "entry_id": str(uuid.uuid4()), "activity": "follow_up", "modality": "phone", "with_whom": "patient",
            "outcome": "done", "programme": "cocm", "day": f"{begun:%Y-%m-%d}", "at": f"{begun:%H:%M}",
            "service_minutes": "10", "confirmed": list(DOUBTS), "do": "save",
        }  # fmt: skip
        return good(client.post(f"/contacts/{patient}/entry/", form))

    def api_contact() -> object:
        begun = datetime.now().astimezone() - timedelta(minutes=1_000)
        body = {"patient": patient, "started_at": begun.isoformat(timespec="seconds"), "service_minutes": 10,
                "activity": "follow_up", "confirmed": list(DOUBTS)}  # fmt: skip
        key = {"Idempotency-Key": str(uuid.uuid4())}
        return good(
            client.post(
                "/api/v1/contacts", json.dumps(body), content_type="application/json", headers=headers | key
            )
        )

    def api_codes() -> object:
        item = {"payer": "medicare", "month": "2026-03", "month_kind": "later", "minutes": 95}
        body = json.dumps({"items": [item]})
        return good(client.post("/api/v1/codes", body, content_type="application/json", headers=headers))

    return {
        "start": get("/"),
        "caseload": get("/caseload/"),
        "chart": get(f"/caseload/{patient}/"),
        "month": get(f"/contacts/{patient}/{datetime.now().astimezone():%Y-%m}/"),
        "entry form": get(f"/contacts/{patient}/entry/?new=1"),
        "measure form": get(f"/caseload/{patient}/write/measure/"),
        "save": save,
        "API caseload": get("/api/v1/caseload?limit=20", headers=headers),
        "API contacts": get("/api/v1/contacts?limit=50", headers=headers),
        "API contact": api_contact,
        "API codes": api_codes,
    }


def good(answer: Any) -> Any:
    """The answer, unless it is an error."""
    if answer.status_code not in (200, 201, 302):
        raise SystemExit(f"{answer.status_code}: {answer.content[:300]!r}")
    return answer


if __name__ == "__main__":
    sys.exit(main())
