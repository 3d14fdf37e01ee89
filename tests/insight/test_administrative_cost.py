"""Administrative cost: worked by hand, ranked, every remedy real, and never less for more denials."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from cocm.basics.errors import UnusableInput
from cocm.cli import COMMANDS, cli
from cocm.edits.discovery import catalogue
from cocm.insight.given import Given, UserInput, given
from cocm.insight.overhead import CauseCost, WorkCause, overhead
from cocm.rules import Rulebook
from cocm.rules.insight_tables import overhead_defaults

DEFAULTS = given(overhead_defaults(Rulebook()))


def laid(**changes: str) -> Given:
    return DEFAULTS.with_inputs(
        [UserInput("test", name.replace("__", "."), value) for name, value in changes.items()]
    )


def by_cause(inputs: Given) -> dict[WorkCause, CauseCost]:
    return {one.cause: one for one in overhead(inputs)}


def test_a_task_by_hand() -> None:
    found = by_cause(laid(volume__denials="200", general__wage_per_hour="36"))[WorkCause.DENIAL]
    tasks = {one.name: one for one in found.tasks}
    # 200 denials, half of them 25 minutes at $36 an hour; $38,000 for 45 days at 6 % a year.
    assert tasks["claim_status"].cost_cents == 150_000
    assert tasks["late_money"].cost_cents == 28_110
    assert found.cost_cents == sum(one.cost_cents for one in found.tasks)


def test_causes_stand_the_dearest_first_with_every_cause_named() -> None:
    costs = [one.cost_cents for one in overhead(DEFAULTS)]
    assert costs == sorted(costs, reverse=True) and len(costs) == len(WorkCause)


def test_every_remedy_is_an_edit_or_a_command_that_is_there() -> None:
    edits = {edit.id for edit in catalogue()}
    for cause in overhead(DEFAULTS):
        for task in cause.tasks:
            for remedy in task.removed_by:
                assert remedy in edits or remedy.removeprefix("cocm ") in COMMANDS, remedy


def test_more_denials_than_claims_are_refused() -> None:
    with pytest.raises(UnusableInput, match=r"volume.denials is above volume.claims"):
        overhead(laid(volume__denials="951"))


@settings(max_examples=20, deadline=None)
@examples(fewer=st.integers(0, 950), more=st.integers(0, 950))
def test_more_denials_never_cost_less(fewer: int, more: int) -> None:
    low, high = sorted((fewer, more))
    costs = [
        sum(one.cost_cents for one in overhead(laid(volume__denials=str(count)))) for count in (low, high)
    ]
    assert costs[0] <= costs[1]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_template_filled_in_is_read_back(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"work.{ending}"
    run = CliRunner()
    assert run.invoke(cli, ["insight", "overhead", "--template", str(path)]).exit_code == 0
    plain = json.loads(run.invoke(cli, ["insight", "overhead", "--json"]).output)
    read = json.loads(run.invoke(cli, ["insight", "overhead", "--inputs", str(path), "--json"]).output)
    assert read == plain
    again = run.invoke(cli, ["insight", "overhead", "--template", str(path)])
    assert isinstance(again.exception, UnusableInput)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("input,unit\nvolume.claims,1\n", "column value is missing"),
        ("input,value\n,3\n", "row 2: a value without an input"),
        ("input,value\nvolume.claims,many\n", "row 2: volume.claims is 'many'; expected a number"),
        ("input,value\ntask.write_appeal.cause,weather\n", "expected one of denial"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "work.csv"
    path.write_text(text)
    done = CliRunner().invoke(cli, ["insight", "overhead", "--inputs", str(path)])
    assert message in str(done.exception)
    assert isinstance(done.exception, UnusableInput)
