"""Runs every check there is; the last lines name what was not run.

With CI=true nothing may be left out: a gap fails the run. Each step's own output is shown; the summary at the end has
one line a step with its time.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from chromium import MISSING, find_chromium, install_chromium

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
SECOND_PYTHON = "3.13"


def main() -> int:
    os.chdir(ROOT)
    in_ci = os.environ.get("CI", "").lower() in ("1", "true", "yes")
    failed: list[str] = []
    gaps: list[str] = []
    times: list[str] = []

    def step(name: str, *command: str | Path) -> None:
        print(f"\n== {name}", flush=True)
        started = time.monotonic()
        status = subprocess.run([str(part) for part in command], check=False).returncode
        times.append(f"{name}: {'ok' if status == 0 else 'FAILED'} in {time.monotonic() - started:.0f} s")
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
    step(
        f"tests on Python {sys.version_info.major}.{sys.version_info.minor}",
        BIN / "pytest",
        "-q",
        "-n",
        "2",
        "tests",
    )

    second = find_second_python()
    if second is None:
        gaps.append(f"the tests on Python {SECOND_PYTHON}: no such Python was found")
    else:
        folder = ROOT / f".venv-{SECOND_PYTHON}"
        step(f"environment for Python {SECOND_PYTHON}", "sh", "tools/setup_venv.sh", folder, second)
        pytest = (folder / "bin" / "pytest", "-q", "-n", "2", "-m", "not once", "tests")
        step(f"tests on Python {SECOND_PYTHON} (but those that one Python is enough for)", *pytest)

    print("\n== summary")
    print("\n".join(times))
    for gap in gaps:
        print(f"NOT RUN: {gap}")
    if not gaps:
        print("nothing was left out")
    if failed:
        print(f"FAILED: {', '.join(failed)}")
        return 1
    if gaps and in_ci:
        print("FAILED: in CI nothing may be left out")
        return 1
    return 0


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
