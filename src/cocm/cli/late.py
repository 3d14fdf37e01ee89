"""`cocm late`: billed months whose records changed."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import click

from cocm.basics.counted import counted
from cocm.basics.money import dollars
from cocm.basics.months import Month
from cocm.cli.options import MONTH, Day, json_option, rules_option, today
from cocm.cli.selfaudit import in_words
from cocm.receivables.late import LateAdvice, LateMonth, late_months
from cocm.receivables.practice_books import BooksRequest, open_books
from cocm.receivables.refund_case import what_goes_back

WORDS = {
    LateAdvice.RETURN: "correct it and return the money",
    LateAdvice.CORRECT: "correct it",
    LateAdvice.OPTIONAL: "may be corrected or left: a person decides",
    LateAdvice.WAIT: "wait for the payer's decision, then correct",
    LateAdvice.LEAVE: "leave it",
    LateAdvice.ASK: "ask the payer how it takes corrections",
}


@click.command("late")
@click.argument("practice", type=click.Path(exists=True, path_type=Path))
@click.option("--month", type=MONTH, help="This month only.")
@click.option("--dry-run", is_flag=True, help="Open no refund case.")
@click.option("--state", type=click.Path(path_type=Path), help="The practice's state file.")
@click.option("--as-of", type=Day(), help="The day of the question.  [default: today]")
@rules_option
@json_option
def command(
    practice: Path,
    month: Month | None,
    dry_run: bool,
    state: Path | None,
    as_of: date | None,
    rules: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Find billed months whose records today support other lines than the claim sent.

    Each with what came late (contact and day), the lines and the money between them, and what the payer's channel
    leaves to do: nothing is ever changed silently. Less than was paid is an overpayment and opens a refund case; more
    is a choice, and is flagged when late time lifts the month over a tier. A note that came late is a reason to open
    the month again, or to leave it: cocm record keeps who said so, when and why.

    Exit status: 0 none, 1 some, 2 unusable input.

    \b
    Example:
      cocm late my-practice/ --month 2026-03
    """
    with open_books(BooksRequest(practice, as_of or today(), state, rules), is_read_only=dry_run) as books:
        found = late_months(books, month)
        if not dry_run:
            books.state.commit()
    if as_json:
        click.echo(json.dumps({"months": [as_document(one) for one in found]}, indent=2))
    else:
        for one in found:
            _print(one)
        click.echo(f"{counted(len(found), 'billed month')} changed")
    sys.exit(1 if found else 0)


def as_document(one: LateMonth) -> dict[str, Any]:
    """A month for programs: ids, codes and cents."""
    return {
        "claim_id": one.claim_id,
        "payer_id": one.payer_id,
        "month": str(one.month),
        "state": one.state,
        "sent": dict(one.support.sent),
        "supported": dict(one.support.supported),
        "verdict": one.support.verdict,
        "charge_difference_cents": one.charge_difference_cents,
        "expected_difference_cents": one.expected_difference_cents,
        "late_contacts": [
            {"contact_id": contact_id, "recorded_on": str(day)} for contact_id, day in one.support.late
        ],
        "crosses_tier": one.crosses_tier,
        "advice": one.advice,
        "channel": one.channel,
        "until": str(one.deadline.day or ""),
        "until_why": one.deadline.why,
        "refund_cents": one.refund.cents if one.refund else None,
        "patient_refund_cents": one.refund.patient_cents if one.refund else None,
        "patient_share_less_cents": one.refund.share_less_cents if one.refund else None,
        "why": list(one.support.why),
        "needs_reason": one.needs_reason,
        "decided": one.decided.kind if one.decided else None,
        "decided_on": str(one.decided.day) if one.decided else "",
        "decided_because": dict(one.decided.detail).get("note", "") if one.decided else "",
    }


def _print(one: LateMonth) -> None:
    sent, supported = in_words(one.support.sent), in_words(one.support.supported)
    click.echo(f"{one.claim_id}  {one.payer_id} {one.month}  {one.state}: sent {sent}, supported {supported}")
    money = [
        f"{what} {'+' if cents > 0 else ''}{dollars(cents)}"
        for what, cents in (
            ("charge", one.charge_difference_cents),
            ("expected payment", one.expected_difference_cents),
        )
        if cents is not None
    ]
    click.echo(f"  {', '.join(money) or 'no charge or rate is known'}")
    for contact_id, day in one.support.late:
        click.echo(f"  contact {contact_id} recorded on {day}, after the claim went out")
    if one.decided is not None:
        told = dict(one.decided.detail)
        what = one.decided.kind.replace("_", " ")
        click.echo(f"  {what} on {one.decided.day} by {told['by']}: {told['note']}")
    elif one.needs_reason:
        click.echo(
            "  nobody has said why the month is opened again, or left: cocm record PRACTICE reopened (or "
            f"left-as-billed) --claim {one.claim_id} --by NAME --note REASON"
        )
    if one.crosses_tier:
        click.echo("  late time lifts the month over a tier: payers ask for such notes")
    if one.refund is not None:
        click.echo(f"  to return: {what_goes_back(one.refund)}: {one.refund.why}")
    until = f" until {one.deadline.day}" if one.deadline.day else ""
    click.echo(f"  {WORDS[one.advice]}{until}; {one.channel}; {one.deadline.why}")
