"""`cocm plan adjudicate`: decide an 837P as the plan would."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import click

from cocm.basics.collector import collector_paused
from cocm.basics.counted import counted
from cocm.basics.money import dollars
from cocm.cli.options import Day, json_option, rules_option, today
from cocm.cli.plan_options import PROBLEMS_SHOWN_MAX, STATE, out_option, plan_option, state_option
from cocm.cli.plan_refused import refusal_words, refused_in_form
from cocm.plan.balances import balance_words
from cocm.plandesk.adjudicate import AdjudicationRequest, adjudicate_file
from cocm.plandesk.errs import read_errs
from cocm.plandesk.folder import read_plan
from cocm.plandesk.late import late_words
from cocm.plandesk.shares import share_words
from cocm.rules import rulebook_of


@click.command("adjudicate")
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@plan_option
@out_option
@state_option
@click.option("--as-of", type=Day(), help="The day of the decision.  [default: today]")
@click.option("--received", type=Day(), help="The day the file came in.  [default: the day of the decision]")
@click.option(
    "--errs",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A table of mistakes to make on purpose, for a rehearsal (mistake,rate_percent).",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    help="Processes; the answers do not depend on it.  [default: one per core]",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Which claims the mistakes meet.")
@rules_option
@json_option
def command(
    file: Path,
    folder: Path,
    out: Path,
    state: Path | None,
    as_of: date | None,
    received: date | None,
    errs: Path | None,
    workers: int | None,
    seed: int,
    rules: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Decide the claims of FILE (837P of any system): 999 and 277CA, an 835, and the decision trace; a 277 that asks
    for records where a dated trigger of the plan's rules says so.

    A claim that is addressed to a payer id which neither plan.csv nor entities.csv lists is rejected in the 277CA.

    The same file again is recognised: nothing is decided twice. A file marked as a test (ISA15) is answered and not
    remembered. With --errs, keep a --state of its own. A day of decision before the file was made, and a day of receipt
    before a service, decide nothing.

    What is decided after the payer's clock is paid with interest (PLB, L6) and listed in late_payments.csv; a claim of
    another entity goes on with its receipt date (forwarded.csv, and a file of the claims).

    Exit status: 0 every claim was paid or taken back, 1 something was rejected, denied, forwarded or waits, or rows of
    members could not be read, 2 unusable input.

    \b
    Example:
      cocm plan adjudicate march.837 --plan my-plan/ --out answers/
      cocm plan adjudicate march.837 --plan my-plan/ --out rehearsal/ --state rehearsal.sqlite --errs mistakes.csv
    """
    rulebook = rulebook_of(rules)
    with collector_paused():
        reading = read_plan(folder, rulebook)
    day = as_of or today()
    erring = None if errs is None else read_errs(errs, seed)
    request = AdjudicationRequest(
        file, out, state or folder / STATE, day, received or day, erring, workers or os.cpu_count() or 1
    )
    result = adjudicate_file(request, reading.book, rulebook)
    summary = dict(result.summary)
    problems = [str(problem) for problem in reading.problems]
    if as_json:
        before = None if result.decided_before is None else str(result.decided_before)
        shown = {**summary, "decided_before": before, "files": list(result.files), "row_problems": problems}
        click.echo(json.dumps(shown, indent=2))
    else:
        if result.decided_before is not None:
            click.echo(f"{file.name}: decided before, as of {result.decided_before}; the same answers again")
            for told in _without_effect(summary, received, errs is not None):
                click.echo(f"  {told}")
        if summary["is_test"]:
            click.echo(f"{file.name}: marked as a test by its sender; answered, and not remembered")
        answers = ("paid", "denied", "pended", "forwarded", "reversed", "rejected", "unreadable")
        counts = ", ".join(f"{summary[f'claims_{name}']} {name}" for name in answers)
        click.echo(f"{counted(summary['claims'], 'claim')}: {counts}")
        click.echo(
            f"Paid {dollars(summary['paid_amount_cents'])}, members owe {dollars(summary['member_share_cents'])}, "
            f"taken back {dollars(summary['taken_back_cents'])}"
        )
        if summary.get("record_requests"):
            share = summary["record_requests_permille"] / 10
            click.echo(f"Records asked for: {counted(summary['record_requests'], 'claim')} ({share:.1f} %)")
        for line in refusal_words(summary, file.name, reading.book.payer_identifiers):
            click.echo(line)
        for line in (*late_words(summary), *balance_words(summary), *share_words(summary)):
            click.echo(line)
        for problem in problems[:PROBLEMS_SHOWN_MAX]:
            click.echo(f"  {problem}")
        click.echo(f"Written to {out}: {', '.join(result.files)}")
    clean = summary["claims"] == summary["claims_paid"] + summary["claims_reversed"]
    clean = clean and not any(refused_in_form(summary))
    sys.exit(0 if clean and not problems else 1)


def _without_effect(summary: Mapping[str, Any], received: date | None, errs: bool) -> Iterator[str]:
    """What was asked for now and changes nothing of a file that was decided before."""
    before = summary["received_date"]
    if received is not None and str(received) != before:
        yield f"--received {received} has no effect: it came in on {before}"
    if errs and not summary["errs_on_purpose"]:
        yield "--errs has no effect: it was decided without mistakes"
