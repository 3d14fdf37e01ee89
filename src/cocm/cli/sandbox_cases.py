"""`cocm sandbox cases`: a practice set for claims reviewers."""

from __future__ import annotations

import json
from pathlib import Path

import click

from cocm.basics.errors import UnusableInput
from cocm.basics.files import atomic_write
from cocm.basics.months import Month
from cocm.cli.options import MONTH, json_option, rules_option
from cocm.rules import rulebook_of
from cocm.sandbox.case_sheet import HOW_TO, as_csv, as_workbook, sheet_rows
from cocm.sandbox.cases import CASES_MAX, CaseSet, make_cases, provenance_of
from cocm.sandbox.label import LABEL, LABEL_FILE

FILE_NAME = "cases"


@click.command("cases")
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder for the cases."
)
@click.option(
    "--payer",
    "pack_id",
    metavar="PACK",
    default="ca-commercial-carveout",
    show_default=True,
    help="Whose rules.",
)
@click.option("--month", type=MONTH, default="2026-03", show_default=True, help="The month of service.")
@click.option(
    "--count", type=click.IntRange(1, CASES_MAX), default=24, show_default=True, help="How many cases."
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same cases.")
@rules_option
@json_option
def command(
    out: Path, pack_id: str, month: Month, count: int, seed: int, rules: tuple[Path, ...], as_json: bool
) -> None:
    """Write claims for a reviewer to decide: routing, duplicates, add-ons, months, cost share, records. No answers.

    Each row holds what a plan's reviewer sees: the member's cover, contracts, benefit, the claim and what was decided
    before. Fill in the last four columns of cases.csv or cases.xlsx, then run `cocm sandbox score`.

    \b
    Example:
      cocm sandbox cases --out reviewers/
      cocm sandbox cases --out reviewers/ --payer medicare --count 48 --seed 7 --json
    """
    cases = make_cases(CaseSet(pack_id, month, seed, count), rulebook_of(rules))
    files = {
        f"{FILE_NAME}.csv": as_csv(cases),
        f"{FILE_NAME}.xlsx": as_workbook(cases),
        LABEL_FILE: ("\n".join(HOW_TO) + "\n").encode(),
    }
    out.mkdir(parents=True, exist_ok=True)
    if standing := [name for name in files if (out / name).exists()]:
        raise UnusableInput(
            f"--out {out}: holds {', '.join(standing)} already, perhaps with answers; name another folder"
        )
    for name, content in files.items():
        with atomic_write(out / name) as stream:
            stream.write(content)
    if as_json:
        columns, *rows = sheet_rows(cases)
        shown = {
            "synthetic": LABEL,
            **provenance_of(cases).as_json(),
            "set": cases.of.name,
            "files": list(files),
            "cases": [dict(zip(columns, row, strict=True)) for row in rows],
        }
        click.echo(json.dumps(shown, indent=2))
        return
    click.echo(f"{count} cases of {pack_id}, {month}, in {out}: {', '.join(files)}")
    for line in HOW_TO[1:]:
        click.echo(f"  {line}")
    click.echo(LABEL)
