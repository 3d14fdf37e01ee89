"""`cocm plan audit` from the command line: files in, findings and a summary out, bad input named."""

from __future__ import annotations

import csv
import json
import os
import signal
import stat
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from audit_samples import create_statement, denied, insert_statement, line
from click.testing import CliRunner, Result

from cocm.audit.expressions import is_a_day
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


AS_WRITTEN = (
    "claim_id, claim_line_number, person_id, {code} as hcpcs_code, {units} as service_unit_quantity,"
    " {status} as status, {day} as service_date, billing_npi, adjustment_group_code_1, adjustment_reason_code_1,"
    " allowed_amount, paid_amount"
)
AS_THEY_ARE = {
    "code": "hcpcs_code",
    "units": "service_unit_quantity",
    "status": "status",
    "day": "service_date",
}


def written(folder: Path, ending: str = "parquet", **texts: str) -> Path:
    """The rows with some columns written otherwise."""
    path = folder / f"written.{ending}"
    with duckdb.connect() as connection:
        connection.execute(create_statement("own"))
        connection.execute(insert_statement(ROWS, "own"))
        columns = AS_WRITTEN.format(**(AS_THEY_ARE | texts))
        connection.execute(f"copy (select {columns} from own) to '{path}'")
    return path


def summary_of(path: Path, out: Path, *more: str) -> tuple[Result, dict[str, Any]]:
    result = run(path, "--plan", "ca-commercial-carveout", "--out", out, "--as-of", "2026-06-30", *more)
    return result, json.loads((out / "summary.json").read_bytes())


@pytest.mark.parametrize(
    ("day", "form"),
    [("2026-02-31", "text"), ("2026-13-01", "digits"), ("2026-00-10", "number"), ("2026-02-29", "csv")],
)
def test_a_day_that_no_calendar_has_is_not_read(tmp_path: Path, day: str, form: str) -> None:
    digits = day.replace("-", "")
    text = {"text": f"'{day}'", "digits": f"'{digits}'", "number": digits, "csv": f"'{day}'"}[form]
    path = written(tmp_path, "csv" if form == "csv" else "parquet", day=text)
    result, summary = summary_of(path, tmp_path / "out")
    assert result.exit_code == 1
    assert summary["history"]["cocm_lines"] == 0
    assert summary["history"]["unreadable_lines_by_column"] == {"service_date": 4}
    assert summary["causes"] == []
    assert (
        "NOT READ: 4 lines without a service_date that can be read"
        in (tmp_path / "out/summary.txt").read_text()
    )
    assert "None" not in result.output
    assert not (tmp_path / "out" / "findings.csv").read_text().splitlines()[1:]


def test_the_calendar_of_the_texts_is_the_calendar() -> None:
    """Every number of eight digits near a real day, leap years of all kinds among them."""
    days = {
        year * 10_000 + month * 100 + day
        for year in (1900, 1999, 2000, 2001, 2023, 2024, 2025, 2026, 2028, 2100, 2199)
        for month in range(14)
        for day in range(34)
    }
    real = {number for number in days if _is_real(number)}
    with duckdb.connect() as connection:
        connection.execute("create table n as select unnest(?) as ymd", [sorted(days)])
        found = connection.execute(f"select ymd from n where {is_a_day('ymd')}").fetchall()
    assert {number for (number,) in found} == real


def _is_real(number: int) -> bool:
    try:
        date(number // 10_000, number // 100 % 100, number % 100)
    except ValueError:
        return False
    return True


def test_units_below_none_are_not_read(tmp_path: Path) -> None:
    result, summary = summary_of(written(tmp_path, units="-service_unit_quantity"), tmp_path / "out")
    assert summary["history"]["unreadable_lines_by_column"] == {"service_unit_quantity": 4}
    assert summary["causes"] == []
    assert "-$" not in result.output


def test_a_status_in_capitals_is_read_and_an_unknown_one_named(tmp_path: Path) -> None:
    _, plain = summary_of(written(tmp_path), tmp_path / "plain")
    _, capitals = summary_of(written(tmp_path, status="upper(status)"), tmp_path / "capitals")
    assert capitals["causes"] == plain["causes"] and plain["causes"]
    approved = "case when status = 'paid' then 'Approved' when status = 'denied' then 'Ann Lee, 1988' end"
    result, summary = summary_of(written(tmp_path, status=approved), tmp_path / "unknown")
    assert result.exit_code == 1
    assert "NOT JUDGED: 4 lines of a status that is none of sent, accepted" in result.output
    assert "approved (3), no word (1)" in result.output
    assert "lee" not in f"{result.output}{json.dumps(summary)}".lower()
    assert summary["history"]["lines_by_unknown_status"] == {"approved": 3, "no word": 1}


def test_codes_that_are_numbers_are_read(tmp_path: Path) -> None:
    _, plain = summary_of(written(tmp_path), tmp_path / "plain")
    _, found = summary_of(written(tmp_path, code="cast(hcpcs_code as integer)"), tmp_path / "numbers")
    assert found["causes"] == plain["causes"]
    assert found["history"] == plain["history"]


@pytest.mark.parametrize("memory", ["lots", "-3GB", "3GB'; drop table x; --", ""])
def test_memory_that_is_no_amount_is_refused(history: Path, tmp_path: Path, memory: str) -> None:
    arguments = (history / "claims.parquet", "--plan", "medicare", "--out", tmp_path / "out")
    result = run(*arguments, f"--memory={memory}")
    assert isinstance(result.exception, UnusableInput)
    assert "expected an amount such as 3GB" in str(result.exception)


def test_an_amount_of_memory_is_written_as_people_do(history: Path, tmp_path: Path) -> None:
    result = run(
        history / "claims.parquet", "--plan", "medicare", "--out", tmp_path / "out", "--memory=800 mb"
    )
    assert result.exit_code == 1  # findings, no error


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (
            b"C9,1,P1,99493,1,paid,2026-03-31,1,,,,,x,y,z\n",
            "row 4: expected 12 cells as in the header, found 15",
        ),
        (b"C9,1,P1\n", "row 4: expected 12 cells as in the header, found 3"),
        (b"C9,1,P\xe9,99493,1,paid,2026-03-31,1,,,,\n", "line 4: expected text in UTF-8"),
    ],
)
def test_a_row_of_a_csv_file_that_cannot_be_read_is_named(tmp_path: Path, row: bytes, told: str) -> None:
    path = written(tmp_path, "csv")
    lines = path.read_bytes().splitlines(keepends=True)
    for rows in (
        lines,
        [*lines[:3], *(lines[3:] * 12_000)],
    ):  # the fault behind what the engine looks at first
        at = 3 if rows is lines else len(rows) - 2
        path.write_bytes(b"".join([*rows[:at], row, *rows[at:]]))
        result = run(path, "--plan", "medicare", "--out", tmp_path / "out")
        assert isinstance(result.exception, UnusableInput), result.exception
        assert told.replace(" 4:", f" {at + 1}:") in str(result.exception)
        assert "P\xe9" not in str(result.exception)


def test_a_files_name_is_no_pattern(tmp_path: Path) -> None:
    other = tmp_path / "star.parquet"
    written(tmp_path, day="'2020-03-31'").rename(other)
    path = written(tmp_path).rename(tmp_path / "st*r.parquet")
    _, summary = summary_of(path, tmp_path / "out")
    assert summary["history"]["lines"] == len(ROWS)


def test_rules_that_do_not_exist_point_to_those_that_do(history: Path, tmp_path: Path) -> None:
    result = run(history / "claims.parquet", "--plan", "nosuch", "--out", tmp_path / "out")
    assert "`cocm rules packs` lists the rules" in str(result.exception)
