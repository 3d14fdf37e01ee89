"""The rules as a service: how long one question takes, in this process and over HTTP from `cocm serve`.

    python benchmarks/rules_service.py [--requests 300]

On SQLite, one worker, one client. Asked are one patient-month's codes, the check of one claim with evidence and 24
months of history, one line's route, one rule's explanation. Exit status 1: p95 over HTTP above 50 ms.
"""

from __future__ import annotations

import argparse
import http.client
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from load_site import Site, django_here, plain_environment

P95_SECONDS_MAX = 0.050
NPI = "1234567893"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--requests", type=int, default=300)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        environment = plain_environment() | {
            "COCM_DEMO": "1",
            "COCM_LOG_LEVEL": "ERROR",
            "DATABASE_URL": f"sqlite:///{Path(folder) / 'rules.sqlite'}",
        }
        for arguments in (["migrate", "--verbosity", "0"],):
            asked = [sys.executable, "-m", "cocm.cli", "manage", *arguments]
            subprocess.run(asked, env=environment, check=True, stdout=subprocess.DEVNULL)
        django_here(environment)
        token = make_token()
        print(f"{'one question':<12}{'':<12}{'p50 ms':>9}{'p95 ms':>9}{'CPU ms':>9}")
        worst = 0.0
        report("in process", in_process(token), options.requests)
        site = Site(environment, 1, 4)
        site.start()
        try:
            worst = report("HTTP", over_http(site.port, token), options.requests)
        finally:
            site.stop()
    print(f"p95 over HTTP: {worst * 1000:.1f} ms at worst, at most {P95_SECONDS_MAX * 1000:.0f} wanted")
    return 1 if worst > P95_SECONDS_MAX else 0


def make_token() -> str:
    """A practice with one administrator, and a token for the rulebook."""
    from cocm.server.access.actor import acting_for
    from cocm.server.access.permissions import MemberRole
    from cocm.server.accounts.models import User
    from cocm.server.accounts.services import member_add, organization_add
    from cocm.server.api.scopes import Scope, is_of_rules
    from cocm.server.api.tokens import token_make

    practice = organization_add(key="bench", kind="practice", name="Bench", time_zone="America/Los_Angeles")
    with acting_for(practice):
        user = User.objects.create_user("bench@demo.example", full_name="Bench")
        member = member_add(actor=practice, user=user, role=MemberRole.ADMINISTRATOR)
        scopes = [scope for scope in Scope if is_of_rules(scope)]
        return token_make(actor=member.as_actor(), name="Bench", scopes=scopes, days=1)[1]


def questions() -> dict[str, Any]:
    """One question of each kind."""
    month = {"payer": "medicare", "month": "2026-03", "month_kind": "later", "minutes": 95}
    history = [
        {
            "claim_id": f"H-{back}", "service_date": f"{2026 - (back + 9) // 12}-{(2 - back) % 12 + 1:02d}-28",
            "hcpcs_code": "99492" if back == 24 else "99493", "billing_npi": NPI, "status": "paid",
        }
        for back in range(1, 25)
    ]  # fmt: skip
    claim = {
        "claim_id": "C-1", "payer": "medicare", "patient_birth_date": "1980-01-01",
        "billing": {"npi": NPI, "tin": "999000001"}, "rendering": {"npi": "1245319599"},
        "place_of_service_code": "11", "diagnosis_codes": ["F32.1", "E11.9"],
        "lines": [
            {"hcpcs_code": "99493", "units": 1, "charge_amount": "200.00", "service_date": "2026-03-31"},
            {"hcpcs_code": "99494", "units": 5, "charge_amount": "500.00", "service_date": "2026-03-31"},
        ],
        "history": history,
        "evidence": {"month_kind": "later", "minutes_counted": 95, "episode_start_date": "2024-03-01",
                     "consent": {"given": "yes", "consent_date": "2024-03-01", "form": "verbal"}},
    }  # fmt: skip
    line = {"payer": "medicare", "hcpcs_code": "99493", "service_date": "2026-03-31", "biller": "medical"}
    return {
        "codes": {"items": [month]},
        "check": {"claims": [claim]},
        "route": {"items": [line]},
        "explain": {"items": [{"rule": "limit.addon_units", "payer": "medicare", "on": "2026-03-31"}]},
    }


Ask = Callable[[str, bytes], int]


def in_process(token: str) -> Ask:
    """Through Django, without network."""
    from django.test import Client

    client = Client(headers={"host": "localhost", "Authorization": f"Bearer {token}"})

    def ask(name: str, body: bytes) -> int:
        return int(client.post(f"/api/v1/{name}", body, content_type="application/json").status_code)

    return ask


def over_http(port: int, token: str) -> Ask:
    """Over a connection that is kept."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def ask(name: str, body: bytes) -> int:
        connection.request("POST", f"/api/v1/{name}", body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status

    return ask


def report(how: str, ask: Ask, requests: int) -> float:
    """Print each question's times; the worst p95."""
    worst = 0.0
    for name, question in questions().items():
        body = json.dumps(question).encode()
        for _ in range(5):
            if (status := ask(name, body)) != 200:
                raise SystemExit(f"{name}: {status}")
        times = []
        cpu = time.process_time()
        for _ in range(requests):
            started = time.perf_counter()
            ask(name, body)
            times.append(time.perf_counter() - started)
        cpu = (time.process_time() - cpu) / requests
        p95 = statistics.quantiles(times, n=20)[-1]
        worst = max(worst, p95)
        print(
            f"{name:<12}{how:<12}{statistics.median(times) * 1000:>9.1f}{p95 * 1000:>9.1f}"
            + (f"{cpu * 1000:>9.1f}" if how == "in process" else "")
        )
    return worst


if __name__ == "__main__":
    sys.exit(main())
