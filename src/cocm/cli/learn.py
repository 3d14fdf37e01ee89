"""`cocm learn`: what denials that no edit foresaw say about a payer's rules."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

import click

from cocm.basics.counted import counted
from cocm.basics.errors import UnusableInput
from cocm.cli.options import Day, json_option, rules_option, today
from cocm.receivables.practice_books import BooksRequest, open_books
from cocm.rules.values import show_value


@click.command("learn")
@click.argument("practice", type=click.Path(exists=True, path_type=Path))
@click.option("--accept", "accepted", help="Accept a candidate (PACK:RULE) into the --into folder.")
@click.option(
    "--into", type=click.Path(file_okay=False, path_type=Path), help="Your own rules (an overlay folder)."
)
@click.option("--state", type=click.Path(path_type=Path), help="The practice's state file.")
@click.option("--as-of", type=Day(), help="The day it is learned.  [default: today]")
@rules_option
@json_option
def command(
    practice: Path,
    accepted: str | None,
    into: Path | None,
    state: Path | None,
    as_of: date | None,
    rules: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Candidates for a payer's rules, from denials that no edit foresaw.

    Each candidate is tried on everything that was sent to that payer: how many claims it would have held, how many of
    them the payer denied (saved) and how many it paid (a mistake). Nothing changes until you accept one; then give the
    folder to the next close with --rules.

    Exit status: 0 no candidates (or one was accepted), 1 there are candidates, 2 unusable input.

    \b
    Example:
      cocm learn my-practice/
      cocm learn my-practice/ --accept ca-commercial-carveout:claim.places_refused --into my-rules/
    """
    from cocm.receivables.learn import accept, candidates

    with open_books(BooksRequest(practice, as_of or today(), state, rules), is_read_only=True) as books:
        if accepted is not None:
            if into is None:
                raise UnusableInput("--accept needs --into FOLDER, where your own rules are kept")
            click.echo(f"{accept(books, accepted, into)}: give it to the next close with --rules {into}")
            return
        found = candidates(books)
    if as_json:
        click.echo(
            json.dumps(
                [
                    {
                        "candidate": one.rule.candidate_id,
                        "value": show_value(one.rule.value),
                        "effective_from": str(one.rule.effective_from),
                        "denied_claims": list(one.rule.claim_ids),
                        "claims_tried": one.back_test.claims,
                        "held": list(one.back_test.held),
                        "held_denied": list(one.back_test.held_denied),
                        "held_paid": list(one.back_test.held_paid),
                        "freed": list(one.back_test.freed),
                    }
                    for one in found
                ],
                indent=2,
            )
        )
    else:
        for one in found:
            test = one.back_test
            click.echo(
                f"{one.rule.candidate_id} = {show_value(one.rule.value)} from {one.rule.effective_from}"
            )
            click.echo(
                f"  Denied for it so far: {counted(len(one.rule.claim_ids), 'claim')}. Of "
                f"{counted(test.claims, 'claim')} sent to this payer it would have held {len(test.held)}: "
                f"{len(test.held_denied)} were denied, {len(test.held_paid)} "
                f"paid; {len(test.freed)} would be freed"
            )
        click.echo(counted(len(found), "candidate"))
    sys.exit(1 if found else 0)
