"""A new edition of a reference table: merged with the editions in force, and what it changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeAlias

from cocm.rules.editions import latest_edition
from cocm.rules.reference import Editions, ReferenceTable

TableRow: TypeAlias = Mapping[str, str]
"""A row of a table by its columns' names, as the file has it."""

_FROM: Final = "effective_from"
_TO: Final = "effective_to"
_MARKS: Final = frozenset([_FROM, _TO, "edition", "source"])
"""Columns that say when and where, and so differ between editions that agree."""


@dataclass(frozen=True, slots=True)
class NewEdition:
    """An edition to merge: its first day, the day on which it ends of itself (None: at the next edition).

    `rows` have every column but dates, edition and source (a history's rows bring their own dates). `covers`
    tells which rows in force it speaks about: of those, what it does not name has gone.
    """

    edition: date
    edition_to: date | None
    source: str
    rows: Sequence[TableRow]
    covers: Callable[[TableRow], bool]


@dataclass(frozen=True, slots=True)
class KeyRows:
    """What a table says under one key: usually one row's values, of a history several rows'."""

    key: tuple[str, ...]
    values: tuple[TableRow, ...]


@dataclass(frozen=True, slots=True)
class KeyChange:
    """A key whose values differ: before and after."""

    key: tuple[str, ...]
    before: tuple[TableRow, ...]
    after: tuple[TableRow, ...]

    @property
    def fields(self) -> Mapping[str, tuple[str, str]] | None:
        """Each column that changed, old and new; None where either side has several rows."""
        if len(self.before) != 1 or len(self.after) != 1:
            return None
        old, new = self.before[0], self.after[0]
        return {column: (old[column], new[column]) for column in old if old[column] != new[column]}


@dataclass(frozen=True, slots=True)
class TableChange:
    """What an edition changes against the edition that was in force (None: there was none)."""

    table: ReferenceTable
    edition: date
    compared_with: date | None
    added: tuple[KeyRows, ...]
    removed: tuple[KeyRows, ...]
    changed: tuple[KeyChange, ...]
    unchanged_count: int

    @property
    def is_empty(self) -> bool:
        """Whether the edition says what was in force."""
        return not (self.added or self.removed or self.changed)


def merged(table: ReferenceTable, rows: Iterable[TableRow], new: NewEdition) -> list[TableRow]:
    """The table's rows with the new edition in its place, sorted by key and date.

    A history is replaced as far as the edition speaks about it. Otherwise the edition takes its own span of
    days: up to the next edition, or the day it ends of itself; rows that reach into the span are cut there.
    """
    if table.editions is Editions.HISTORY:
        kept = [row for row in rows if not new.covers(row)]
        brought = [_complete(table, new, row) for row in new.rows]
    else:
        standing = list(rows)
        first, last = new.edition.isoformat(), _span_end(standing, new)
        kept = [part for row in standing for part in _outside(row, new, first, last)]
        brought = [_complete(table, new, {**row, _FROM: first, _TO: last}) for row in new.rows]
    order = [*table.key, *(column for column in table.columns if column not in table.key)]
    return sorted([*kept, *brought], key=lambda row: tuple(row[column] for column in order))


def change(table: ReferenceTable, rows: Iterable[TableRow], new: NewEdition) -> TableChange:
    """What a new edition changes of a table's rows."""
    covered = [row for row in rows if new.covers(row)]
    if table.editions is Editions.HISTORY:
        compared_with = max((date.fromisoformat(row["edition"]) for row in covered), default=None)
        marks = frozenset(["edition", "source"])
    else:
        starts = sorted({date.fromisoformat(row[_FROM]) for row in covered})
        compared_with = latest_edition(starts, new.edition)
        covered = [row for row in covered if compared_with is not None and _holds(row, compared_with)]
        marks = _MARKS
    columns = [column for column in table.columns if column not in marks and column not in table.key]
    before, after = _by_key(table, covered, columns), _by_key(table, new.rows, columns)
    both = sorted(before.keys() & after.keys())
    changed = tuple(KeyChange(key, before[key], after[key]) for key in both if before[key] != after[key])
    return TableChange(
        table=table,
        edition=new.edition,
        compared_with=compared_with,
        added=tuple(KeyRows(key, after[key]) for key in sorted(after.keys() - before.keys())),
        removed=tuple(KeyRows(key, before[key]) for key in sorted(before.keys() - after.keys())),
        changed=changed,
        unchanged_count=len(both) - len(changed),
    )


def _complete(table: ReferenceTable, new: NewEdition, row: TableRow) -> TableRow:
    """A row with every column of the table, in its order."""
    marks = {"edition": new.edition.isoformat(), "source": new.source}
    return {column: row[column] if column in row else marks[column] for column in table.columns}


def _span_end(rows: Sequence[TableRow], new: NewEdition) -> str:
    """The first day on which the new edition no longer holds; empty while it goes on."""
    first = new.edition.isoformat()
    ends = [row[_FROM] for row in rows if new.covers(row) and row[_FROM] > first]
    if new.edition_to is not None:
        ends.append(new.edition_to.isoformat())
    return min(ends, default="")


def _outside(row: TableRow, new: NewEdition, first: str, last: str) -> list[TableRow]:
    """The parts of a row that lie before and after the new edition's span."""
    if not new.covers(row):
        return [row]
    starts_before = row[_FROM] < first
    if starts_before and row[_TO] and row[_TO] <= first:
        return [row]
    parts: list[TableRow] = [{**row, _TO: first}] if starts_before else []
    if last and (not row[_TO] or row[_TO] > last):
        parts.append({**row, _FROM: max(last, row[_FROM])})
    return parts


def _holds(row: TableRow, edition: date) -> bool:
    day = edition.isoformat()
    return row[_FROM] <= day and (not row[_TO] or day < row[_TO])


def _by_key(
    table: ReferenceTable, rows: Iterable[TableRow], columns: Sequence[str]
) -> dict[tuple[str, ...], tuple[TableRow, ...]]:
    found: dict[tuple[str, ...], list[TableRow]] = {}
    for row in rows:
        key = tuple(row[column] for column in table.key)
        found.setdefault(key, []).append({column: row[column] for column in columns})
    return {key: tuple(sorted(values, key=lambda row: tuple(row.values()))) for key, values in found.items()}
