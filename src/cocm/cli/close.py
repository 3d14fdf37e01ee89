"""`cocm close`: a practice's month of contacts in; codes, worklist and 837P claims out."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Final

import click

from cocm.basics.counted import counted
from cocm.basics.money import dollars
from cocm.basics.months import Month
from cocm.cli.options import MONTH, rules_option
from cocm.close.request import FORMS, CloseRequest, CloseResult
from cocm.close.run import close_month

NOTICES_SHOWN_MAX: Final = 5


@click.command("close")
@click.argument("practice", type=click.Path(exists=True, path_type=Path))
@click.option("--month", type=MONTH, required=True, help="The month to close, YYYY-MM.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for the results.")
@click.option("--payer", help="Only this payer (payer_id of the payers table).")
@click.option("--dry-run", is_flag=True, help="Write the results but record nothing; send none of it.")
@click.option("--test", "is_test", is_flag=True, help="Mark the interchanges as test files (ISA15 = T).")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The date the close is made as of; with it, the bytes are the same on any day.  [default: today]",
)
@click.option(
    "--state",
    type=click.Path(path_type=Path),
    help="The practice's state file.  [default: cocm-state.sqlite beside the tables]",
)
@click.option(
    "--form",
    "forms",
    type=click.Choice(FORMS),
    multiple=True,
    help="Also write the new claims as CMS-1500 forms (PDF) or as a charge export (CSV) for your billing system.",
)
@rules_option
@click.option(
    "--workers", type=click.IntRange(0, 64), default=0, help="Processes to use.  [default: one a processor]"
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def command(
    practice: Path,
    month: Month,
    out: Path,
    payer: str | None,
    dry_run: bool,
    is_test: bool,
    as_of: datetime | None,
    state: Path | None,
    forms: tuple[str, ...],
    rules: tuple[Path, ...],
    workers: int,
    as_json: bool,
) -> None:
    """Close a month.

    PRACTICE is a folder of CSV tables or one XLSX workbook (`cocm tables` prints the contract, `cocm template` writes
    empty ones). Bad rows are reported and the rest goes on. Closing the same month again writes the same claims and
    never bills twice.

    Exit status: 0 complete, 1 rows were rejected or claims held, 2 nothing written.

    \b
    Example:
      cocm close my-practice/ --month 2026-03 --out closed/2026-03
    """
    request = CloseRequest(
        practice=practice,
        month=month,
        out=out,
        as_of_date=as_of.date() if as_of else date.today(),  # noqa: DTZ011  # the practice's own calendar day
        state=state,
        payer_id=payer,
        is_dry_run=dry_run,
        is_test=is_test,
        overlays=rules,
        workers=workers,
        forms=frozenset(forms),
    )
    with click.progressbar(
        length=0, label=f"Closing {month}", file=sys.stderr, show_percent=False, show_eta=False, show_pos=True
    ) as bar:

        def progress(patient_months: int) -> None:
            bar.length = (bar.length or 0) + patient_months
            bar.update(patient_months)

        result = close_month(request, progress=progress)
    if as_json:
        click.echo((out / "summary.json").read_text(encoding="utf-8"), nl=False)
    else:
        _print_summary(request, result)
    sys.exit(result.exit_status)


def _print_summary(request: CloseRequest, result: CloseResult) -> None:
    tally = result.tally
    echo = click.echo
    title = f"Month close {request.month}, as of {request.as_of_date}"
    echo(f"{title}{' (dry run: nothing recorded)' if request.is_dry_run else ''}")
    echo(f"  patient-months        {tally.patient_months:>8,}   minutes counted {tally.minutes_counted:,}")
    echo(f"  claims ready          {tally.by_status['claim']:>8,}")
    if tally.by_status["already_sent"]:
        echo(f"  sent before           {tally.by_status['already_sent']:>8,}")
    echo(f"  held                  {tally.by_status['held']:>8,}   at stake {dollars(tally.held_cents)}")
    echo(f"  care due, no code     {tally.by_status['care_due']:>8,}")
    echo(f"  no service            {tally.by_status['no_service']:>8,}")
    echo(f"  rows rejected         {tally.rows_rejected:>8,}")
    if tally.by_code:
        echo("Codes on the claims")
        for code, units in sorted(tally.by_code.items()):
            echo(f"  {code}                 {units:>8,}")
    reasons = [(item, count) for item, count in tally.by_item.most_common() if item != "care_due"]
    if reasons:
        echo("Held or to look at, by reason")
        for item, count in reasons:
            echo(f"  {item:<34}{count:>6,}   {dollars(tally.cents_by_item[item])}")
    if result.payers:
        echo("Claim files")
        for payer in result.payers:
            when = "" if payer.is_new else "   (written by an earlier close)"
            claims = f"{counted(payer.claim_count, 'claim')}, {dollars(payer.charge_amount_cents)}"
            echo(f"  {request.out / payer.file_name}  {claims}{when}")
    for notice in result.notices[:NOTICES_SHOWN_MAX]:
        echo(f"Note: {notice}")
    if len(result.notices) > NOTICES_SHOWN_MAX:
        echo(f"Note: {len(result.notices) - NOTICES_SHOWN_MAX} more notices stand in the report.")
    echo(f"Report      {request.out / 'report.html'}")
    echo(f"Worklist    {request.out / 'worklist.csv'}")
