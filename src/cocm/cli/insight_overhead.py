"""`cocm insight overhead`: what administration costs, by cause."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import click

from cocm.basics.money import decimal_from_cents, dollars
from cocm.cli.insight_files import ResultSheet, read_inputs, result_path, write_template, write_workbook
from cocm.cli.options import json_option, rules_option
from cocm.insight.figures import decimal_text
from cocm.insight.given import given
from cocm.insight.overhead import CauseCost, overhead
from cocm.rules import Rulebook, rulebook_of
from cocm.rules.insight_tables import overhead_defaults, work_costs


@click.command("overhead")
@click.option("--inputs", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="The inputs, a filled-in template (CSV or XLSX).  [default: the rulebook's]")  # fmt: skip
@click.option("--template", type=click.Path(dir_okay=False, path_type=Path),
              help="Write every input with its default and source to this file, and stop.")  # fmt: skip
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write a workbook (XLSX).")
@rules_option
@json_option
def command(
    inputs: Path | None, template: Path | None, out: Path | None, rules: tuple[Path, ...], as_json: bool
) -> None:
    """Staff minutes by task and cause, ranked by yearly cost, with the edit or command that removes each.

    Minutes are assumptions until you count your own; each task says where its minutes come from.

    \b
    Example:
      cocm insight overhead --template work.csv
      cocm insight overhead --inputs work.csv
    """
    rulebook = rulebook_of(rules)
    if template is not None:
        write_template(template, overhead_defaults(rulebook))
        click.echo(
            f"Written to {template}: fill in the column value, then cocm insight overhead --inputs {template}"
        )
        return
    causes = overhead(given(overhead_defaults(rulebook), read_inputs(inputs) if inputs is not None else ()))
    if out is not None:
        write_workbook(result_path(out), [_sheet(causes)])
    if as_json:
        click.echo(json.dumps(_document(rulebook, causes), indent=2, ensure_ascii=False))
        return
    total = sum(one.cost_cents for one in causes)
    hours = decimal_text(sum((one.minutes for one in causes), Fraction(0)) / 60, 1)
    click.echo(f"{dollars(total)} a year, {hours} hours")
    for rank, cause in enumerate(causes, start=1):
        hours = decimal_text(cause.minutes / 60, 1)
        click.echo(
            f"{rank}. {cause.cause.replace('_', ' '):22} {dollars(cause.cost_cents):>12}  {hours} hours"
        )
        for task in cause.tasks:
            if task.cost_cents:
                click.echo(
                    f"     {task.label:52} {dollars(task.cost_cents):>12}  = {task.how} ({task.basis})"
                )
                if task.removed_by:
                    click.echo(f"       removed or shortened by {', '.join(task.removed_by)}")
    click.echo("What others counted")
    for one in work_costs(rulebook):
        low, high = one.dollars_from, one.dollars_to
        amount = f"${low}" if low == high else f"${low} to ${high}"
        click.echo(
            f"  {one.what}{f', {one.year}' if one.year else ''}: {amount} ({one.note}; {one.confidence})"
        )


def _sheet(causes: tuple[CauseCost, ...]) -> ResultSheet:
    return ResultSheet(
        "Administrative cost",
        ("cause", "task", "times", "minutes each", "hours", "cost", "removed by", "basis"),
        tuple(
            (
                cause.cause.replace("_", " "),
                task.label,
                decimal_text(task.times, 2),
                decimal_text(task.minutes_each, 2),
                decimal_text(task.minutes / 60, 2),
                decimal_from_cents(task.cost_cents),
                ", ".join(task.removed_by),
                task.basis,
            )
            for cause in causes
            for task in cause.tasks
        ),
    )


def _document(rulebook: Rulebook, causes: tuple[CauseCost, ...]) -> dict[str, object]:
    return {
        "schema_version": 1,
        "rulebook": rulebook.content_hash,
        "cost_cents": sum(one.cost_cents for one in causes),
        "causes": [
            {
                "cause": cause.cause,
                "cost_cents": cause.cost_cents,
                "minutes": decimal_text(cause.minutes, 2).replace(",", ""),
                "tasks": [
                    {
                        "task": task.name,
                        "label": task.label,
                        "cost_cents": task.cost_cents,
                        "minutes": decimal_text(task.minutes, 2).replace(",", ""),
                        "how": task.how,
                        "basis": task.basis,
                        "removed_by": list(task.removed_by),
                    }
                    for task in cause.tasks
                ],
            }
            for cause in causes
        ],
        "counted_elsewhere": [
            {"what": one.what, "year": one.year, "dollars_from": str(one.dollars_from),
             "dollars_to": str(one.dollars_to), "note": one.note, "source": one.source.title}
            for one in work_costs(rulebook)
        ],
    }  # fmt: skip
