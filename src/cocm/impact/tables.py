"""Claims in the warehouse's tables as a comparison: both rulebooks over the same rows, on DuckDB."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from cocm.basics.months import day_from_number
from cocm.edits.discovery import find_edit
from cocm.impact.turned import IN_ORDER, Comparison, Turned
from cocm.rules import Severity

TURNED_ROWS_MAX: Final = 200_000

KEEP: Final = """
    create table {name} as
    -- grain: one row a finding; line 0 stands for the whole claim
    select claim_id, coalesce(claim_line_number, 0) as claim_line_number, edit_id, verdict, severity from finding
"""
CHECKED: Final = """
    -- grain: one row a claim line, and one (line 0) a claim
    select claim_id, claim_line_number, pack_id, policy_day_number, charge_amount_cents from claim_line
    union all
    select claim_id, 0, min(pack_id), min(policy_day_number), cast(sum(charge_amount_cents) as bigint)
    from claim_line group by claim_id
"""
_COMPARE: Final = """
    -- grain: one row a claim line (or claim) and edit whose answer is another one
    select claim_id, claim_line_number, edit_id, l.pack_id, l.policy_day_number,
        b.verdict, b.severity, a.verdict, a.severity
    from found_before b
    full outer join found_after a using (claim_id, claim_line_number, edit_id)
    join ({checked}) l using (claim_id, claim_line_number)
    where b.verdict is distinct from a.verdict or b.severity is distinct from a.severity
    order by claim_id, claim_line_number, edit_id
    limit {limit}
"""


@dataclass(frozen=True, slots=True)
class TablesCompared:
    """The CoCM lines checked, and what turned; `is_cut` where more turned than are listed. `notes` say what was not
    decided."""

    line_count: int
    turned: tuple[Turned, ...]
    is_cut: bool
    notes: tuple[str, ...] = ()


def compare_tables(folder: Path, comparison: Comparison) -> TablesCompared:
    """Check the claim lines of a folder under both rulebooks. Raises `UnusableInput` for tables that cannot be read."""
    from cocm.warehouse.batch import check_tables  # the engine is loaded only for tables
    from cocm.warehouse.files import open_files

    connection, absent = open_files(folder)
    try:
        line_count = 0
        for name, revision in (("found_before", comparison.before), ("found_after", comparison.after)):
            cursor = connection.cursor()
            line_count = check_tables(cursor, revision.rulebook, absent=absent).cocm_line_count
            cursor.execute(KEEP.format(name=name))
            cursor.close()
        rows = connection.execute(_COMPARE.format(checked=CHECKED, limit=TURNED_ROWS_MAX + 1)).fetchall()
    finally:
        connection.close()
    turned = tuple(_turned(rows[:TURNED_ROWS_MAX], comparison))
    return TablesCompared(line_count, turned, len(rows) > TURNED_ROWS_MAX)


def _turned(
    rows: list[tuple[str, int, str, str, int, str, int, str, int]], comparison: Comparison
) -> Iterator[Turned]:
    for claim_id, line_number, edit_id, pack_id, day_number, was, was_severity, is_now, now_severity in rows:
        day: date = day_from_number(day_number)
        changes = comparison.changes(pack_id, day)
        entry = find_edit(edit_id)
        behind = entry.rests_on if entry is not None else ()
        causes = tuple(changes[rule_id] for rule_id in behind if rule_id in changes) or tuple(
            changes.values()
        )
        yield Turned(
            subject_id=claim_id,
            pack_id=pack_id,
            day=day,
            decision=decision_name(edit_id, line_number),
            before=_outcome(was, was_severity),
            after=_outcome(is_now, now_severity),
            causes=causes,
            is_joint=len(causes) > 1,
            tables=comparison.tables if not causes else (),
            amount_before_cents=0,
            amount_after_cents=0,
        )


def decision_name(edit_id: str, line_number: int) -> str:
    """What is decided: an edit on a line, or on the whole claim (line 0)."""
    return f"{edit_id} line {line_number}" if line_number else edit_id


def _outcome(verdict: str | None, severity: int | None) -> str:
    if verdict is None or severity is None:
        return IN_ORDER
    return f"{verdict.replace('_', ' ')} ({Severity(severity).word})"
