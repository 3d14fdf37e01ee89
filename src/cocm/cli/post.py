"""`cocm post`: post remittances (835) to the claims that closes wrote."""

from __future__ import annotations

import csv
import json
import os
import sys
from datetime import date
from pathlib import Path

import click

from cocm.basics.counted import counted
from cocm.basics.files import atomic_write, text_into
from cocm.basics.money import dollars
from cocm.cli.options import Day, json_option, rules_option, today
from cocm.receivables.post import PostResult, post_files
from cocm.receivables.practice_books import BooksRequest

FLAGS = {
    "reversal_without_payment": "takes back a payment that was never received",
    "accounted_above_charge": "paid and adjusted above its charge: paid twice, or corrected without a reversal?",
    "action_above_amount": "more was written off than was open",
}
_COLUMNS = ("decision_id", "claim_id", "confirmed_by", "points", "agrees")


@click.command("post")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--practice", required=True, type=click.Path(exists=True, path_type=Path), help="The practice's tables."
)
@click.option("--state", type=click.Path(path_type=Path), help="The practice's state file.")
@click.option(
    "--matches",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Matches that a person confirmed: decision_id, claim_id, confirmed_by (CSV).",
)
@click.option(
    "--to-confirm",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the matches that wait for a person.",
)
@click.option("--as-of", type=Day(), help="The day of posting.  [default: today]")
@rules_option
@json_option
def command(
    files: tuple[Path, ...],
    practice: Path,
    state: Path | None,
    matches: Path | None,
    to_confirm: Path | None,
    as_of: date | None,
    rules: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Post remittances (835): every file once, and only what adds up to the cent.

    A payment that its claims and provider adjustments do not explain is held with the difference. Amounts leave the
    payer's account only where contract or law settles them; a patient's share on a denied line is disputed, not owed.
    A decision without our control number is matched by the payer's number, else offered for a person to confirm.

    Exit status: 0 all posted, 1 something waits for a person, 2 nothing was posted.

    \b
    Example:
      cocm post 835/*.txt --practice my-practice/
      cocm post late.835 --practice my-practice/ --to-confirm confirm.csv
    """
    if to_confirm is not None and not os.access(to_confirm.parent, os.W_OK):
        raise click.UsageError(f"--to-confirm {to_confirm}: name a file in a folder that can be written")
    request = BooksRequest(practice, as_of or today(), state, rules)
    result = post_files(request, files, matches)
    if to_confirm is not None:
        _write_candidates(result, to_confirm)
    if as_json:
        click.echo(json.dumps(as_document(result, request), indent=2))
    else:
        _print(result, to_confirm)
    sys.exit(result.exit_status)


def as_document(result: PostResult, request: BooksRequest) -> dict[str, object]:
    """The result for programs: counts and amounts in cents; ids only."""
    return {
        "as_of_date": str(request.as_of_date),
        "files": [
            {
                "file": given.file_name,
                "sha256": given.sha256,
                "posted_before": given.is_known,
                "payments": given.payments,
                "decisions": given.decisions,
                "new_decisions": given.new_decisions,
                "other_claims": given.other_claims,
            }
            for given in result.files
        ],
        "payments": [
            {
                "payment_id": sums.payment.payment_id,
                "payer": sums.payment.payer_identifier,
                "trace_number": sums.payment.trace_number,
                "payment_date": str(sums.payment.payment_date),
                "paid_cents": found.paid_cents,
                "claims_paid_cents": found.claims_paid_cents,
                "provider_adjustments_cents": found.provider_adjustments_cents,
                "difference_cents": found.difference_cents,
                "held": None if found.is_reconciled else found.explanation,
            }
            for sums, found in result.payments
        ],
        "accounts": {"claims": result.totals.claims, **result.totals.sums},
        "flagged": [
            {"claim_id": claim_id, "flags": list(flags)} for claim_id, flags in result.totals.flagged
        ],
        "unmatched": list(result.unmatched),
        "to_confirm": [
            {
                "decision_id": given.decision_id,
                "claim_id": given.claim_id,
                "points": given.points,
                "agrees": list(given.agrees),
            }
            for given in result.candidates
        ],
    }


def _print(result: PostResult, to_confirm: Path | None) -> None:
    for given in result.files:
        known = (
            "posted before, nothing changed"
            if given.is_known
            else counted(given.new_decisions, "new decision")
        )
        others = f", {given.other_claims} of other services" if given.other_claims else ""
        click.echo(
            f"{given.file_name}: {counted(given.payments, 'payment')}, {counted(given.decisions, 'decision')}{others}: "
            f"{known}"
        )
    for sums, found in result.payments:
        payment = sums.payment
        state = "held" if not found.is_reconciled else "adds up"
        click.echo(
            f"  payment {payment.trace_number} of {payment.payment_date}, {dollars(payment.paid_amount_cents)}: {state}"
        )
        if not found.is_reconciled:
            click.echo(f"    {found.explanation}")
    sums_of = result.totals.sums
    if result.totals.claims:
        click.echo(
            f"{counted(result.totals.claims, 'claim')}: charged {dollars(sums_of['charge_cents'])}, "
            f"paid {dollars(sums_of['paid_cents'])}, settled by contract or law "
            f"{dollars(sums_of['contractual_cents'] + sums_of['sequestration_cents'] + sums_of['protected_cents'])}, "
            f"patient {dollars(sums_of['patient_cents'])}, disputed {dollars(sums_of['disputed_cents'])}, "
            f"open with the payer {dollars(sums_of['open_cents'])}"
        )
    for claim_id, flags in result.totals.flagged:
        click.echo(f"  {claim_id}: {'; '.join(FLAGS[flag] for flag in flags)}")
    if result.unmatched:
        where = (
            f"; see {to_confirm}"
            if to_confirm is not None
            else "; --to-confirm FILE writes the likely claims"
        )
        belong = "belongs" if len(result.unmatched) == 1 else "belong"
        click.echo(f"{counted(len(result.unmatched), 'decision')} {belong} to no claim for certain{where}")


def _write_candidates(result: PostResult, path: Path) -> None:
    with atomic_write(path) as out, text_into(out) as stream:
        writer = csv.writer(stream)
        writer.writerow(_COLUMNS)
        offered = {given.decision_id for given in result.candidates}
        for given in result.candidates:
            writer.writerow((given.decision_id, given.claim_id, "", given.points, ", ".join(given.agrees)))
        for decision_id in result.unmatched:
            if decision_id not in offered:
                writer.writerow((decision_id, "", "", 0, ""))
