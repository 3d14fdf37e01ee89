"""A closed practice whose tables are changed after its claims went out."""

from __future__ import annotations

import csv

from closed_practice import ClosedPractice
from remittance_maker import Decided, Line


def paid_as_charged(closed: ClosedPractice, patient_id: str) -> Decided:
    """The patient's claim paid in full, as one line."""
    cents = closed.charges_cents[patient_id]
    line = Line("99493", cents)
    return Decided(
        closed.claim_ids[patient_id], (line,), payer_number=f"ICN{patient_id}", member_id=f"M{patient_id}"
    )


def change_rows(closed: ClosedPractice, table: str, wanted: dict[str, str], **cells: str) -> None:
    """Rewrite the rows of a table that have the wanted cells."""
    path = closed.folder / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    changed = 0
    for row in rows:
        if all(row[name] == value for name, value in wanted.items()):
            row.update(cells)
            changed += 1
    assert changed
    _write(closed, table, rows)


def add_row(closed: ClosedPractice, table: str, like: dict[str, str], **cells: str) -> None:
    """A new row like one that is there."""
    path = closed.folder / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    first = next(row for row in rows if all(row[name] == value for name, value in like.items()))
    _write(closed, table, [*rows, first | cells])


def _write(closed: ClosedPractice, table: str, rows: list[dict[str, str]]) -> None:
    with (closed.folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
