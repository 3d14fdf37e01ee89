"""The texts for Snowflake, BigQuery and Databricks: kept as snapshots, and their words tried on DuckDB."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import duckdb
import pytest
from audit_cases import ALL_ROWS
from audit_samples import create_statement, insert_statement, plan

from cocm.audit.run import audit_history
from cocm.rules.claims_layouts import claims_layouts
from cocm.rules.rulebook import shipped_rulebook
from cocm.warehouse.dialects import BIGQUERY, DATABRICKS, DIALECTS, SNOWFLAKE, Dialect
from cocm.warehouse.engine import SqlEngine
from cocm.warehouse.spark import relations_of, uses_of

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent.parent
SHIPPED = shipped_rulebook()
RESERVED = """all and any array as asc at between by case cast collate contains create cross cube current default define
    desc distinct else end enum escape except exclude exists extract false fetch following for from full group grouping
    groups hash having if ignore in inner intersect interval into is join lateral left like limit lookup merge natural
    new no not null nulls of on or order outer over partition preceding proto qualify range recursive respect right
    rollup rows select set some struct tablesample then to treat true unbounded union unnest using when where window
    with within account connection constraint database grant ilike increment issue minus organization regexp revoke
    rlike row sample schema start table trigger view whenever"""
"""Words that BigQuery or Snowflake keep for themselves."""


def snapshots() -> dict[str, str]:
    spec = importlib.util.spec_from_file_location(
        "write_sql_snapshots", ROOT / "tools" / "write_sql_snapshots.py"
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made: dict[str, str] = module.snapshots()
    return made


def test_the_snapshots_are_what_the_texts_say() -> None:
    folder = ROOT / "docs" / "sql"
    kept = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.glob("*/*.sql")
    }
    assert kept == snapshots(), (
        "look at what changed, then write them anew: python tools/write_sql_snapshots.py"
    )


class InWordsOf(SqlEngine):
    """DuckDB, told everything in another dialect's words."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, dialect: Dialect) -> None:
        super().__init__(connection)
        self._dialect = dialect

    def keep(self, name: str, text: str) -> None:
        super().keep(name, self._dialect.translate(text))

    def query(self, text: str) -> list[tuple[object, ...]]:
        return super().query(self._dialect.translate(text))


def findings_in(dialect: Dialect | None) -> list[str]:
    with duckdb.connect() as connection:
        connection.execute(create_statement())
        connection.execute(insert_statement(ALL_ROWS))
        engine = SqlEngine(connection) if dialect is None else InWordsOf(connection, dialect)
        audit_history(engine, SHIPPED, claims_layouts(SHIPPED)["opencocm"], plan())
        return sorted(repr(row) for row in engine.query("select * from audit_finding"))


@pytest.mark.parametrize("dialect", [SNOWFLAKE, BIGQUERY], ids=lambda one: one.name)
def test_a_dialects_words_mean_the_same(dialect: Dialect) -> None:
    assert findings_in(dialect) == findings_in(None)


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda one: one.name)
def test_no_name_is_a_reserved_word(dialect: Dialect) -> None:
    for name, text in snapshots().items():
        if name.startswith(dialect.name):
            bare = re.sub(r"'[^']*'|--.*", "", text)
            names = set(re.findall(r"(?:\bas|\bjoin \w+|\bfrom \w+|\)) (\w+)\b(?! *\()", bare)) - {
                "string", "int64", "bool", "numeric", "varchar", "integer", "bigint", "boolean", "decimal", "int",
                "select", "on", "join", "left", "where", "group", "from", "and", "or", "then", "else", "end", "as",
                "over", "order", "desc", "cross", "between", "in", "not", "is", "when", "case", "union", "having",
                "distinct",
            }  # fmt: skip
            assert not names & set(RESERVED.split()), name


def test_counting_with_a_condition_keeps_its_brackets_and_quotes() -> None:
    text = "select count(*) filter (where a in (')', 'x') and (b or c)) as n, count(*) filter (where d) as m"
    assert SNOWFLAKE.translate(text) == "select count_if(a in (')', 'x') and (b or c)) as n, count_if(d) as m"


def test_types_and_unions_are_exchanged_in_casts_only() -> None:
    text = "select cast(a as varchar(40)) as integer_b from t union select cast(c as integer) union all x"
    told = BIGQUERY.translate(text)
    assert (
        "cast(a as string) as integer_b" in told
        and "union distinct select cast(c as int64) union all x" in told
    )
    assert "cast(a as string)" in DATABRICKS.translate(text)


def test_a_text_comes_apart_at_its_relations() -> None:
    text = "\n".join(
        [
            "-- grain: a", "with -- grain: b", "one as (", "    select 1 as x", "),", "-- grain: c", "two as (",
            "    select * from one", ")", "select *", "from two join one on true",
        ]
    )  # fmt: skip
    steps, last = relations_of(text)
    assert steps == [("one", "    select 1 as x"), ("two", "    select * from one")]
    assert last == "select *\nfrom two join one on true"
    assert (uses_of("one", text), uses_of("two", text)) == (2, 1)
    assert relations_of("select 1") == ([], "select 1")
