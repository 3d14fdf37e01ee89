"""`cocm plan sb1320`: evidence about a plan's process for integrated behavioral health claims."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import click

from cocm.basics.errors import UnusableInput
from cocm.basics.months import Month
from cocm.cli.options import json_option
from cocm.cli.plan_histories import HistoryRequest, history_arguments, made_of, write_texts
from cocm.plandesk.tables_out import csv_table
from cocm.publish.html import as_html
from cocm.publish.sb1320 import CSV_COLUMNS, csv_rows, sb1320_evidence, sb1320_page, tallies


@click.command("sb1320")
@history_arguments
@click.option(
    "--internal", "is_internal", is_flag=True, help="Hide nothing on the page: not to be published."
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
    """Export the evidence of one payer's process (California SB 1320): a page, and a CSV of every line.

    The process by its rules, question by question (what the member pays: by the benefits of --plan DIR), and what was
    done: days against the clocks, misrouting and forwarding, refusals with their codes, records, appeals, member
    shares. lines.csv names claims and no persons; it is for the payer, the provider and a regulator, not for the
    public.

    \b
    Example:
      cocm plan sb1320 history/ --payer GHP --from 2026-01 --out sb1320/
    """
    asked = HistoryRequest(paths, plan_name, payer_ids, first, last, layout_name, memory, as_of, rules)
    with asked.open() as (marts, scopes, rulebook):
        if len(scopes) != 1:
            names = ", ".join(scope.payer_id for scope in scopes)
            raise UnusableInput(f"the history has several payers ({names}); say whose process with --payer")
        (scope,) = scopes
        evidence = sb1320_evidence(marts.engine, rulebook, scope)
        provenance = asked.provenance(rulebook, marts)
        book = marts.book
    page = sb1320_page(
        evidence,
        rulebook,
        months=f"{scope.first_month} to {scope.last_month}",
        made_of=made_of(provenance),
        untold=marts.untold,
        hides_small=not is_internal,
        book=book,
    )
    told = [
        {"question": question, "answer": answer, "lines": count}
        for question, answer, count in tallies(evidence, hides_small=not is_internal, untold=marts.untold)
    ]
    summary = {
        **provenance,
        "payer_id": evidence.payer_id,
        "rules_on": str(evidence.policy.day),
        "practice": told,
    }
    texts = {
        "sb1320.html": as_html(page),
        "lines.csv": csv_table(CSV_COLUMNS, csv_rows(evidence, marts.untold)),
        "summary.json": json.dumps(summary, indent=2, ensure_ascii=False) + "\n",
    }
    write_texts(out, texts)
    if as_json:
        click.echo(json.dumps(summary | {"files": list(texts)}, indent=2, ensure_ascii=False))
    else:
        for one in told:
            click.echo(f"{one['question']}: {one['answer']}: {one['lines']}")
        click.echo(f"Written to {out}: {', '.join(texts)}")
