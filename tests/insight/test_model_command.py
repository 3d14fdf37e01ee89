"""`cocm insight model`: templates read back, a workbook of results, what-if, fees, and inputs that cannot be used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from cocm.basics.errors import UnusableInput
from cocm.cli import cli

FIRST = ("--first-month", "2026-01")


def answer(*arguments: str) -> dict[str, Any]:
    done = CliRunner().invoke(cli, ["insight", "model", *FIRST, "--json", *arguments])
    assert done.exit_code == 0, done.output
    found = json.loads(done.output)
    assert isinstance(found, dict)
    return found


def values(document: dict[str, Any]) -> dict[str, Any]:
    return {one["figure"]: one["value"] for one in document["figures"]}


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_template_is_read_back_as_it_was_written(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"plan.{ending}"
    assert CliRunner().invoke(cli, ["insight", "model", "--template", str(path)]).exit_code == 0
    assert answer("--inputs", str(path)) == answer()


def test_an_own_question_stands_beside_the_inputs_as_given() -> None:
    document = answer("--set", "bhcm.salary=90000")
    (asked,) = document["what_if"]
    # $10,000 with a quarter of fringe and a quarter of overhead on both.
    assert asked["difference_cents"] == -1_562_500
    assert values(document)["net_impact"] == values(answer())["net_impact"]


def test_amounts_from_medicares_fee_schedule() -> None:
    inputs = {one["input"]: one for one in answer("--fees", "2026-07")["inputs"]}
    assert inputs["code.99492.amount"]["value"] == "160.32"
    assert inputs["code.99494.amount"]["value"] == "61.46"


def test_json_adds_up_and_carries_what_replays_it() -> None:
    document = answer()
    told = values(document)
    assert sum(line["net_cents"] for line in document["revenue"]) == told["total_revenue"]
    assert sum(one["cents"] for one in document["costs"]) == told["total_cost"]
    assert sum(one["net_cents"] for one in document["payers"]) == told["total_revenue"]
    assert len(document["rulebook"]) == 64 and document["first_month"] == "2026-01"


def test_results_as_a_workbook(tmp_path: Path) -> None:
    path = tmp_path / "result.xlsx"
    answer("--out", str(path))
    book = load_workbook(path)
    assert book.sheetnames == ["Figures", "Revenue", "Cost", "From the start", "What if", "Inputs"]
    net = sum(float(str(row[4])) for row in book["Revenue"].iter_rows(min_row=2, values_only=True))
    assert round(net * 100) == values(answer())["total_revenue"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--set", "bhcm.fte"], "write INPUT=VALUE"),
        (["--set", "bhcm.fte=0"], "--set bhcm.fte=0: bhcm.fte is '0'; expected a number above 0"),
        (["--fees", "2031-01"], "--fees 2031-01"),
        (["--out", "result.csv"], "name a file that ends in .xlsx"),
    ],
)
def test_what_cannot_be_used_is_named(arguments: list[str], message: str) -> None:
    done = CliRunner().invoke(cli, ["insight", "model", *FIRST, *arguments])
    assert isinstance(done.exception, UnusableInput) and message in str(done.exception)


def test_a_workbook_that_is_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    path.write_text("no workbook")
    done = CliRunner().invoke(cli, ["insight", "model", "--inputs", str(path)])
    assert isinstance(done.exception, UnusableInput) and "plan.xlsx" in str(done.exception)


def test_the_check_exits_clean() -> None:
    done = CliRunner().invoke(cli, ["insight", "model", "--check"])
    assert done.exit_code == 0 and "NOT REPRODUCED" not in done.output
