"""`cocm plan correct`: correct in bulk what one wrongful rule decided."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

import click

from cocm.basics.counted import counted
from cocm.basics.money import dollars
from cocm.cli.options import Day, json_option, rules_option, today
from cocm.cli.plan_options import (
    desk_words,
    letters_option,
    out_option,
    plan_option,
    reviewer_option,
    state_of,
    state_option,
    tell_problems,
)
from cocm.plandesk.correct import CorrectionRequest, correct_claims
from cocm.plandesk.folder import read_plan
from cocm.plandesk.plan_letters import LetterForm
from cocm.rules import rulebook_of


@click.command("correct")
@click.option(
    "--rule", required=True, help="An edit, or a mistake such as mistake_duplicate or wrong_cost_share."
)
@click.option("--from", "from_date", type=Day(), required=True, help="The first day on which it decided.")
@click.option("--to", "to_date", type=Day(), required=True, help="The last day on which it decided.")
@plan_option
@state_option
@out_option
@reviewer_option
@click.option("--apply", "is_applied", is_flag=True, help="Pay and remember it. Without: a dry run.")
@click.option(
    "--note", default="", help="What was wrong, in one line; it stands in traces and provider letters."
)
@click.option("--as-of", type=Day(), help="The day of the correction.  [default: today]")
@letters_option
@rules_option
@json_option
def command(
    rule: str,
    from_date: date,
    to_date: date,
    folder: Path,
    state: Path | None,
    out: Path,
    reviewer: str,
    is_applied: bool,
    note: str,
    as_of: date | None,
    letters: str,
    rules: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Find every claim that one wrongful rule or mistake decided in these days, decide each again by today's rules and
    tables, and answer all together: one 835 with reversals and corrections, interest by the payer's clock and rate,
    the members' refunds, letters, and a summary.

    Without --apply it is a dry run: everything is written, nothing is paid or remembered. Run twice, it finds nothing
    more, and writes the same answers again.

    Exit status: 0 every claim found was corrected (or none was found), 1 some wait, come out as they were, or are left
    to a person, 2 unusable input.

    \b
    Example:
      cocm plan correct --rule place.refused --from 2026-01-01 --to 2026-03-31 --reviewer Roe --plan P/ --out dry/
      cocm plan correct --rule place.refused --from 2026-01-01 --to 2026-03-31 --reviewer Roe --plan P/ --out o/ --apply
    """
    rulebook = rulebook_of(rules)
    reading = read_plan(folder, rulebook)
    tell_problems(reading.problems)
    request = CorrectionRequest(
        rule=rule,
        from_date=from_date,
        to_date=to_date,
        reviewer=reviewer,
        as_of_date=as_of or today(),
        out=out,
        state=state_of(folder, state),
        note=note,
        is_applied=is_applied,
        letters=LetterForm(letters),
    )
    result = correct_claims(request, reading.book, rulebook)
    summary = result.summary
    before = None if result.decided_before is None else str(result.decided_before)
    if as_json:
        click.echo(json.dumps({**summary, "corrected_before": before, "files": list(result.files)}, indent=2))
    else:
        if before is not None:
            click.echo(f"Corrected before, on {before}; the same answers again")
        elif not is_applied:
            click.echo("Dry run: nothing is paid or remembered; add --apply")
        click.echo(
            f"{counted(summary['claims_found'], 'claim')} found: {summary['claims_changed']} corrected, "
            f"{len(summary['claims_unchanged'])} come out as they were, {len(summary['claims_waiting'])} wait; "
            f"{counted(summary['claims_restated_for_share'], 'later claim')} restated for the member's share"
        )
        click.echo(
            f"To pay {dollars(summary['payment_cents'])}, of it interest {dollars(summary['interest_cents'])}; "
            f"{counted(summary['members'], 'member')}, {counted(summary['refunds'], 'refund')} of "
            f"{dollars(summary['refunds_cents'])}"
        )
        if summary["interest_not_known"]:
            click.echo(
                f"Interest not known for {counted(summary['interest_not_known'], 'claim')}: see changes.csv"
            )
        for line in desk_words(summary):
            click.echo(line)
        click.echo(
            f"Written to {out}: {counted(len(result.files), 'file')}, letters among them: {summary['letters']}"
        )
    rest = summary["claims_unchanged"] or summary["claims_waiting"] or summary["claims_left_to_a_person"]
    sys.exit(1 if rest else 0)
