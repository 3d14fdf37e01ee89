"""`cocm plan audit` over a large claims history, beside six of its edits by hand in DuckDB SQL and in pandas.

    python benchmarks/plan_audit.py [--lines 10000000 50000000] [--memory 3GB] [--folder DIR] [--without-pandas]

The audit asks the whole catalogue, derives every fact, judges every denial and share, and writes the findings with
their evidence; the others count how often six edits fail, and these counts must be the same. Each runs in a process of
its own, so that each peak memory is its own. Goals on two cores: 15 s for 10 million lines, 75 s for 50 million, 4 GB.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from plan_audit_history import make_history
from plan_audit_pandas import EDITS, by_hand, by_pandas

PACK = "medicare"
SECONDS_A_MILLION_LINES_MAX = 1.5
PEAK_MIB_MAX = 4096
THREADS = 2
MILLION = 1_000_000


class Run(NamedTuple):
    """How long it took, by the clock and of processors, its peak memory, and what was counted."""

    seconds: float
    cpu_seconds: float
    peak_mib: float
    counts: dict[str, int]
    notes: str = ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, nargs="*", default=[10 * MILLION])
    parser.add_argument("--memory", default="3GB", help="DuckDB's limit; the process needs some more")
    parser.add_argument("--folder", help="keep the history here, and use it again")
    parser.add_argument("--without-pandas", action="store_true")
    options = parser.parse_args()
    worst = 0
    for lines in options.lines:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(options.folder or temporary) / str(lines)
            if not folder.is_dir():
                folder.mkdir(parents=True)
                in_a_process(make_history, str(folder), lines)
            paths = [str(path) for path in sorted(folder.glob("*.parquet"))]
            worst = max(worst, compare(lines, paths, options.memory, with_pandas=not options.without_pandas))
    return worst


def compare(lines: int, paths: list[str], memory: str, *, with_pandas: bool) -> int:
    """Run each way and print it; 1 where a goal is missed or the counts differ."""
    ours = in_a_process(audit, paths, memory)
    runs = {"audit": ours, "six edits by hand": in_a_process(measured, by_hand, paths, memory)}
    if with_pandas:
        runs["six edits in pandas"] = in_a_process(measured, by_pandas, paths)
    size = sum(Path(path).stat().st_size for path in paths) / 2**20
    load = os.getloadavg()[0]
    print(
        f"{lines:,} claim lines in {size:,.0f} MiB; {multiprocessing.cpu_count()} processors, load {load:.1f}"
    )
    for name, run in runs.items():
        print(
            f"{name:<20} {run.seconds:6.1f} s, {run.cpu_seconds:6.1f} s of processor"
            f" ({run.cpu_seconds / lines * MILLION:.2f} a million lines), peak {run.peak_mib:,.0f} MiB{run.notes}"
        )
    goal = SECONDS_A_MILLION_LINES_MAX * lines / MILLION
    status = 0
    if ours.seconds > goal or ours.peak_mib > PEAK_MIB_MAX:
        print(
            f"GOAL MISSED: {goal:.0f} s and {PEAK_MIB_MAX:,} MiB (processors that others use count against it)"
        )
        status = 1
    for name, run in runs.items():
        differ = [edit for edit in EDITS if ours.counts[edit] != run.counts[edit]]
        if differ:
            shown = ", ".join(f"{edit} {ours.counts[edit]:,} and {run.counts[edit]:,}" for edit in differ)
            print(f"THE COUNTS DIFFER between audit and {name}: {shown}")
            status = 1
    print(f"failures, the same in all: {', '.join(f'{edit} {ours.counts[edit]:,}' for edit in EDITS)}")
    return status


def in_a_process(work: Callable[..., Any], *arguments: object) -> Any:
    """What the function returns, run in a process of its own, so that its peak memory is its own."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(work, arguments)


def audit(paths: list[str], memory: str) -> Run:
    """The whole audit, findings written."""
    from cocm.audit.files import open_history, write_findings
    from cocm.audit.parts import MEMBERS_PER_PART
    from cocm.audit.plan_rows import AuditPlan
    from cocm.audit.run import audit_history
    from cocm.rules.claims_layouts import claims_layouts
    from cocm.rules.rulebook import shipped_rulebook

    rulebook = shipped_rulebook()
    started, cpu_started = time.perf_counter(), time.process_time()
    files = [Path(path) for path in paths]
    with (
        tempfile.TemporaryDirectory() as folder,
        open_history(files, rulebook, memory_limit=memory, threads=THREADS) as (connection, engine),
    ):
        layout = claims_layouts(rulebook)["opencocm"]
        result = audit_history(engine, rulebook, layout, AuditPlan(PACK), members_per_part=MEMBERS_PER_PART)
        write_findings(connection, Path(folder), {"benchmark": "plan_audit"})
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_started
    findings = sum(total.line_count for total in result.causes)
    counts = {edit: failed for edit, (failed, _) in result.edits.items()}
    notes = f"; {result.cocm_line_count:,} CoCM lines, {len(result.edits)} edits, {findings:,} findings"
    return Run(seconds, cpu_seconds, peak_mib(), counts, notes)


def measured(work: Callable[..., dict[str, int]], *arguments: object) -> Run:
    """One of the other ways."""
    started, cpu_started = time.perf_counter(), time.process_time()
    counts = work(*arguments)
    return Run(time.perf_counter() - started, time.process_time() - cpu_started, peak_mib(), counts)


def peak_mib() -> float:
    """The process's peak memory."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1024**2 if sys.platform == "darwin" else 1024
    )


if __name__ == "__main__":
    sys.exit(main())
