"""`cocm insight payers`: how each payer treats the practice's claims."""

from __future__ import annotations

import json
from pathlib import Path

import click

from cocm.basics.counted import counted
from cocm.basics.money import dollars
from cocm.basics.months import Month
from cocm.cli.insight_files import read_inputs
from cocm.cli.insight_model import figure_document
from cocm.cli.options import MONTH, json_option, rules_option, today
from cocm.insight.given import given
from cocm.insight.overhead import cost_of_one_denial
from cocm.insight.payers import PayerClaim, PayerPerformance, payer_performance, performance_figures
from cocm.receivables.practice_books import BooksRequest, open_books
from cocm.receivables.timelines import standings
from cocm.rules import rulebook_of
from cocm.rules.denial_evidence import denial_evidence
from cocm.rules.insight_tables import overhead_defaults


@click.command("payers")
@click.argument("practice", type=click.Path(exists=True, path_type=Path))
@click.option("--from", "first", type=MONTH, help="The first month of service.")
@click.option("--to", "last", type=MONTH, help="The last month of service.")
@click.option("--inputs", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Wage and minutes of a denial (a template of cocm insight overhead).")  # fmt: skip
@click.option("--state", type=click.Path(path_type=Path), help="The practice's state file.")
@rules_option
@json_option
def command(
    practice: Path,
    first: Month | None,
    last: Month | None,
    inputs: Path | None,
    state: Path | None,
    rules: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Each payer's approval, denial and rejection rates, days to pay and cost of denials, from your own books.

    A claim with its corrections counts once. Each rate stands with its numerator and denominator; what is known
    elsewhere of denials is quoted with what it counts.

    \b
    Example:
      cocm insight payers my-practice/ --from 2026-01 --to 2026-06
    """
    rulebook = rulebook_of(rules)
    asked = given(overhead_defaults(rulebook), read_inputs(inputs) if inputs is not None else ())
    with open_books(BooksRequest(practice, today(), state, rules), is_read_only=True) as books:
        claims = [
            PayerClaim(
                found.rows.claim.payer_id,
                tuple(entry.event for one in (*found.earlier, found.timeline) for entry in one.entries),
                found.account.balance,
            )
            for found in standings(books)
            if (first is None or found.rows.claim.month_index >= first.index)
            and (last is None or found.rows.claim.month_index <= last.index)
        ]
    found = payer_performance(claims, cost_of_one_denial(asked))
    if as_json:
        click.echo(json.dumps({"payers": [_document(one) for one in found]}, indent=2, ensure_ascii=False))
        return
    for one in found:
        _print(one)
    click.echo("Known elsewhere, each counted its own way:")
    for figure in denial_evidence(rulebook):
        click.echo(f"  {figure.text}")


def _print(one: PayerPerformance) -> None:
    sums = (
        f"charged {dollars(one.charge_cents)}, paid {dollars(one.paid_cents)}, open {dollars(one.open_cents)}"
    )
    click.echo(f"{one.payer_id}: {counted(one.sent, 'claim')} sent, {one.unanswered} unanswered; {sums}")
    for figure in performance_figures(one):
        click.echo(f"  {figure.label:32} {figure.text:>12}  = {figure.how}")


def _document(one: PayerPerformance) -> dict[str, object]:
    return {
        "payer_id": one.payer_id,
        "sent": one.sent,
        "unanswered": one.unanswered,
        "charge_cents": one.charge_cents,
        "paid_cents": one.paid_cents,
        "patient_cents": one.patient_cents,
        "written_off_cents": one.written_off_cents,
        "open_cents": one.open_cents,
        "figures": [figure_document(figure) for figure in performance_figures(one)],
    }
