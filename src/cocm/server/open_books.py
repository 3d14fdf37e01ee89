"""The organization's books opened for the core's questions: the state, its tables, and the rules in force.

with open_books_of(actor, today=today) as books: worklist(books)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Final

from cocm.receivables.practice_books import BooksRequest, OpenBooks, open_books
from cocm.server.access.actor import Actor
from cocm.server.books.port import practice_books
from cocm.server.practice_port import PracticePort
from cocm.server.rules_in_force import rulebook
from cocm.store.state import PracticeState

NO_FOLDER: Final = Path("/nonexistent")
"""Where no document lies."""


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
    return BooksRequest(documents, today, state, tables=PracticePort(actor), rulebook=rulebook())
