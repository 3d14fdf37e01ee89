"""Both databases, filled once a test process: a template with the tables and a small world, and cheap copies of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import pytest
import time_machine
from django.db import connections, transaction
from server_world import add_books, make_world

from cocm.server.database_url import database_settings
from cocm.server.setup.first_tables import make_tables

ENGINES = ("sqlite", "postgresql")
ONE_ENGINE = pytest.mark.parametrize(
    "database", [os.environ.get("COCM_TEST_ENGINE", "sqlite")], indirect=True
)
"""For what no database decides: one engine a run. With COCM_TEST_ENGINE=postgresql it is the other."""
APPLICATION_ROLE = "cocm_app"
WORLD_MADE_AT = "2026-03-15T12:00:00Z"
"""Owns no table and is no superuser, so that row-level security holds for it."""


class Databases:
    """One engine's template and its copies."""

    def __init__(self, engine: str, folder: Path, superuser_uri: str = "") -> None:
        self.engine, self.folder, self.superuser_uri = engine, folder, superuser_uri
        self._numbers = count(1)
        if engine == "postgresql":
            self._administer(
                f"CREATE ROLE {APPLICATION_ROLE} LOGIN NOSUPERUSER NOBYPASSRLS",
                "CREATE DATABASE cocm_template",
            )
        with pointed_at(self.settings("cocm_template", as_owner=True)):
            make_tables()
            if engine == "postgresql":
                from cocm.server.setup.grants import grant_to

                grant_to(APPLICATION_ROLE)
        # before every moment that a test sets its clock to: what a test adds is later than what the world has
        with time_machine.travel(WORLD_MADE_AT), pointed_at(self.settings("cocm_template")):
            make_world()

    def copy(self, *, has_books: bool = False) -> dict[str, Any]:
        """A new database like the template, or like the one with books; Django's settings for it."""
        name = f"cocm_copy_{next(self._numbers)}"
        self._copy(self._template_with_books if has_books else "cocm_template", name)
        return self.settings(name)

    @cached_property
    def _template_with_books(self) -> str:
        """Made when the first test asks for it."""
        name = "cocm_template_books"
        self._copy("cocm_template", name)
        with pointed_at(self.settings(name)), transaction.atomic():
            add_books()
        return name

    def _copy(self, template: str, name: str) -> None:
        if self.engine == "postgresql":
            self._administer(f"CREATE DATABASE {name} TEMPLATE {template}")
        else:
            shutil.copyfile(self.folder / f"{template}.sqlite", self.folder / f"{name}.sqlite")

    def settings(self, name: str, *, as_owner: bool = False) -> dict[str, Any]:
        """Django's settings of one database, for the application or for the tables' owner."""
        return database_settings(
            self.url(name, as_owner=as_owner), busy_timeout_seconds=20, pool=0, is_local=True
        )

    def url(self, name: str, *, as_owner: bool = False) -> str:
        """The same as DATABASE_URL."""
        if self.engine == "sqlite":
            return f"sqlite:///{quote(str(self.folder / name))}.sqlite"
        parts = urlsplit(self.superuser_uri)
        host = parts.netloc if as_owner else f"{APPLICATION_ROLE}@{parts.netloc.rpartition('@')[2]}"
        return urlunsplit((parts.scheme, host, f"/{name}", parts.query, ""))

    def _administer(self, *statements: str) -> None:
        import psycopg

        with psycopg.connect(self.superuser_uri, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)


@contextmanager
def pointed_at(settings: dict[str, Any]) -> Iterator[Any]:
    """Django's one database, for a while; its connection, closed afterwards. Other threads find the same database."""
    before_settings = connections.settings["default"]
    before = connections["default"]
    connections.settings["default"] = connections.configure_settings({"default": settings})["default"]
    connection = connections["default"] = connections.create_connection("default")
    try:
        yield connection
    finally:
        connection.close()
        connections.settings["default"] = before_settings
        connections["default"] = before


@contextmanager
def using(connection: Any) -> Iterator[Any]:
    """Django's one database through an open connection."""
    before = connections["default"]
    connections["default"] = connection
    try:
        yield connection
    finally:
        connections["default"] = before
