"""`cocm x12 check`: the exit status, every fault with its place and what to do, and no value of the file."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from claim_samples import make_claim, written
from click.testing import CliRunner, Result
from remittance_samples import REMITTANCE

from cocm.cli import cli

CLAIMS = written([make_claim(1)])
# Two faults: the line's amount does not add up, and the billing NPI's check digit is wrong.
FAULTY = CLAIMS.replace(b"SV1*HC:99492*160.32", b"SV1*HC:99492*160.31").replace(b"1234567893", b"1234567894")


def check(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["x12", "check", "--as-of", "2026-06-01", *arguments])


def saved(folder: Path, content: bytes, name: str = "file.x12") -> str:
    (folder / name).write_bytes(content)
    return str(folder / name)


def test_valid_files_of_several_kinds_end_in_status_0(tmp_path: Path) -> None:
    result = check(saved(tmp_path, CLAIMS, "a.837"), saved(tmp_path, REMITTANCE, "b.835"))
    assert result.exit_code == 0
    assert [line.rpartition(": ")[2] for line in result.stdout.splitlines()] == ["valid", "valid"]


def test_every_fault_is_told_with_its_place_and_what_to_do(tmp_path: Path) -> None:
    result = check(saved(tmp_path, FAULTY), "--json")
    assert result.exit_code == 1
    (report,) = json.loads(result.stdout)["files"]
    assert not report["is_valid"]
    places = {(one["element"], one["kind"]) for one in report["problems"]}
    assert places == {("NM109", "identifier"), ("CLM02", "balance")}
    for one in report["problems"]:
        tag = one["segment_tag"].encode()
        assert FAULTY[one["byte_offset"] :].startswith(tag + b"*")
        assert FAULTY[: one["byte_offset"]].count(b"~") + 1 == one["segment_number"]
        assert one["loop_id"] and one["expected"] and one["fix"] and one["file"] == "file.x12"


def test_the_text_names_the_file_the_place_and_the_fix(tmp_path: Path) -> None:
    result = check(saved(tmp_path, FAULTY))
    balance = next(line for line in result.stdout.splitlines() if "CLM02" in line)
    assert balance.startswith(f"file.x12, byte {FAULTY.index(b'CLM*')}, segment ")
    assert "loop 2300" in balance and "To do: " in balance
    assert result.stdout.splitlines()[-1].endswith("2 faults")
    assert "DAVIS" not in result.output and "GHP000000001" not in result.output


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (CLAIMS, 0),
        (FAULTY, 1),
        (CLAIMS[:-40], 1),
        (b"", 2),
        (b"\x89PNG" + bytes(300), 2),
        (b"a,b\n1,2\n" * 50, 2),
    ],
)
def test_the_exit_status(tmp_path: Path, content: bytes, status: int) -> None:
    result = check(saved(tmp_path, content))
    assert result.exit_code == status
    assert bool(result.stderr) == (status == 2)


def test_the_process_ends_with_that_status_and_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "cocm.cli", "x12", "check", saved(tmp_path, b"a,b\n1,2\n" * 50)]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (process.returncode, len(process.stderr.splitlines())) == (2, 1)
    assert "begins with ISA" in process.stderr


def test_one_file_that_cannot_be_used_does_not_hide_the_others(tmp_path: Path) -> None:
    result = check(saved(tmp_path, b"no", "a.837"), saved(tmp_path, FAULTY, "b.837"), "--json")
    assert result.exit_code == 2
    reports: list[dict[str, Any]] = json.loads(result.stdout)["files"]
    assert [(bool(one["error"]), len(one["problems"])) for one in reports] == [(True, 0), (False, 2)]


def test_the_members_of_an_archive_are_each_checked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("good.835", REMITTANCE)
        archive.writestr("bad.837", FAULTY)
    (report,) = json.loads(check(str(tmp_path / "all.zip"), "--json").stdout)["files"]
    assert {one["file"] for one in report["problems"]} == {"all.zip/bad.837"}


def test_a_guide_without_a_map_and_a_day_to_come_are_findings(tmp_path: Path) -> None:
    other = REMITTANCE.replace(b"005010X221A1", b"004010X091A1")
    assert "unknown-guide" in check(saved(tmp_path, other), "--json").stdout
    early = CliRunner().invoke(cli, ["x12", "check", "--as-of", "2026-03-01", saved(tmp_path, CLAIMS)])
    assert early.exit_code == 1


def test_checking_stops_at_the_limit_and_says_so(tmp_path: Path) -> None:
    bad = CLAIMS.replace(b"~HI*", b"~ZZ1*1~ZZ2*1~ZZ3*1~HI*")
    result = check(saved(tmp_path, bad), "--limit", "2")
    assert "checking stopped after 2 problems" in result.stdout
