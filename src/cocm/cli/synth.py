"""`cocm synth`: a realistic synthetic practice."""

from __future__ import annotations

from pathlib import Path

import click

from cocm.basics.months import Month
from cocm.cli.options import MONTH
from cocm.synth.practice import MONTHS_MAX, PATIENTS_MAX, SynthRequest, write_practice


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--patients",
    type=click.IntRange(1, PATIENTS_MAX),
    default=150,
    show_default=True,
    help="Patients active in the last month.",
)
@click.option(
    "--months", type=click.IntRange(1, MONTHS_MAX), default=6, show_default=True, help="Months of contacts."
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same practice.")
@click.option(
    "--until", type=MONTH, default="2026-03", show_default=True, help="The last month, the one to close."
)
@click.option("--with-bad-rows", "has_bad_rows", is_flag=True, help="Put in rows that cannot be read.")
def command(folder: Path, patients: int, months: int, seed: int, until: Month, has_bad_rows: bool) -> None:
    """Make a realistic synthetic practice in a new folder. Nobody in it exists.

    It resembles real life: first and later months, add-ons, three payers, missing consents, near misses, duplicates,
    time billed elsewhere, earlier claims. Patient P000001 is Ariana Davis, whose second month is the last.

    \b
    Example:
      cocm synth practice/
      cocm synth big/ --patients 100000 --months 1
      cocm close practice/ --month 2026-03 --out out/
    """
    request = SynthRequest(folder, patients, months, seed, until, has_bad_rows)
    shows_progress = patients >= 5_000

    def progress(done: int) -> None:
        click.echo(f"\r{done:,} patients", nl=False, err=True)

    mix = write_practice(request, progress=progress if shows_progress else None)
    if shows_progress:
        click.echo(err=True)
    click.echo(f"A synthetic practice in {folder} (seed {seed}, {months} months to {until})")
    for line in mix.text().splitlines():
        click.echo(f"  {line}")
