"""What goes on to another entity: the list with receipt dates and reasons, and the claims themselves as files."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from typing import Final

from cocm.basics.identity import stable_id
from cocm.plan.decision import Answer, ClaimDecisionMade
from cocm.plandesk.late import days_late
from cocm.plandesk.tables_out import csv_bytes
from cocm.x12.claim_record import ClaimRecord
from cocm.x12.record_writer import write_records
from cocm.x12.split import SplitBy, split

FORWARDED: Final = "forwarded.csv"
FORWARDED_COLUMNS: Final = (
    "claim_number", "claim_id", "entity_id", "payer_identifier", "received_date", "forward_by_date", "days_late",
    "line_numbers", "why",
)  # fmt: skip


def forwarded_files(decisions: Sequence[ClaimDecisionMade], day: date) -> dict[str, bytes]:
    """The list of claims that go on that day, wholly or in lines, and a claim file or several for each entity."""
    moved = [one for one in decisions if one.forward_to is not None and one.answer is not Answer.PENDED]
    files = {FORWARDED: csv_bytes(FORWARDED_COLUMNS, [_row(one, day) for one in moved])}
    by_entity: dict[str, list[ClaimRecord]] = {}
    for one in moved:
        if one.forward_to is not None:
            by_entity.setdefault(one.forward_to.entity_id, []).append(one.record)
    for entity_id, records in sorted(by_entity.items()):
        for number, part in enumerate(_claim_files(records), 1):
            files[f"forwarded-{stable_id('E', entity_id)}-{number}.837"] = part
    return files


def _claim_files(records: Sequence[ClaimRecord]) -> list[bytes]:
    """Claims as files with every segment that they had, one for each payer they were sent to, levels numbered anew.

    A claim of which only some lines go on is handed over whole: `forwarded.csv` says which lines they are.
    """
    out = io.BytesIO()
    write_records(records, out)
    parts: dict[int, io.BytesIO] = {}

    def append(number: int, piece: bytes) -> None:
        parts.setdefault(number, io.BytesIO()).write(piece)

    split(out.getvalue(), SplitBy.PAYER, append)
    return [part.getvalue() for _, part in sorted(parts.items())]


def _row(decision: ClaimDecisionMade, day: date) -> tuple[str, ...]:
    entity = decision.forward_to
    assert entity is not None  # the caller chose those that go on
    moved = [line for line in decision.lines if line.answer is Answer.FORWARDED]
    why = next(line.route.reason for line in moved if line.route is not None)
    return (
        decision.claim_number,
        decision.record.claim_id,
        entity.entity_id,
        entity.payer_identifier,
        str(decision.received_date),
        str(decision.forward_by_date or ""),
        "" if decision.forward_by_date is None else str(days_late(decision, day)),
        ";".join(str(line.line.claim_line_number) for line in moved),
        why,
    )
