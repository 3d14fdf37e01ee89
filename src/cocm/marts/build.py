"""Makes the marts on an engine that holds a claims history: DuckDB (views over files will do) or PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from cocm.basics.errors import UnusableInput
from cocm.marts.definitions import MARTS, PRIMARY_CARE_DIAGNOSIS, diagnoses_sql
from cocm.marts.inputs import DECISION_TABLES
from cocm.marts.rule_tables import ADJUSTMENT_EFFECT, RULE_TABLES, effect_rows, rule_rows
from cocm.rules import Rulebook
from cocm.warehouse.engine import Engine
from cocm.warehouse.tables import CLAIM_DIAGNOSIS, CLAIM_LINE, Table

_PACKS: Final = "select pack_id, max(service_day_number) from claim_line group by pack_id"
_PAIRS: Final = "select distinct group_code, reason_code from line_adjustment"


def build_marts(
    engine: Engine, rulebook: Rulebook, *, absent: Collection[str] = (), diagnoses: str | None = None
) -> Mapping[str, int]:
    """Make every mart; the rows of each.

    `diagnoses` is the SELECT of `primary_care_diagnosis` where `claim_line` does not hold the whole history.

    `absent` names those of `DECISION_TABLES` that are not there: what they would tell is then not known.
    Raises `UnusableInput` when a table or column is missing, and `UnknownPayer` when a line names a pack that the
    rulebook does not have.
    """
    for table in (CLAIM_LINE, CLAIM_DIAGNOSIS, *DECISION_TABLES):
        if table.name in absent:
            engine.create(table, [])
        else:
            _require(engine, table)
    rows = rule_rows(rulebook, [(pack_id, day_number) for pack_id, day_number in engine.query(_PACKS)])
    for table in RULE_TABLES:
        engine.create(table, rows[table.name])
    pairs = [(group_code, reason_code) for group_code, reason_code in engine.query(_PAIRS)]
    engine.create(ADJUSTMENT_EFFECT, effect_rows(rulebook, pairs))
    engine.keep(PRIMARY_CARE_DIAGNOSIS, f"\n{diagnoses or diagnoses_sql()}")
    counts = {}
    for mart in MARTS:
        engine.keep(mart.name, f"\n{mart.sql}")
        counts[mart.name] = int(engine.query(f"select count(*) from {mart.name}")[0][0])
    return counts


def _require(engine: Engine, table: Table) -> None:
    try:
        columns = engine.columns(table.name)
    except Exception as problem:  # each engine has its own error for a table that is not there
        raise UnusableInput(
            f"table {table.name} cannot be read: it must hold {table.grain} (docs/marts.md)"
        ) from problem
    missing = [column.name for column in table.columns if column.name not in columns]
    if missing:
        raise UnusableInput(
            f"table {table.name} lacks {', '.join(missing)} (docs/marts.md says what they hold)"
        )
