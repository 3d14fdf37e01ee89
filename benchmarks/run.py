"""Runs every benchmark of this folder, one after the other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
NOT_BENCHMARKS = ("run.py", "orm_loop.py", "edits_pandas.py", "plan_audit_history.py", "plan_audit_pandas.py")


def main() -> int:
    worst = 0
    for path in sorted(HERE.glob("*.py")):
        if path.name in NOT_BENCHMARKS or path.name.startswith("load"):  # `make load`
            continue
        print(f"\n== {path.name}", flush=True)
        worst = max(worst, subprocess.run([sys.executable, str(path)], check=False, cwd=HERE).returncode)
    return worst


if __name__ == "__main__":
    sys.exit(main())
