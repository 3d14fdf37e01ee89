"""`cocm check`: scrub 837P files of any system for their Collaborative Care lines."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, Final

import click

from cocm.basics.errors import UnusableInput
from cocm.basics.files import atomic_write
from cocm.cli.options import Day, json_option, rules_option, today
from cocm.rules import rulebook_of
from cocm.scrub.document import json_end, json_parts
from cocm.scrub.report import ScrubTotals
from cocm.scrub.scrub import Scrub, ScrubRequest
from cocm.scrub.text import report_lines, totals_lines
from cocm.x12.repair import RepairReport, repair_837p

REPAIRS_SHOWN_MAX: Final = 200


@click.command("check")
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)
)
@click.option(
    "--payer",
    "pack_id",
    metavar="PACK",
    help="Whose rules hold.  [default: found for each claim where that is certain, else cpt]",
)
@click.option(
    "--history",
    type=click.Path(exists=True, path_type=Path),
    help="What was sent before: an 837P file, a folder of them, or a claim_history table (CSV).",
)
@click.option(
    "--as-of", type=Day(), metavar="DATE", help="The day on which the claims are looked at (default: today)."
)
@click.option(
    "--repair",
    "repaired",
    type=click.Path(path_type=Path),
    metavar="OUT",
    help="Write FILE to OUT with its formatting mended (nothing clinical, no money, no party), and check that.",
)
@click.option(
    "--failures-only",
    is_flag=True,
    help="Exit status 0 also where something is not known; it is still counted, and never called clean.",
)
@rules_option
@json_option
def command(
    files: tuple[Path, ...],
    pack_id: str | None,
    history: Path | None,
    as_of: date | None,
    repaired: Path | None,
    failures_only: bool,
    rules: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Check the Collaborative Care lines of professional claims (837P), whoever made the file.

    Each claim with a CoCM line goes through the whole catalogue of edits; other claims and lines are left alone and
    counted. Claims of one patient are each other's history. FILE may be compressed (.gz, .zip).

    Exit status: 0 clean, 1 something is wrong or not known, 2 a file cannot be checked.

    \b
    Example:
      cocm check march.837 --payer medicare --history sent/
      cocm check march.837 --repair march-mended.837 --json
    """
    rulebook = rulebook_of(rules)
    day = as_of or today()
    repairs = None
    if repaired is not None:
        repairs = _repair(files, repaired)
        files = (repaired,)
    scrub = Scrub(ScrubRequest(files, day, pack_id, history), rulebook)
    scrub.prepare()
    told = scrub.history if history is not None else None
    if as_json:
        shown = None if repairs is None else _repairs_json(repairs, repaired)
        for part in json_parts(scrub.reports(), rulebook, str(day), shown):
            click.echo(part, nl=False)
        click.echo(json_end(scrub.totals, told), nl=False)
    else:
        if repairs is not None:
            _print_repairs(repairs, repaired)
        for report in scrub.reports():
            for line in report_lines(report):
                click.echo(line)
        for line in totals_lines(scrub.totals, told, str(day)):
            click.echo(line)
    sys.exit(_status(scrub.totals, failures_only))


def _status(totals: ScrubTotals, failures_only: bool) -> int:
    if totals.files_unusable:
        return 2
    return 1 if totals.has_failures or (totals.claims_with_no_data and not failures_only) else 0


def _repair(files: tuple[Path, ...], out: Path) -> RepairReport:
    if len(files) != 1:
        raise UnusableInput(f"--repair {out}: mends one file at a time; {len(files)} were named")
    source = files[0]
    if out.exists() and out.samefile(source):
        raise UnusableInput(f"--repair {out}: is the file itself; name another, so that the original stays")
    if out.is_dir() or not out.parent.is_dir():
        raise UnusableInput(f"--repair {out}: name a file in a folder that exists")
    with source.open("rb") as given, atomic_write(out) as stream:
        return repair_837p(given, stream)


def _print_repairs(report: RepairReport, out: Path | None) -> None:
    click.echo(
        f"Mended into {out}: {len(report.repairs)} repairs of formatting, {len(report.left)} left as they are"
    )
    for repair in report.repairs[:REPAIRS_SHOWN_MAX]:
        click.echo(f"  mended    {repair}")
    for left in report.left[:REPAIRS_SHOWN_MAX]:
        click.echo(f"  left      {left}")
    if max(len(report.repairs), len(report.left)) > REPAIRS_SHOWN_MAX:
        click.echo("  more than are shown here; --json lists all")


def _repairs_json(report: RepairReport, out: Path | None) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(asdict(report), default=str))
    return {"file": str(out), **plain}
