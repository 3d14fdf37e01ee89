"""`cocm void`: take back a claim that an earlier close wrote."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

from cocm.basics.money import dollars
from cocm.cli.options import rules_option
from cocm.close.void import VoidRequest, void_claim


@click.command("void")
@click.argument("practice", type=click.Path(exists=True, path_type=Path))
@click.option("--claim", "claim_id", required=True, help="The claim's id, as in proposals.csv.")
@click.option(
    "--control-number", required=True, help="The payer's number of that claim, from the remittance."
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for the 837P file.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The date of the void.  [default: today]")
@click.option(
    "--state",
    type=click.Path(path_type=Path),
    help="The practice's state file.  [default: cocm-state.sqlite beside the tables]",
)
@rules_option
def command(
    practice: Path,
    claim_id: str,
    control_number: str,
    out: Path,
    as_of: datetime | None,
    state: Path | None,
    rules: tuple[Path, ...],
) -> None:
    """Take back a claim: an 837P void (frequency 8) of what was sent.

    Only where the payer's rules take voids and replacements; the payer must have adjudicated the claim, since the void
    names its control number. Afterwards the month may be closed and billed anew.

    Exit status: 0 written, 2 nothing written.

    \b
    Example:
      cocm void my-practice/ --claim C-0123456789ABCDEF --control-number 2026059000123 --out voids/
    """
    written = void_claim(
        VoidRequest(
            practice=practice,
            claim_id=claim_id,
            payer_claim_control_number=control_number,
            out=out,
            as_of_date=as_of.date() if as_of else date.today(),  # noqa: DTZ011  # the practice's own calendar day
            state=state,
            overlays=rules,
        )
    )
    click.echo(f"{out / written.file_name}  void of {claim_id}, {dollars(written.charge_amount_cents)}")
