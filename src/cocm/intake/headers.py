"""From a file's header to its layout: which column stands where, which are unknown, which are missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cocm.intake.contract import TABLE_COLUMNS_MAX, Table
from cocm.intake.problems import RowNote
from cocm.intake.rows import ABSENT, Layout


@dataclass(frozen=True, slots=True)
class HeaderReading:
    """A header understood. `faults` make the table unusable; `notes` name columns that are not ours, as `unknown` does,
    with those that have no name.
    """

    layout: Layout
    faults: tuple[str, ...]
    notes: tuple[RowNote, ...]
    unknown: tuple[str, ...]


def column_name(cell: str) -> str:
    """A header cell as a column name: `Patient ID ` is `patient_id`."""
    return "_".join(cell.lstrip("\ufeff").casefold().replace("-", " ").replace("_", " ").split())


def read_header(file: str, table: Table, cells: Sequence[str]) -> HeaderReading:
    """Where the contract's columns stand in a file whose first row is `cells`."""
    names = [column_name(cell) for cell in cells]
    while names and not names[-1]:
        names.pop()
    faults = []
    if len(names) > TABLE_COLUMNS_MAX:
        faults.append(f"{file}: {len(names)} columns, at most {TABLE_COLUMNS_MAX} are read")
        names = names[:TABLE_COLUMNS_MAX]
    known = [name for name in names if name in table.positions]
    missing = [column.name for column in table.columns if column.required and column.name not in known]
    if missing:
        faults.append(f"{file}: the first row must name {', '.join(missing)}")
    twice = sorted({name for name in known if known.count(name) > 1})
    if twice:
        faults.append(f"{file}: the first row names {', '.join(twice)} more than once")
    places = tuple(names.index(column.name) if column.name in known else ABSENT for column in table.columns)
    unknown = [name for name in names if name and name not in table.positions]
    shown = [ascii(name[:40])[1:-1] for name in unknown]
    nameless = [f"column {number} without a name" for number, name in enumerate(names, 1) if not name]
    notes = []
    if unknown:
        listed = ", ".join(shown[:20])
        listed += " …" if unknown[20:] else ""
        text = f"columns that are not part of the table were left out: {listed}"
        notes.append(RowNote(file, table.name, 0, "", text))
    return HeaderReading(
        Layout(file, table.name, places, len(names)), tuple(faults), tuple(notes), (*shown, *nameless)
    )
