"""The second wall: on PostgreSQL a statement that goes round the ORM sees its own organization's rows and no others."""

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from cocm.server.access.actor import enter_organization
from cocm.server.accounts.models import User
from cocm.server.records import ChainedRow, OrganizationRow

ORGANIZATION_ROWS = [model for model in apps.get_models() if issubclass(model, OrganizationRow)]
names = lambda model: model._meta.db_table  # noqa: E731  # pytest asks for a function
WITHOUT_AN_ORGANIZATION = {User}
"""Sign-ins belong to no organization; `Organization` itself has a wall of its own."""


def rows(statement: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def test_a_statement_sees_the_rows_of_its_organization_only(world, database) -> None:
    with world.inside(world.practice):
        of_practice = rows("SELECT organization_id, last_name FROM registry_patient")
    with world.inside(world.neighbour):
        of_neighbour = rows("SELECT organization_id, last_name FROM registry_patient")
    enter_organization(None, None)
    of_nobody = rows("SELECT organization_id, last_name FROM registry_patient")
    if database == "postgresql":
        assert {row[0] for row in of_practice} == {world.practice.organization_id}
        assert [row[1] for row in of_neighbour] == ["Neighbour"]
        assert of_nobody == []
    else:  # SQLite has one wall only, the selectors': what this test would find were the other one not there
        assert len(of_practice) == len(of_neighbour) == len(of_nobody) > 2


def test_a_row_cannot_be_moved_to_another_organization(world, database) -> None:
    statement = f"UPDATE registry_patient SET organization_id = '{world.neighbour.organization_id}'"
    with world.inside(world.practice):
        if database == "postgresql":
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                rows(statement + " RETURNING 1")
        else:
            assert rows("SELECT count(*) FROM registry_patient")[0][0] > 1


@pytest.mark.parametrize("model", ORGANIZATION_ROWS, ids=names)
def test_each_table_with_an_organization_has_its_walls(model, database) -> None:
    table = model._meta.db_table
    if database == "postgresql":
        state = f"SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = '{table}'"
        assert rows(state) == [(True, True)], f"end the migration with walls.OrganizationWall({table!r})"
        triggers = {
            row[0] for row in rows(f"SELECT tgname FROM pg_trigger WHERE tgrelid = '{table}'::regclass")
        }
        guards = {"append_only", "append_only_whole"}
    else:
        triggers = {
            row[0]
            for row in rows(f"SELECT name FROM sqlite_master WHERE tbl_name = '{table}' AND type = 'trigger'")
        }
        guards = {f"{table}_no_update", f"{table}_no_delete"}
    if issubclass(model, ChainedRow):
        assert guards <= triggers, f"end the migration with walls.AppendOnly({table!r})"


def test_each_of_our_tables_belongs_to_an_organization() -> None:
    ours = [model for model in apps.get_models() if model.__module__.startswith("cocm.server.")]
    strays = {model for model in ours if not issubclass(model, OrganizationRow)} - WITHOUT_AN_ORGANIZATION
    assert {model.__name__ for model in strays} == {"Organization"}


def test_the_application_is_no_superuser_and_owns_no_table(database) -> None:
    if database == "postgresql":
        assert rows("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user") == [
            (False, False)
        ]
        assert rows("SELECT count(*) FROM pg_tables WHERE tableowner = current_user") == [(0,)]
        for statement in ("ALTER TABLE audit_auditevent DISABLE TRIGGER ALL", "TRUNCATE contacts_contact"):
            with pytest.raises(DatabaseError), transaction.atomic():
                rows(statement)
    else:
        assert rows("PRAGMA journal_mode") == [("wal",)]
        assert rows("PRAGMA foreign_keys") == [(1,)]


def test_no_table_lets_another_organization_in_by_any_statement(world, database) -> None:
    """Each kind of statement on each table, past the ORM, as the application's role: nothing is found or changed."""
    if database != "postgresql":
        return
    practice = f"organization_id = '{world.practice.organization_id}'"
    seen_by_nobody = {}
    with connection.cursor() as cursor:
        for model in ORGANIZATION_ROWS:
            table = model._meta.db_table
            for speaks_for in (world.neighbour.organization_id, None):
                enter_organization(speaks_for, None)
                cursor.execute(f"SELECT count(*) FROM {table} WHERE {practice}")
                seen_by_nobody[table, speaks_for] = cursor.fetchone()[0]
                for change in (
                    f"UPDATE {table} SET organization_id = organization_id WHERE {practice}",
                    f"DELETE FROM {table} WHERE {practice}",
                ):
                    try:
                        with transaction.atomic():
                            cursor.execute(change)
                            assert cursor.rowcount == 0, change
                    except DatabaseError as refused:
                        assert "permission denied" in str(refused), change
                with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                    cursor.execute(
                        f"INSERT INTO {table} (id, organization_id) "
                        f"VALUES (gen_random_uuid(), '{world.practice.organization_id}')"
                    )
        assert set(seen_by_nobody.values()) == {0}
        enter_organization(world.practice.organization_id, None)
        full = 0
        for model in ORGANIZATION_ROWS:
            cursor.execute(f"SELECT count(*) FROM {model._meta.db_table} WHERE {practice}")
            full += cursor.fetchone()[0] > 0
        assert full > 10  # the walls stood before rows that are there
