"""`cocm packet`: the documentation of one patient-month, ready to send."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from cocm.basics.counted import counted
from cocm.cli.options import Day, rules_option, today
from cocm.receivables.practice_books import BooksRequest


@click.command("packet")
@click.argument("practice", type=click.Path(exists=True, path_type=Path))
@click.option("--claim", "claim_id", required=True, help="The claim's id, as in proposals.csv.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for the packet.")
@click.option("--reference", default="", help="The payer's number of its request.")
@click.option("--x275", is_flag=True, help="Also write packet.275: the C-CDA as an attachment (006020X314).")
@click.option("--sent", is_flag=True, help="Record that the packet went out on the day of --as-of.")
@click.option("--state", type=click.Path(path_type=Path), help="The practice's state file.")
@click.option("--as-of", type=Day(), help="The packet's date.  [default: today]")
@rules_option
def command(
    practice: Path,
    claim_id: str,
    out: Path,
    reference: str,
    x275: bool,
    sent: bool,
    state: Path | None,
    as_of: date | None,
    rules: tuple[Path, ...],
) -> None:
    """Make the month packet of a claim: one PDF, and the same as a C-CDA document.

    Everything a payer asks for, from the tables and from the folder `documents` beside them (index.csv says what each
    file is): team, consent, visit, scales, plan, contact log, minutes, consultation; then the documents, with contents
    and page numbers, and the minutes ledger with its hash. Each thing is found, missing or not recorded.

    Psychotherapy notes never go in. Documents of a part 2 programme go in only with their own consent on file. What is
    withheld is named here and nowhere in the packet.

    --x275 answers the open request of the payer with its trace and the document types it asked for; without an open
    request the attachment goes unasked, under the number that the claim announced.

    Exit status: 0 complete, 1 something is missing or a row of the index was left out, 2 nothing was written.

    \b
    Example:
      cocm packet my-practice/ --claim C-0123456789AB --out packet/ --reference REQ123 --sent
    """
    from cocm.receivables.packet import PacketRequest, make_packet

    day = as_of or today()
    made = make_packet(
        PacketRequest(
            BooksRequest(practice, day, state, rules), claim_id, out, reference, day if sent else None, x275
        )
    )
    content = made.content
    click.echo(f"{out / 'packet.pdf'}, {out / 'packet.xml'}: completeness {content.completeness_percent} %")
    if made.attachment:
        click.echo(f"{out / 'packet.275'}: control number {made.attachment_number}")
    for item in content.items:
        click.echo(f"  {item.presence:13} {item.title}")
    click.echo(f"  {counted(len(content.documents), 'document')}; ledger SHA-256 {content.ledger_hash}")
    for document_id, why in content.withheld:
        click.echo(f"  withheld: {document_id}, {why}")
    for problem in made.problems:
        click.echo(f"  {problem}", err=True)
    sys.exit(1 if content.completeness_percent < 100 or made.problems else 0)
