"""Runs every check there is; the last lines name what was not run.

With CI=true nothing may be left out: a gap fails the run. Each step's own output is shown; the summary at the end has
one line a step with its time, and names the tests that failed with their reason. In CI each line of output begins with
the seconds since the start, and each run of the tests ends with its slowest.

A few tests that failed beside others are run once more, alone: what a busy machine's clock broke passes then, what is
wrong fails again. The summary names those that passed only alone.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chromium import MISSING, find_chromium, install_chromium

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
SECOND_PYTHON = "3.13"
ON_BOTH_PYTHONS = (
    "basics",
    "benefits",
    "care",
    "cases",
    "claims",
    "cli",
    "close",
    "close_forms",
    "coding",
    "edits",
    "insight",
    "intake",
    "plan",
    "plandesk",
    "receivables",
    "remits",
    "rules",
    "store",
    "synth",
    "x12",
    "server/test_api_rules.py",
    "server/test_caseload.py",
    "server/test_first_pages.py",
    "server/test_settings.py",
    "server/test_sign_in.py",
)
"""What the second Python runs too: the rooms in Python alone, and of the server what shows that it stands there."""
REPEATED_MAX = 3
"""Up to so many failed tests are run once more; more than these are no accident of a busy machine."""
FAILED_TEST = re.compile(r"^(?:FAILED|ERROR) (tests/\S+.*)$")  # a line of pytest's short summary
REASON_LENGTH_MAX = 400
MEMORY_FOLDER = Path("/dev/shm")  # Linux's folder in memory
MEMORY_FOLDER_BYTES_MIN = 6 * 1024**3


def main() -> int:
    os.chdir(ROOT)
    with scratch_folder():
        return run_all()


def run_all() -> int:
    """Every step, each whatever became of the one before; the exit status."""
    began = time.monotonic()
    in_ci = os.environ.get("CI", "").lower() in ("1", "true", "yes")
    failed: list[str] = []
    gaps: list[str] = []
    times: list[str] = []
    reasons: list[str] = []

    def step(name: str, *command: str | Path) -> None:
        print(f"\n== {name}", flush=True)
        started = time.monotonic()
        words = [str(part) for part in command]
        since = began if in_ci else None
        status, lines = run_shown(words, since)
        if 0 < len(lines) <= REPEATED_MAX:
            print(f"\n== {name}: the failed once more, alone", flush=True)
            status, again = run_shown([*words, "-n", "0", "--last-failed"], since)
            lines = again if status else [f"passed only alone: {line}" for line in lines]
        times.append(f"{name}: {'ok' if status == 0 else 'FAILED'} in {time.monotonic() - started:.0f} s")
        reasons.extend(line[:REASON_LENGTH_MAX] for line in lines)
        if status:
            failed.append(name)

    step(
        "format", BIN / "ruff", "format", "--check", "--quiet", "src", "tests", "benchmarks", "tools", "fuzz"
    )
    step("lint", BIN / "ruff", "check", "--quiet", "src", "tests", "benchmarks", "tools", "fuzz")
    step("types", BIN / "mypy", "--no-error-summary")
    step("directions", BIN / "lint-imports", "--no-logo")
    step("dependencies", BIN / "deptry", "src", "--no-ansi")
    step("rulebook", BIN / "cocm", "rules", "check")
    if find_chromium() is None and not (in_ci and install_chromium()):
        gaps.append(f"the browser tests: {MISSING}")
    tests = ("-q", "-n", "2", "--dist", "worksteal", "--durations", "40", "--durations-min", "2")
    step(
        f"tests on Python {sys.version_info.major}.{sys.version_info.minor}", BIN / "pytest", *tests, "tests"
    )

    second = find_second_python()
    if second is None:
        gaps.append(f"the tests on Python {SECOND_PYTHON}: no such Python was found")
    else:
        folder = ROOT / f".venv-{SECOND_PYTHON}"
        step(f"environment for Python {SECOND_PYTHON}", "sh", "tools/setup_venv.sh", folder, second)
        chosen = ("-m", "not once", *(f"tests/{name}" for name in ON_BOTH_PYTHONS))
        step(
            f"tests on Python {SECOND_PYTHON} (what a version of Python may change)",
            folder / "bin" / "pytest",
            *tests,
            *chosen,
        )

    print("\n== summary")
    print("\n".join(times))
    for gap in gaps:
        print(f"NOT RUN: {gap}")
    if not gaps:
        print("nothing was left out")
    for reason in reasons[: 2 * REPEATED_MAX]:
        print(reason)
    if failed:
        print(f"FAILED: {', '.join(failed)}")
        return 1
    if gaps and in_ci:
        print("FAILED: in CI nothing may be left out")
        return 1
    return 0


@contextmanager
def scratch_folder() -> Iterator[None]:
    """Temporary files in memory where there is room: the tests wait for no disk."""
    try:
        free = shutil.disk_usage(MEMORY_FOLDER).free
    except OSError:
        free = 0
    if free < MEMORY_FOLDER_BYTES_MIN:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="cocm-", dir=MEMORY_FOLDER, ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)  # run by root, PostgreSQL is another user
        if may_run_programs(Path(folder)):
            os.environ["TMPDIR"] = folder
        yield


def may_run_programs(folder: Path) -> bool:
    """Whether a program in a folder starts: memory folders are often mounted without that."""
    program = folder / "runs"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    try:
        return subprocess.run([str(program)], check=False).returncode == 0
    except OSError:
        return False
    finally:
        program.unlink()


def run_shown(words: list[str], began: float | None) -> tuple[int, list[str]]:
    """Run a command and show its output, each line behind the seconds since `began` where that is given.

    Returns the exit status and what pytest's summary says of each failed test.
    """
    failures = []
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        assert running.stdout is not None
        for line in running.stdout:
            print(line if began is None else f"{time.monotonic() - began:5.0f} {line}", end="", flush=True)
            if said := FAILED_TEST.match(line):
                failures.append(said[1])
    return running.returncode, failures


def find_second_python() -> str | None:
    """An interpreter of the second supported version that really starts, or None."""
    if sys.version_info[:2] == (3, 13):
        return None
    candidates = [shutil.which(f"python{SECOND_PYTHON}") or ""]
    candidates += [
        str(path) for path in sorted(Path.home().glob(f".pyenv/versions/{SECOND_PYTHON}.*/bin/python"))
    ]
    candidates += [f"/usr/local/bin/python{SECOND_PYTHON}", f"/opt/homebrew/bin/python{SECOND_PYTHON}"]
    for candidate in candidates:
        if not candidate:
            continue
        try:
            answer = subprocess.run(
                [candidate, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
                check=False,
                capture_output=True,
                text=True,
            )
        except OSError:
            continue
        if answer.returncode == 0 and answer.stdout.strip() == SECOND_PYTHON:
            return candidate
    return None


if __name__ == "__main__":
    sys.exit(main())
