"""A plan's claims history as a comparison: which answers of the plan's edits another rulebook turns, line by line.

The history is read as `cocm plan audit` reads it: what its columns do not tell is not known, and what is not known
never denies, by either rulebook.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from cocm.basics.errors import UnusableInput
from cocm.basics.months import day_from_number
from cocm.edits.discovery import find_edit
from cocm.edits.edit import Verdict
from cocm.impact.revision import Revision
from cocm.impact.tables import CHECKED, KEEP, TURNED_ROWS_MAX, TablesCompared, decision_name
from cocm.impact.turned import IN_ORDER, Comparison, Turned
from cocm.plan.edit_answers import GOES_ON, answer_in_words
from cocm.rules import Severity
from cocm.rules.plan_decisions import edit_denials

HISTORY_ENDINGS: Final = (".parquet", ".csv")
_GIVEN: Final = ("claim_line", "claim_diagnosis", "history_line")
_STATUSES: Final = """
    create table memory.main.line_status as
    -- grain: one row a CoCM line, and one (line 0) a claim: what became of it
    select claim_id, claim_line_number, status from audit_line
    union all
    select claim_id, 0, case when count(distinct status) = 1 then min(status) else 'several answers' end
    from audit_line group by claim_id
"""
_COMPARE: Final = """
    -- grain: one row a claim line (or claim) and edit whose answer is another one, with what became of it then
    select claim_id, claim_line_number, edit_id, l.pack_id, l.policy_day_number,
        b.verdict, b.severity, a.verdict, a.severity, l.charge_amount_cents, h.status
    from found_before b
    full outer join found_after a using (claim_id, claim_line_number, edit_id)
    join ({checked}) l using (claim_id, claim_line_number)
    join line_status h using (claim_id, claim_line_number)
    where b.verdict is distinct from a.verdict or b.severity is distinct from a.severity
    order by claim_id, claim_line_number, edit_id
"""


@dataclass(frozen=True, slots=True)
class PlanHistory:
    """A history in a file, with the rules of the plan that decided it."""

    path: Path
    pack_id: str


def is_history(path: Path) -> bool:
    """Whether a path is a file of claims in columns, or a folder that `cocm x12 table` wrote."""
    if not path.is_dir():
        return path.suffix.lower() in HISTORY_ENDINGS
    if not any(path.glob("professional_lines.*")):
        return False
    from cocm.audit.files import is_x12_folder  # the engine is loaded only for tables

    return is_x12_folder((path,))


def compare_history(history: PlanHistory, comparison: Comparison) -> TablesCompared:
    """Ask every edit of the plan about each CoCM line by both rulebooks.

    Raises `UnusableInput` for a file that fits no layout, and `UnknownPayer` for rules that a revision does not have.
    """
    from cocm.audit.files import choose_layout, open_history  # the engine is loaded only for tables
    from cocm.audit.knowledge import unknown_facts
    from cocm.audit.layout import SOURCE, map_history
    from cocm.audit.narrow import narrow_history, unreadable_words
    from cocm.audit.plan_rows import AuditPlan
    from cocm.rules.claims_layouts import claims_layouts
    from cocm.warehouse.batch import OPTIONAL_TABLES, check_tables

    first = comparison.before.rulebook
    for revision in (comparison.before, comparison.after):
        revision.rulebook.pack(history.pack_id)
    with open_history((history.path,), first) as (connection, engine):
        columns = engine.columns(SOURCE)
        mapped = map_history(choose_layout((history.path,), claims_layouts(first), columns), columns)
        narrowed = narrow_history(engine, first, mapped, AuditPlan(history.pack_id))
        for name in _GIVEN:
            connection.execute(f"create table memory.main.{name} as select * from {name}")
        connection.execute(_STATUSES)
        absent = [table.name for table in OPTIONAL_TABLES]
        line_count = 0
        for name, revision in (("found_before", comparison.before), ("found_after", comparison.after)):
            with connection.cursor() as cursor:
                checked = check_tables(
                    cursor, revision.rulebook, absent=absent, unknown=unknown_facts(mapped.known)
                )
                line_count = checked.cocm_line_count
                cursor.execute(KEEP.format(name=f"memory.main.{name}"))
        rows = connection.execute(_COMPARE.format(checked=CHECKED)).fetchmany(TURNED_ROWS_MAX + 1)
    turned = tuple(_turned(rows[:TURNED_ROWS_MAX], comparison))
    notes = tuple(f"{history.path}: {text}" for text in unreadable_words(narrowed.unreadable))
    return TablesCompared(line_count, turned, len(rows) > TURNED_ROWS_MAX, notes)


def _turned(rows: list[tuple[Any, ...]], comparison: Comparison) -> Iterator[Turned]:
    """The rows of which the plan's answer is another one; a failure that is noted either way turns nothing."""
    for (
        claim_id,
        number,
        edit_id,
        pack_id,
        day_number,
        was,
        weighs,
        is_now,
        weighs_now,
        cents,
        status,
    ) in rows:
        before = _answer(comparison.before, edit_id, was, weighs)
        after = _answer(comparison.after, edit_id, is_now, weighs_now)
        if before == after:
            continue
        day: date = day_from_number(day_number)
        changes = comparison.changes(pack_id, day)
        entry = find_edit(edit_id)
        behind = () if entry is None else entry.rests_on
        causes = tuple(changes[rule_id] for rule_id in behind if rule_id in changes) or tuple(
            changes.values()
        )
        yield Turned(
            subject_id=f"{claim_id} (then {status})",
            pack_id=pack_id,
            day=day,
            decision=decision_name(edit_id, number),
            before=before,
            after=after,
            causes=causes,
            is_joint=len(causes) > 1,
            tables=comparison.tables if not causes else (),
            amount_before_cents=cents,
            amount_after_cents=cents,
        )


def _answer(revision: Revision, edit_id: str, verdict: str | None, severity: int | None) -> str:
    """What the plan does about an edit's verdict; what is not known is no reason for anything."""
    if verdict != Verdict.FAIL.value or severity is None:
        return IN_ORDER
    denial = edit_denials(revision.rulebook).get(edit_id)
    if denial is None:
        raise UnusableInput(f"{revision.name}: its table of denials does not know the edit {edit_id}")
    answer = answer_in_words(Severity(severity), denial)
    return IN_ORDER if answer == GOES_ON else answer
