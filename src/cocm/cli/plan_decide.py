"""`cocm plan decide`: a named reviewer accepts or denies a claim, or has it decided again."""

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
from cocm.plan.record_triggers import RecordsRead
from cocm.plandesk.decide import Action, DeskRequest, decide_claim
from cocm.plandesk.folder import read_plan
from cocm.plandesk.plan_letters import LetterForm
from cocm.rules import rulebook_of


@click.command("decide")
@click.argument("claim")
@click.option("--accept", "action", flag_value="accept", help="Settle in its favour what holds it up.")
@click.option(
    "--deny", "reason", metavar="REASON", help="An edit that fails, or a reason of the plan's table."
)
@click.option("--readjudicate", "action", flag_value="readjudicate", help="By today's rules and tables.")
@plan_option
@state_option
@out_option
@reviewer_option
@click.option("--line", "lines", type=int, multiple=True, help="Deny this line only.")
@click.option("--note", default="", help="What the reviewer saw, in one line; it stands in the trace.")
@click.option(
    "--minutes", type=click.IntRange(0, 44_640), help="Minutes that the records show for the month."
)
@click.option("--consent", type=Day(), help="The day of the consent that the records show.")
@click.option("--as-of", type=Day(), help="The day of the decision.  [default: today]")
@letters_option
@rules_option
@json_option
def command(
    claim: str,
    action: str | None,
    reason: str | None,
    folder: Path,
    state: Path | None,
    out: Path,
    reviewer: str,
    lines: tuple[int, ...],
    note: str,
    minutes: int | None,
    consent: date | None,
    as_of: date | None,
    letters: str,
    rules: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Decide CLAIM (the plan's number, or the sender's id) by hand: an 835 (with the reversal of what was decided
    before), a 277, the trace with the reviewer's name, and letters where an earlier decision is corrected.

    A denial gives a permitted reason that the facts on file carry: "no minutes on the claim" is none, and is refused by
    name. A corrected claim replays the member's year from there on; later claims whose share changes are restated.

    Exit status: 0 paid, or taken back as the sender asked, 1 denied or partly denied, 2 unusable input, among it a
    reason that does not hold.

    \b
    Example:
      cocm plan decide P-0123456789AB --accept --minutes 130 --reviewer Ortiz --plan my-plan/ --out decided/
      cocm plan decide P-0123456789AB --deny minutes.below_code --minutes 20 --reviewer Ortiz --plan P/ --out denied/
    """
    if (action is None) == (reason is None):
        raise click.UsageError("say one of --accept, --deny REASON, --readjudicate")
    if lines and reason is None:
        raise click.UsageError("--line: goes with --deny")
    rulebook = rulebook_of(rules)
    reading = read_plan(folder, rulebook)
    tell_problems(reading.problems)
    read = None if minutes is None and consent is None else RecordsRead(minutes, consent)
    request = DeskRequest(
        claim=claim,
        action=Action.DENY if reason is not None else Action(action or ""),
        reviewer=reviewer,
        as_of_date=as_of or today(),
        out=out,
        state=state_of(folder, state),
        reason=reason or "",
        line_numbers=lines,
        note=note,
        read=read,
        letters=LetterForm(letters),
    )
    result = decide_claim(request, reading.book, rulebook)
    summary = result.summary
    before = None if result.decided_before is None else str(result.decided_before)
    if as_json:
        click.echo(json.dumps({**summary, "decided_before": before, "files": list(result.files)}, indent=2))
    else:
        if before is not None:
            click.echo(f"Decided before, on {before}; the same answers again")
        denied = summary.get("lines_denied", 0)
        partly = f", {counted(denied, 'line')} denied" if denied and summary["answer"] == "paid" else ""
        click.echo(f"{summary['claim_number']}: {summary['answer']}{partly}, by {summary['reviewer']}")
        click.echo(
            f"Paid {dollars(summary['paid_cents'])} (before: {dollars(summary['paid_before_cents'])}), interest "
            f"{dollars(summary['interest_cents'])}, member's share {dollars(summary['member_share_cents'])} (before: "
            f"{dollars(summary['member_share_before_cents'])})"
        )
        if summary["claims_restated_for_share"]:
            click.echo(f"{summary['claims_restated_for_share']} later claims restated for the member's share")
        for line in desk_words(summary):
            click.echo(line)
        click.echo(f"Written to {out}: {', '.join(result.files)}")
    is_denied = summary["claims_denied"] or summary.get("lines_denied")
    sys.exit(0 if summary["answer"] in ("paid", "reversed") and not is_denied else 1)
