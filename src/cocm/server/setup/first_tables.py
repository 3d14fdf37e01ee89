"""The tables of a new database, made at once as the models are now.

The migrations are for databases that are there: run one after the other on a new one they take half a minute, nearly
all of it Django's picture of models between the steps. Both ways give the same tables (a test compares them); the
migrations are noted as done.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration

from cocm.server.walls import DatabaseOnly


def is_new(using: str = "default") -> bool:
    """Whether a database has no table at all."""
    connection = connections[using]
    with connection.cursor() as cursor:
        return not connection.introspection.table_names(cursor)


def make_tables(using: str = "default", *, verbosity: int = 0) -> None:
    """Make every table, wall and trigger of a new database in one transaction, and note every migration as done."""
    connection = connections[using]
    executor = MigrationExecutor(connection)
    emit_pre_migrate_signal(verbosity, False, using)
    with connection.schema_editor() as editor:
        for model in apps.get_models():
            if model._meta.managed and not model._meta.proxy and not model._meta.swapped:
                editor.create_model(model)
    with connection.schema_editor() as editor:
        for key, node in _in_order(executor.loader):
            for operation in node.operations:
                if isinstance(operation, DatabaseOnly):
                    operation.database_forwards(key[0], editor, None, None)
    executor.recorder.ensure_schema()
    for key in executor.loader.graph.nodes:
        executor.recorder.record_applied(*key)
    emit_post_migrate_signal(verbosity, False, using)


def _in_order(loader: MigrationLoader) -> Iterator[tuple[tuple[str, str], Migration]]:
    """Every migration with its key, each after those that it depends on."""
    seen: set[tuple[str, str]] = set()
    for leaf in loader.graph.leaf_nodes():
        for key in loader.graph.forwards_plan(leaf):
            if key not in seen:
                seen.add(key)
                yield key, loader.graph.nodes[key]
