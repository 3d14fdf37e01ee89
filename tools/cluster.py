"""One history, audited by DuckDB, PostgreSQL and Spark on a cluster of this machine, a worker of which is killed.

    python tools/cluster.py [--lines 50000] [--keep-both]

The same texts run on all three; facts, the verdict of every edit, judgements and findings must be the same row by row,
though a worker is lost. The history has a line or more for every cause that the tests of the audit show, beside those
that a plan's history is full of. Spark's own parser also reads the snapshots for Databricks. Needs Java 17 or newer;
pyspark is installed into `.venv-spark` from `requirements-spark.lock`, PostgreSQL comes from the wheel of the tests.
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
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv-spark"
LOCK = ROOT / "requirements-spark.lock"
AUDIT_TESTS = ROOT / "tests" / "audit"
JAVA_MAJOR_MIN = 17
WORKERS = 2
KILL_AT = "line_verdicts"
"""The step in whose middle a worker is lost: facts have been derived, verdicts are being worked out."""
KILL_AFTER_SECONDS = 1.0
START_SECONDS_MAX = 120
RUN_SECONDS_MAX = 1800
COPY_BYTES = 1 << 20
FIELD = Path(tempfile.gettempdir())

Tables = Mapping[str, list[dict[str, Any]]]
"""The rows of each table that an audit leaves, by column."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=50_000)
    parser.add_argument("--keep-both", action="store_true", help="kill no worker")
    options = parser.parse_args()
    sys.path += [str(ROOT / "benchmarks"), str(ROOT / "tests"), str(AUDIT_TESTS)]
    java = find_java()
    if java is None:
        print(f"NOT RUN: Java {JAVA_MAJOR_MIN} or newer was not found (JAVA_HOME, or java on the PATH)")
        return 1
    python = environment()
    with tempfile.TemporaryDirectory(prefix="cocm-cluster-", dir=FIELD) as folder:
        return compare(Path(folder), python, java, options.lines, kills=not options.keep_both)


def compare(folder: Path, python: Path, java: Path, lines: int, *, kills: bool) -> int:
    """Audit the same history on each engine; 0 where all rows are the same."""
    from audit_compared import difference

    from cocm.audit.run import FINDINGS

    history = make_whole_history(folder, lines)
    expected = told("DuckDB", time.monotonic(), on_duckdb(history))
    problems = [] if all(expected.values()) else ["DuckDB found nothing to compare"]
    print(f"causes among the findings: {len({row['cause_id'] for row in expected[FINDINGS]})}", flush=True)
    found = told("PostgreSQL", time.monotonic(), on_postgresql(folder, history))
    problems += difference("PostgreSQL", found, "DuckDB", expected)
    start = time.monotonic()
    by_spark, lost = on_spark(folder, python, java, history, kills=kills)
    problems += difference("Spark", told("Spark", start, by_spark), "DuckDB", expected)
    print(f"executors that Spark lost: {lost}")
    if kills and not lost:
        problems.append("Spark's run was over before it missed a killed worker; give it more --lines")
    for problem in problems:
        print(f"FAILED: {problem}")
    if not problems:
        print("the rows are the same on DuckDB, PostgreSQL and Spark")
    return 1 if problems else 0


def told(engine: str, start: float, tables: Tables) -> Tables:
    """The tables, after telling what they hold and how long they took from `start` on."""
    counts = ", ".join(f"{len(rows):,} {name}" for name, rows in tables.items())
    print(f"{engine}: rows of {counts} in {time.monotonic() - start:.0f} s", flush=True)
    return tables


def make_whole_history(folder: Path, lines: int) -> Path:
    """The history of the benchmark with the named cases of the audit's tests, some rows twice, as one Parquet file."""
    import duckdb
    from audit_cases import SOME_TWICE
    from audit_samples import create_statement, insert_statement

    from plan_audit_history import make_history

    whole = folder / "history.parquet"
    with duckdb.connect() as connection:
        connection.execute(create_statement("cases"))
        connection.execute(insert_statement(SOME_TWICE, "cases"))
        connection.execute(
            f"copy (from cases union all by name from read_parquet({make_history(str(folder), lines)}))"
            f" to '{whole}' (format parquet)"
        )
    return whole


def on_duckdb(history: Path) -> Tables:
    """The tables of DuckDB."""
    from audit_compared import audited

    from cocm.audit.files import open_history
    from cocm.rules.rulebook import shipped_rulebook

    rulebook = shipped_rulebook()
    with open_history([history], rulebook, memory_limit="1GB", threads=2) as (_, engine):
        return audited(engine, rulebook)[1]


def on_postgresql(folder: Path, history: Path) -> Tables:
    """The tables of PostgreSQL, in a database that compares texts byte by byte as the others do."""
    import duckdb
    import psycopg
    from audit_compared import audited

    from cocm.rules.rulebook import shipped_rulebook
    from cocm.warehouse.engine import SqlEngine
    from embedded_postgresql import embedded_postgresql

    copied = folder / "history.csv"
    with duckdb.connect() as connection:
        connection.execute(f"copy (from '{history}') to '{copied}' (format csv, header false)")
        described = connection.execute(f"describe from '{history}'").fetchall()
    columns = ", ".join(f"{name} {kind}" for name, kind, *_ in described)
    with embedded_postgresql(syncs=False) as uri:
        with psycopg.connect(uri, autocommit=True) as administrator:
            administrator.execute("create database audit template template0 locale 'C'")
        with psycopg.connect(uri, dbname="audit") as server:
            server.execute(f"create table history ({columns})")
            with (
                server.cursor().copy("copy history from stdin (format csv)") as into,
                copied.open("rb") as rows,
            ):
                while block := rows.read(COPY_BYTES):
                    into.write(block)
            server.execute("analyze history")
            return audited(SqlEngine(server), shipped_rulebook())[1]


def on_spark(folder: Path, python: Path, java: Path, history: Path, *, kills: bool) -> tuple[Tables, int]:
    """The tables of Spark, and how many executors it says that it lost on the way."""
    settings = os.environ | {
        "JAVA_HOME": str(java.resolve().parent.parent),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_DAEMON_MEMORY": "256m",
        "PYSPARK_PYTHON": str(python),
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(AUDIT_TESTS)]),
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
        tables = folder / "tables.json"
        driver = stack.enter_context(
            started(
                [
                    str(python), str(ROOT / "tools" / "spark_audit.py"), str(history), "--master", address,
                    "--shared", str(folder / "shared"), "--tables", str(tables),
                ],
                settings,
                folder / "driver.log",
            )
        )  # fmt: skip
        follow(driver, folder / "driver.log", workers[-1] if kills else None)
        said = (folder / "driver.log").read_text(errors="replace")
        if driver.returncode:
            raise SystemExit(f"the run on Spark failed:\n{said[-4000:]}")
        lost = len(set(re.findall(r"Lost executor (\d+)", said)))
        return json.loads(tables.read_text(encoding="utf-8")), lost


def follow(driver: subprocess.Popen[bytes], log: Path, victim: subprocess.Popen[bytes] | None) -> None:
    """Wait for the run; kill a worker and its executor in the middle of a step."""
    deadline = time.monotonic() + RUN_SECONDS_MAX
    shown, is_killed = 0, False
    while driver.poll() is None:
        if time.monotonic() > deadline:
            raise SystemExit(f"the run on Spark took longer than {RUN_SECONDS_MAX} s")
        steps = [
            line for line in log.read_text(errors="replace").splitlines() if re.fullmatch(r"[a-z_]+", line)
        ]
        for step in steps[shown:]:
            print(f"  {step}", flush=True)
        shown = len(steps)
        if victim is not None and not is_killed and KILL_AT in steps:
            time.sleep(KILL_AFTER_SECONDS)
            if driver.poll() is None:
                os.killpg(victim.pid, signal.SIGKILL)
                is_killed = True
                print("  (a worker was killed)", flush=True)
        time.sleep(0.2)


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
