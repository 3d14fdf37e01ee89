"""`cocm codes`: the everyday question, its exit status and its speed."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cocm.cli import cli

PACK = """\
id: our-plan
label: Our contract
parent: ca-commercial-carveout
line_of_business: commercial
claim_filing_code: "CI"
"""
SHORT_MONTH = """\
id: codes.short_month
values:
  - effective_from: 2024-01-01
    observed: 2024-01-01
    value: "G2214"
    confidence: stated
    source: {title: Our contract, url: "https://example.org/contract", grade: B}
"""


def codes(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["codes", *arguments])


def answer(*arguments: str) -> dict[str, Any]:
    plain = json.loads(codes(*arguments, "--json").stdout)
    assert isinstance(plain, dict)
    return plain


def test_the_everyday_answer_in_json() -> None:
    plain = answer("--payer", "medicare", "--month", "2026-03", "--minutes", "92", "--first")
    assert plain["lines"] == [{"hcpcs_code": "99492", "units": 1}, {"hcpcs_code": "99494", "units": 1}]
    assert (plain["payer"], plain["month"], plain["minutes"], plain["month_kind"]) == (
        "medicare",
        "2026-03",
        92,
        "first",
    )
    assert (plain["reviews"], plain["no_data"]) == ([], [])
    assert plain["next_tier"] == {"hcpcs_code": "99494", "units": 2, "minutes_short": 24}
    assert {"schema_version", "engine_version", "rulebook_hash", "as_of_date"} == set(plain["provenance"])
    rejected = {item["hcpcs_code"]: item for item in plain["rejected"]}
    assert rejected["99484"]["is_offered"]
    assert rejected["99493"]["reason"]["cites"][0].startswith("codes.later_month = 99493")


def test_the_answer_for_people_names_rule_date_and_source() -> None:
    result = codes("--payer", "medicare", "--month", "2026-03", "--minutes", "92", "--first")
    assert result.exit_code == 0
    assert result.stdout.startswith("medicare, 2026-03, first month, 92 minutes: 99492 x 1 + 99494 x 1\n")
    assert "time.first_month_min = 36 [medicare, from 2017-01-01" in result.stdout
    assert "99484 x 1 (offered)" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["--payer", "medicare", "--month", "2026-03", "--minutes", "92", "--first"], 0),
        (["--payer", "medicare", "--month", "2026-03", "--minutes", "0", "--later"], 0),
        (["--payer", "medicare", "--month", "2026-03", "--minutes", "150", "--first"], 1),
        (["--payer", "co-medicaid", "--month", "2026-03", "--minutes", "20", "--first"], 1),
        (["--payer", "nobody", "--month", "2026-03", "--minutes", "20", "--first"], 2),
        (["--payer", "medicare", "--month", "2026-13", "--minutes", "20", "--first"], 2),
        (["--payer", "medicare", "--month", "March", "--minutes", "20", "--first"], 2),
        (["--payer", "medicare", "--month", "2026-03", "--minutes", "-1", "--first"], 2),
        (["--payer", "medicare", "--month", "2026-03", "--minutes", "44641", "--first"], 2),
        (["--payer", "medicare", "--month", "2026-03", "--minutes", "12.5", "--first"], 2),
        (["--payer", "medicare", "--month", "2026-03", "--minutes", "20"], 2),
        (
            [
                "--payer",
                "medicare",
                "--month",
                "2026-03",
                "--minutes",
                "20",
                "--first",
                "--rules",
                "no-such-folder",
            ],
            2,
        ),
    ],
)
def test_the_exit_status(arguments: list[str], status: int) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "cocm.cli", "codes", *arguments], capture_output=True, text=True, check=False
    )
    assert process.returncode == status
    assert bool(process.stderr) == (status == 2)
    assert "Traceback" not in process.stderr


def test_no_data_names_the_value_that_nobody_established() -> None:
    plain = answer("--payer", "co-medicaid", "--month", "2026-03", "--minutes", "20", "--first")
    assert plain["lines"] == []
    assert plain["has_no_data"]
    assert [cite.split(" ")[0] for cite in plain["no_data"]] == ["codes.short_month"]


def test_a_practices_own_rules_are_laid_over(tmp_path: Path) -> None:
    rules = tmp_path / "payers" / "our-plan" / "rules"
    rules.mkdir(parents=True)
    (rules.parent / "profile.yaml").write_text(PACK)
    (rules / "codes.short_month.yaml").write_text(SHORT_MONTH)
    question = [
        "--payer",
        "our-plan",
        "--month",
        "2026-03",
        "--minutes",
        "20",
        "--later",
        "--rules",
        str(tmp_path),
    ]
    assert answer(*question)["lines"] == [{"hcpcs_code": "G2214", "units": 1}]
    assert answer(*question, "--known", "2023-12-31")["lines"] == []


def test_the_same_question_by_what_was_known_then() -> None:
    question = ["--payer", "medicare", "--month", "2026-03", "--minutes", "92", "--first"]
    plain = answer(*question, "--known", "2017-01-01")
    assert plain["provenance"]["as_of_date"] == "2017-01-01"
    assert plain["lines"] == []


def test_the_whole_process_answers_well_under_a_second(seconds_here: Callable[[float], float]) -> None:
    question = ["--payer", "medicare", "--month", "2026-03", "--minutes", "92", "--first", "--json"]
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "cocm.cli", "codes", *question], capture_output=True, check=True
        )
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < seconds_here(0.5)


def test_no_heavy_module_is_loaded() -> None:
    """What an import must not load: templates, workbooks, PDF, databases and the warehouse."""
    code = "import sys, cocm.cli.codes; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"jinja2", "openpyxl", "reportlab", "sqlite3", "duckdb", "sqlalchemy", "zoneinfo"} & set(
        loaded
    )
