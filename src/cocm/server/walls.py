"""Migration operations: the database's own walls around organizations, and rows that cannot be changed.

On PostgreSQL every table with an organization has row-level security, forced also on its owner: a statement sees and
writes only rows of the organization named in the setting `cocm.organization` (empty: none). On SQLite there is no such
thing; there the selectors' `.of(actor)` is the only wall. Rows that are only ever added are kept by triggers on both.
"""

from __future__ import annotations

from typing import Any, Final

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation

ORGANIZATION_SETTING: Final = "cocm.organization"
USER_SETTING: Final = "cocm.user"
OF_THE_ORGANIZATION: Final = "organization_id = nullif(current_setting('cocm.organization', true), '')::uuid"
"""The condition of a table's rows. An unset setting is null, and null is no organization's."""
OF_THE_USER: Final = "user_id = nullif(current_setting('cocm.user', true), '')::uuid"
ANY_ROW: Final = "true"


class DatabaseOnly(Operation):
    """An operation that changes the database and not Django's picture of the models."""

    reduces_to_sql = True
    reversible = True

    def state_forwards(self, app_label: str, state: Any) -> None:
        pass

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        self._run(self.statements(schema_editor.connection.vendor), schema_editor)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        self._run(self.reverse_statements(schema_editor.connection.vendor), schema_editor)

    def _run(self, statements: list[str], schema_editor: BaseDatabaseSchemaEditor) -> None:
        for statement in statements:
            schema_editor.execute(statement, params=None)

    def statements(self, vendor: str) -> list[str]:
        raise NotImplementedError

    def reverse_statements(self, vendor: str) -> list[str]:
        raise NotImplementedError


class OrganizationWall(DatabaseOnly):
    """Row-level security on tables. `condition` is the SQL truth of a row that may be seen and written.

    Rows of `readable` may be read besides. It may run again on a table that has its wall already.
    """

    def __init__(self, *tables: str, condition: str = OF_THE_ORGANIZATION, readable: str = "") -> None:
        self.tables, self.condition, self.readable = tables, condition, readable

    def deconstruct(self) -> tuple[str, tuple[str, ...], dict[str, str]]:
        return type(self).__name__, self.tables, {"condition": self.condition, "readable": self.readable}

    def statements(self, vendor: str) -> list[str]:
        if vendor != "postgresql":
            return []
        made = []
        for table in self.tables:
            made += [
                f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
                f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
                f'DROP POLICY IF EXISTS organization_wall ON "{table}"',
                f'DROP POLICY IF EXISTS organization_read ON "{table}"',
                f'CREATE POLICY organization_wall ON "{table}" USING ({self.condition}) WITH CHECK ({self.condition})',
            ]
            if self.readable:
                made.append(
                    f'CREATE POLICY organization_read ON "{table}" FOR SELECT USING ({self.readable})'
                )
        return made

    def reverse_statements(self, vendor: str) -> list[str]:
        if vendor != "postgresql":
            return []
        made = []
        for table in self.tables:
            made += [
                f'DROP POLICY IF EXISTS organization_wall ON "{table}"',
                f'DROP POLICY IF EXISTS organization_read ON "{table}"',
                f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY',
                f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY',
            ]
        return made

    def describe(self) -> str:
        return f"Row-level security on {', '.join(self.tables)}"


class AppendOnly(DatabaseOnly):
    """Triggers that refuse to change or delete a row, whoever asks.

    SQLite loses a table's triggers when a later migration alters the table: such a migration ends with this again.
    """

    def __init__(self, *tables: str) -> None:
        self.tables = tables

    def deconstruct(self) -> tuple[str, tuple[str, ...], dict[str, str]]:
        return type(self).__name__, self.tables, {}

    def statements(self, vendor: str) -> list[str]:
        made = []
        for table in self.tables:
            if vendor == "postgresql":
                made += [
                    "CREATE OR REPLACE FUNCTION cocm_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ "
                    "BEGIN RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME "
                    "USING ERRCODE = 'integrity_constraint_violation'; END $$",
                    f'CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON "{table}" '
                    "FOR EACH ROW EXECUTE FUNCTION cocm_append_only()",
                    f'CREATE OR REPLACE TRIGGER append_only_whole BEFORE TRUNCATE ON "{table}" '
                    "FOR EACH STATEMENT EXECUTE FUNCTION cocm_append_only()",
                ]
            elif vendor == "sqlite":
                made += [
                    f'CREATE TRIGGER IF NOT EXISTS "{table}_no_{verb.lower()}" BEFORE {verb} ON "{table}" '
                    f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are only ever added'); END"
                    for verb in ("UPDATE", "DELETE")
                ]
        return made

    def reverse_statements(self, vendor: str) -> list[str]:
        made = []
        for table in self.tables:
            if vendor == "postgresql":
                made += [
                    f'DROP TRIGGER IF EXISTS append_only ON "{table}"',
                    f'DROP TRIGGER IF EXISTS append_only_whole ON "{table}"',
                ]
            elif vendor == "sqlite":
                made += [f'DROP TRIGGER IF EXISTS "{table}_no_{verb}"' for verb in ("update", "delete")]
        return made

    def describe(self) -> str:
        return f"Rows of {', '.join(self.tables)} are only ever added"
