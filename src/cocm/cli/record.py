"""`cocm record`: what a person did about a claim."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from cocm.cli.options import Day, day_done, rules_option
from cocm.receivables.practice_books import BooksRequest, open_books
from cocm.receivables.record import BY_PERSON, record_event


@click.command("record")
@click.argument("practice", type=click.Path(exists=True, path_type=Path))
@click.argument("what", type=click.Choice(tuple(BY_PERSON)))
@click.option("--claim", "claim_id", required=True, help="The claim's id, as in proposals.csv.")
@click.option("--by", "done_by", required=True, help="Who did it.")
@click.option("--note", default="", help="A few words, without patient data.")
@click.option("--on", "day", type=Day(), help="The day it was done.  [default: today]")
@click.option("--state", type=click.Path(path_type=Path), help="The practice's state file.")
@rules_option
def command(
    practice: Path,
    what: str,
    claim_id: str,
    done_by: str,
    note: str,
    day: date | None,
    state: Path | None,
    rules: tuple[Path, ...],
) -> None:
    """Record what a person did about a claim: escalated it, appealed, sent records, opened its month again, closed it.

    It stands on the claim's timeline with name and day, and the worklist goes by it. To open a billed month again for a
    note that came late, or to leave it as it was billed, takes a --note that says why.

    Exit status: 0 it is recorded, 2 unusable input, nothing was changed.

    \b
    Example:
      cocm record my-practice/ escalated --claim C-0123456789AB --by "Dana Lee" --note "call 4411 with the plan"
    """
    when = day_done(day)
    with open_books(BooksRequest(practice, when, state, rules)) as books:
        stands = record_event(books, claim_id, BY_PERSON[what], when, done_by, note)
    click.echo(f"{claim_id}: {what} on {when}; it stands at: {stands.replace('_', ' ')}")
