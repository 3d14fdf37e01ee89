"""`cocm x12 table`: what is written, in which form, and what the exit status says."""

from __future__ import annotations

import csv
import json
import sys
import zipfile
from pathlib import Path

import duckdb
import pyarrow.parquet as parquet
import pytest
from click.testing import CliRunner

from cocm.cli.x12_table import command

sys.path.append(str(Path(__file__).parents[1] / "x12"))
from remittance_samples import REMITTANCE

HEAD = REMITTANCE[:161].replace(b"HP*GHP01", b"HC*GHP01").replace(b"X221A1", b"X222A1")


@pytest.fixture
def remittance(tmp_path: Path) -> Path:
    path = tmp_path / "one.835"
    path.write_bytes(REMITTANCE)
    return path


def run(*arguments: str | Path, status: int = 0) -> str:
    result = CliRunner().invoke(command, [str(one) for one in arguments])
    assert result.exit_code == status, result.output
    return result.output


def test_parquet_files_hold_the_rows_with_their_file(remittance: Path, tmp_path: Path) -> None:
    answer = json.loads(run(remittance, "--to", tmp_path / "out", "--json"))
    assert answer["rows"]["remittance_claims"] == 3 and answer["problems"] == 0
    lines = parquet.read_table(tmp_path / "out" / "remittance_lines.parquet").to_pylist()
    assert [(line["file"], line["hcpcs_code"], line["paid_amount_cents"]) for line in lines] == [
        ("one.835", "99492", 10006),
        ("one.835", "99494", 10000),
        ("one.835", "99493", 0),
    ]
    assert REMITTANCE[lines[0]["start"] :].startswith(b"SVC*HC:99492*")


def test_a_database_answers_questions(remittance: Path, tmp_path: Path) -> None:
    run(remittance, "--to", tmp_path / "out", "--format", "duckdb")
    with duckdb.connect(str(tmp_path / "out" / "tables.duckdb"), read_only=True) as connection:
        found = connection.execute(
            "select c.claim_id, sum(a.amount_cents) from remittance_claims c join remittance_adjustments a "
            "on a.claim = c.rowid group by 1 order by 1"
        ).fetchall()
    assert found == [("C-00000000000001", 8426), ("C-00000000000002", 15047), ("C-00000000000003", -8000)]


def test_csv_cells_never_become_formulas(tmp_path: Path) -> None:
    path = tmp_path / "one.835"
    path.write_bytes(REMITTANCE.replace(b"*ARIANA*", b"*=1+1*"))
    run(path, "--to", tmp_path / "out", "--format", "csv")
    with (tmp_path / "out" / "remittance_parties.csv").open(newline="") as stream:
        names = [row["first_name"] for row in csv.DictReader(stream)]
    assert "'=1+1" in names


def test_problems_are_listed_and_end_in_status_1(tmp_path: Path) -> None:
    path = tmp_path / "one.835"
    path.write_bytes(REMITTANCE.replace(b"*284.32*200.06*", b"*284.32*200.07*"))
    run(path, "--to", tmp_path / "out", status=1)
    with (tmp_path / "out" / "problems.csv").open(newline="") as stream:
        problems = list(csv.DictReader(stream))
    assert [one["element"] for one in problems] == ["CLP04", "BPR02"]
    assert {one["file"] for one in problems} == {"one.835"}


def test_an_archive_is_read_member_by_member(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("a.835", REMITTANCE)
        archive.writestr("b.835", REMITTANCE)
    answer = json.loads(run(tmp_path / "two.zip", "--to", tmp_path / "out", "--json"))
    assert answer["rows"]["remittance_payments"] == 2


@pytest.mark.parametrize("content", [b"hello", HEAD + b"GE*0*42~IEA*1*000000042~", b""])
def test_what_holds_no_tables_is_refused_and_leaves_nothing(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    result = CliRunner().invoke(command, [str(path), "--to", str(tmp_path / "out")])
    assert result.exception is not None and result.exit_code != 0
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_a_folder_that_is_not_empty_is_left_alone(remittance: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(command, [str(remittance), "--to", str(tmp_path)])
    assert result.exit_code != 0 and "not empty" in str(result.exception)
