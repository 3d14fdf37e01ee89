"""`cocm plan data-request`: who is served, how it is paid, and where it fails, by product, region and month."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any, Final

import click

from cocm.basics.files import atomic_write
from cocm.basics.months import Month
from cocm.cli.options import json_option
from cocm.cli.plan_histories import HistoryRequest, history_arguments, made_of
from cocm.publish.data_request import ALL, DataRequest, data_request
from cocm.publish.html import as_html
from cocm.publish.measures import definitions
from cocm.publish.request_files import write_parquet, write_workbook
from cocm.publish.request_page import request_page, shown
from cocm.publish.told import untold_measures

_NAME: Final = "data-request"


@click.command("data-request")
@history_arguments
@click.option(
    "--internal", "is_internal", is_flag=True, help="Hide nothing: for your own eyes, not to be published."
)
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
    is_internal: bool,
    out: Path,
    as_json: bool,
) -> None:
    """Answer the BHI data request from HISTORY: a folder of tables (docs/marts.md), or claims as for `cocm plan audit`.

    Members with a behavioral diagnosis and with the model, providers, claims and lines by answer, codes, tiers,
    episodes, routing, duplicates, records, appeals, days to pay, member shares and cost, by product, region and month:
    a page with charts (HTML), a workbook (XLSX) and Parquet. Figures of fewer than eleven persons are hidden, and with
    them whatever would give them away.

    \b
    Example:
      cocm plan data-request history/ --out request/
      cocm plan data-request claims-2025.parquet --plan my-plan/ --from 2025-01 --to 2025-12 --out request/
    """
    asked = HistoryRequest(paths, plan_name, payer_ids, first, last, layout_name, memory, as_of, rules)
    with asked.open() as (marts, scopes, rulebook):
        request = data_request(
            marts.engine,
            rulebook,
            scopes,
            hides_small=not is_internal,
            untold=untold_measures(marts.untold),
        )
        provenance = asked.provenance(rulebook, marts)
    about = {
        "title": "Collaborative Care in the network: data request",
        "use": "internal: nothing is hidden, do not publish" if is_internal else "small figures are hidden",
        "payers": ", ".join(request.payer_ids),
        "months": f"{request.first_month} to {request.last_month}",
        **provenance,
    }
    page = request_page(
        request,
        rulebook,
        made_of=made_of(provenance),
        is_internal=is_internal,
    )
    out.mkdir(parents=True, exist_ok=True)
    with atomic_write(out / f"{_NAME}.html") as stream:
        stream.write(as_html(page).encode())
    write_workbook(out / f"{_NAME}.xlsx", request, rulebook, about)
    write_parquet(out / f"{_NAME}.parquet", request, about)
    files = [f"{_NAME}.{suffix}" for suffix in ("html", "xlsx", "parquet")]
    if as_json:
        click.echo(json.dumps(_json(request, provenance) | {"files": files}, indent=2, ensure_ascii=False))
    else:
        _print(request)
        click.echo(f"Written to {out}: {', '.join(files)}")


def _print(request: DataRequest) -> None:
    explained = definitions()
    for payer_id in request.payer_ids:
        click.echo(f"{payer_id}, {request.first_month} to {request.last_month}")
        for one in request.figures:
            if (one.payer_id, one.product, one.month, one.class_name) == (payer_id, ALL, ALL, ""):
                click.echo(f"  {explained[one.measure][0]}: {shown(one) or 'nothing to tell'}")
    if request.untold:
        click.echo(
            f"Not told by the history: {', '.join(explained[name][0] for name in sorted(request.untold))}"
        )
    click.echo(f"{len(request.figures)} figures, {request.hidden_count} hidden")


def _json(request: DataRequest, provenance: dict[str, str]) -> dict[str, Any]:
    return {
        **provenance,
        "payers": list(request.payer_ids),
        "first_month": request.first_month,
        "last_month": request.last_month,
        "figures": len(request.figures),
        "hidden": request.hidden_count,
        "measures_not_told": sorted(request.untold),
        "whole_time": [
            {
                "payer_id": one.payer_id,
                "measure": one.measure,
                "class": one.class_name,
                "unit": one.unit,
                "value": None if one.value is None else str(one.value),
                "is_hidden": one.is_hidden,
            }
            for one in request.figures
            if (one.product, one.month) == (ALL, ALL)
        ],
    }
