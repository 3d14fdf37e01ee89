"""`cocm plan template`: an empty plan folder."""

from __future__ import annotations

from pathlib import Path

import click

from cocm.plandesk.template import write_template


@click.command("template")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
def command(folder: Path) -> None:
    """Write the empty tables of a plan into DIR, with a README that says what goes where.

    \b
    Example:
      cocm plan template my-plan/
    """
    names = write_template(folder)
    click.echo(f"{len(names)} files in {folder}: {', '.join(names)}")
