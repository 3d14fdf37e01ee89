"""`cocm rules impact`: which decisions a rule change turns, and why."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from cocm import __version__
from cocm.basics.counted import counted
from cocm.basics.identity import SCHEMA_VERSION
from cocm.basics.money import dollars
from cocm.basics.months import Month
from cocm.cli.options import MONTH, Day, json_option, today

if TYPE_CHECKING:
    from cocm.impact.turned import Comparison, Turned

SHOWN_MAX: Final = 200
NOTES_SHOWN_MAX: Final = 20


@click.command("impact")
@click.option("--from", "before", required=True, metavar="REV", help="The rules before: see below.")
@click.option("--to", "after", default="current", show_default=True, metavar="REV", help="The rules after.")
@click.option(
    "--claims",
    "paths",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    metavar="FILE",
    help="What to decide by both: an 837P file, a plan's claims history (Parquet or CSV, as for `cocm plan audit`), a "
    "folder with the table claim_line, or a practice's folder or workbook. Without it, the synthetic regression set.",
)
@click.option("--month", type=MONTH, help="The month to decide, for a practice.")
@click.option(
    "--payer",
    "pack_id",
    metavar="PACK",
    help="Whose rules hold: the plan's for a claims history; for an 837P file the default is as for `cocm check`.",
)
@click.option("--as-of", type=Day(), metavar="DATE", help="The day of looking (default: today).")
@click.option(
    "--repo",
    "repository",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="The git repository of the revisions.  [default: where you stand]",
)
@json_option
@click.pass_context
def impact(
    context: click.Context,
    before: str,
    after: str,
    paths: tuple[Path, ...],
    month: Month | None,
    pack_id: str | None,
    as_of: date | None,
    repository: Path,
    as_json: bool,
) -> None:
    """Show which decisions come out differently, and the rule value that turned each. Exit status 1 if any does.

    REV is `current` (the installed rulebook), a folder with a rulebook or an overlay, or a git revision (a tag, a
    commit, HEAD~1) of a repository that holds one. Nothing is fetched.

    \b
    Example:
      cocm rules impact --from v2025.4 --to current --claims march.837
      cocm rules impact --from current --to our-contracts/ --claims my-practice/ --month 2026-03
      cocm rules impact --from current --to next-year/ --claims claims-2025.parquet --payer ca-commercial-carveout
    """
    from cocm.impact.revision import revisions
    from cocm.impact.run import ImpactRequest, turned_decisions
    from cocm.impact.turned import Comparison

    day = as_of or today()
    with revisions((before, after), repository=repository) as (first, second):
        comparison = Comparison(first, second)
        turned = turned_decisions(ImpactRequest(paths, month, pack_id, day), comparison)
        if as_json:
            _print_json(turned, comparison, day)
        else:
            _print(turned, comparison)
    context.exit(1 if comparison.totals.turned_decisions else 0)


def _print(turned: Iterable[Turned], comparison: Comparison) -> None:
    turned = iter(turned)
    for one in islice(turned, SHOWN_MAX):
        click.echo(f"{one.subject_id}, pack {one.pack_id}, {one.day}: {one.decision}")
        click.echo(f"  before  {one.before}")
        click.echo(f"  after   {one.after}")
        if one.is_joint:
            click.echo("  turned by several values together, or one of:")
        for cause in one.causes:
            click.echo(f"  turned by {cause}")
        if one.tables:
            click.echo(f"  changed tables: {', '.join(one.tables)}")
    hidden = sum(1 for _ in turned)
    if hidden:
        click.echo(f"… and {hidden} more; --json lists all")
    _print_totals(comparison)


def _print_totals(comparison: Comparison) -> None:
    totals = comparison.totals
    first, second = comparison.before, comparison.after
    click.echo(
        f"{first.name} ({first.rulebook.content_hash[:12]}) to {second.name} ({second.rulebook.content_hash[:12]}): "
        f"{totals.turned_subjects} of {totals.subjects} decided turn, with "
        f"{counted(totals.turned_decisions, 'decision')}; "
        f"{dollars(totals.amount_before_cents)} hang on them, {dollars(totals.amount_after_cents)} afterwards"
    )
    for (decision, was, is_now), count in totals.by_change.most_common():
        cents = totals.cents_by_change[decision, was, is_now]
        click.echo(f"  {count:>7}  {decision}: {was} -> {is_now}   {dollars(cents)}")
    if totals.by_cause:
        click.echo("Turned by")
        for cause, count in totals.by_cause.most_common():
            click.echo(f"  {count:>7}  {cause}")
    if comparison.tables:
        click.echo(f"Tables that differ: {', '.join(comparison.tables)}")
    for revision in (first, second):
        if revision.lent:
            click.echo(
                f"Note: {revision.name} lacks {len(revision.lent)} rules or tables that this version reads; they were "
                f"taken from the installed rulebook and show no change: {', '.join(revision.lent[:NOTES_SHOWN_MAX])}"
            )
    for note in totals.not_decided[:NOTES_SHOWN_MAX]:
        click.echo(f"Note: {note}")
    if len(totals.not_decided) > NOTES_SHOWN_MAX:
        click.echo(f"Note: {len(totals.not_decided) - NOTES_SHOWN_MAX} more notes; --json lists all")


def _print_json(turned: Iterable[Turned], comparison: Comparison, day: date) -> None:
    turned = iter(turned)
    first = list(islice(turned, 1))  # what cannot be decided at all is told before anything is printed
    head = {
        "schema_version": SCHEMA_VERSION,
        "engine_version": __version__,
        "as_of_date": str(day),
        "from": _revision_json(
            comparison.before.name, comparison.before.rulebook.content_hash, comparison.before.lent
        ),
        "to": _revision_json(
            comparison.after.name, comparison.after.rulebook.content_hash, comparison.after.lent
        ),
        "tables_that_differ": list(comparison.tables),
    }
    click.echo(f'{json.dumps(head)[:-1]},\n"turned":[', nl=False)
    separator = "\n"
    for one in chain(first, turned):
        click.echo(separator + json.dumps(asdict(one), default=str, ensure_ascii=False), nl=False)
        separator = ",\n"
    totals = comparison.totals
    sums = {
        "decided": totals.subjects,
        "turned_subjects": totals.turned_subjects,
        "turned_decisions": totals.turned_decisions,
        "amount_before_cents": totals.amount_before_cents,
        "amount_after_cents": totals.amount_after_cents,
        "by_change": [
            {
                "decision": decision,
                "before": was,
                "after": is_now,
                "count": count,
                "amount_before_cents": totals.cents_by_change[decision, was, is_now],
            }
            for (decision, was, is_now), count in totals.by_change.most_common()
        ],
        "by_cause": dict(totals.by_cause.most_common()),
        "not_decided": totals.not_decided,
    }
    click.echo(f'\n],\n"totals":{json.dumps(sums, ensure_ascii=False)}\n}}')


def _revision_json(name: str, content_hash: str, lent: tuple[str, ...]) -> dict[str, Any]:
    return {"name": name, "rulebook_hash": content_hash, "taken_from_the_installed_rulebook": list(lent)}
