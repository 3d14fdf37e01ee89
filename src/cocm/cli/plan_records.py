"""`cocm plan records`: take in records about claims."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

import click

from cocm.basics.counted import counted
from cocm.basics.errors import UnusableInput
from cocm.cli.options import Day, json_option, rules_option, today
from cocm.cli.plan_options import plan_option, state_of, state_option, tell_problems
from cocm.plandesk.folder import read_plan
from cocm.plandesk.take_records import take_records
from cocm.rules import rulebook_of


@click.command("records")
@click.argument("path", metavar="PATH", type=click.Path(exists=True, path_type=Path))
@plan_option
@state_option
@click.option("--received", type=Day(), help="The day they came in.  [default: today]")
@rules_option
@json_option
def command(
    path: Path,
    folder: Path,
    state: Path | None,
    received: date | None,
    rules: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Take in records: PATH is an attachment file (275), or a folder with a folder of documents for each claim, named
    by the request, the plan's claim number or the sender's claim id.

    They answer the request that is open; `cocm plan pended CLAIM` shows them, `cocm plan decide` goes on from there.

    Exit status: 0 every document has its claim, 1 some have none, 2 unusable input.

    \b
    Example:
      cocm plan records answer.275 --plan my-plan/
      cocm plan records by-fax/ --plan my-plan/ --received 2026-04-20
    """
    day = received or today()
    if day > today():
        raise UnusableInput(f"--received {day}: is still to come")
    rulebook = rulebook_of(rules)
    reading = read_plan(folder, rulebook)
    tell_problems(reading.problems)
    taken = take_records(path, day, state_of(folder, state), reading.book)
    if as_json:
        click.echo(json.dumps(taken.as_json(), indent=2))
    else:
        click.echo(
            f"{counted(taken.documents, 'document')} of {counted(len(taken.claims), 'claim')} taken in, "
            f"{taken.known_before} known before; "
            f"{counted(len(taken.answered), 'request')} answered, {len(taken.late)} of them late"
        )
        for place in taken.unmatched:
            click.echo(f"  no claim on file for {place}")
    sys.exit(1 if taken.unmatched else 0)
