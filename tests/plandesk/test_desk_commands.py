"""The desk from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from claim_samples import written
from click.testing import CliRunner, Result
from desk_samples import rules_asking
from plan_samples import claim, line, plan_folder

from cocm.basics.errors import UnusableInput
from cocm.cli import cli

COMMANDS = ["pended", "decide", "correct", "records", "sample", "benefits check"]
BOTH_BASES = (line("99492"), line("99493", 2, cents=14_000))


def _run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["plan", *map(str, arguments)])


def _plan(folder: Path, *rules: str | Path) -> Path:
    """A plan that has taken in a claim that waits and one that was paid."""
    plan, file = plan_folder(folder / "plan"), folder / "march.837"
    file.write_bytes(written([claim(1, lines=BOTH_BASES), claim(2)]))
    result = _run(
        "adjudicate", file, "--plan", plan, "--out", folder / "out", "--as-of", "2026-04-06", *rules
    )
    assert result.exit_code == 1
    return plan


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_an_example(name: str) -> None:
    result = _run(*name.split(), "--help")
    assert result.exit_code == 0
    assert f"cocm plan {name}" in result.output


def test_a_claim_goes_from_the_queue_to_an_answer(tmp_path: Path) -> None:
    plan = _plan(tmp_path)
    listed = _run("pended", "--plan", plan)
    assert listed.exit_code == 1
    assert "1 claim waits for a person" in listed.output
    shown = _run("pended", "C-00000000000001", "--plan", plan)
    assert shown.exit_code == 1
    assert "[no     ] Month logic" in shown.output
    decided = _run(
        "decide", "C-00000000000001", "--accept", "--reviewer", "J. Ortiz", "--plan", plan,
        "--out", tmp_path / "decided", "--as-of", "2026-04-10", "--json",
    )  # fmt: skip
    assert decided.exit_code == 0
    answer = json.loads(decided.output)
    assert (answer["answer"], answer["paid_cents"], answer["decided_before"]) == ("paid", 14_400, None)
    assert _run("pended", "--plan", plan).exit_code == 0


def test_a_denial_is_exit_status_one_and_a_reason_that_does_not_hold_is_unusable(tmp_path: Path) -> None:
    plan = _plan(tmp_path)
    common = (
        "--reviewer",
        "J. Ortiz",
        "--plan",
        plan,
        "--out",
        tmp_path / "decided",
        "--as-of",
        "2026-04-10",
    )
    refused = _run("decide", "C-00000000000002", "--deny", "no_minutes_on_claim", *common)
    assert isinstance(refused.exception, UnusableInput)
    assert not (tmp_path / "decided").exists()
    denied = _run("decide", "C-00000000000002", "--deny", "minutes.below_code", "--minutes", "10", *common)
    assert denied.exit_code == 1
    assert "denied, by J. Ortiz" in denied.output


@pytest.mark.parametrize(
    "arguments",
    [(), ("--accept", "--deny", "duplicate"), ("--accept", "--line", "1"), ("--accept", "--minutes", "-1")],
)
def test_one_of_three_actions_is_asked_for(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    plan = _plan(tmp_path)
    result = _run(
        "decide", "C-00000000000001", "--reviewer", "A", "--plan", plan, "--out", tmp_path / "o", *arguments
    )
    assert result.exit_code == 2


def test_bulk_correction_is_dry_until_it_is_applied(tmp_path: Path) -> None:
    plan, errs, file = plan_folder(tmp_path / "plan"), tmp_path / "errs.csv", tmp_path / "march.837"
    errs.write_text("mistake,rate_percent\ndeny_for_records,100\n")
    file.write_bytes(written([claim(1), claim(2)]))
    state = tmp_path / "wrong.sqlite"
    _run("adjudicate", file, "--plan", plan, "--out", tmp_path / "out", "--as-of", "2026-04-06", "--errs", errs,
         "--state", state)  # fmt: skip
    asked = ("correct", "--rule", "mistake_records", "--from", "2026-04-01", "--to", "2026-04-30", "--plan", plan,
             "--state", state, "--reviewer", "J. Ortiz", "--as-of", "2026-06-05", "--out", tmp_path / "c")  # fmt: skip
    dry = _run(*asked)
    assert dry.exit_code == 0
    assert "Dry run: nothing is paid or remembered" in dry.output
    assert "2 claims found: 2 corrected" in dry.output
    applied = _run(*asked, "--apply", "--json")
    assert json.loads(applied.output)["payment_cents"] == 2 * 13_768
    assert "Corrected before, on 2026-06-05" in _run(*asked, "--apply").output


def test_records_sample_and_benefits_answer(tmp_path: Path) -> None:
    rulebook_folder = tmp_path / "own"
    rules_asking(rulebook_folder, "base.both_codes")
    rules = ("--rules", rulebook_folder / "rules")
    plan = _plan(tmp_path, *rules)
    fax = tmp_path / "fax" / "C-00000000000001"
    fax.mkdir(parents=True)
    (fax / "notes.pdf").write_bytes(b"%PDF-1.4 synthetic")
    taken = _run("records", tmp_path / "fax", "--plan", plan, "--received", "2026-04-20", *rules)
    assert taken.exit_code == 0
    assert "1 request answered" in taken.output
    shown = _run(
        "pended", "C-00000000000001", "--plan", plan, "--documents", tmp_path / "read", "--json", *rules
    )
    assert json.loads(shown.output)["request"]["triggers"] == ["base.both_codes"]
    assert (tmp_path / "read" / "001-notes.pdf").read_bytes() == b"%PDF-1.4 synthetic"
    sample = _run(
        "sample",
        "--plan",
        plan,
        "--from",
        "2026-01-01",
        "--to",
        "2026-12-31",
        "--out",
        tmp_path / "sample.csv",
    )
    assert sample.exit_code == 0
    assert (tmp_path / "sample.csv").read_text().count("\n") == 2
    benefits = _run("benefits", "check", "--plan", plan, "--json")
    assert benefits.exit_code == 1
    assert len(json.loads(benefits.output)["differences"]) == 1


def test_a_plan_that_decided_nothing_yet_is_told_so(tmp_path: Path) -> None:
    result = _run("pended", "--plan", plan_folder(tmp_path / "plan"))
    assert isinstance(result.exception, UnusableInput)
    assert "`cocm plan adjudicate` makes it" in str(result.exception)


def test_what_is_shown_names_no_person(tmp_path: Path) -> None:
    plan = _plan(tmp_path)
    for result in (_run("pended", "--plan", plan), _run("pended", "C-00000000000001", "--plan", plan)):
        assert "DAVIS" not in result.output
        assert "GHP0000" not in result.output
        assert "1988" not in result.output
