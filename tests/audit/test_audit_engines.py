"""The same history comes to the same rows on DuckDB and PostgreSQL, from the facts to the findings, by the same texts.

Spark runs them in `make cluster` (tools/cluster.py) beside both: it needs Java and half a gigabyte of packages.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import duckdb
import psycopg
import pytest
from audit_cases import ALL_ROWS, SOME_TWICE
from audit_compared import Tables, audited, difference
from audit_samples import create_statement, insert_statement

from cocm.audit.run import FINDINGS, VERDICTS, AuditResult
from cocm.rules.rulebook import shipped_rulebook
from cocm.warehouse.engine import Connection, SqlEngine

pytestmark = pytest.mark.once

SHIPPED = shipped_rulebook()
FEW_AS_TEXT = """claim_id, cast(claim_line_number as varchar(9)) as claim_line_number, person_id, hcpcs_code, status,
    cast(service_unit_quantity as varchar(9)) as service_unit_quantity, billing_npi, billing_tin, diagnosis_code_1,
    replace(cast(service_date as varchar(10)), '-', '') as service_date, '04-MAY-1988' as birth_date,
    cast(received_date as varchar(10)) as received_date, cast(paid_amount as varchar(15)) as paid_amount,
    adjustment_group_code_1, adjustment_reason_code_1, case when has_paperwork then 'Y' else 'N' end as has_paperwork"""
"""What a CSV tells that lacks most columns: much is unknown, and each kind of value must be read from its text."""


def audited_on(
    connection: Connection, columns: str, rows: list[dict[str, Any]]
) -> tuple[AuditResult, Tables]:
    connection.execute(create_statement("own"))
    connection.execute(insert_statement(rows, "own"))
    connection.execute(f"create temporary view history as select {columns} from own")
    return audited(SqlEngine(connection), SHIPPED)


@pytest.mark.parametrize(
    ("columns", "rows"),
    [("*", ALL_ROWS), (FEW_AS_TEXT, ALL_ROWS), ("*", SOME_TWICE)],
    ids=["every column", "few columns, as text", "some rows twice"],
)
def test_duckdb_and_postgresql_come_to_the_same_rows(
    columns: str, rows: list[dict[str, Any]], postgresql_uri: str
) -> None:
    with duckdb.connect() as connection:
        result, expected = audited_on(connection, columns, rows)
    with psycopg.connect(postgresql_uri) as server:
        other_result, found = audited_on(server, columns, rows)
        server.rollback()
    assert expected[FINDINGS]
    assert (result.repeated_row_count > 0) is (rows is SOME_TWICE)
    assert difference("PostgreSQL", found, "DuckDB", expected) == []
    for part in fields(AuditResult):
        if part.name != "history":  # it names the columns, which PostgreSQL writes small
            assert getattr(result, part.name) == getattr(other_result, part.name), part.name


def test_a_difference_names_engine_table_edit_and_row() -> None:
    facts, finding = (
        {"claim_id": "C1", "claim_line_number": 1},
        {"cause_id": "denial.bundled", "claim_id": "C1"},
    )
    expected: Tables = {
        "line_facts": [facts],
        VERDICTS: [facts | {"addon__over_limit": "pass", "place__other": "pass"}],
        "audit_judged": [facts],
        FINDINGS: [finding],
    }
    verdict = {**expected, VERDICTS: [expected[VERDICTS][0] | {"addon__over_limit": "fail"}], FINDINGS: []}
    assert difference("Spark", verdict, "DuckDB", expected) == [
        "Spark differs from DuckDB in line_verdicts, addon__over_limit; rows apart: 1\n"
        "  claim_id=C1 claim_line_number=1: addon__over_limit is 'fail' in Spark, 'pass' in DuckDB"
    ]
    assert difference("Spark", {**expected, FINDINGS: []}, "DuckDB", expected) == [
        "Spark differs from DuckDB in audit_finding, whole rows; rows apart: 1\n"
        "  cause_id=denial.bundled claim_id=C1: 0 rows in Spark, 1 in DuckDB"
    ]
    assert difference("Spark", {**expected, VERDICTS: expected[VERDICTS] * 2}, "DuckDB", expected)
    many = {**expected, FINDINGS: [finding | {"amount_cents": cents} for cents in range(9)]}
    other = {**expected, FINDINGS: [finding | {"amount_cents": cents} for cents in range(1, 10)]}
    assert (
        difference("Spark", many, "DuckDB", other)[0].count("\n") == 4
    )  # three rows, and that there are more
    assert difference("Spark", expected, "DuckDB", expected) == []
