"""Everything the tables say about one patient, gathered by a merge over the patient-keyed tables."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from typing import Final, NamedTuple

from cocm.basics.errors import TableError
from cocm.intake.contract import PATIENT_ROWS_MAX
from cocm.intake.csv_file import patient_keys
from cocm.intake.rows import Layout, RawRow


class PatientRows(NamedTuple):
    """One patient's rows as they stand in the files: one text a row, cheap to send to another process."""

    patient_id: str
    patients: Sequence[RawRow] = ()
    coverages: Sequence[RawRow] = ()
    episodes: Sequence[RawRow] = ()
    contacts: Sequence[RawRow] = ()
    measures: Sequence[RawRow] = ()
    reviews: Sequence[RawRow] = ()
    other_services: Sequence[RawRow] = ()
    claim_history: Sequence[RawRow] = ()
    decisions: Sequence[RawRow] = ()


def grouped_by_patient(rows: Iterator[RawRow], layout: Layout) -> Iterator[tuple[str, list[RawRow]]]:
    """Runs of rows with the same patient. Rows without a patient come in groups of bounded size.

    Raises `TableError` when a patient has more than `PATIENT_ROWS_MAX` rows, or when rows that were sorted a
    moment ago no longer are.
    """
    separator, place = layout.separator, layout.place("patient_id")
    current: str = ""
    group: list[RawRow] = []
    remaining = iter(rows)
    while block := list(islice(remaining, _BLOCK_ROWS)):
        keys = patient_keys([text for _, text in block], separator, place)
        ends = [end for end, (key, following) in enumerate(pairwise(keys), 1) if key != following]
        for start, end in pairwise([0, *ends, len(block)]):
            key = keys[start]
            if key == current:
                group += block[start:end]
            else:
                if key < current:
                    raise TableError(
                        f"{layout.file}, row {block[start][0]}: the file changed while it was read; start again"
                    )
                if group:
                    yield current, group
                current, group = key, block[start:end]
            while len(group) > PATIENT_ROWS_MAX:
                if key:
                    raise TableError(
                        f"{layout.file}, row {group[PATIENT_ROWS_MAX][0]}: more than {PATIENT_ROWS_MAX} rows of one "
                        "patient; check that patient_id holds the patient's own id"
                    )
                yield current, group[: PATIENT_ROWS_MAX + 1]
                group = group[PATIENT_ROWS_MAX + 1 :]
    if group:
        yield current, group


_BLOCK_ROWS: Final = 1_000
"""Rows whose patients are looked up together, which takes half the time of one by one."""


def merged_by_patient(tables: Sequence[Iterator[tuple[str, list[RawRow]]]]) -> Iterator[PatientRows]:
    """One `PatientRows` a patient, in order; `tables` in the order of its fields, each grouped and sorted.

    Rows without a patient (empty id) may come in several `PatientRows`.
    """
    heads = [
        (key, number, rows)
        for number, table in enumerate(tables)
        for key, rows in [next(table, ("", []))]
        if rows
    ]
    heapq.heapify(heads)
    gathered: list[Sequence[RawRow]] = [()] * len(tables)
    while heads:
        key = heads[0][0]
        while heads and heads[0][0] == key:
            _, number, rows = heads[0]
            gathered[number] = rows
            following = next(tables[number], None)
            if following is None:
                heapq.heappop(heads)
            else:
                heapq.heapreplace(heads, (following[0], number, following[1]))
                if following[0] == key:
                    break
        yield PatientRows(key, *gathered)
        gathered = [()] * len(tables)
