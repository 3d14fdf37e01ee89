"""Closing 100,000 patient-months (edits, explanations, 837P) beside a plain per-patient loop over an ORM.

    python benchmarks/close_month.py [--patients 100000] [--orm-patients 3000]

Both run on the same generated practice in the same run; the ORM loop on a part of it, its rate scaled. Peak memory is
the largest process's; with streaming it does not grow with the number of patients.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import orm_loop

MONTH = "2026-03"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=100_000)
    parser.add_argument("--orm-patients", type=int, default=3_000)
    parser.add_argument(
        "--unsorted", action="store_true", help="shuffle the contacts, to time the external sort"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work) / "practice"
        cocm("synth", str(folder), "--patients", str(options.patients), "--months", "1", "--until", MONTH)
        if options.unsorted:
            shuffle(folder / "contacts.csv")
        started, cpu_before = time.perf_counter(), cpu_seconds()
        cocm(
            "close", str(folder), "--month", MONTH, "--out", str(Path(work) / "out"), "--as-of", "2026-04-02"
        )
        seconds, cpu = time.perf_counter() - started, cpu_seconds() - cpu_before
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (
            1024 if sys.platform != "darwin" else 1024**2
        )
        rate = options.patients / seconds
        print(
            f"cocm close: {options.patients:,} patients in {seconds:.1f} s = {rate:,.0f}/s, "
            f"{cpu / options.patients * 1e6:,.0f} microseconds of CPU each, largest process {peak:.0f} MiB"
        )
        database = Path(work) / "peer.sqlite"
        orm_loop.load(folder, database)
        done, orm_seconds = orm_loop.close(
            database, *(int(part) for part in MONTH.split("-")), options.orm_patients
        )
        orm_rate = done / orm_seconds
        print(
            f"ORM loop (no edits, no reasons, no 837P): {done:,} patients in {orm_seconds:.1f} s = {orm_rate:,.0f}/s"
        )
        print(f"ratio: {rate / orm_rate:.1f}x")


def cpu_seconds() -> float:
    """CPU that finished commands and their workers took: on a busy machine it tells more than the clock."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def cocm(*arguments: str) -> None:
    status = subprocess.run(
        [sys.executable, "-m", "cocm.cli", *arguments], stdout=subprocess.DEVNULL, check=False
    ).returncode
    if status not in (0, 1):
        raise SystemExit(f"cocm {arguments[0]} failed with {status}")


def shuffle(path: Path) -> None:
    import random

    header, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
    random.Random(1).shuffle(rows)
    path.write_text("".join([header, *rows]), encoding="utf-8")


if __name__ == "__main__":
    main()
