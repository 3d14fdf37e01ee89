"""`cocm rules load`: bring a publisher's newer file into an overlay folder, and see what it changes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import click

from cocm import __version__
from cocm.basics.identity import SCHEMA_VERSION
from cocm.cli.options import Day, json_option
from cocm.rules.ncci import Setting
from cocm.rules.rulebook import Rulebook
from cocm.rules.table_change import KeyChange, KeyRows, TableChange, TableRow

KIND_NAMES: Final = (
    "pfs",
    "gpci",
    "ncci-ptp",
    "mue",
    "addon",
    "opps",
    "icd10cm",
    "taxonomy",
    "carc-rarc",
)
"""As in `intake.published.kinds`, which is read only when the command runs (a test holds them together)."""
_SHOWN_MAX: Final = 20


@click.command()
@click.argument("kind_name", metavar="KIND", type=click.Choice(KIND_NAMES))
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--into",
    "overlay",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="The overlay folder to write, to be used with --rules.",
)
@click.option(
    "--edition", type=Day(), metavar="DATE", help="The first day it holds, where the file does not tell."
)
@click.option("--member", metavar="NAME", help="Which file of the archive, where several fit.")
@click.option(
    "--setting", type=click.Choice(list(Setting)), help="Whose claims, where the file does not tell."
)
@click.option("--all-codes", is_flag=True, help="Keep every code, not those alone that we follow.")
@click.option("--dry-run", is_flag=True, help="Show what would change and write nothing.")
@json_option
def load(
    kind_name: str,
    path: Path,
    overlay: Path,
    edition: date | None,
    member: str | None,
    setting: str | None,
    all_codes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Load a publisher's file as downloaded and show what it changes in the tables in force.

    KIND is pfs, gpci, ncci-ptp, mue, addon, opps, icd10cm, taxonomy or carc-rarc. FILE is the archive, or the
    CSV, text or XLSX file in it. Facts only are kept: no CPT descriptor and no text of X12 or NUCC.

    \b
    Example:
      cocm rules load pfs rvu26d.zip --into our-tables/ --dry-run
      cocm rules load icd10cm icd10cm_order_2027.txt --into our-tables/
      cocm close my-practice/ --month 2026-10 --out out/ --rules our-tables/
    """
    from cocm.intake.published.kinds import KINDS  # the workbook reader is loaded only where a file is read
    from cocm.intake.published.load import LoadRequest, load_published

    kind = KINDS[kind_name]
    if all_codes and not kind.may_load_all:
        raise click.UsageError(f"--all-codes does not go with {kind_name}")
    loaded = load_published(
        LoadRequest(kind, path, overlay, edition, member, setting, all_codes), is_dry_run=dry_run
    )
    if as_json:
        carried = {
            "schema_version": SCHEMA_VERSION,
            "engine_version": __version__,
            "rulebook_hash": Rulebook(
                [overlay] if overlay.is_dir() and any(overlay.iterdir()) else []
            ).content_hash,
        }
        answer = {
            "kind": kind_name,
            "file": loaded.name,
            "source": loaded.source_ref,
            "tables": [_change_json(change) for change in loaded.changes],
            "written": [str(written) for written in loaded.written],
        }
        click.echo(json.dumps(carried | answer, indent=2, ensure_ascii=False))
        return
    for change in loaded.changes:
        _print_change(loaded.name, change)
    if dry_run:
        click.echo("dry run: nothing was written")
    else:
        click.echo(f"written to {overlay}; use it with --rules {overlay}")


def _print_change(name: str, change: TableChange) -> None:
    compared = f"compared with {change.compared_with}" if change.compared_with else "there was none before"
    click.echo(f"{name}: {change.table.label} from {change.edition}, {compared}")
    counts = (
        f"{len(change.added)} added, {len(change.removed)} removed, {len(change.changed)} changed, "
        f"{change.unchanged_count} as before"
    )
    click.echo(f"  {counts}")
    lines = [
        *(f"changed  {_named(one)}: {_difference(one)}" for one in change.changed),
        *(f"added    {_named(one)}: {_values(one.values)}" for one in change.added),
        *(f"removed  {_named(one)}" for one in change.removed),
    ]
    for line in lines[:_SHOWN_MAX]:
        click.echo(f"  {line}")
    if len(lines) > _SHOWN_MAX:
        click.echo(f"  … and {len(lines) - _SHOWN_MAX} more (--json lists all)")


def _named(one: KeyRows | KeyChange) -> str:
    return " ".join(one.key)


def _values(rows: Sequence[TableRow]) -> str:
    return "; ".join(_row(row) for row in rows)


def _row(row: TableRow) -> str:
    return ", ".join(f"{column} {value}" for column, value in row.items() if value) or "listed"


def _difference(change: KeyChange) -> str:
    fields = change.fields
    if fields is None:
        return f"{_values(change.before)} -> {_values(change.after)}"
    return ", ".join(
        f"{column} {old or 'nothing'} -> {new or 'nothing'}" for column, (old, new) in fields.items()
    )


def _change_json(change: TableChange) -> dict[str, Any]:
    return {
        "table": change.table.name,
        "path": change.table.path,
        "edition": str(change.edition),
        "compared_with": str(change.compared_with) if change.compared_with else None,
        "unchanged_count": change.unchanged_count,
        "added": [{"key": _key(change, one.key), "values": list(one.values)} for one in change.added],
        "removed": [{"key": _key(change, one.key), "values": list(one.values)} for one in change.removed],
        "changed": [
            {"key": _key(change, one.key), "before": list(one.before), "after": list(one.after)}
            for one in change.changed
        ],
    }


def _key(change: TableChange, key: tuple[str, ...]) -> Mapping[str, str]:
    return dict(zip(change.table.key, key, strict=True))
