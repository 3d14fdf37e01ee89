"""Lighthouse's accessibility score of pages, each at least 95 (`make lighthouse`).

    python tools/lighthouse.py /look/ /account/login/
    SITE=http://127.0.0.1:8000 python tools/lighthouse.py /look/       a site that is running
    COOKIE="sessionid=..." python tools/lighthouse.py /caseload/       a page behind the sign-in

Needs npx and the network (the pinned lighthouse comes from the npm registry) and Chromium; so not part of `make test`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import Final

from chromium import ARGUMENTS, MISSING, find_chromium
from picture_site import running_site

PACKAGE: Final = "lighthouse@13.5.0"
SCORE_MIN: Final = 95


def main(pages: list[str]) -> int:
    """Measure each page; 1 where one is below the limit."""
    program = find_chromium()
    if program is None:
        raise SystemExit(MISSING)
    running = os.environ.get("SITE", "")
    below = []
    with nullcontext(running) if running else running_site() as address:
        for page in pages:
            score, faults = accessibility(f"{address}{page}", program)
            print(f"{score:3d}  {page}" + "".join(f"\n     {fault}" for fault in faults))
            if score < SCORE_MIN:
                below.append(page)
    if below:
        print(f"below {SCORE_MIN}: {', '.join(below)}")
    return 1 if below else 0


def accessibility(address: str, program: str) -> tuple[int, list[str]]:
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
        if os.environ.get("COOKIE"):
            command.append("--extra-headers=" + json.dumps({"Cookie": os.environ["COOKIE"]}))
        subprocess.run(command, check=True, env={**os.environ, "CHROME_PATH": program})
        found = json.loads(report.read_text(encoding="utf-8"))
    category = found["categories"]["accessibility"]
    audits = [found["audits"][reference["id"]] for reference in category["auditRefs"]]
    return round(category["score"] * 100), [audit["title"] for audit in audits if audit["score"] == 0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
