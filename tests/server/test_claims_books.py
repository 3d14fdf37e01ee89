"""The demonstration's books: what they hold, and that they are the same every time."""

from __future__ import annotations

from collections import Counter

from databases import ONE_ENGINE
from django.db import transaction
from server_world import BOOKS_UNTIL, MONTH, MONTHS

from cocm.server.books.port import practice_books
from cocm.server.setup.demo_books import load_books, months_over
from cocm.store.remittances import Remittances
from cocm.store.timelines import timelines_of


def standings(world):
    with world.inside(world.practice), practice_books(world.practice) as state:
        remittances = Remittances(state)
        return [(rows, timelines_of(remittances, rows)[-1]) for rows in remittances.accounts()]


def test_claims_have_met_with_everything(world_with_books):
    states = Counter(life.state.value for _, life in standings(world_with_books))
    assert states["paid"] > states["denied"] > 0
    assert states["partly_paid"] and states["records_requested"] and states["rejected"] and states["accepted"]
    with (
        world_with_books.inside(world_with_books.practice),
        practice_books(world_with_books.practice) as state,
    ):
        assert len(list(Remittances(state).unmatched())) == 1
        assert state.broken_event() is None


def test_arianas_two_months_are_her_story(world_with_books):
    first, second = [
        [entry.event.kind.value for entry in life.entries]
        for rows, life in standings(world_with_books)
        if rows.claim.patient_id == "P000001"
    ]
    assert first == ["sent", "file_accepted", "accepted", "denied", "escalated", "paid"]
    assert second == ["sent", "file_accepted", "accepted", "records_requested"]


def test_nothing_lies_after_the_day(world_with_books):
    assert all(
        entry.event.day <= BOOKS_UNTIL for _, life in standings(world_with_books) for entry in life.entries
    )


@ONE_ENGINE
def test_the_same_practice_gets_the_same_books(world):
    def digests():
        with world.inside(world.practice):
            months = months_over(MONTH.plus(1 - MONTHS), MONTH, BOOKS_UNTIL)
            with practice_books(world.practice) as state:
                assert not list(state.events())
            answers = load_books(actor=world.practice, months=months, until=BOOKS_UNTIL)
            with practice_books(world.practice) as state:
                return [answer.content for answer in answers], [event for _, _, event in state.events()]

    made = []
    for _ in range(2):
        try:
            with transaction.atomic():
                made.append(digests())
                raise InterruptedError
        except InterruptedError:
            pass
    assert made[0] == made[1]
