"""`make demo`: makes a synthetic practice, closes a month, and says where everything is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MONTH = "2026-03"


def main() -> int:
    os.chdir(ROOT)
    demo = Path("demo")
    practice, out = demo / "practice", demo / f"closed-{MONTH}"
    if demo.exists():
        shutil.rmtree(demo)
    print(
        "1. A synthetic practice: about 150 patients over six months, among them Ariana Davis\n", flush=True
    )
    run("synth", practice, "--until", MONTH)
    print(f"\n2. Close {MONTH}\n", flush=True)
    # held claims are part of a real month: exit status 1 says so and is no failure here
    status = run("close", practice, "--month", MONTH, "--out", out, "--as-of", "2026-04-02", accept=(0, 1))
    if status not in (0, 1):
        return status
    print("\n3. The everyday question: 28 minutes in a later month, under two payers' rules\n", flush=True)
    for payer in ("medicare", "ca-commercial-carveout"):
        run("codes", "--payer", payer, "--month", MONTH, "--minutes", "28", "--later", accept=(0, 1))
        print(flush=True)
    print(f"The practice's tables:  {practice}/")
    print(f"Claims and worklist:    {out}/")
    print(f"The report (open it in a browser): {out}/report.html")
    return 0


def run(*arguments: object, accept: tuple[int, ...] = (0,)) -> int:
    status = subprocess.run(
        [sys.executable, "-m", "cocm.cli", *map(str, arguments)],
        check=False,
    ).returncode
    if status not in accept:
        raise SystemExit(status)
    return status


if __name__ == "__main__":
    sys.exit(main())
