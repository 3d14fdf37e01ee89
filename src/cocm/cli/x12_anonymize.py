"""`cocm x12 anonymize`: a file without what tells who somebody is."""

from __future__ import annotations

import secrets
from pathlib import Path

import click

from cocm.basics.counted import counted
from cocm.basics.errors import UnusableInput
from cocm.basics.files import atomic_write
from cocm.intake.wire_files import open_x12_files
from cocm.x12.anonymize import anonymize

_SEED_BITS = 64


@click.command("anonymize")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The file to write."
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    help="Files with one seed fit together; whoever knows it can undo the ids.  [default: a new secret one, printed]",
)
@click.option("--keep-months", "keeps_months", is_flag=True, help="Move dates by whole months, not by weeks.")
def command(file: Path, out: Path, seed: int | None, keeps_months: bool) -> None:
    """Replace everything that tells who somebody is; structure, codes, balances and relations stay.

    Names, ids, addresses, control numbers, account numbers: the same value becomes the same replacement in every file
    with the same seed, and an NPI stays a valid NPI. Dates move by a constant of each person's own (birth dates by one
    more). Free text and what the guide does not know are left out. A transaction without a map, or with a document
    in it (275), is refused.

    The result is for tests and examples; it is no legal finding of de-identification.

    \b
    Example:
      cocm x12 anonymize claims.837 --out example.837
      cocm x12 anonymize remittance.835 --out example.835 --seed 7 --keep-months
    """
    if out.exists() and out.samefile(file):
        raise UnusableInput(f"{out}: is the file itself; name another one for the result")
    chosen = secrets.randbits(_SEED_BITS) if seed is None else seed
    transactions = dropped = emptied = 0
    tags: set[str] = set()
    with atomic_write(out) as stream:
        for _, source in open_x12_files(file):
            done = anonymize(source, stream, seed=chosen, keeps_months=keeps_months)
            transactions += done.transaction_count
            dropped += done.dropped_segment_count
            emptied += done.emptied_element_count
            tags |= done.dropped_tags
    what = f" ({', '.join(sorted(tags))})" if tags else ""
    click.echo(
        f"{out}: {counted(transactions, 'transaction')}; left out {counted(dropped, 'segment')}{what} "
        f"and {counted(emptied, 'element')}"
    )
    if seed is None:
        click.echo(
            f"Seed {chosen}: keep it secret, and give it (--seed) for other files that belong to this one"
        )
