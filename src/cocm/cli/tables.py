"""`cocm tables`: the contract of the practice tables."""

from __future__ import annotations

import json

import click

from cocm.intake.document import table_text, tables_as_json, tables_text
from cocm.intake.tables import TABLES


@click.command()
@click.argument("table_name", metavar="[TABLE]", required=False, type=click.Choice(list(TABLES)))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(table_name: str | None, as_json: bool) -> None:
    """Print the contract of the practice tables: what each holds, or every column of one.

    \b
    Example:
      cocm tables
      cocm tables contacts
      cocm tables --json
    """
    if as_json:
        tables = TABLES.values() if table_name is None else [TABLES[table_name]]
        click.echo(json.dumps(tables_as_json(tables), indent=2, ensure_ascii=False))
    elif table_name is None:
        click.echo(tables_text(), nl=False)
        click.echo("\n`cocm tables TABLE` prints its columns; `cocm template DIR` writes the empty tables.")
    else:
        click.echo(table_text(TABLES[table_name]), nl=False)
