"""`cocm ledger`: the practice's double-entry books of its Collaborative Care claims."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import click

from cocm.basics.counted import counted
from cocm.basics.files import atomic_write
from cocm.basics.money import dollars
from cocm.cli.options import Day, json_option, rules_option, today
from cocm.receivables.ledger import ledger_entries, write_beancount, write_csv
from cocm.receivables.practice_books import BooksRequest, open_books
from cocm.remits.journal import totals

FORMATS = ("csv", "beancount")


@click.command("ledger")
@click.argument("practice", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the journal to this file."
)
@click.option("--format", "form", type=click.Choice(FORMATS), default="csv", show_default=True)
@click.option("--state", type=click.Path(path_type=Path), help="The practice's state file.")
@click.option("--as-of", type=Day(), help="The last day of the books.  [default: today]")
@rules_option
@json_option
def command(
    practice: Path,
    out: Path | None,
    form: str,
    state: Path | None,
    as_of: date | None,
    rules: tuple[Path, ...],
    as_json: bool,
) -> None:
    """The double-entry books of the claims: charges, payments, adjustments, patient shares.

    Worked out from what closes sent and remittances said; a payment that does not add up is not in it. The cash account
    agrees with the bank: the money of other services passes through a clearing account.

    Exit status: 0 the books are complete, 2 unusable input.

    \b
    Example:
      cocm ledger my-practice/
      cocm ledger my-practice/ --out books.beancount --format beancount
    """
    with open_books(BooksRequest(practice, as_of or today(), state, rules), is_read_only=True) as books:
        entries = list(ledger_entries(books))
        title = books.reference.practice.organization_id
    if out is not None:
        with atomic_write(out) as stream:
            write_csv(entries, stream) if form == "csv" else write_beancount(entries, stream, title)
    sums = totals(entries)
    if as_json:
        document = {
            "entries": len(entries),
            "accounts_cents": {str(name): sums[name] for name in sorted(sums)},
        }
        click.echo(json.dumps(document, indent=2))
        return
    click.echo(
        f"{counted(len(entries), 'entry', 'entries')}; debits less credits {dollars(sum(sums.values()))}"
    )
    for name in sorted(sums):
        click.echo(f"  {name:32} {dollars(sums[name]):>16}")
