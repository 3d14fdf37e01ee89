"""Checks the claims of whole tables in a database, with the same facts and edits as one claim.

The tables stay where they are (DuckDB tables or views over Parquet and CSV, SQLite, PostgreSQL); only the
payers' rules are written beside them, as temporary tables, and the findings come out as one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from cocm.basics.counted import counted
from cocm.basics.errors import UnusableInput
from cocm.basics.months import day_from_number
from cocm.edits.discovery import catalogue_hash
from cocm.edits.edit import Verdict
from cocm.rules import Rulebook
from cocm.warehouse.compile import facts_sql, findings_sql, verdicts_sql
from cocm.warehouse.engine import Connection, Engine, SqlEngine
from cocm.warehouse.national_rows import national_rows
from cocm.warehouse.policy_rows import code_rows, policy_rows
from cocm.warehouse.tables import (
    CLAIM_DIAGNOSIS,
    CLAIM_LINE,
    COCM_CODE,
    CODE_PAIR,
    CODE_TERM,
    CREDENTIALED_PLACE,
    EVIDENCE,
    HISTORY_LINE,
    LINE_FACTS,
    PAYER,
    PLACE,
    POLICY,
    POLICY_MEMBER,
    POLICY_SEVERITY,
    RECORDED_CODE,
    ROSTER_MEMBER,
    TAXONOMY,
    TAXONOMY_TYPE,
    Table,
)

GIVEN_TABLES: Final = (CLAIM_LINE, CLAIM_DIAGNOSIS, HISTORY_LINE)
"""Tables that must be there."""
OPTIONAL_TABLES: Final = (PAYER, EVIDENCE, ROSTER_MEMBER, CREDENTIALED_PLACE, RECORDED_CODE)
"""Tables without which the facts from them are unknown."""
_RULE_TABLES: Final = (COCM_CODE, POLICY, POLICY_MEMBER, POLICY_SEVERITY)
_LINE_VERDICTS: Final = "line_verdicts"
_NATIONAL_TABLES: Final = (CODE_TERM, CODE_PAIR, PLACE, TAXONOMY, TAXONOMY_TYPE)


@dataclass(frozen=True, slots=True)
class TableCheck:
    """What a check of tables came to. The findings themselves stand in the table that was asked for.

    `finding_counts` is by edit and verdict (`fail`, `no_data`); the hashes say with which rules and edits.
    """

    cocm_line_count: int
    finding_counts: Mapping[tuple[str, Verdict], int]
    rulebook_hash: str
    catalogue_hash: str


def check_tables(
    connection: Connection,
    rulebook: Rulebook,
    *,
    into: str = "finding",
    absent: Collection[str] = (),
    unknown: Collection[str] = (),
) -> TableCheck:
    """Check every CoCM line of `claim_line`; the findings go into a new temporary table.

    `absent` names the optional tables that are not there; what they would tell is then unknown. `unknown` names
    facts that the tables cannot tell although their columns are there. The
    findings have the columns of `findings_sql`. Raises `UnusableInput` when a table or column is missing or a CoCM line
    stands twice, and `UnknownPayer` when a line names a pack that the rulebook does not have.
    """
    if not into.isidentifier() or into in (LINE_FACTS.name, _LINE_VERDICTS):
        raise UnusableInput(
            f"{into!r} cannot be the name of the table of findings; use letters, digits and underscores"
        )
    engine = SqlEngine(connection)
    for table in (*GIVEN_TABLES, *OPTIONAL_TABLES):
        if table in OPTIONAL_TABLES and table.name in absent:
            engine.create(table, [])
        else:
            _require_columns(connection, table)
    write_codes(engine, rulebook)
    _require_each_line_once(engine)
    cocm_line_count = write_rules(engine, rulebook)
    for name, text in (
        (LINE_FACTS.name, facts_sql()),
        (_LINE_VERDICTS, verdicts_sql(frozenset(unknown))),
        (into, findings_sql()),
    ):
        engine.keep(name, text)
    for name in (LINE_FACTS.name, _LINE_VERDICTS):
        engine.drop(name)
    totals = engine.query(f"select edit_id, verdict, count(*) from {into} group by edit_id, verdict")
    return TableCheck(
        cocm_line_count=cocm_line_count,
        finding_counts={(edit_id, Verdict(verdict)): count for edit_id, verdict, count in sorted(totals)},
        rulebook_hash=rulebook.content_hash,
        catalogue_hash=catalogue_hash(),
    )


def _require_each_line_once(engine: Engine) -> None:
    """A line that stands twice would stand four times among its facts, and more often in what is made of them."""
    repeated = engine.query(
        "select count(*) from (select 1 as one from claim_line l join cocm_code c on c.hcpcs_code = l.hcpcs_code"
        " group by l.claim_id, l.claim_line_number having count(*) > 1) r"
    )[0][0]
    if repeated:
        raise UnusableInput(
            f"table claim_line: of {counted(repeated, 'CoCM line')} there are several rows (claim_id and"
            " claim_line_number are its key); leave the one row that counts of each"
        )


def write_codes(engine: Engine, rulebook: Rulebook) -> None:
    """Write which codes are CoCM codes at all."""
    engine.create(COCM_CODE, list(code_rows(rulebook)))


def write_rules(engine: Engine, rulebook: Rulebook) -> int:
    """Write the rules that hold for the lines of `claim_line` beside it and `cocm_code`, and count its CoCM lines."""
    packs = engine.query(
        "select l.pack_id, min(l.policy_day_number), max(l.policy_day_number), count(*)"
        " from claim_line l join cocm_code c on c.hcpcs_code = l.hcpcs_code group by l.pack_id"
    )
    first = day_from_number(min((row[1] for row in packs), default=0))
    last = day_from_number(max((row[2] for row in packs), default=0))
    rows = policy_rows(rulebook, [row[0] for row in packs], first, last)
    for table in _RULE_TABLES:
        if table is not COCM_CODE:
            engine.create(table, rows[table.name])
    national = national_rows(rulebook)
    for table in _NATIONAL_TABLES:
        engine.create(table, national[table.name])
    return sum(row[3] for row in packs)


def _require_columns(connection: Connection, table: Table) -> None:
    try:
        cursor = connection.execute(f"select * from {table.name} where 1 = 0")
    except Exception as problem:  # each engine has its own error for a table that is not there
        hint = "; if you have none, name it in `absent`" if table in OPTIONAL_TABLES else ""
        raise UnusableInput(
            f"table {table.name} cannot be read: it must hold {table.grain}{hint}"
        ) from problem
    columns = {column[0] for column in cursor.description or ()}
    missing = [column.name for column in table.columns if column.name not in columns]
    if missing:
        raise UnusableInput(
            f"table {table.name} lacks {', '.join(missing)} (docs/warehouse.md says what they hold)"
        )
