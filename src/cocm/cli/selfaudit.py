"""`cocm selfaudit`: paid months scored again against their evidence."""

from __future__ import annotations

import csv
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import click

from cocm.basics.counted import counted
from cocm.basics.files import atomic_write, safe_cell, text_into
from cocm.basics.money import dollars, plain_dollars
from cocm.cli.options import Day, json_option, rules_option, today
from cocm.receivables.practice_books import BooksRequest, open_books
from cocm.receivables.refund_case import what_goes_back
from cocm.receivables.self_audit import SAMPLE_MONTHS, AuditedMonth, SelfAudit, self_audit
from cocm.remits.drift import DriftVerdict

COLUMNS = (
    "claim_id", "payer_id", "month", "drawn", "risk_points", "risk_factors", "verdict", "sent", "supported", "paid",
    "overpaid", "to_patient", "patient_share_less", "return_by", "why", "to_review",
)  # fmt: skip
AUDIT_NAME = "selfaudit.csv"


@click.command("selfaudit")
@click.argument("practice", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--seed", type=int, default=1, show_default=True, help="The draw's seed: the same draws the same."
)
@click.option(
    "--sample",
    type=click.IntRange(1, 10_000),
    default=SAMPLE_MONTHS,
    show_default=True,
    help="How many months.",
)
@click.option("--since", type=Day(), help="Compare the months before and from this day's month on.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for selfaudit.csv.")
@click.option("--dry-run", is_flag=True, help="Open no refund case.")
@click.option("--state", type=click.Path(path_type=Path), help="The practice's state file.")
@click.option("--as-of", type=Day(), help="The day of the audit.  [default: today]")
@rules_option
@json_option
def command(
    practice: Path,
    seed: int,
    sample: int,
    since: date | None,
    out: Path | None,
    dry_run: bool,
    state: Path | None,
    as_of: date | None,
    rules: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Score a sample of paid months again: do minutes, consent, review, diagnosis and place still carry the claim?

    Half of the sample are the riskiest months (weights and reasons in the rulebook), half a random draw. What was paid
    above what the records support opens a refund case with the payer's clock, on the worklist until it is recorded as
    returned. --since tells whether the denial rate or the mix of codes changed with a rule or a workflow.

    Exit status: 0 all supported, 1 something to return or a change, 2 unusable input.

    \b
    Example:
      cocm selfaudit my-practice/ --seed 7 --sample 40 --since 2026-01-01 --out audit/
    """
    with open_books(BooksRequest(practice, as_of or today(), state, rules), is_read_only=dry_run) as books:
        audit = self_audit(books, seed, sample, since)
        if not dry_run:
            books.state.commit()
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        with atomic_write(out / AUDIT_NAME) as stream, text_into(stream) as text:
            writer = csv.writer(text)
            writer.writerow(COLUMNS)
            for one in audit.audited:
                writer.writerow([safe_cell(str(cell)) for cell in _row(one)])
    if as_json:
        click.echo(json.dumps(as_document(audit), indent=2))
    else:
        _print(audit)
    found = any(one.refund for one in audit.audited)
    changed = any(one.verdict is DriftVerdict.CHANGED for one in audit.drifts)
    sys.exit(1 if found or changed else 0)


def as_document(audit: SelfAudit) -> dict[str, Any]:
    """The audit for programs."""
    return {
        "seed": audit.seed,
        "paid_months": audit.paid_months,
        "not_scored": list(audit.not_scored),
        "months": [dict(zip(COLUMNS, map(str, _row(one)), strict=True)) for one in audit.audited],
        "drift": [
            {
                "what": one.what,
                "before": one.before,
                "before_of": one.before_of,
                "since": one.since,
                "since_of": one.since_of,
                "z_hundredths": one.z_hundredths,
                "verdict": one.verdict,
            }
            for one in audit.drifts
        ],
    }


def _row(one: AuditedMonth) -> tuple[object, ...]:
    support, refund = one.support, one.refund
    return (
        one.claim_id, one.payer_id, one.month, "random" if one.is_random else "risk", one.risk_points,
        " ".join(one.factors), support.verdict, in_words(support.sent), in_words(support.supported),
        plain_dollars(one.paid_cents), plain_dollars(refund.cents if refund else 0),
        plain_dollars(refund.patient_cents if refund else 0),
        plain_dollars(refund.share_less_cents if refund else 0),
        (refund.deadline.day or "not known") if refund else "", "; ".join(support.why) if refund else "",
        "; ".join(support.reviews),
    )  # fmt: skip


def in_words(lines: Any) -> str:
    """Codes with their units."""
    return " ".join(code if units == 1 else f"{code}x{units}" for code, units in lines.items()) or "none"


def _print(audit: SelfAudit) -> None:
    for one in audit.audited:
        if one.refund is None:
            continue
        refund = one.refund
        by = f"return by {refund.deadline.day}" if refund.deadline.day else "no day known"
        known = ", on file already" if refund.is_known else ""
        click.echo(
            f"{one.claim_id}  {one.payer_id} {one.month}: {what_goes_back(refund)} to return, {by}{known}"
        )
        click.echo(f"  sent {in_words(one.support.sent)}, supported {in_words(one.support.supported)}")
        click.echo(f"  {refund.why}")
        click.echo(f"  {refund.deadline.why}")
    for drift in audit.drifts:
        shares = f"{drift.before} of {drift.before_of} before, {drift.since} of {drift.since_of} since"
        z = f", z {drift.z_hundredths / 100:.2f}" if drift.z_hundredths is not None else ""
        click.echo(f"{drift.what}: {shares}: {drift.verdict.replace('_', ' ')}{z}")
    refunds = [one.refund for one in audit.audited if one.refund]
    click.echo(
        f"{len(audit.audited)} of {counted(audit.paid_months, 'paid month')} scored (seed {audit.seed}): "
        f"{len(refunds)} with {dollars(sum(one.cents for one in refunds))} to return to payers and "
        f"{dollars(sum(one.patient_cents for one in refunds))} to patients"
    )
    if audit.not_scored:
        click.echo(
            f"{counted(len(audit.not_scored), 'paid claim')} no longer in the tables: "
            f"{', '.join(audit.not_scored[:5])}"
        )
