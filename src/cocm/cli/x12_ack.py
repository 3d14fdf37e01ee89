"""`cocm x12 ack`: the acknowledgments that a receiver owes for a file."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path

import click

from cocm import __version__
from cocm.basics.files import atomic_write
from cocm.basics.identity import SCHEMA_VERSION
from cocm.cli.options import json_option, now, rules_option
from cocm.intake.wire_files import open_x12_files
from cocm.rules import rulebook_of
from cocm.x12.code_sets import rulebook_code_sets
from cocm.x12.envelope import CONTROL_NUMBER_MAX
from cocm.x12.reply import Reply, reply


@click.command("ack")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--out",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for them.",
)
@click.option(
    "--at",
    type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d"]),
    help="The moment of the answer; with it, the bytes are the same on any day.  [default: now]",
)
@click.option(
    "--first-control-number",
    type=click.IntRange(1, CONTROL_NUMBER_MAX),
    default=1,
    show_default=True,
    help="Number the acknowledgments on from here.",
)
@rules_option
@json_option
def command(
    file: Path,
    folder: Path,
    at: datetime | None,
    first_control_number: int,
    rules: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Answer a file as its receiver, from the check of it: TA1, 999 and (for professional claims) 277CA.

    A TA1 goes to each interchange that is refused or asks for one; a 999 to each group that is taken in; a 277CA says
    claim by claim what is taken in. An acknowledgment (999) is not answered by another.

    Exit status: 0 everything is accepted, 1 something is rejected, 2 the file cannot be read at all.

    \b
    Example:
      cocm x12 ack claims.837 --out answers/
      cocm x12 ack claims.837 --out answers/ --first-control-number 500 --at 2026-04-02T09:30
    """
    code_sets = rulebook_code_sets(rulebook_of(rules))
    moment = at if at is not None else now()
    replies: list[tuple[str, Reply]] = []
    for name, stream in open_x12_files(file):
        number = first_control_number + sum(bool(one.content) for _, one in replies)
        answers = reply(stream.read(), at=moment, first_control_number=number, code_sets=code_sets)
        replies += [(name, one) for one in answers]
    folder.mkdir(parents=True, exist_ok=True)
    listed = []
    for number, (name, one) in enumerate(replies, 1):
        file_name = f"{number:05d}-{one.kind.value.lower()}.x12" if one.content else ""
        if file_name:
            with atomic_write(folder / file_name) as out:
                out.write(one.content)
        listed.append(
            {
                "file": file_name,
                "source": name,
                "kind": one.kind.value,
                "answers": one.answers,
                "accepted": one.accepted_count,
                "rejected": one.rejected_count,
                "unreadable": one.unreadable_count,
                "why": one.why or None,
            }
        )
    if as_json:
        head = {"schema_version": SCHEMA_VERSION, "engine_version": __version__}
        click.echo(json.dumps({**head, "acknowledgments": listed}, indent=2))
    else:
        for row in listed:
            unreadable = f", {row['unreadable']} that cannot be read" if row["unreadable"] else ""
            place = folder / str(row["file"]) if row["file"] else f"cannot be written: {row['why']}"
            click.echo(
                f"{row['kind']:<5} for {row['answers']}: {row['accepted']} accepted, {row['rejected']} rejected"
                f"{unreadable}  {place}"
            )
        if not listed:
            click.echo(f"{file}: nothing in it is answered by an acknowledgment")
    sys.exit(0 if all(one.is_accepted for _, one in replies) else 1)
