"""Narrows a claims history to the few lines that matter, as the tables that facts are derived from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from cocm.audit.contract import DIAGNOSES_MAX, EXPECTED, STATUSES
from cocm.audit.layout import AUDIT_LINE, DATED, MEMBERS, READ, REPEATED, MappedHistory
from cocm.audit.plan_rows import AuditPlan, plan_rows
from cocm.audit.tables import AUDIT_CODE, PLAN_TABLES
from cocm.basics.counted import counted
from cocm.basics.errors import UnusableInput
from cocm.edits.context import MONTH_SETS, member_sets
from cocm.edits.national import pair_members
from cocm.rules import Rulebook
from cocm.warehouse.batch import OPTIONAL_TABLES, write_codes
from cocm.warehouse.engine import Engine
from cocm.warehouse.policy_rows import code_rows
from cocm.warehouse.tables import CLAIM_DIAGNOSIS, CLAIM_LINE, HISTORY_LINE, Table
from cocm.warehouse.values import sql_literal


class Narrowed(NamedTuple):
    """What was left out: CoCM lines that could not be read, by the column that is missing or wrong, and rows of lines
    (with any code that bears on one) of which a newer row was there; CoCM lines by statuses that nobody knows."""

    unreadable: dict[str, int]
    repeated_rows: int
    unknown_statuses: dict[str, int]


def narrow_history(
    engine: Engine, rulebook: Rulebook, mapped: MappedHistory, plan: AuditPlan, *, by_person: bool = False
) -> Narrowed:
    """Make `claim_line`, `history_line` and `claim_diagnosis` of the few lines that matter.

    `by_person`: a member's lines stand together, members in order, so that some members' are found without the others'.
    Raises `UnusableInput` naming a column whose values do not have the form that they must have, or that does not tell
    claims apart.
    """
    write_codes(engine, rulebook)
    engine.create(AUDIT_CODE, [(code,) for code in relevant_codes(rulebook, plan.pack_id)])
    rows = plan_rows(plan, rulebook)
    for table in PLAN_TABLES:
        engine.create(table, rows[table.name])
    for table in OPTIONAL_TABLES:
        engine.create(table, [])
    engine.keep(MEMBERS, mapped.members_sql)
    try:
        engine.keep(READ, mapped.read_sql)
        unreadable = count_unreadable(engine, mapped)
    except Exception:  # each engine has its own error for a value of the wrong form, with the value in it
        name_unreadable(engine, mapped)
        raise
    repeated_rows = keep_dated(engine, mapped)
    engine.keep(AUDIT_LINE, f"{mapped.lines_sql}\norder by person_id" if by_person else mapped.lines_sql)
    listed = ", ".join(sql_literal(status) for status in STATUSES)
    strange = engine.query(
        f"select d.status, count(*) from {DATED} d join cocm_code c on c.hcpcs_code = upper(d.hcpcs_code)"
        f" where d.status not in ({listed}) group by d.status order by 2 desc, 1"
    )
    engine.drop(DATED)
    for table in (CLAIM_LINE, HISTORY_LINE):
        engine.view(table.name, line_view_sql(table))
    engine.view(CLAIM_DIAGNOSIS.name, diagnoses_sql())
    return Narrowed(
        unreadable,
        repeated_rows,
        {str(status): int(count) for status, count in strange},
    )


def count_unreadable(engine: Engine, mapped: MappedHistory) -> dict[str, int]:
    """CoCM lines that cannot be read, by the column that is missing or wrong."""
    names = ("service_date", "service_unit_quantity", "claim_line_number", "person_id")
    counts = engine.query(mapped.unreadable_sql)[0]
    return {name: int(count) for name, count in zip(names, counts, strict=True) if count}


def unreadable_words(unreadable: Mapping[str, int]) -> Iterator[str]:
    """The same in words for people."""
    for column, count in unreadable.items():
        yield f"{counted(count, 'line')} without a {column} that can be read"


def keep_dated(engine: Engine, mapped: MappedHistory) -> int:
    """Make `audit_dated` of `audit_read`: each line once. Returns how many rows of lines were left out for a newer one.

    Raises `UnusableInput` where claim id and line number do not tell lines apart: those of several persons, or of
    several codes that no day of a version or decision orders.
    """
    engine.keep(REPEATED, mapped.repeated_sql)
    lines, rows, of_persons, of_codes = engine.query(
        "select count(*), sum(row_count), count(*) filter (where has_several_persons),"
        f" count(*) filter (where has_several_codes) from {REPEATED}"
    )[0]
    if of_persons:
        raise UnusableInput(
            f"claim_id: {counted(of_persons, 'line')} of one claim_id and claim_line_number belong to several persons; "
            "an audit tells claims apart by claim_id: where it is empty or unique within a payer or member only, put "
            "what tells them apart before it in a view"
        )
    if of_codes:
        raise UnusableInput(
            f"claim_line_number: {counted(of_codes, 'line')} of one claim_id and claim_line_number have several codes, "
            "and no version_date or decided_date orders them; number the lines of a claim in a view"
        )
    if lines:
        engine.keep(DATED, mapped.dated_sql)
        engine.drop(READ)
    else:
        engine.rename(READ, DATED)
    engine.drop(REPEATED)
    return int(rows or 0) - int(lines)


def name_unreadable(engine: Engine, mapped: MappedHistory) -> None:
    """Raise `UnusableInput` naming the first column that cannot be read by itself; the values stay unsaid.

    PostgreSQL reads nothing more in a transaction that has failed: then nobody can tell which column it was.
    """
    try:
        engine.query("select 1")
    except Exception:
        return
    for reading in mapped.readings:
        try:
            engine.query(reading.text)
        except Exception:
            raise UnusableInput(
                f"column {reading.own_name} has values that are not {EXPECTED[reading.column.kind]};"
                f" an audit reads it as {reading.column.name} ({reading.column.meaning})"
            ) from None


def diagnoses_sql() -> str:
    """The diagnoses of claims with a CoCM code, from `audit_line`."""
    parts = [
        f"select a.claim_id, {position} as diagnosis_position, a.diagnosis_code_{position} as diagnosis_code"
        f" from {AUDIT_LINE} a join cocm_code c on c.hcpcs_code = a.hcpcs_code"
        f" where a.diagnosis_code_{position} <> ''"
        for position in range(1, DIAGNOSES_MAX + 1)
    ]
    joined = "\n    union all ".join(parts)
    return f"-- grain: one row a diagnosis on a claim\nselect distinct * from (\n    {joined}\n) d"


def line_view_sql(table: Table) -> str:
    """`claim_line` or `history_line` from `audit_line`; an earlier line's control number is the payer's own of it."""
    columns = [
        "own_control_number as payer_claim_control_number"
        if table is HISTORY_LINE and column.name == "payer_claim_control_number"
        else column.name
        for column in table.columns
    ]
    return f"-- grain: {table.grain}\nselect {', '.join(columns)} from {AUDIT_LINE}"


def relevant_codes(rulebook: Rulebook, pack_id: str) -> list[str]:
    """Every code that may bear on a CoCM line under a payer's rules, whatever the date."""
    codes = {str(row[0]) for row in code_rows(rulebook)} | set(pair_members(rulebook))
    pack = rulebook.pack(pack_id)
    days = {
        value.effective_from
        for rule_id in MONTH_SETS
        for payer_id in pack.chain
        for holder in (rulebook.override(payer_id, rule_id) or rulebook.rule(rule_id),)
        for value in holder.values
    }
    for day in days:
        sets = member_sets(pack.on(day))
        codes.update(*(sets[rule_id] for rule_id in MONTH_SETS))
    return sorted(codes)
