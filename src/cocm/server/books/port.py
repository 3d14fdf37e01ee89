"""The books of the acting person's organization, opened as the state that the core knows.

The core keeps what was sent, what came back and every cent in one SQLite file (`cocm.store`, `cocm.plandesk.state`):
append-only, its events hash-chained. The server keeps the pages of that very file as rows, so that the books stand
behind the organizations' walls, change in the same transaction as everything else, and lie on no web process's disk.

    with practice_books(actor) as state: ...                     # to read; nobody is in the way
    with practice_books(actor, to_write=True) as state:          # waits for its turn; held to the transaction's end
        post_stream(open_books_of(state), ...)
        state.commit()                                           # lasts when the request's transaction does
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import transaction

from cocm.plandesk.state import PlanState
from cocm.server.access.actor import Actor
from cocm.server.accounts.models import Organization
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.books.images import Image, read_image, write_image
from cocm.server.books.models import Books, BooksKind
from cocm.store.state import PracticeState

_State = TypeVar("_State", bound="PracticeState | PlanState")
_Keep = Callable[[bytes], None]


class PracticeBooks(PracticeState):
    """A practice's state whose commits go to the server's database."""

    keep: _Keep | None = None

    def commit(self) -> None:
        """Make everything recorded so far lasting with the request's transaction; what follows may be recorded too."""
        _commit(self, super().commit)


class PlanBooks(PlanState):
    """A plan's state whose commits go to the server's database."""

    keep: _Keep | None = None

    def commit(self) -> None:
        """Make everything recorded so far lasting with the request's transaction; what follows may be recorded too."""
        _commit(self, super().commit)


@contextmanager
def practice_books(actor: Actor, *, to_write: bool = False) -> Iterator[PracticeState]:
    """The organization's books; empty ones where nothing was ever sent.

    Must run inside a transaction, as pages and jobs do. `to_write` waits until no other writes to these books and keeps
    others waiting until the transaction ends. Raises `StateError` where the books were tampered with.
    """
    key = Organization.objects.values_list("key", flat=True).get(pk=actor.organization_id)
    with _opened(
        actor, BooksKind.PRACTICE, to_write, lambda image: PracticeBooks(None, key, image=image)
    ) as state:
        yield state


def stamp_of(actor: Actor, kind: BooksKind = BooksKind.PRACTICE) -> str | None:
    """What names the books as they stand: another one after each change. None where nothing was ever recorded."""
    stamps = Books.objects.of(actor).filter(kind=kind, page_count__gt=0).values_list("stamp", flat=True)
    stamp = stamps.first()
    return None if stamp is None else str(stamp)


@contextmanager
def plan_books(actor: Actor, *, plan_id: str, to_write: bool = False) -> Iterator[PlanState]:
    """A health plan's books, as `practice_books`; `plan_id` is the one in the plan's own tables."""
    with _opened(
        actor, BooksKind.PLAN, to_write, lambda image: PlanBooks(None, plan_id, image=image)
    ) as state:
        yield state


@contextmanager
def _opened(
    actor: Actor, kind: BooksKind, to_write: bool, opener: Callable[[bytes | None], _State]
) -> Iterator[_State]:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("books are opened inside a transaction, which the change of them is part of")
    books = _books(actor, kind, to_write)
    image, is_new = (None, False) if books is None or not books.page_count else read_image(actor, books)
    with opener(None if image is None else image.content) as state:
        if is_new and isinstance(state, PracticeState):
            state.check_events()
        if to_write:
            assert books is not None
            state.keep = _keeper(actor, books, image)
        else:
            state.connection.execute("COMMIT")
            state.connection.execute("PRAGMA query_only = ON")
            state.connection.execute("BEGIN")
        yield state


def _books(actor: Actor, kind: BooksKind, to_write: bool) -> Books | None:
    if not to_write:
        return Books.objects.of(actor).filter(kind=kind).first()
    Books.objects.get_or_create(organization_id=actor.organization_id, kind=kind)
    return Books.objects.of(actor).select_for_update().get(kind=kind)


def _keeper(actor: Actor, books: Books, image: Image | None) -> _Keep:
    kept = image

    def keep(content: bytes) -> None:
        nonlocal kept
        kept = write_image(actor, books, kept, content)
        record(actor, Verb.CHANGED, object_type="books", object_id=books.pk)

    return keep


def _commit(state: PracticeBooks | PlanBooks, commit: Callable[[], None]) -> None:
    commit()
    if state.keep is not None:
        state.keep(state.image())
    state.connection.execute("BEGIN" if state.keep is None else "BEGIN IMMEDIATE")
