"""The books: the core's own state, kept as pages in the server's database."""

import threading
from datetime import date

import pytest
from django.db import DatabaseError, connections, transaction

from cocm.basics.errors import StateError
from cocm.server.books import images
from cocm.server.books.models import Books, BooksPage
from cocm.server.books.port import plan_books, practice_books
from cocm.store.state import Event

DAY = date(2026, 3, 15)


def happened(state, *subjects: str) -> None:
    state.record_events([Event("something_happened", subject, {}) for subject in subjects], DAY)


def subjects(state) -> list[str]:
    return [event.subject_id for _, event, _ in state.events()]


@pytest.fixture(autouse=True)
def nothing_at_hand(monkeypatch):
    monkeypatch.setattr(images, "_images", images._Images())


def test_what_was_committed_is_there_again_and_what_was_not_is_not(world) -> None:
    actor = world.practice
    with world.inside(actor):
        with practice_books(actor) as state:
            assert subjects(state) == []
        with practice_books(actor, to_write=True) as state:
            happened(state, "a")
            state.commit()
            happened(state, "b")
            state.commit()
            happened(state, "never committed")
        with practice_books(actor) as state:
            assert subjects(state) == ["a", "b"]


def test_books_opened_to_read_take_nothing(world) -> None:
    actor = world.practice
    with world.inside(actor), practice_books(actor) as state, pytest.raises(Exception, match="readonly"):
        happened(state, "a")


def test_another_process_reads_only_the_pages_that_changed(world, monkeypatch) -> None:
    actor = world.practice
    with world.inside(actor):
        with practice_books(actor, to_write=True) as state:
            happened(state, *(str(number) for number in range(5_000)))
            state.commit()
        with practice_books(actor) as state:
            whole = state.image()
        other_process = images._Images()
        books_pk = Books.objects.of(actor).get().pk
        other_process.keep(books_pk, images._images.find(books_pk))
        with practice_books(actor, to_write=True) as state:
            happened(state, "one more")
            state.commit()
        stamp = Books.objects.of(actor).get().stamp
        changed = BooksPage.objects.of(actor).filter(stamp=stamp).count()
        assert 0 < changed < 6 < len(whole) // 4_096 / 10
        monkeypatch.setattr(images, "_images", other_process)
        with practice_books(actor) as state:
            assert subjects(state)[-1] == "one more"


def test_what_a_request_undid_never_happened(world) -> None:
    actor = world.practice
    with world.inside(actor):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            with practice_books(actor, to_write=True) as state:
                happened(state, "a")
                state.commit()
            raise ZeroDivisionError
        with practice_books(actor) as state:
            assert subjects(state) == []


def test_a_changed_event_is_noticed_when_the_books_are_read(world, monkeypatch) -> None:
    actor = world.practice
    with world.inside(actor):
        with practice_books(actor, to_write=True) as state:
            happened(state, "a")
            state.commit()
        for page in BooksPage.objects.of(actor):
            page.content = bytes(page.content).replace(b"something_happened", b"something_HAPPENED")
            page.save()
        monkeypatch.setattr(images, "_images", images._Images())
        with pytest.raises(StateError, match="event 1 was changed"), practice_books(actor):
            pass


def test_each_organization_has_its_own(world) -> None:
    with world.inside(world.practice), practice_books(world.practice, to_write=True) as state:
        happened(state, "a")
        state.commit()
    with world.inside(world.neighbour), practice_books(world.neighbour) as state:
        assert subjects(state) == []


def test_a_plan_has_books_too(world) -> None:
    actor = world.neighbour
    with world.inside(actor):
        with plan_books(actor, plan_id="ONE", to_write=True) as state:
            assert state.next_numbers() == (1, 1)
            state.commit()
        with pytest.raises(StateError, match="belongs to the plan ONE"), plan_books(actor, plan_id="TWO"):
            pass


@pytest.mark.live
def test_writers_wait_for_each_other_and_lose_nothing(world) -> None:
    failures: list[BaseException] = []

    def write(name: str) -> None:
        try:
            for number in range(4):
                with world.inside(world.practice), practice_books(world.practice, to_write=True) as state:
                    happened(state, f"{name}{number}")
                    state.commit()
        except DatabaseError as problem:
            failures.append(problem)
        finally:
            connections.close_all()

    writers = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failures == []
    with world.inside(world.practice), practice_books(world.practice) as state:
        assert sorted(subjects(state)) == sorted(f"{name}{number}" for name in "abc" for number in range(4))
        assert state.broken_event() is None


@pytest.mark.live
def test_books_are_opened_inside_a_transaction_only(world) -> None:
    with pytest.raises(RuntimeError, match="inside a transaction"), practice_books(world.practice):
        pass
