"""The server's tests: every test that asks for a database runs on SQLite and on PostgreSQL.

`database`  one test in one transaction, rolled back; with the mark `live`, a copy of its own in which commits are real,
            for threads, processes and browsers.
`world`     the people and patients in both (`server_world`); `world_with_books` with claims, answers and money too.
`client_of` a client signed in as a role.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

sys.path.insert(0, str(Path(__file__).parent))

import django_ready

django_ready.set_up()

from databases import ENGINES, Databases, pointed_at, using  # noqa: E402  # Django must be ready
from django.db import connections, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from server_world import World  # noqa: E402

from cocm.server.access.permissions import MemberRole  # noqa: E402


class Rollback(Exception):
    """Ends a test's transaction."""


@pytest.fixture(scope="session")
def engines(tmp_path_factory, request):
    """Each engine's databases, made when first asked for."""
    made: dict[str, Databases] = {}

    def engine(name: str) -> Databases:
        if name not in made:
            uri = request.getfixturevalue("postgresql_uri") if name == "postgresql" else ""
            made[name] = Databases(name, tmp_path_factory.mktemp(name), uri)
        return made[name]

    return engine


@pytest.fixture(scope="session")
def shared_connections(engines) -> Iterator[dict]:
    """One open connection an engine, for the tests that roll back."""
    open_ones: dict = {}

    def connection(name: str, *, has_books: bool = False):
        if (name, has_books) not in open_ones:
            with pointed_at(engines(name).copy(has_books=has_books)):
                open_ones[name, has_books] = connections.create_connection("default")
        return open_ones[name, has_books]

    yield connection
    for opened in open_ones.values():
        opened.close()


@pytest.fixture(
    params=[pytest.param(name, marks=[] if name == "sqlite" else [pytest.mark.once]) for name in ENGINES]
)
def database(request, django_db_blocker, engines, shared_connections) -> Iterator[str]:
    """The name of the engine. The test's own transaction is rolled back, or (mark `live`) its database is its own."""
    has_books = "world_with_books" in request.fixturenames
    with django_db_blocker.unblock():
        if request.node.get_closest_marker("live"):
            with pointed_at(engines(request.param).copy(has_books=has_books)):
                yield request.param
            return
        with using(shared_connections(request.param, has_books=has_books)):
            try:
                with transaction.atomic():
                    yield request.param
                    raise Rollback
            except Rollback:
                pass


@pytest.fixture
def world(database) -> World:
    """The people and patients of the database at hand."""
    return World()


@pytest.fixture
def world_with_books(database) -> World:
    """The same, with its months closed and sent, and what payers answered until `BOOKS_UNTIL`; made when first used."""
    return World()


@pytest.fixture
def client_of(world):
    """`client_of(MemberRole.BHCM)`: a client signed in as the practice's care manager."""

    def signed_in(role: MemberRole, organization: str = "north-valley") -> Client:
        client = Client(raise_request_exception=True)
        client.force_login(
            world.user(role, organization), "allauth.account.auth_backends.AuthenticationBackend"
        )
        return client

    return signed_in


@pytest.fixture
def behind_its_back(database, engines, request):
    """`behind_its_back(statement)`: somebody with full powers over the database changes it, guards put aside.

    Only with the mark `live`: on PostgreSQL it is another connection, the owner's.
    """
    assert request.node.get_closest_marker("live"), "needs the mark live"
    name = connections.settings["default"]["NAME"]

    def run(statement: str) -> None:
        if database == "postgresql":
            with psycopg.connect(engines(database).url(name, as_owner=True)) as connection:
                connection.execute("SET session_replication_role = replica")  # no trigger runs
                connection.execute(statement)
        else:
            with connections["default"].cursor() as cursor:
                triggers = cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
                for (trigger,) in triggers:
                    cursor.execute(f'DROP TRIGGER "{trigger}"')
                cursor.execute(statement)

    return run
