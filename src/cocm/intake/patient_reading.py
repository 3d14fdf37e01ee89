"""One patient's rows being read: the row at hand, problems and notes, the clocks of the patient's sites."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, TypeVar

from cocm.intake.cells import CellRefused
from cocm.intake.moments import LocalClock, Moment
from cocm.intake.problems import RowNote, RowProblem
from cocm.intake.reference import Reference, why_unknown, without_repeats
from cocm.intake.rows import RawRow, RowReader, RowRefused

Record = TypeVar("Record")


class PatientReading:
    """What the builders of one patient's records work with. Not shared between patients."""

    __slots__ = ("clocks", "corrections", "notes", "problems", "reader", "reference", "row")

    def __init__(self, reference: Reference, reader: RowReader, clock: LocalClock) -> None:
        self.reference = reference
        self.reader = reader
        self.row: RawRow = (0, "")
        self.corrections = 0
        self.problems: list[RowProblem] = []
        self.notes: list[RowNote] = []
        self.clocks: list[tuple[date, LocalClock]] = [(date.min, clock)]

    def note(self, column_name: str, text: str) -> None:
        """Note something about the row at hand, which is kept."""
        self.notes.append(self.reader.note(self.row, column_name, text))

    def refuse(self, row: RawRow, refused: RowRefused) -> None:
        """Reject a row of the table at hand."""
        self.problems.append(self.reader.refusal(row, refused))

    def records(
        self,
        reader: RowReader,
        rows: Sequence[RawRow],
        build: Callable[[PatientReading, Sequence[Any]], Record],
    ) -> list[tuple[RawRow, Record]]:
        """The records of the rows that can be read, with their rows."""
        return records_of_all(reader, [self], [rows], build)[0]

    def built(
        self,
        reader: RowReader,
        rows: Sequence[RawRow],
        read: Iterator[Sequence[Any] | None],
        build: Callable[[PatientReading, Sequence[Any]], Record],
    ) -> list[tuple[RawRow, Record]]:
        """The records of this patient's rows, which `read` has next; with their rows, as far as they can be read."""
        self.reader = reader
        found = []
        for row, values in zip(rows, read):  # noqa: B905  # what follows in `read` are the next patient's
            self.row = row
            if values is None:
                values = reader.read_carefully(row, self.problems, self.notes)
                if values is None:
                    continue
            try:
                found.append((row, build(self, values)))
            except RowRefused as refused:
                self.refuse(row, refused)
        return found

    def unique(
        self, found: list[tuple[RawRow, Record]], key_of: Callable[[Record], object], key_column: str
    ) -> list[tuple[RawRow, Record]]:
        """The records without repeats of an id; rows that share one and differ are all rejected."""
        if len(found) < 2 or len({key_of(record) for _, record in found}) == len(found):
            return found
        by_key: dict[object, list[tuple[RawRow, Record]]] = {}
        for pair in found:
            by_key.setdefault(key_of(pair[1]), []).append(pair)
        unique = []
        for pairs in by_key.values():
            kept, refusals = without_repeats(pairs, key_column)
            for row, refused in refusals:
                self.refuse(row, refused)
            if kept is not None:
                unique.append((min(pairs, key=lambda pair: pair[0][0])[0], kept))
        return unique

    def moment(self, column_name: str, text: str) -> Moment:
        """The local time in a cell, on the clock of the episode's site. Raises `RowRefused`."""
        if len(self.clocks) == 1:
            clock = self.clocks[0][1]
            try:
                return clock[text]
            except ValueError:
                return self._on(clock, column_name, text)
        moment = self._on(self.clocks[0][1], column_name, text)
        day = moment.at.date()
        clock = next((clock for start, clock in reversed(self.clocks) if start <= day), self.clocks[0][1])
        return self._on(clock, column_name, text)

    def _on(self, clock: LocalClock, column_name: str, text: str) -> Moment:
        try:
            moment, note = clock.read(text)
        except CellRefused as refusal:
            raise RowRefused(column_name, str(refusal)) from None
        if note:
            self.note(column_name, note)
        return moment


def records_of_all(
    reader: RowReader,
    readings: Sequence[PatientReading],
    rows_of_each: Sequence[Sequence[RawRow]],
    build: Callable[[PatientReading, Sequence[Any]], Record],
) -> list[list[tuple[RawRow, Record]]]:
    """For each patient the records of a table's rows that can be read, with their rows: all are read together."""
    read = iter(reader.read_all([text for rows in rows_of_each for _, text in rows]))
    return [
        reading.built(reader, rows, read, build) if rows else []
        for reading, rows in zip(readings, rows_of_each, strict=True)
    ]


def unknown_reference(column_name: str, table_name: str, record_id: str, reference: Reference) -> RowRefused:
    """The refusal of a row that names an id its table does not have."""
    why = why_unknown(record_id, reference.rejected_ids)
    return RowRefused(column_name, f"an id of the {table_name} table ({why})")
