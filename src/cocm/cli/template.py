"""`cocm template`: empty practice tables to fill in."""

from __future__ import annotations

from pathlib import Path

import click

from cocm.intake.template import write_template


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--xlsx", "as_workbook", is_flag=True, help="Write one workbook instead of CSV files.")
def command(folder: Path, as_workbook: bool) -> None:
    """Write empty practice tables, with a README that says how to fill them, into a new folder.

    \b
    Example:
      cocm template my-practice/
      cocm template my-practice/ --xlsx
    """
    written = write_template(folder, as_workbook=as_workbook)
    click.echo(
        f"Wrote {len(written)} files to {folder}: fill in the tables ({folder / 'README.md'} says how)."
    )
