"""Lighthouse's accessibility score of pages, each at least 95 (`make lighthouse`).

    python tools/lighthouse.py                                          the pages of `PAGES`
    python tools/lighthouse.py /look/ bhcm@/caseload/                   signed in as a role of the demonstration
    python tools/lighthouse.py "bhcm@/caseload/{patient}/"              a patient on the role's caseload
    SITE=http://127.0.0.1:8000 python tools/lighthouse.py /look/        a demonstration's site that is running

Needs npx and the network (the pinned lighthouse comes from the npm registry) and Chromium; so not part of `make test`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import cached_property
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Final
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

from chromium import ARGUMENTS, MISSING, find_chromium
from picture_site import running_site

PACKAGE: Final = "lighthouse@13.5.0"
SCORE_MIN: Final = 95
PAGES: Final = (
    "/account/login/",
    "/look/",
    "bhcm@/",
    "bhcm@/caseload/",
    "bhcm@/caseload/{patient}/",
    "bhcm@/contacts/{patient}/entry/",
    "bhcm@/contacts/{patient}/{month}/",
    "manager@/",
    "administrator@/setup/",
    "administrator@/setup/import/",
    "administrator@/people/",
)
"""What is measured where no page is named: `role@address`, or an address that is open to everyone."""


def main(pages: list[str]) -> int:
    """Measure each page; 1 where one is below the limit."""
    program = find_chromium()
    if program is None:
        raise SystemExit(MISSING)
    running = os.environ.get("SITE", "")
    below = []
    with nullcontext(running) if running else running_site() as address:
        signed_in: dict[str, Visitor] = {}
        for page in pages or PAGES:
            role, _, path = page.rpartition("@")
            visitor = None
            if role:
                visitor = signed_in.get(role) or signed_in.setdefault(role, Visitor(address, role))
                path = path.replace("{patient}", visitor.patient if "{patient}" in path else "")
                path = path.replace("{month}", f"{datetime.now(tz=UTC):%Y-%m}")
            score, faults = accessibility(f"{address}{path}", program, visitor.cookie if visitor else "")
            print(f"{score:3d}  {page}" + "".join(f"\n     {fault}" for fault in faults))
            if score < SCORE_MIN:
                below.append(page)
    if below:
        print(f"below {SCORE_MIN}: {', '.join(below)}")
    return 1 if below else 0


class Visitor:
    """A person of the demonstration, signed in by the form."""

    def __init__(self, address: str, role: str) -> None:
        self.address = address
        self.jar = CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.jar))
        form = self._page("/account/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
        if token is None:
            raise SystemExit(f"{address} has no sign-in form")
        fields = {
            "csrfmiddlewaretoken": token[1],
            "login": f"{role}@demo.example",
            "password": "cocm-demo-password",
        }
        page = self._page("/account/login/", urlencode(fields).encode())
        if 'name="password"' in page:
            raise SystemExit(f"nobody signs in as {role}; the site must be a demonstration's")

    def _page(self, path: str, body: bytes | None = None) -> str:
        with self.opener.open(f"{self.address}{path}", body) as answer:
            text: str = answer.read().decode()
        return text

    @property
    def cookie(self) -> str:
        """The session, as a request tells it."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.jar)

    @cached_property
    def patient(self) -> str:
        """The key of the first patient on the caseload."""
        found = re.search(r'class="row-link" href="/caseload/([0-9a-f-]{36})/"', self._page("/caseload/"))
        if found is None:
            raise SystemExit("the caseload shows nobody")
        return found[1]


def accessibility(address: str, program: str, cookie: str) -> tuple[int, list[str]]:
    """The score of an address in whole points, and the audits that failed."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [
            "npx",
            "--yes",
            PACKAGE,
            address,
            "--quiet",
            "--only-categories=accessibility",
            "--output=json",
        ]
        command += [f"--output-path={report}", f"--chrome-flags=--headless=new {' '.join(ARGUMENTS)}"]
        if cookie:
            command.append("--extra-headers=" + json.dumps({"Cookie": cookie}))
        subprocess.run(command, check=True, env={**os.environ, "CHROME_PATH": program})
        found = json.loads(report.read_text(encoding="utf-8"))
    category = found["categories"]["accessibility"]
    audits = [found["audits"][reference["id"]] for reference in category["auditRefs"]]
    return round(category["score"] * 100), [audit["title"] for audit in audits if audit["score"] == 0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
