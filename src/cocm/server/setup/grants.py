"""PostgreSQL: what the application's role may do to the tables that another role owns."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from django.apps import apps
from django.conf import settings
from django.db import connections

from cocm.server.records import ChainedRow


def after_migrating(using: str, **_: Any) -> None:
    """Grant to the role of DATABASE_URL, where COCM_OWNER_DATABASE_URL names another as the tables' owner."""
    environment = settings.ENVIRONMENT
    role = unquote(urlsplit(environment.database_url).username or "")
    owner = unquote(urlsplit(environment.owner_database_url).username or "")
    if owner and role and owner != role and connections[using].vendor == "postgresql":
        grant_to(role, using=using)


def grant_to(role: str, *, using: str = "default") -> None:
    """Let a role read and write every table, change none of them, and only add to those that are only added to."""
    connection = connections[using]
    name = connection.ops.quote_name(role)
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {name}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}")
        for model in apps.get_models():
            if issubclass(model, ChainedRow):
                table = connection.ops.quote_name(model._meta.db_table)
                cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {name}")
