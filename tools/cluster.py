"""The audit on a Spark cluster of this machine: a master and two workers, one of them killed while it works.

    python tools/cluster.py [--lines 200000] [--keep-both]

The same history is audited by DuckDB, and by Spark through the same texts; the findings must be the same row by row,
though a worker is lost. Spark's own parser also reads the snapshots for Databricks. Needs Java 17 or newer; pyspark is
installed into `.venv-spark` from `requirements-spark.lock`.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv-spark"
LOCK = ROOT / "requirements-spark.lock"
PACK = "ca-commercial-carveout"
JAVA_MAJOR_MIN = 17
WORKERS = 2
KILL_AT = "line_verdicts"
"""The step in whose middle a worker is lost: facts have been derived, verdicts are being worked out."""
KILL_AFTER_SECONDS = 1.0
START_SECONDS_MAX = 120
RUN_SECONDS_MAX = 1800
FIELD = Path(tempfile.gettempdir())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=200_000)
    parser.add_argument("--keep-both", action="store_true", help="kill no worker")
    options = parser.parse_args()
    java = find_java()
    if java is None:
        print(f"NOT RUN: Java {JAVA_MAJOR_MIN} or newer was not found (JAVA_HOME, or java on the PATH)")
        return 1
    python = environment()
    with tempfile.TemporaryDirectory(prefix="cocm-cluster-", dir=FIELD) as folder:
        return compare(Path(folder), python, java, options.lines, kills=not options.keep_both)


def compare(folder: Path, python: Path, java: Path, lines: int, *, kills: bool) -> int:
    """Audit the same history twice; 0 where the findings are the same."""
    sys.path.insert(0, str(ROOT / "benchmarks"))
    from plan_audit_history import make_history

    history = make_history(str(folder), lines)
    started = time.monotonic()
    expected = on_duckdb([Path(path) for path in history])
    print(f"DuckDB: {len(expected):,} findings in {time.monotonic() - started:.0f} s", flush=True)
    started = time.monotonic()
    found, lost = on_spark(folder, python, java, history, kills=kills)
    print(f"Spark:  {len(found):,} findings in {time.monotonic() - started:.0f} s, workers lost: {lost}")
    if kills and not lost:
        print("FAILED: the run was over before a worker could be killed; give it more --lines")
        return 1
    if found != expected:
        only = (
            [row for row in expected if row not in found][:3],
            [row for row in found if row not in expected][:3],
        )
        print(f"FAILED: the findings differ; in DuckDB only {only[0]}; in Spark only {only[1]}")
        return 1
    print("the findings are the same")
    return 0


def on_duckdb(history: list[Path]) -> list[str]:
    """The findings of DuckDB, a JSON text each, in their own order."""
    from cocm.audit.files import open_history
    from cocm.audit.plan_rows import AuditPlan
    from cocm.audit.run import FINDINGS, audit_history
    from cocm.rules.claims_layouts import claims_layouts
    from cocm.rules.rulebook import shipped_rulebook

    rulebook = shipped_rulebook()
    with open_history(history, rulebook, memory_limit="1GB", threads=2) as (_, engine):
        audit_history(engine, rulebook, claims_layouts(rulebook)["opencocm"], AuditPlan(PACK))
        rows = engine.query(f"select * from {FINDINGS} order by cause_id, claim_id, claim_line_number")
    return [json.dumps(row) for row in rows]


def on_spark(
    folder: Path, python: Path, java: Path, history: list[str], *, kills: bool
) -> tuple[list[str], int]:
    """The findings of Spark, and how many workers were lost on the way."""
    settings = os.environ | {
        "JAVA_HOME": str(java.resolve().parent.parent),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_DAEMON_MEMORY": "256m",
        "PYSPARK_PYTHON": str(python),
        "PYTHONPATH": str(ROOT / "src"),
        "SPARK_LOCAL_DIRS": str(folder / "local"),
    }
    spark_class = str(python.parent / "spark-class")
    with ExitStack() as stack:
        port = free_port()
        address = f"spark://127.0.0.1:{port}"
        master = [spark_class, "org.apache.spark.deploy.master.Master", "--host", "127.0.0.1"]
        stack.enter_context(
            running(
                [*master, "--port", str(port), "--webui-port", "0"], settings, folder / "master.log", "ALIVE"
            )
        )
        workers = []
        for number in range(WORKERS):
            command = [
                spark_class,
                "org.apache.spark.deploy.worker.Worker",
                "--host",
                "127.0.0.1",
                "--cores",
                "1",
            ]
            command += [
                "--memory",
                "1500m",
                "--webui-port",
                "0",
                "--work-dir",
                str(folder / f"work{number}"),
                address,
            ]
            log = folder / f"worker{number}.log"
            workers.append(stack.enter_context(running(command, settings, log, "Successfully registered")))
        findings = folder / "findings.jsonl"
        driver = stack.enter_context(
            started(
                [
                    str(python), str(ROOT / "tools" / "spark_audit.py"), *history, "--master", address,
                    "--shared", str(folder / "shared"), "--findings", str(findings), "--pack", PACK,
                ],
                settings,
                folder / "driver.log",
            )
        )  # fmt: skip
        lost = follow(driver, folder / "driver.log", workers[-1] if kills else None)
        if driver.returncode:
            raise SystemExit(f"the run on Spark failed:\n{(folder / 'driver.log').read_text()[-4000:]}")
        return findings.read_text(encoding="utf-8").splitlines(), lost


def follow(driver: subprocess.Popen[bytes], log: Path, victim: subprocess.Popen[bytes] | None) -> int:
    """Wait for the run; kill a worker and its executor in the middle of a step. How many were lost."""
    deadline = time.monotonic() + RUN_SECONDS_MAX
    told, lost = 0, 0
    while driver.poll() is None:
        if time.monotonic() > deadline:
            raise SystemExit(f"the run on Spark took longer than {RUN_SECONDS_MAX} s")
        steps = [
            line for line in log.read_text(errors="replace").splitlines() if re.fullmatch(r"[a-z_]+", line)
        ]
        for step in steps[told:]:
            print(f"  {step}", flush=True)
        told = len(steps)
        if victim is not None and not lost and KILL_AT in steps:
            time.sleep(KILL_AFTER_SECONDS)
            if driver.poll() is None:
                os.killpg(victim.pid, signal.SIGKILL)
                lost = 1
                print("  (a worker was killed)", flush=True)
        time.sleep(0.2)
    return lost


@contextmanager
def running(
    command: list[str], settings: dict[str, str], log: Path, says: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A daemon that has told that it is ready."""
    with started(command, settings, log) as process:
        deadline = time.monotonic() + START_SECONDS_MAX
        while says not in log.read_text(errors="replace"):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{command[1]} did not start:\n{log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.2)
        yield process


@contextmanager
def started(command: list[str], settings: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a group of its own, ended with all its children whatever happens."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, env=settings, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            yield process
        finally:
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask the group to end, and make it."""
    for told, seconds in ((signal.SIGTERM, 10), (signal.SIGKILL, 10)):
        try:
            os.killpg(process.pid, told)
        except ProcessLookupError:
            break
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
        threading.Event().wait(0.5)
    process.wait()


def find_java() -> Path | None:
    """A Java that is new enough, or None."""
    home = os.environ.get("JAVA_HOME")
    named = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if named is None or not Path(named).exists():
        return None
    told = subprocess.run([named, "-version"], check=False, capture_output=True, text=True).stderr
    version = re.search(r'version "(\d+)', told)
    return Path(named) if version is not None and int(version[1]) >= JAVA_MAJOR_MIN else None


def environment() -> Path:
    """The Python of the environment with pyspark, made from its lock file where it is missing or older."""
    ready, python = VENV / ".ready", VENV / "bin" / "python"
    if not ready.exists() or ready.stat().st_mtime < LOCK.stat().st_mtime:
        print(f"Setting up {VENV.name} (pyspark, some 400 MB) ...", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--require-hashes", "-r", str(LOCK)], check=True)
        ready.touch()
    return python


def free_port() -> int:
    """A port of this machine that nobody uses now."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
