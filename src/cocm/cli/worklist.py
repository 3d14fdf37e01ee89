"""`cocm worklist`: what is worth doing about the claims that were sent."""

from __future__ import annotations

import csv
import json
import sys
import textwrap
from datetime import date
from pathlib import Path
from typing import TextIO

import click

from cocm.basics.counted import counted
from cocm.basics.files import atomic_write, safe_cell, text_into
from cocm.basics.money import dollars, plain_dollars
from cocm.cli.options import Day, json_option, rules_option, today
from cocm.receivables.practice_books import BooksRequest, open_books
from cocm.receivables.worklist import WorkItem, worklist

SHOWN_MAX = 20
COLUMNS = (
    "rank", "kind", "claim_id", "payer_id", "month", "state", "amount", "days_left", "deadline", "deadline_why",
    "chance_percent", "cause_id", "cause", "because", "action", "who", "steps", "letter", "prevented_by",
)  # fmt: skip


@click.command("worklist")
@click.argument("practice", type=click.Path(exists=True, path_type=Path))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the whole list (CSV).")
@click.option("--state", type=click.Path(path_type=Path), help="The practice's state file.")
@click.option("--as-of", type=Day(), help="The day of the list.  [default: today]")
@rules_option
@json_option
def command(
    practice: Path,
    out: Path | None,
    state: Path | None,
    as_of: date | None,
    rules: tuple[Path, ...],
    as_json: bool,
) -> None:
    """What waits after the claim: denials, rejections, requests, shares in dispute, underpayments, refunds.

    Sorted by money, days left and chance. Each item names its likeliest cause and what speaks for it, the fix, who does
    it and by when under the payer's rules; an unknown deadline says so and counts as thirty days.

    Exit status: 0 nothing waits, 1 something does, 2 unusable input.

    \b
    Example:
      cocm worklist my-practice/ --out worklist.csv
    """
    request = BooksRequest(practice, as_of or today(), state, rules)
    with open_books(request, is_read_only=True) as books:
        items = worklist(books)
    if out is not None:
        with atomic_write(out) as stream, text_into(stream) as text:
            _write(items, request.as_of_date, text)
    if as_json:
        rows = [
            dict(zip(COLUMNS, _row(rank, item, request.as_of_date), strict=True))
            for rank, item in _ranked(items)
        ]
        click.echo(json.dumps({"as_of_date": str(request.as_of_date), "items": rows}, indent=2))
    else:
        _print(items, request.as_of_date, out)
    sys.exit(1 if items else 0)


def _ranked(items: list[WorkItem]) -> list[tuple[int, WorkItem]]:
    return list(enumerate(items, start=1))


def _row(rank: int, item: WorkItem, day: date) -> tuple[object, ...]:
    left = item.days_left(day)
    return (
        rank, item.kind, item.claim_id, item.payer_id, str(item.month), item.state, plain_dollars(item.cents),
        "" if left is None else left, str(item.deadline.day or ""), item.deadline.why, item.chance_percent,
        item.cause_id, item.label, "; ".join(item.because), item.action, item.who, " ".join(item.steps), item.letter,
        " ".join(item.prevented_by),
    )  # fmt: skip


def _write(items: list[WorkItem], day: date, text: TextIO) -> None:
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for rank, item in _ranked(items):
        writer.writerow([safe_cell(str(cell)) for cell in _row(rank, item, day)])


def _time_left(left: int | None, item: WorkItem) -> str:
    if left is None:
        return "deadline unknown"
    return f"{left} days left ({item.deadline.day})" if left >= 0 else f"too late since {item.deadline.day}"


def _print(items: list[WorkItem], day: date, out: Path | None) -> None:
    for rank, item in _ranked(items)[:SHOWN_MAX]:
        left = item.days_left(day)
        by = _time_left(left, item)
        click.echo(
            f"{rank:3}. {dollars(item.cents)}  {item.claim_id}  {item.payer_id} {item.month}  {item.state}"
        )
        click.echo(f"     {item.label}; {by}; chance {item.chance_percent} %; {item.who}: {item.action}")
        for step in item.steps:
            click.echo(textwrap.fill(step, 108, initial_indent="       - ", subsequent_indent="         "))
    if len(items) > SHOWN_MAX:
        click.echo(
            f"... and {len(items) - SHOWN_MAX} more" + (f", all in {out}" if out else "; --out FILE has all")
        )
    click.echo(f"{counted(len(items), 'item')}, {dollars(sum(item.cents for item in items))}")
