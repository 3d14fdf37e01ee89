"""`cocm plan audit` from the command line: files in, findings and a summary out, bad input named."""

from __future__ import annotations

import csv
import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
from audit_samples import create_statement, denied, insert_statement, line
from click.testing import CliRunner, Result

from cocm.basics.errors import UnusableInput
from cocm.cli import cli
from cocm.rules.rulebook import shipped_rulebook
from cocm.warehouse.engine import SqlEngine

pytestmark = pytest.mark.once

ROWS = [
    line("A1", "2026-03-31", hcpcs_code="99492"),
    line("=cmd()", "2026-04-30"),
    line("A3", "2026-04-30", received_date="2026-06-15"),
    denied("C1", "2026-04-30", "109", person_id="P3", remark_code_1="N418"),
    line("O1", "2026-04-30", person_id="P4", hcpcs_code="99213"),
]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rows as a Parquet and a CSV file."""
    folder = tmp_path_factory.mktemp("history")
    write(folder, ROWS)
    return folder


def write(folder: Path, rows: list[dict[str, Any]]) -> None:
    with duckdb.connect() as connection:
        connection.execute(create_statement("own"))
        connection.execute(insert_statement(rows, "own"))
        connection.execute(f"copy own to '{folder / 'claims.parquet'}'")
        connection.execute(f"copy own to '{folder / 'claims.csv'}' (header)")


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["plan", "audit", *map(str, arguments)])


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def audits(history: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Result, Path]]:
    """What came of auditing the Parquet file and the CSV file."""
    root = tmp_path_factory.mktemp("audits")
    plan = ("--plan", "ca-commercial-carveout", "--as-of", "2026-11-22")
    return {
        "parquet": (run(history / "claims.parquet", *plan, "--out", root / "parquet"), root / "parquet"),
        "csv": (run(history / "claims.csv", *plan, "--out", root / "csv", "--json"), root / "csv"),
    }


def test_parquet_and_csv_come_to_the_same_findings(audits: dict[str, tuple[Result, Path]]) -> None:
    for result, folder in audits.values():
        assert result.exit_code == 1, result.output
        found = rows_of(folder / "findings.csv")
        assert [(row["cause_id"], row["claim_id"]) for row in found] == [
            ("routing.to_administrator", "C1"),
            ("overbilling.duplicate", "A3"),
        ]
    answer = json.loads(audits["csv"][0].output)
    assert answer == json.loads((audits["csv"][1] / "summary.json").read_text())
    assert (answer["layout"], answer["as_of_date"]) == ("opencocm", "2026-11-22")
    assert answer["rulebook_hash"] == shipped_rulebook().content_hash
    assert {cause["cause"]: cause["lines"] for cause in answer["causes"]} == {
        "routing.to_administrator": 1,
        "overbilling.duplicate": 1,
    }


@pytest.mark.parametrize("options", [("--help",), ("--plan", "ca-commercial-carveout", "--out", "out")])
def test_a_process_of_its_own_says_nothing_beside_its_answer(
    history: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    command = [sys.executable, "-m", "cocm.cli", "plan", "audit", str(history / "claims.parquet"), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.stdout and not done.stderr


def test_the_same_history_gives_the_same_bytes(audits: dict[str, tuple[Result, Path]]) -> None:
    for name in ("findings.csv", "summary.json", "summary.txt"):
        assert (audits["csv"][1] / name).read_bytes() == (audits["parquet"][1] / name).read_bytes()


def test_files_are_for_the_owner_alone_and_no_cell_is_a_formula(
    audits: dict[str, tuple[Result, Path]],
) -> None:
    folder = audits["parquet"][1]
    assert {path.name for path in folder.iterdir()} == {
        "findings.parquet", "findings.csv", "summary.txt", "summary.json",
    }  # fmt: skip
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    other = next(row["other_claim_id"] for row in rows_of(folder / "findings.csv") if row["other_claim_id"])
    assert other == "'=cmd()"
    path = folder / "findings.parquet"
    kept = duckdb.sql(f"select other_claim_id from '{path}' where other_claim_id <> ''")
    assert kept.fetchall() == [("=cmd()",)]
    metadata = duckdb.sql(f"select cast(key as varchar) from parquet_kv_metadata('{path}')")
    assert ("rulebook_hash",) in metadata.fetchall()


def test_the_summary_holds_no_patient(audits: dict[str, tuple[Result, Path]]) -> None:
    result, folder = audits["parquet"]
    for text in (result.output, (folder / "summary.json").read_text()):
        assert not any(f'"{name}"' in text or f" {name} " in text for name in ("P1", "P3", "A1", "A3", "C1"))
    assert "Sent to the behavioral administrator, who refused it" in result.output
    assert "1 line, 1 member, $180.00" in result.output


def refused(*arguments: str | Path) -> str:
    result = run(*arguments)
    assert isinstance(result.exception, UnusableInput), result.output
    return str(result.exception)


def test_bad_input_is_named_with_what_was_expected(history: Path, tmp_path: Path) -> None:
    out = ("--out", tmp_path / "out")
    claims = history / "claims.parquet"
    assert "neither a folder nor rules of the rulebook" in refused(claims, "--plan", "nobody", *out)
    assert "neither a file nor one of cclf-part-b" in refused(claims, "--plan", "cpt", "--layout", "x", *out)
    both = refused(claims, history / "claims.csv", "--plan", "cpt", *out)
    assert "Parquet files or CSV files (not both)" in both
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1 no")
    assert f"{broken}: cannot be read as a claims history" in refused(broken, "--plan", "cpt", *out)
    other = tmp_path / "visits.csv"
    other.write_text("visit,day\n1,2026-01-01\n")
    assert "its columns fit no layout" in refused(other, "--plan", "cpt", *out)
    assert not (tmp_path / "out" / "findings.csv").exists()


def test_a_date_that_is_none_is_told_by_column_and_not_shown(tmp_path: Path) -> None:
    write(tmp_path, ROWS)
    text = (tmp_path / "claims.csv").read_text().replace("1988-05-04", "May the 4th")
    (tmp_path / "claims.csv").write_text(text)
    message = refused(tmp_path / "claims.csv", "--plan", "cpt", "--out", tmp_path / "out")
    assert "claims.csv: column birth_date has values" in message and "YYYY-MM-DD" in message
    assert "May the 4th" not in message


def test_a_folder_of_wire_tables_is_not_complete(tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    folder.mkdir()
    duckdb.sql("select 1 as file").write_parquet(str(folder / "professional_lines.parquet"))
    message = refused(folder, "--plan", "cpt", "--out", tmp_path / "out")
    assert "professional_claims.parquet: is missing" in message and "cocm x12 table" in message


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to be caught")
def test_an_audit_that_is_stopped_says_so_and_leaves_what_was_there(
    history: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "summary.txt").write_text("last year's\n")

    def stopped(engine: SqlEngine, *_: object, **_more: object) -> None:
        (staged,) = tmp_path.glob(".out.*")
        (staged / "findings.parquet").write_bytes(b"half of it")
        signal.setitimer(signal.ITIMER_REAL, 0.1)  # in the middle of the engine's own work
        engine.query("select max(hash(range)) from range(2000000000)")

    monkeypatch.setattr("cocm.cli.plan_audit.audit_history", stopped)
    before = signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGTERM))
    try:
        result = run(history / "claims.csv", "--plan", "cpt", "--out", out)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert result.exit_code == 128 + signal.SIGTERM
    assert (
        result.stderr
        == f"cocm: SIGTERM: the audit was stopped before its end; nothing was written to {out}\n"
    )
    assert [path.name for path in out.iterdir()] == ["summary.txt"]
    assert (out / "summary.txt").read_text() == "last year's\n" and list(tmp_path.iterdir()) == [out]
