"""`cocm plan performance`: approval, denial, rejection and days to pay by payer, to be published."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import click

from cocm.basics.months import Month
from cocm.cli.options import json_option
from cocm.cli.plan_histories import HistoryRequest, history_arguments, made_of, write_texts
from cocm.plandesk.tables_out import csv_table
from cocm.publish.html import as_html
from cocm.publish.performance import CSV_COLUMNS, csv_rows, payer_performance, performance_page
from cocm.publish.rows import RowFigure
from cocm.rules import Rulebook
from cocm.rules.denial_evidence import denial_evidence


@click.command("performance")
@history_arguments
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder for the files."
)
@json_option
def command(
    paths: tuple[Path, ...],
    plan_name: str | None,
    payer_ids: tuple[str, ...],
    first: Month | None,
    last: Month | None,
    layout_name: str | None,
    memory: str,
    as_of: date | None,
    rules: tuple[Path, ...],
    out: Path,
    as_json: bool,
) -> None:
    """Write a page (HTML) and a file (CSV, JSON) on how payers answer claims of the model, over all practices.

    Each rate stands with its numerator, denominator and unit; figures of fewer than eleven persons are hidden. What is
    known elsewhere of denials is quoted with what it counts.

    \b
    Example:
      cocm plan performance all-payers/ --from 2025-01 --to 2025-12 --out performance/
    """
    asked = HistoryRequest(paths, plan_name, payer_ids, first, last, layout_name, memory, as_of, rules)
    with asked.open() as (marts, scopes, rulebook):
        earliest = min(scope.first_month for scope in scopes)
        latest = max(scope.last_month for scope in scopes)
        names = tuple(scope.payer_id for scope in scopes)
        figures = payer_performance(marts.engine, names, earliest, latest)
        provenance = asked.provenance(rulebook, marts)
    page = performance_page(figures, rulebook, months=f"{earliest} to {latest}", made_of=made_of(provenance))
    answer = provenance | _json(figures, rulebook, f"{earliest}", f"{latest}")
    texts = {
        "performance.html": as_html(page),
        "performance.csv": csv_table(CSV_COLUMNS, csv_rows(figures)),
        "performance.json": json.dumps(answer, indent=2, ensure_ascii=False) + "\n",
    }
    write_texts(out, texts)
    if as_json:
        click.echo(json.dumps(answer | {"files": list(texts)}, indent=2, ensure_ascii=False))
    else:
        for one in figures:
            if one.unit == "percent":
                told = "hidden" if one.is_hidden else f"{one.value} % ({one.numerator} of {one.denominator})"
                click.echo(f"{one.row}  {one.measure}: {told}")
        click.echo(f"Written to {out}: {', '.join(texts)}")


def _json(figures: tuple[RowFigure, ...], rulebook: Rulebook, first: str, last: str) -> dict[str, Any]:
    return {
        "first_month": first,
        "last_month": last,
        "figures": [{"payer_id": one.row, "measure": one.measure} | one.as_json() for one in figures],
        "known_elsewhere": [
            {"percent": one.percent, "counted": one.counted, "population": one.population, "year": one.year,
             "source": one.source_title}
            for one in denial_evidence(rulebook)
        ],
    }  # fmt: skip
