"""Reading for a long time without keeping anybody waiting: one moment's data, and no lock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from cocm.server.access.actor import Actor, acting_for


@contextmanager
def reading_for(actor: Actor) -> Iterator[Actor]:
    """A transaction in the name of an actor that only reads, and sees the data as they were when it began.

    On SQLite pages take the write lock from the start; this one does not, so that they go on meanwhile.
    """
    if connection.in_atomic_block:
        with acting_for(actor):
            yield actor
        return
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        before = connection.transaction_mode  # type: ignore[attr-defined]  # of the SQLite backend
        connection.transaction_mode = "DEFERRED"  # type: ignore[attr-defined]  # as above
        try:
            with acting_for(actor):
                yield actor
        finally:
            connection.transaction_mode = before  # type: ignore[attr-defined]  # as above
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        with acting_for(actor):
            yield actor
