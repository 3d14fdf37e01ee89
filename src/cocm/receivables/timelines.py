"""Every claim's timeline from what the state holds: what was sent, what was told of it, what was decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cocm.claims.lifecycle import Timeline
from cocm.receivables.practice_books import OpenBooks
from cocm.remits.account import Account
from cocm.store.accounts import AccountRows
from cocm.store.timelines import timelines_of


@dataclass(frozen=True, slots=True)
class ClaimStanding:
    """An account with the timeline of its last claim and those of the claims before it."""

    rows: AccountRows
    account: Account
    timeline: Timeline
    earlier: tuple[Timeline, ...]


def standings(books: OpenBooks, claim_id: str | None = None) -> Iterator[ClaimStanding]:
    """Where every claim (or one) stands."""
    for rows, account in books.accounts(claim_id):
        lives = timelines_of(books.remittances, rows)
        yield ClaimStanding(rows, account, lives[-1], tuple(lives[:-1]))
