"""`cocm sandbox report`: rehearse a month four times."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import click

from cocm.basics.files import atomic_write
from cocm.basics.identity import Provenance
from cocm.basics.months import Month
from cocm.cli.options import MONTH, json_option, rules_option
from cocm.cli.sandbox_run import mistake_option
from cocm.plan.mistakes import Mistake
from cocm.publish.html import as_html
from cocm.rules import rulebook_of
from cocm.sandbox.rehearsal import (
    DEFAULT_CODING_PERCENT,
    DEFAULT_FORMATTING_PERCENT,
    DEFAULT_RATES,
    PRACTICES_MAX,
    RehearsalRequest,
    as_of_date,
    rehearse,
)
from cocm.sandbox.rehearsal_report import report_json, report_page, report_text

_PATIENTS_MAX: Final = 2_000
PAGE: Final = "rehearsal.html"
DATA: Final = "rehearsal.json"


@click.command("report")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help=f"Folder for {PAGE} and {DATA}."
)
@click.option("--practices", type=click.IntRange(1, PRACTICES_MAX), default=2, show_default=True)
@click.option(
    "--patients", type=click.IntRange(1, _PATIENTS_MAX), default=150, show_default=True, help="Of each."
)
@click.option("--month", type=MONTH, default="2026-03", show_default=True, help="The month to rehearse.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same report.")
@mistake_option
@click.option(
    "--coding-faults", type=click.IntRange(0, 100), default=DEFAULT_CODING_PERCENT, show_default=True,
    help="Percent of raw claims with a fault of coding.",
)  # fmt: skip
@click.option(
    "--form-faults", type=click.IntRange(0, 100), default=DEFAULT_FORMATTING_PERCENT, show_default=True,
    help="Percent of raw claims with a fault of form.",
)  # fmt: skip
@rules_option
@json_option
def command(
    out: Path | None,
    practices: int,
    patients: int,
    month: Month,
    seed: int,
    mistakes: tuple[tuple[Mistake, int], ...],
    coding_faults: int,
    form_faults: int,
    rules: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Rehearse one month over synthetic practices: sent raw, sent after `cocm check`, and decided by the rules.

    Raw is what a spreadsheet would bill. The check mends what is wrong in form and holds what the edits block. Both are
    decided by a plan that makes mistakes at the rates given (without --mistake: at invented ones, which the report
    names), and by a plan that makes none. Published denial rates stand beside it with what they count.

    \b
    Example:
      cocm sandbox report --out rehearsal/
      cocm sandbox report --practices 5 --mistake route_by_diagnosis=40 --mistake deny_for_records=10 --json
    """
    rulebook = rulebook_of(rules)
    if len(dict(mistakes)) != len(mistakes):
        raise click.UsageError("--mistake: one of them is given twice")
    rates = dict(mistakes) or dict(DEFAULT_RATES)
    request = RehearsalRequest(practices, patients, month, seed, rates, coding_faults, form_faults)
    rehearsal = rehearse(
        request, rulebook, progress=lambda done: click.echo(f"\r{done} of {practices}", nl=False, err=True)
    )
    click.echo(err=True)
    provenance = Provenance("sandbox", as_of_date(month), rulebook.content_hash)
    document = json.dumps(report_json(rehearsal, rulebook, provenance), indent=2)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        page = as_html(report_page(rehearsal, rulebook, provenance))
        for name, text in ((PAGE, page), (DATA, document + "\n")):
            with atomic_write(out / name) as stream:
                stream.write(text.encode())
    if as_json:
        click.echo(document)
        return
    for line in report_text(rehearsal, rulebook):
        click.echo(line)
    if out is not None:
        click.echo(f"Written to {out}: {PAGE}, {DATA}")
