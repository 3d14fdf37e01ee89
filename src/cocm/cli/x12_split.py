"""`cocm x12 split`: a file into whole smaller ones."""

from __future__ import annotations

import csv
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

import click

from cocm.basics.counted import counted
from cocm.basics.errors import UnusableInput
from cocm.basics.files import safe_cell
from cocm.basics.identity import SCHEMA_VERSION
from cocm.cli.options import json_option
from cocm.intake.wire_files import open_x12_files
from cocm.x12.split import CONTROL_NUMBER_MAX, SplitBy, split
from cocm.x12.split_part import SplitPart

LIST_NAME: Final = "parts.csv"
_COLUMNS: Final = ("file", "source", "key", "transaction", "transactions", "claims", "bytes")
_OWNER_ALONE: Final = 0o600
_ACKNOWLEDGMENT: Final = "ta1"


@click.command("split")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--by", type=click.Choice([one.value for one in SplitBy]), required=True, help="What makes a part."
)
@click.option("--to", "folder", type=click.Path(path_type=Path), required=True, help="A new or empty folder.")
@click.option(
    "--first-control-number",
    type=click.IntRange(1, CONTROL_NUMBER_MAX),
    help="Number the parts' interchanges and groups on from here.  [default: as in the file]",
)
@json_option
def command(file: Path, by: str, folder: Path, first_control_number: int | None, as_json: bool) -> None:
    """Split a file into whole interchanges: one a transaction (st), claim, payer or payment.

    Counts and levels are made anew and nothing is lost; parts.csv lists the parts. Claims (837) can be split by claim
    and payer, a remittance (835) is one payment and is not cut further, everything can be split by st. Either all
    parts are written or none.

    \b
    Example:
      cocm x12 split claims.837 --by payer --to by-payer/
      cocm x12 split remittances.zip --by payment --to payments/
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UnusableInput(f"{folder}: is there already and not empty; name a new folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".part", dir=folder.parent))
    try:
        rows = _write_parts(file, SplitBy(by), staging, first_control_number)
        if not rows:
            raise UnusableInput(f"{file}: holds no transaction; there is nothing to split")
        _write_list(staging / LIST_NAME, rows)
        if folder.exists():
            folder.rmdir()
        staging.rename(folder)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    if as_json:
        parts = [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
        click.echo(
            json.dumps({"schema_version": SCHEMA_VERSION, "folder": str(folder), "parts": parts}, indent=2)
        )
        return
    claims = sum(int(row[_COLUMNS.index("claims")]) for row in rows)
    click.echo(
        f"{counted(len(rows), 'part')} with {counted(claims, 'claim')} in {folder} (listed in {LIST_NAME})"
    )


def _write_parts(
    file: Path, by: SplitBy, folder: Path, first_control_number: int | None
) -> list[tuple[str, ...]]:
    """Write the parts of a file, or of all files of an archive, and describe each."""
    rows: list[tuple[str, ...]] = []
    for name, stream in open_x12_files(file):
        done = len(rows)

        def append(number: int, content: bytes, done: int = done) -> None:
            path = folder / f"{done + number:06d}"
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, _OWNER_ALONE), "ab") as out:
                out.write(content)

        first = None if first_control_number is None else first_control_number + done
        for part in split(stream, by, append, first_control_number=first):
            final = _file_name(part, by, done)
            (folder / f"{done + part.number:06d}").rename(folder / final)
            rows.append(_row(part, final, name))
    return rows


def _file_name(part: SplitPart, by: SplitBy, done: int) -> str:
    kind = by.value if part.transaction else _ACKNOWLEDGMENT
    suffix = part.transaction if part.transaction.isascii() and part.transaction.isdigit() else "x12"
    return f"{kind}-{done + part.number:06d}.{suffix}"


def _row(part: SplitPart, file_name: str, source: str) -> tuple[str, ...]:
    counts = (part.transaction_count, part.claim_count, part.byte_count)
    return (file_name, source, part.key, part.transaction, *map(str, counts))


def _write_list(path: Path, rows: list[tuple[str, ...]]) -> None:
    with path.open("x", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(_COLUMNS)
        for row in rows:
            writer.writerow([safe_cell(cell) for cell in row])
    path.chmod(_OWNER_ALONE)
