"""Running the site: checks first, then granian in front of the WSGI application."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path

from cocm.basics.errors import UnusableInput
from cocm.server.worker import Beside

STOP_SECONDS_MAX = 20
BACKLOG = 1024


@dataclass(frozen=True, slots=True)
class ServeRequest:
    """Where to answer, with how many processes and threads, and with which certificate (None: plain HTTP).

    `job_workers` work background jobs beside the site; 0: they run somewhere else (`cocm manage db_worker`).
    """

    address: str
    port: int
    workers: int
    threads: int
    certificate: Path | None = None
    key: Path | None = None
    job_workers: int = 1


def prepare() -> None:
    """Load the site and refuse what must not run. Raises `UnusableInput` naming what to do."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cocm.server.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.core.checks import Error, run_checks
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    errors = [message for message in run_checks() if isinstance(message, Error) or message.level >= 40]
    if errors:
        raise UnusableInput("the site's own checks fail: " + "; ".join(str(error) for error in errors))
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        raise UnusableInput(
            f"the database lacks {len(waiting)} migrations of this version; run `cocm manage migrate` first"
        )
    if connection.vendor == "postgresql" and settings.ENVIRONMENT.is_production:
        refuse_superuser(connection)
    if settings.ENVIRONMENT.static_root:
        call_command("collectstatic", interactive=False, verbosity=0)
    connection.close()


def refuse_superuser(connection: object) -> None:
    """On PostgreSQL the second wall does not hold for a superuser, nor for a role that bypasses row-level security."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        [(is_above_the_wall,)] = cursor.fetchall()
    if is_above_the_wall:
        raise UnusableInput(
            "DATABASE_URL signs in as a role that row-level security does not hold for (superuser or BYPASSRLS); "
            "make a plain role for the application and name the owner in COCM_OWNER_DATABASE_URL"
        )


def serve(request: ServeRequest) -> None:
    """Answer until told to stop (SIGINT or SIGTERM)."""
    if (request.certificate is None) != (request.key is None):
        raise UnusableInput("--certificate and --key go together")
    _check_free(request.address, request.port)
    prepare()
    from granian import Granian
    from granian.constants import Interfaces

    site = Granian(
        "cocm.server.wsgi:application",
        address=request.address,
        port=request.port,
        interface=Interfaces.WSGI,
        workers=request.workers,
        blocking_threads=request.threads,
        backlog=BACKLOG,
        websockets=False,
        log_access=False,  # its lines would hold query strings
        ssl_cert=request.certificate,
        ssl_key=request.key,
        workers_kill_timeout=STOP_SECONDS_MAX,  # whoever keeps a connection open keeps nobody from stopping the site
    )
    with Beside(request.job_workers):
        site.serve()


def _check_free(address: str, port: int) -> None:
    try:
        with socket.create_server((address, port)):
            pass
    except OSError as problem:
        raise UnusableInput(
            f"cannot answer at {address}:{port} ({problem.strerror}); name another with --port"
        ) from None
