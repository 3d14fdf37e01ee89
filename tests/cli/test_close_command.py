"""`cocm close` as a command: what it prints, writes and answers."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cocm import cli as command_line

TIMEOUT_SECONDS = 120


def cocm(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cocm.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_SECONDS,
    )


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("synthetic") / "practice"
    made = cocm("synth", folder, "--patients", 30, "--months", 2, "--until", "2026-03")
    assert made.returncode == 0, made.stderr
    return folder


def test_a_month_of_a_synthetic_practice(practice: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    state = tmp_path / "state.sqlite"
    done = cocm(
        "close", practice, "--month", "2026-03", "--out", out, "--as-of", "2026-04-02", "--state", state
    )
    assert done.returncode == 1, done.stderr
    assert "claims ready" in done.stdout
    assert "report.html" in done.stdout
    written = {path.name for path in out.iterdir()}
    assert {"report.html", "worklist.csv", "proposals.csv", "proposals.json", "summary.json"} <= written
    assert any(name.endswith(".837") for name in written)


def test_json_is_the_summary(practice: Path, tmp_path: Path) -> None:
    done = cocm(
        "close", practice, "--month", "2026-03", "--out", tmp_path / "out", "--as-of", "2026-04-02",
        "--state", tmp_path / "state.sqlite", "--json",
    )  # fmt: skip
    summary = json.loads(done.stdout)
    assert summary["month"] == "2026-03"
    assert summary["by_status"]["claim"] == sum(payer["claim_count"] for payer in summary["payers"])
    assert summary["provenance"]["as_of_date"] == "2026-04-02"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--month", "2026-3"), "YYYY-MM"),
        (("--month", "March"), "YYYY-MM"),
        (("--month", "2026-03", "--payer", "NOBODY"), "NOBODY"),
        (("--month", "2026-03", "--as-of", "yesterday"), "as-of"),
        (("--month", "2026-03", "--rules", "/no/such/folder"), "rules"),
    ],
)
def test_what_cannot_be_used_writes_nothing(
    practice: Path, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    out = tmp_path / "out"
    done = cocm("close", practice, "--out", out, "--state", tmp_path / "state.sqlite", *arguments)
    assert done.returncode == 2, done.stdout
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not out.exists()


def test_a_folder_that_is_no_practice_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = cocm("close", tmp_path / "empty", "--month", "2026-03", "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "contacts.csv" in done.stderr
    assert "cocm tables" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_damaged_workbook_is_named(tmp_path: Path) -> None:
    (tmp_path / "practice.xlsx").write_bytes(b"PK\x03\x04 this is no workbook")
    done = cocm("close", tmp_path / "practice.xlsx", "--month", "2026-03", "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "practice.xlsx" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.ENOSPC, "No space left on device; make room"),
        (errno.EFBIG, "File too large; this system lets a process write no file of that size"),
    ],
)
def test_a_full_disk_is_said_with_what_to_do(
    number: int, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(**_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(command_line, "cli", full)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    with pytest.raises(SystemExit) as ended:
        command_line.main()
    assert ended.value.code == 2
    assert told in capsys.readouterr().err
