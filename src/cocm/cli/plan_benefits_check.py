"""`cocm plan benefits check`: one cost share for the model, whichever system takes the claim in."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from cocm.basics.counted import counted
from cocm.basics.money import dollars
from cocm.cli.options import json_option, rules_option
from cocm.cli.plan_options import STATE, plan_option, state_of, state_option, tell_problems
from cocm.plan.benefit_check import waivers_ignored
from cocm.plandesk.benefits import check_benefits
from cocm.plandesk.folder import read_plan
from cocm.plandesk.state import PlanState
from cocm.rules import rulebook_of


@click.command("check")
@plan_option
@state_option
@rules_option
@json_option
def command(folder: Path, state: Path | None, rules: tuple[Path, ...], as_json: bool) -> None:
    """Put the medical and the behavioral side of the benefits table beside each other for the model's codes, product by
    product and day by day, and list where they differ, with the members covered, the claims paid and the money.

    Where both sides say the same, a claim costs the member the same whichever system takes it in. What a side charges
    although the payer's own rule waives it is listed too.

    Exit status: 0 no difference, 1 differences, 2 unusable input.

    \b
    Example:
      cocm plan benefits check --plan my-plan/
    """
    rulebook = rulebook_of(rules)
    reading = read_plan(folder, rulebook)
    tell_problems(reading.problems)
    if state is None and not (folder / STATE).is_file():
        found = check_benefits(reading.book, rulebook, None)
    else:
        with PlanState(state_of(folder, state), reading.book.profile.plan_id) as opened:
            found = check_benefits(reading.book, rulebook, opened)
    ignored = waivers_ignored(reading.book.benefits, rulebook.pack(reading.book.profile.pack_id))
    if as_json:
        told = {
            "differences": [one.as_json() for one in found],
            "waivers_ignored": [one.as_json() for one in ignored],
        }
        click.echo(json.dumps(told, indent=2))
    else:
        click.echo(f"{counted(len(found), 'difference')} between the two sides of the benefits table")
        for one in found:
            difference = one.difference
            click.echo(f"{difference.product}, {difference.period}, {', '.join(one.hcpcs_codes)}")
            click.echo(f"    {difference.what}")
            click.echo(
                f"    {counted(one.members_covered, 'member')} covered, {one.members_with_claims:,} of them with "
                f"{counted(len(one.claim_numbers), 'paid claim')}: charged {dollars(one.charged_cents)}, "
                f"by the medical side {dollars(one.medical_cents)}, "
                f"by the behavioral side {dollars(one.behavioral_cents)}"
            )
        for waiver in ignored:
            click.echo(
                f"{waiver.product}, {waiver.period}: the {waiver.benefit.side} side charges what a rule waives"
            )
            click.echo(f"    by {waiver.rule.cite}")
    sys.exit(1 if found or ignored else 0)
