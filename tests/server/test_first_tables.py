"""A new database is made at once; it is the one that the migrations make, table by table."""

from __future__ import annotations

import os
import subprocess
import sys
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from databases import pointed_at

from cocm.server.database_url import database_settings

pytestmark = pytest.mark.once

POSTGRESQL_TELLS = {
    "columns": "SELECT table_name, column_name, data_type, is_nullable, character_maximum_length"
    " FROM information_schema.columns WHERE table_schema = 'public'"
    " AND NOT (table_name LIKE 'auth\\_%' AND column_name = 'id')",  # wider by Django's own migrations
    "indexes": "SELECT tablename, regexp_replace(indexdef, 'INDEX \\S+', 'INDEX') FROM pg_indexes"
    " WHERE schemaname = 'public'",
    "constraints": "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace",
    "walls": "SELECT tablename, policyname, cmd, qual, with_check FROM pg_policies",
    "forced": "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class WHERE relkind = 'r'"
    " AND relnamespace = 'public'::regnamespace",
    "triggers": "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal",
}


@pytest.fixture(autouse=True)
def databases_may_be_asked(django_db_blocker):
    with django_db_blocker.unblock():
        yield


def told(settings: dict) -> dict[str, list]:
    """What a database says of its tables, in an order of its own."""
    with pointed_at(settings) as here, here.cursor() as cursor:
        if here.vendor == "postgresql":
            found = {}
            for name, statement in POSTGRESQL_TELLS.items():
                cursor.execute(statement)
                found[name] = sorted(map(str, cursor.fetchall()))
            return found
        cursor.execute(
            "SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' AND type <> 'index'"
        )
        found = {"objects": sorted(map(str, cursor.fetchall()))}
        for table in here.introspection.table_names(cursor):
            columns = cursor.execute(f"SELECT name, type, \"notnull\", pk FROM pragma_table_info('{table}')")
            found[f"{table}, columns"] = sorted(map(str, columns.fetchall()))
            keys = cursor.execute(f'SELECT "table", "from", "to" FROM pragma_foreign_key_list(\'{table}\')')
            found[f"{table}, keys"] = sorted(map(str, keys.fetchall()))
            constraints = here.introspection.get_constraints(cursor, table).values()
            found[f"{table}, constraints"] = sorted(
                str((one["columns"], one["unique"], one["check"], one["index"])) for one in constraints
            )
        return found


def migrated(url: str, *more: str) -> dict[str, list]:
    """What a new database tells that the command filled, in a process of its own: with every package's migrations."""
    run = subprocess.run(
        [sys.executable, "-m", "cocm.cli", "manage", "migrate", "--verbosity", "0", *more],
        env=os.environ | {"COCM_DEMO": "1", "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return told(database_settings(url, busy_timeout_seconds=20, pool=0, is_local=True))


def test_both_ways_make_the_same_tables_on_sqlite(tmp_path) -> None:
    at_once = migrated(f"sqlite:///{tmp_path / 'at_once'}.sqlite")
    step_by_step = migrated(f"sqlite:///{tmp_path / 'step_by_step'}.sqlite", "--step-by-step")
    assert len(at_once) > 100
    assert at_once == step_by_step


def test_both_ways_make_the_same_tables_on_postgresql(postgresql_uri) -> None:
    parts = urlsplit(postgresql_uri)
    found = []
    for name, more in (("at_once", ()), ("step_by_step", ("--step-by-step",))):
        with psycopg.connect(postgresql_uri, autocommit=True) as administrator:
            administrator.execute(f"CREATE DATABASE way_{name}")
        url = urlunsplit((parts.scheme, parts.netloc, f"/way_{name}", parts.query, ""))
        found.append(migrated(url, *more))
    at_once, step_by_step = found
    for what, rows in step_by_step.items():
        assert at_once[what] == rows, what
    assert at_once["walls"] and at_once["triggers"]
