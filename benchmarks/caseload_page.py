"""The caseload of 500 patients: processor time of one request, with all its rows on one page, and the queries it makes.

    python benchmarks/caseload_page.py [--patients 500]

The first request of a month works out every patient's minutes (the core's answer is kept, `contacts.minutes`); the
others are what a care manager waits for. SQLite, in this process, without the network.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

THRESHOLD_SECONDS = 0.300


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=500)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(
            DJANGO_SETTINGS_MODULE="cocm.server.settings",
            COCM_DEMO="1",
            DATABASE_URL=f"sqlite:///{Path(folder) / 'caseload.sqlite'}",
        )
        import django

        django.setup()
        return measure(options.patients)


def measure(patients: int) -> int:
    """Fill a practice until that many patients are in care, then ask for the page."""
    import time_machine
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from cocm.basics.months import Month
    from cocm.server.accounts.models import User
    from cocm.server.registry.models import Episode
    from cocm.server.setup.demo import load_demo

    call_command("migrate", verbosity=0)
    load_demo(patients=int(patients * 1.2), months=6, until=Month(2026, 3))
    in_care = Episode.objects.filter(end_date__isnull=True).count()
    billing = User.objects.get(email="billing@demo.example")  # opens every chart
    with time_machine.travel("2026-03-20T18:00:00Z", tick=False):
        client = Client(headers={"host": "localhost"})
        client.force_login(billing, "allauth.account.auth_backends.AuthenticationBackend")
        first = seconds(client)
        with CaptureQueriesContext(connection) as made:
            page = client.get("/caseload/?rows=500")
        queries = len(made)  # the next request forgets them
        best = min(seconds(client) for _ in range(7))
        small = min(seconds(client, "/caseload/") for _ in range(5))
    print(
        f"{in_care} patients in care, {page.content.count(b'row-link')} on the page: {best * 1000:.0f} ms of CPU, "
        f"{queries} queries, {len(page.content) / 1024:.0f} KiB; 100 on the page: {small * 1000:.0f} ms; "
        f"the month's first request: {first * 1000:.0f} ms"
    )
    if best > THRESHOLD_SECONDS:
        print(f"slower than {THRESHOLD_SECONDS * 1000:.0f} ms")
        return 1
    return 0


def seconds(client, address: str = "/caseload/?rows=500") -> float:
    """Processor time of one request."""
    began = time.process_time()
    assert client.get(address).status_code == 200
    return time.process_time() - began


if __name__ == "__main__":
    raise SystemExit(main())
