"""A rule change over a plan's own claims history: which of its edits' answers turn."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from audit_samples import PLAN_PACK, line
from click.testing import CliRunner

from cocm.audit.contract import HISTORY
from cocm.cli.rules import command

pytestmark = pytest.mark.once


def run(*arguments: object) -> Any:
    return CliRunner().invoke(command, ["impact", "--from", "current", *map(str, arguments)])


def contract(folder: Path, rule_id: str, value: str, confidence: str = "stated") -> Path:
    """The plan's rules with one value of its own."""
    rules = folder / "payers" / PLAN_PACK / "rules"
    rules.mkdir(parents=True)
    (rules / f"{rule_id}.yaml").write_text(
        f"id: {rule_id}\nvalues:\n  - effective_from: 2018-01-01\n    observed: 2026-11-22\n    value: {value}\n"
        f"    confidence: {confidence}\n    source: {{ref: ca-design-studio, at: the contract of this test}}\n"
    )
    return folder


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """Two months of two persons: three add-on units, and one; psychotherapy beside the second."""
    rows = [
        line("C1", "2026-03-31", person_id="P1", charge_amount="180.00"),
        line("C1", "2026-03-31", person_id="P1", claim_line_number=2, hcpcs_code="99494", service_unit_quantity=3,
             charge_amount="210.00"),
        line("C2", "2026-03-31", person_id="P2"),
        line("C2", "2026-03-31", person_id="P2", claim_line_number=2, hcpcs_code="99494", status="denied"),
        line("C3", "2026-03-10", person_id="P2", hcpcs_code="90834", rendering_npi="1992799874"),
    ]  # fmt: skip
    path = tmp_path / "claims.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(HISTORY))
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_the_plans_answers_turn_with_the_value_and_the_money_is_told(history: Path, tmp_path: Path) -> None:
    changed = contract(tmp_path / "contract", "limit.addon_units", "2")
    result = run("--to", changed, "--claims", history, "--payer", PLAN_PACK, "--json")
    assert result.exit_code == 1, result.output
    answer = json.loads(result.output)
    (turned,) = (one for one in answer["turned"] if one["decision"] == "addon.over_limit line 2")
    assert turned["subject_id"] == "C1 (then paid)"
    assert (turned["before"], turned["after"]) == ("in order", "denied CO-151 N362")
    assert [(one["rule_id"], one["new_value"]) for one in turned["causes"]] == [("limit.addon_units", "2")]
    assert turned["amount_before_cents"] == 21_000
    assert answer["totals"]["decided"] == 4
    assert answer["totals"]["amount_before_cents"] == 21_000


def test_an_assumed_value_turns_a_denial_into_a_persons_work(history: Path, tmp_path: Path) -> None:
    changed = contract(tmp_path / "contract", "limit.addon_units", "2", "assumed")
    answer = json.loads(run("--to", changed, "--claims", history, "--payer", PLAN_PACK, "--json").output)
    (turned,) = (one for one in answer["turned"] if one["decision"] == "addon.over_limit line 2")
    assert turned["after"] == "a person looks before anything is decided"


def test_an_excluded_combination_turns_the_base_line(history: Path, tmp_path: Path) -> None:
    changed = contract(tmp_path / "contract", "concurrency.excluded_codes", '["90834"]')
    answer = json.loads(run("--to", changed, "--claims", history, "--payer", PLAN_PACK, "--json").output)
    denied = {
        one["subject_id"].split()[0] for one in answer["turned"] if one["after"].startswith("denied CO-97")
    }
    assert denied == {"C2"}


def test_what_the_history_does_not_tell_turns_nothing(history: Path, tmp_path: Path) -> None:
    """Minutes are not on a claim: another threshold changes no answer."""
    changed = contract(tmp_path / "contract", "time.later_month_min", "60")
    result = run("--to", changed, "--claims", history, "--payer", PLAN_PACK)
    assert result.exit_code == 0, result.output
    assert "0 of 4 decided turn, with 0 decisions" in result.output


def test_an_edit_of_the_whole_claim_is_told_for_the_claim(tmp_path: Path) -> None:
    """Whether a claim has a behavioral diagnosis is asked of the claim, not of a line."""
    row = line("C1", "2026-01-31", person_id="P1")
    path = tmp_path / "claims.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"create table claims ({', '.join(f'{name} varchar' for name in HISTORY)})")
        values = [None if row[name] is None else str(row[name]) for name in HISTORY]
        connection.execute(f"insert into claims values ({', '.join('?' for _ in HISTORY)})", values)
        connection.execute(f"copy claims to '{path}' (format parquet)")
    changed = contract(tmp_path / "contract", "diagnosis.prefixes_allowed", '["F9"]')
    answer = json.loads(run("--to", changed, "--claims", path, "--payer", PLAN_PACK, "--json").output)
    of_claim = [one for one in answer["turned"] if one["decision"] == "diagnosis.none_behavioral"]
    assert [(one["subject_id"], one["before"], one["amount_before_cents"]) for one in of_claim] == [
        ("C1 (then paid)", "in order", 18_000)
    ]


def test_the_same_rules_turn_nothing(history: Path) -> None:
    assert run("--to", "current", "--claims", history, "--payer", PLAN_PACK).exit_code == 0


def test_whose_rules_hold_must_be_said(history: Path) -> None:
    result = run("--to", "current", "--claims", history)
    assert "name the plan's rules with --payer" in str(result.exception)


def test_a_file_that_is_no_history_is_named(tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    path.write_text("a,b\n1,2\n")
    result = run("--to", "current", "--claims", path, "--payer", PLAN_PACK)
    assert "its columns fit no layout" in str(result.exception)


def test_a_day_that_no_calendar_has_turns_nothing_and_is_told(history: Path, tmp_path: Path) -> None:
    history.write_text(history.read_text().replace("2026-03-31", "2026-02-31"))
    changed = contract(tmp_path / "contract", "limit.addon_units", "2")
    result = run("--to", changed, "--claims", history, "--payer", PLAN_PACK, "--json")
    totals = json.loads(result.output)["totals"]
    assert totals["turned_decisions"] == 0
    assert [one.partition(": ")[2] for one in totals["not_decided"]] == [
        "4 lines without a service_date that can be read"
    ]
