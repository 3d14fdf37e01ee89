"""`cocm transfers`: a month's statements for the psychiatric consultants."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import click

from cocm.basics.counted import counted
from cocm.basics.files import atomic_write, safe_cell, text_into
from cocm.basics.money import dollars, plain_dollars
from cocm.basics.months import Month
from cocm.cli.options import MONTH, Day, json_option, rules_option, today
from cocm.receivables.practice_books import BooksRequest
from cocm.receivables.transfers import TransferStatement, beancount_text, transfer_statement

COLUMNS = (
    "month",
    "agreement_id",
    "psychiatric_consultant_id",
    "model",
    "quantity",
    "rate",
    "amount",
    "approved_by",
)


@click.command("transfers")
@click.argument("practice", type=click.Path(exists=True, path_type=Path))
@click.option("--month", type=MONTH, required=True, help="The month of the statement.")
@click.option(
    "--agreements",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="The agreements (CSV): agreement_id, psychiatric_consultant_id, model, effective_from, effective_to, "
    "amount, percent, hours_per_week.",
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder for statement.csv and journal.beancount."
)
@click.option("--state", type=click.Path(path_type=Path), help="The practice's state file.")
@click.option("--as-of", type=Day(), help="The day of the statement.  [default: today]")
@rules_option
@json_option
def command(
    practice: Path,
    month: Month,
    agreements: Path,
    out: Path | None,
    state: Path | None,
    as_of: date | None,
    rules: tuple[Path, ...],
    as_json: bool,
) -> None:
    """What the practice owes its psychiatric consultants for a month, with the journal.

    Models: scheduled_block, logged_hours, per_review, embedded_valuation, share_of_collections (ask counsel first),
    cost_allocation, retainer. Each line shows quantity and rate; a person approves the statement.

    Exit status: 0 the statement is complete, 2 unusable input, nothing was written.

    \b
    Example:
      cocm transfers my-practice/ --month 2026-03 --agreements agreements.csv --out transfers/
    """
    statement = transfer_statement(BooksRequest(practice, as_of or today(), state, rules), month, agreements)
    if out is not None:
        _write(statement, out)
    if as_json:
        click.echo(json.dumps(_document(statement), indent=2))
        return
    for line in statement.lines:
        click.echo(
            f"{line.agreement_id}  {line.psychiatric_consultant_id}  {line.model.replace('_', ' ')}: "
            f"{line.quantity} at {line.rate} = {dollars(line.amount_cents)}"
        )
    click.echo(f"{counted(len(statement.lines), 'agreement')} for {month}: {dollars(statement.total_cents)}")


def _document(statement: TransferStatement) -> dict[str, object]:
    return {
        "month": str(statement.month),
        "total_cents": statement.total_cents,
        "lines": [
            {
                "agreement_id": line.agreement_id,
                "psychiatric_consultant_id": line.psychiatric_consultant_id,
                "model": line.model,
                "quantity": line.quantity,
                "rate": line.rate,
                "amount_cents": line.amount_cents,
            }
            for line in statement.lines
        ],
    }


def _write(statement: TransferStatement, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    with atomic_write(out / "statement.csv") as stream, text_into(stream) as text:
        writer = csv.writer(text)
        writer.writerow(COLUMNS)
        for line in statement.lines:
            cells = (
                statement.month, line.agreement_id, line.psychiatric_consultant_id, line.model, line.quantity,
                line.rate, plain_dollars(line.amount_cents), "",
            )  # fmt: skip
            writer.writerow([safe_cell(str(cell)) for cell in cells])
    with atomic_write(out / "journal.beancount") as stream:
        stream.write(beancount_text(statement, "consultant transfers").encode())
