"""`cocm status`: take in what payers say of claims before and beside payment."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

import click

from cocm.basics.counted import counted
from cocm.cli.options import Day, json_option, rules_option, today
from cocm.receivables.practice_books import BooksRequest
from cocm.receivables.status import StatusFile, take_in_statuses


@click.command("status")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--practice", required=True, type=click.Path(exists=True, path_type=Path), help="The practice's tables."
)
@click.option("--state", type=click.Path(path_type=Path), help="The practice's state file.")
@click.option("--as-of", type=Day(), help="The day of taking in.  [default: today]")
@rules_option
@json_option
def command(
    files: tuple[Path, ...],
    practice: Path,
    state: Path | None,
    as_of: date | None,
    rules: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Take in status files: TA1, 999, 277CA, 277 and requests for information.

    A rejection is not a denial: a rejected claim was never in the payer's system and goes again as an original. A claim
    that is pended, or whose records were asked for, is never billed again while it is. A file counts once.

    Exit status: 0 nothing to do, 1 a claim was rejected, records were asked for, or a claim or file is unknown,
    2 unusable.

    \b
    Example:
      cocm status 277ca.txt 999.txt --practice my-practice/
    """
    result = take_in_statuses(BooksRequest(practice, as_of or today(), state, rules), files)
    if as_json:
        click.echo(json.dumps({"files": [_document(taken) for taken in result.files]}, indent=2))
    else:
        for taken in result.files:
            _print(taken)
    sys.exit(result.exit_status)


def _document(taken: StatusFile) -> dict[str, object]:
    return {
        "file": taken.file_name,
        "sha256": taken.sha256,
        "taken_before": taken.is_known,
        "holds": list(taken.kinds),
        "statements": taken.statements,
        "new_events": taken.new_events,
        "rejected": taken.rejected,
        "records_requested": [
            {"claim_id": claim_id, "due": None if due is None else str(due)}
            for claim_id, due in taken.requested
        ],
        "unknown_claims": taken.unknown_claims,
        "unknown_files": taken.unknown_files,
    }


def _print(taken: StatusFile) -> None:
    known = "taken in before, nothing changed" if taken.is_known else f"{taken.new_events} new"
    click.echo(
        f"{taken.file_name}: {', '.join(taken.kinds)}, {counted(taken.statements, 'statement')}: {known}"
    )
    for claim_id in taken.rejected:
        click.echo(f"  {claim_id} rejected: it was never in the payer's system; correct it and close again")
    for claim_id, due in taken.requested:
        by = f" by {due}" if due else ""
        click.echo(f"  {claim_id} records asked for{by}: cocm packet makes them; do not bill again")
    for claim_id in taken.unknown_claims:
        click.echo(f"  {claim_id} is no claim of this state")
    for number in taken.unknown_files:
        click.echo(
            f"  file {number or '(no number)'}: this state sent none of that number under the answer's address"
        )
