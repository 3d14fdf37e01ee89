"""`cocm insight roi`: what studies claim, what speaks against it, and the practice's own numbers."""

from __future__ import annotations

import json
from typing import Any

import click

from cocm.basics.money import cents_from_text, dollars
from cocm.cli.insight_model import figure_document
from cocm.cli.options import json_option, rules_option
from cocm.insight.figures import decimal_text, rounded
from cocm.insight.roi import AppliedSaving, OwnProgram, amount_text, applied_savings, own_figures
from cocm.rules import rulebook_of
from cocm.rules.insight_tables import StudyFigure, study_figures

COUNT = click.IntRange(0, 100_000_000)


class Amount(click.ParamType):  # type: ignore[type-arg]  # generic in newer releases of click only
    """Dollars on the command line, read as cents."""

    name = "dollars"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Whole cents, or a usage error that says how to write an amount."""
        if isinstance(value, int):
            return value
        try:
            cents = cents_from_text(str(value))
        except ValueError as problem:
            self.fail(str(problem), param, ctx)
        if cents < 0:
            self.fail(f"{value!r} is below 0", param, ctx)
        return cents


@click.command("roi")
@click.option("--patients", type=COUNT, help="Your patients in the period.")
@click.option("--patient-months", type=COUNT, help="Your patient-months in the period.")
@click.option("--cost", type=Amount(), help="What your programme cost in the period.")
@click.option("--revenue", type=Amount(), help="What it was paid.")
@click.option("--responders", type=COUNT, help="Patients whose score fell by half.")
@click.option("--remissions", type=COUNT, help="Patients in remission.")
@click.option("--depression-free-days", type=COUNT, help="Days without depression gained.")
@rules_option
@json_option
def command(
    patients: int | None,
    patient_months: int | None,
    cost: int | None,
    revenue: int | None,
    responders: int | None,
    remissions: int | None,
    depression_free_days: int | None,
    rules: tuple[Any, ...],
    as_json: bool,
) -> None:
    """Each study's claim with its unit, population and counter-evidence, and what it would mean for your patients.

    Savings are the payer's, not the practice's. Read no figure alone: the best matched study found no significant
    saving.

    \b
    Example:
      cocm insight roi
      cocm insight roi --patients 240 --patient-months 1000 --cost 148203.13 --revenue 122292.86 --responders 96
    """
    studies = study_figures(rulebook_of(rules))
    given = (patients, patient_months, cost)
    if any(one is None for one in given) and any(
        one is not None for one in (*given, revenue, responders, remissions, depression_free_days)
    ):
        raise click.UsageError("your own numbers need --patients, --patient-months and --cost together")
    figures, applied = [], []
    if patients is not None and patient_months is not None and cost is not None:
        own = OwnProgram(
            patients, patient_months, cost, revenue, responders, remissions, depression_free_days
        )
        figures, applied = list(own_figures(own)), list(applied_savings(studies, own))
    if as_json:
        document = {
            "studies": [_study(one) for one in studies],
            "own": [figure_document(one) for one in figures],
            "applied": [_applied(one) for one in applied],
        }
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    for study in studies:
        _print_study(study)
    if figures:
        click.echo("Your own numbers")
        for figure in figures:
            click.echo(f"  {figure.label:32} {figure.text:>14}  = {figure.how}")
        click.echo(
            "What each study would mean for your patient-months (the payer's money; not shown to carry over)"
        )
        for one in applied:
            ratio = "" if one.ratio is None else f", {decimal_text(one.ratio, 2)} for 1 of cost"
            click.echo(f"  {one.study.claim}: {dollars(one.saving_cents)}{ratio} ({one.study.significance})")


def _print_study(study: StudyFigure) -> None:
    year = f" ({study.year})" if study.year else ""
    click.echo(f"{study.side:8} {study.claim}{year}: {amount_text(study) or 'no figure'}")
    over = f", over {study.horizon_months} months" if study.horizon_months else ""
    people = f", n = {study.people}" if study.people else ""
    click.echo(
        f"         {study.population}{people}{over}; for the {study.perspective}; {study.significance}"
    )
    click.echo(f"         {study.confidence}: {study.source.title}")


def _study(study: StudyFigure) -> dict[str, Any]:
    return {
        "study": study.study,
        "year": study.year,
        "claim": study.claim,
        "side": study.side,
        "measure": study.measure,
        "amount_from": None if study.amount_from is None else str(study.amount_from),
        "amount_to": None if study.amount_to is None else str(study.amount_to),
        "unit": study.unit,
        "horizon_months": None if study.horizon_months is None else str(study.horizon_months),
        "people": study.people,
        "population": study.population,
        "perspective": study.perspective,
        "significance": study.significance,
        "confidence": study.confidence,
        "source": study.source.title,
        "url": study.source.url,
    }


def _applied(one: AppliedSaving) -> dict[str, Any]:
    return {
        "study": one.study.study,
        "claim": one.study.claim,
        "cents_per_patient_month": rounded(one.cents_per_patient_month),
        "saving_cents": one.saving_cents,
        "saved_for_one": None if one.ratio is None else decimal_text(one.ratio, 4),
        "significance": one.study.significance,
    }
