"""`cocm plan sample`: paid months whose evidence is to be asked for after payment."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

import click

from cocm.basics.errors import UnusableInput
from cocm.basics.files import atomic_write
from cocm.basics.money import dollars, plain_dollars
from cocm.cli.options import Day, json_option, rules_option
from cocm.cli.plan_options import plan_option, state_of, state_option, tell_problems
from cocm.plandesk.folder import read_plan
from cocm.plandesk.sample import SAMPLE_COLUMNS, Sample, draw_sample
from cocm.plandesk.state import PlanState
from cocm.plandesk.tables_out import csv_bytes
from cocm.rules import rulebook_of


@click.command("sample")
@plan_option
@state_option
@click.option(
    "--from", "from_date", type=Day(), required=True, help="The first day of the months' last days."
)
@click.option("--to", "to_date", type=Day(), required=True, help="The last of them.")
@click.option("--size", type=click.IntRange(1, 100_000), default=30, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed draws the same months.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the list as CSV.")
@rules_option
@json_option
def command(
    folder: Path,
    state: Path | None,
    from_date: date,
    to_date: date,
    size: int,
    seed: int,
    out: Path | None,
    rules: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Draw paid patient-months of the model whose evidence (contact notes with minutes, caseload review) is to be asked
    for, since none has to come with a claim: half by risk, the rest at random by the seed, each with its reason.

    Months whose records are on file are passed over. Exit status: 0 a list (it may be empty), 2 unusable input.

    \b
    Example:
      cocm plan sample --plan my-plan/ --from 2026-01-01 --to 2026-03-31 --size 40 --seed 7 --out sample.csv
    """
    if from_date > to_date:
        raise UnusableInput(f"--from {from_date}: lies after --to {to_date}")
    rulebook = rulebook_of(rules)
    reading = read_plan(folder, rulebook)
    tell_problems(reading.problems)
    with PlanState(state_of(folder, state), reading.book.profile.plan_id) as opened:
        drawn = draw_sample(
            opened, reading.book, rulebook, from_date=from_date, to_date=to_date, seed=seed, size=size
        )
    if out is not None:
        with atomic_write(out) as stream:
            stream.write(csv_bytes(SAMPLE_COLUMNS, list(_rows(drawn))))
    if as_json:
        click.echo(json.dumps(drawn.as_json(), indent=2))
        sys.exit(0)
    click.echo(
        f"{len(drawn.drawn)} of {drawn.paid_months} paid months drawn, seed {drawn.seed}; {drawn.passed_over} passed "
        f"over with records on file. Ask for: {', '.join(drawn.documents)}"
    )
    for one in drawn.drawn:
        paid = one.paid
        click.echo(
            f"{', '.join(paid.claim_numbers)}  {paid.month}  biller {paid.billing_npi}  paid "
            f"{dollars(paid.paid_amount_cents)}"
        )
        for why in one.why:
            click.echo(f"    {why}")


def _rows(drawn: Sample) -> list[tuple[str, ...]]:
    return [
        (
            ";".join(one.paid.claim_numbers),
            ";".join(drawn.ids_of(one.paid)),
            str(one.paid.month),
            one.paid.billing_npi,
            plain_dollars(one.paid.paid_amount_cents),
            str(one.paid.points),
            "at random" if one.is_random else "by risk",
            "; ".join(one.why),
            ";".join(drawn.documents),
        )
        for one in drawn.drawn
    ]
