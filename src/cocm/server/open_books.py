"""The organization's books opened for the core's questions: the state, its tables, and the rules in force.

with open_books_of(actor, today=today) as books: worklist(books)
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Final
from uuid import UUID

from cocm.receivables.kept import Kept
from cocm.receivables.practice_books import BooksRequest, OpenBooks, open_books
from cocm.server.access.actor import Actor
from cocm.server.books.port import practice_books
from cocm.server.practice_port import PracticePort
from cocm.server.rules_in_force import rulebook
from cocm.store.state import PracticeState

NO_FOLDER: Final = Path("/nonexistent")
"""Where no document lies."""
CLAIMS_KEPT_MAX: Final = 50_000
"""Accounts that a process keeps as last worked out, of all practices together."""


@contextmanager
def open_books_of(
    actor: Actor, *, today: date, to_write: bool = False, documents: Path = NO_FOLDER
) -> Iterator[OpenBooks]:
    """Open books; what is committed in them (`books.state.commit()`) lasts with the request's transaction.

    `documents` is a folder laid out as a practice's, for packets. Raises `TableError` while the practice is not set up.
    """
    with (
        practice_books(actor, to_write=to_write) as state,
        open_books(books_request(actor, state, today=today, documents=documents)) as books,
    ):
        yield books


def books_request(
    actor: Actor, state: PracticeState, *, today: date, documents: Path = NO_FOLDER
) -> BooksRequest:
    """What the core's functions that open the books themselves ask for, over an open state."""
    kept = _kept.of(actor.organization_id)
    return BooksRequest(documents, today, state, tables=PracticePort(actor), rulebook=rulebook(), kept=kept)


class _Practices:
    """What the process knows of each practice's claims; of most claims' practices, those asked about last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[UUID, Kept] = OrderedDict()
        self._lock = Lock()

    def of(self, organization_id: UUID) -> Kept:
        with self._lock:
            found = self._kept.setdefault(organization_id, Kept())
            self._kept.move_to_end(organization_id)
            while (
                len(self._kept) > 1
                and sum(len(one.standings) for one in self._kept.values()) > CLAIMS_KEPT_MAX
            ):
                self._kept.popitem(last=False)
            return found


_kept = _Practices()
