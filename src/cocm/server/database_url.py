"""A database's address in one line, to Django's settings; and how each database is spoken to."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from cocm.server.environment import SettingsError

POSTGRESQL_SCHEMES: Final = ("postgresql", "postgres")
_PASSED_ON: Final = (
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "connect_timeout",
    "application_name",
    "host",
    "port",
)
"""What may stand after the question mark of a PostgreSQL address."""

PREPARED_AFTER: Final = 5
"""A statement that a connection has seen more often than this is kept there with its plan."""
PREPARED_MAX: Final = 500
"""Statements a connection keeps prepared; the site's pages ask some three hundred different ones."""


def connection_made(connection: Any, **_: Any) -> None:
    """A new connection to PostgreSQL keeps more statements than the driver's hundred."""
    if connection.vendor == "postgresql":
        connection.connection.prepared_max = PREPARED_MAX


def database_settings(url: str, *, busy_timeout_seconds: int, pool: int, is_local: bool) -> dict[str, Any]:
    """Django's settings of one database. Raises `SettingsError`; the address may hold a password and is not repeated.

    SQLite needs an absolute path in production; `is_local` lets a demonstration name a relative one.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise SettingsError("DATABASE_URL: not an address; write postgresql://user@host:5432/name") from None
    if parts.scheme == "sqlite":
        return _sqlite(unquote(parts.path), parts.netloc, busy_timeout_seconds, is_local=is_local)
    if parts.scheme in POSTGRESQL_SCHEMES:
        return _postgresql(parts.path, unquote(parts.hostname or ""), port, parts.username, parts.password,
                           parts.query, pool)  # fmt: skip
    raise SettingsError("DATABASE_URL: expected sqlite:////path/to/file or postgresql://user@host/name")


def _sqlite(path: str, host: str, busy_timeout_seconds: int, *, is_local: bool) -> dict[str, Any]:
    name = path[1:]
    if host or not name or (not is_local and not PurePosixPath(name).is_absolute()):
        raise SettingsError(
            "DATABASE_URL: SQLite needs its absolute path: sqlite:////srv/cocm/cocm.sqlite (four slashes)"
        )
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": name,
        "ATOMIC_REQUESTS": True,
        "OPTIONS": {
            # a deferred transaction that reads and then writes fails at once when another has written meanwhile
            "transaction_mode": "IMMEDIATE",
            "timeout": busy_timeout_seconds,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        },
    }


def _postgresql(
    path: str, host: str, port: int | None, user: str | None, password: str | None, query: str, pool: int
) -> dict[str, Any]:
    given = dict(parse_qsl(query))
    unknown = sorted(given.keys() - set(_PASSED_ON))
    if unknown:
        raise SettingsError(
            f"DATABASE_URL: {', '.join(unknown)} is not known; may follow: {', '.join(_PASSED_ON)}"
        )
    name = unquote(path.removeprefix("/"))
    if not name:
        raise SettingsError("DATABASE_URL: the database's name is missing: postgresql://user@host/name")
    options: dict[str, Any] = {key: value for key, value in given.items() if key not in ("host", "port")}
    # a page's statements are planned once a connection: planning took half of the database's time for them
    options |= {"server_side_binding": True, "prepare_threshold": PREPARED_AFTER}
    if pool:
        if find_spec("psycopg_pool") is None:
            raise SettingsError(
                "COCM_DATABASE_POOL needs the package psycopg-pool; install it or leave it at 0"
            )
        options["pool"] = {"min_size": 1, "max_size": pool, "timeout": 10}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(user or ""),
        "PASSWORD": unquote(password or ""),
        "HOST": host or given.get("host", ""),
        "PORT": str(port or given.get("port", "")),
        "ATOMIC_REQUESTS": True,
        "CONN_HEALTH_CHECKS": True,
        "CONN_MAX_AGE": 0 if pool else 60,
        "OPTIONS": options,
    }
