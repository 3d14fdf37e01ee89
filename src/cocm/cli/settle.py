"""`cocm settle`: a person's decision about the money of one claim."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from cocm.basics.errors import UnusableInput
from cocm.basics.money import cents_from_text, dollars
from cocm.cli.options import Day, day_done, rules_option
from cocm.receivables.practice_books import BooksRequest
from cocm.receivables.settle import Settlement, settle
from cocm.remits.account import ActionKind

KINDS = {
    "accept-share": ActionKind.ACCEPT_PATIENT_SHARE,
    "waive-share": ActionKind.WAIVE_PATIENT_SHARE,
    "write-off": ActionKind.WRITE_OFF,
    "patient-paid": ActionKind.PATIENT_PAYMENT,
    "refunded": ActionKind.PATIENT_REFUND,
}


@click.command("settle")
@click.argument("practice", type=click.Path(exists=True, path_type=Path))
@click.argument("what", type=click.Choice(tuple(KINDS)))
@click.option("--claim", "claim_id", required=True, help="The claim's id, as in proposals.csv.")
@click.option("--amount", required=True, help="Dollars, such as 28.99.")
@click.option("--by", "done_by", required=True, help="Who decided.")
@click.option("--reason", required=True, help="Why, in a few words without patient data.")
@click.option("--on", "day", type=Day(), help="The day it was done.  [default: today]")
@click.option("--state", type=click.Path(path_type=Path), help="The practice's state file.")
@rules_option
def command(
    practice: Path,
    what: str,
    claim_id: str,
    amount: str,
    done_by: str,
    reason: str,
    day: date | None,
    state: Path | None,
    rules: tuple[Path, ...],
) -> None:
    """Decide about money: a share in dispute, a write-off, what a patient paid or got back.

    Nothing is written off and no disputed share reaches a statement without this. Never more than there is.

    Exit status: 0 it is recorded, 2 unusable input, nothing was changed.

    \b
    Example:
      cocm settle my-practice/ waive-share --claim C-0123456789AB --amount 30 --by "Dana Lee" --reason "plan's error"
    """
    try:
        cents = cents_from_text(amount)
    except ValueError as problem:
        raise UnusableInput(f"--amount: {problem}") from None
    when = day_done(day)
    balance = settle(
        BooksRequest(practice, when, state, rules),
        Settlement(claim_id, KINDS[what], cents, when, done_by, reason),
    )
    click.echo(
        f"{claim_id}: open with the payer {dollars(balance.open_cents)}, in dispute {dollars(balance.disputed_cents)}, "
        f"the patient owes {dollars(balance.patient_owes_cents)}, written off {dollars(balance.written_off_cents)}, "
        f"refund due {dollars(balance.refund_due_cents)}"
    )
