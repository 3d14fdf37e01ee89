"""The transaction of a page: on SQLite a page that only shows takes no writer's lock while it is made.

SQLite has one writer at a time, and Django's transactions begin as writers (`BEGIN IMMEDIATE`), since one that reads
first and writes then fails at once where another has written meanwhile. A page that is looked at reads for most of its
time and writes its events last. So it is read in a transaction that is no writer's, and its events are written right
after it, in a short one of their own, before anybody is given the page: without its events no page is shown. A page
that turns out to write more is made once more, as a writer.

PostgreSQL has no such lock: there everything stands in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Final, TypeVar

from django.db import OperationalError, connection, transaction
from django.http import HttpRequest

Made = TypeVar("Made")
READING: Final = ("GET", "HEAD")
_is_reading: ContextVar[bool] = ContextVar("page_is_reading", default=False)


def in_page_transaction(request: HttpRequest, make: Callable[[], Made]) -> Made:
    """What `make` gives, made in one transaction; for a page that is looked at, on SQLite, in a reader's."""
    if request.method not in READING or connection.vendor != "sqlite" or connection.in_atomic_block:
        with transaction.atomic():
            return make()
    try:
        return _as_reader(make)
    except OperationalError as problem:
        if not is_locked(problem):
            raise
    with transaction.atomic():  # it wrote, and another had written since it began to read
        return make()


def after_reading(write: Callable[[], None]) -> None:
    """Write at the end of the page: at once, or where it is read only, right after the transaction it is read in."""
    if not _is_reading.get():
        write()
        return
    transaction.on_commit(lambda: _as_writer(write))


def is_locked(problem: OperationalError) -> bool:
    """Whether SQLite says that another writes, or has written since the transaction began to read."""
    return "locked" in str(problem) or "busy" in str(problem)


def _as_reader(make: Callable[[], Made]) -> Made:
    connection.ensure_connection()  # which sets the mode
    before, connection.transaction_mode = connection.transaction_mode, "DEFERRED"
    token = _is_reading.set(True)
    try:
        with transaction.atomic():
            return make()
    finally:
        _is_reading.reset(token)
        connection.transaction_mode = before


def _as_writer(write: Callable[[], None]) -> None:
    before, connection.transaction_mode = connection.transaction_mode, "IMMEDIATE"
    try:
        with transaction.atomic():
            write()
    finally:
        connection.transaction_mode = before
