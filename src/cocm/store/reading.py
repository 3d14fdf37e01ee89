"""Opening a state file to read it: while another command writes, and where nothing may be written."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote


def connect_to_read(path: Path, timeout_seconds: int) -> sqlite3.Connection:
    """A connection that changes nothing; it sees the state as it was when its transaction began.

    Where the file or its folder cannot be written, nobody else writes there either as long as no log of changes lies
    beside it: then the file is read as it stands, and no log is left behind that a writer would stumble over.
    """
    log = path.with_name(f"{path.name}-wal")
    if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
        how = "mode=rw"
    elif log.exists() and log.stat().st_size:
        how = "mode=ro"
    else:
        how = "mode=ro&immutable=1"
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?{how}", uri=True, timeout=timeout_seconds, isolation_level=None
    )
    connection.execute("PRAGMA query_only = ON")
    return connection


def copied_into_memory(connection: sqlite3.Connection) -> sqlite3.Connection:
    """The same state in memory, where an older one may be brought up to date without touching its file."""
    copy = sqlite3.connect(":memory:", isolation_level=None)
    connection.backup(copy)
    connection.close()
    return copy
