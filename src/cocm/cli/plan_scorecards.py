"""`cocm plan scorecards`: how each provider's claims of the model fare, beside all providers together."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import click

from cocm.basics.errors import UnusableInput
from cocm.basics.months import Month
from cocm.cli.options import json_option
from cocm.cli.plan_histories import HistoryRequest, history_arguments, made_of, write_texts
from cocm.publish.html import as_html
from cocm.publish.scorecard import Scorecard, scorecard_page, scorecards
from cocm.publish.told import untold_measures


@click.command("scorecards")
@history_arguments
@click.option(
    "--internal", "is_internal", is_flag=True, help="Hide nothing: for your own eyes, not to be handed out."
)
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder for the cards."
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
    """Write a scorecard (HTML) for each billing provider in HISTORY, and all of them as JSON.

    Claims, approval, denial, rejection, misrouting, false duplicates, records requests and days to pay, beside all
    providers of the payer, and the codes that refused. Figures of fewer than eleven persons are hidden, and with them
    what would give them away.

    \b
    Example:
      cocm plan scorecards history/ --payer GHP --out scorecards/
    """
    asked = HistoryRequest(paths, plan_name, payer_ids, first, last, layout_name, memory, as_of, rules)
    with asked.open() as (marts, scopes, rulebook):
        months = {scope.payer_id: f"{scope.first_month} to {scope.last_month}" for scope in scopes}
        cards = [
            card
            for scope in scopes
            for card in scorecards(
                marts.engine,
                rulebook,
                scope,
                hides_small=not is_internal,
                untold=untold_measures(marts.untold),
            )
        ]
        provenance = asked.provenance(rulebook, marts)
    answer: dict[str, Any] = {**provenance, "scorecards": [_json(card) for card in cards]}
    texts = {"scorecards.json": json.dumps(answer, indent=2, ensure_ascii=False) + "\n"}
    for card in cards:
        name = f"{_file_part(card.payer_id)}-{_file_part(card.billing_npi)}.html"
        if name in texts:
            raise UnusableInput(
                f"{name}: two providers would have the same file; rename the payers in a view"
            )
        page = scorecard_page(card, rulebook, months=months[card.payer_id], made_of=made_of(provenance))
        texts[name] = as_html(page)
    write_texts(out, texts)
    if as_json:
        click.echo(json.dumps(answer | {"files": list(texts)}, indent=2, ensure_ascii=False))
    else:
        click.echo(f"{len(cards)} providers; written to {out}: {', '.join(list(texts)[:10])}")


def _file_part(text: str) -> str:
    """Letters and digits of an id: no id leads out of the folder."""
    return "".join(sign if sign.isalnum() else "-" for sign in text) or "none"


def _json(card: Scorecard) -> dict[str, Any]:
    return {
        "payer_id": card.payer_id,
        "billing_npi": card.billing_npi,
        "own": {name: one.as_json() for name, one in card.own.items()},
        "all_providers": {name: one.as_json() for name, one in card.of_all.items()},
        "reasons": [{"code": one.code, "label": one.label, "lines": one.lines} for one in card.reasons],
    }
