"""Every claim's timeline from what the state holds: what was sent, what was told of it, what was decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cocm.claims.lifecycle import Timeline
from cocm.receivables.kept import Kept
from cocm.receivables.practice_books import OpenBooks, account_of
from cocm.remits.account import Account
from cocm.store.accounts import AccountRows
from cocm.store.growth import claims_added_to, claims_of_payments, growth
from cocm.store.timelines import timelines_of


@dataclass(frozen=True, slots=True)
class ClaimStanding:
    """An account with the timeline of its last claim and those of the claims before it."""

    rows: AccountRows
    account: Account
    timeline: Timeline
    earlier: tuple[Timeline, ...]


def standings(books: OpenBooks, claim_id: str | None = None) -> Iterator[ClaimStanding]:
    """Where every claim (or one) stands, by month, patient and payer."""
    kept = books.request.kept
    if kept is not None and claim_id is None:
        yield from _kept_standings(books, kept)
        return
    for rows, account in books.accounts(claim_id):
        yield _standing(books, rows, account)


def _standing(books: OpenBooks, rows: AccountRows, account: Account) -> ClaimStanding:
    lives = timelines_of(books.remittances, rows)
    return ClaimStanding(rows, account, lives[-1], tuple(lives[:-1]))


def _kept_standings(books: OpenBooks, kept: Kept) -> list[ClaimStanding]:
    """All of them, of which only those are worked out that something was added to."""
    connection, held = books.state.connection, books.held_payments()
    with kept.lock:
        since = kept.growth
        if since is None or growth(connection, since) != since:
            kept.growth = touched = None
            kept.standings.clear()
        else:
            touched = claims_added_to(connection, since)
            touched |= claims_of_payments(connection, held ^ kept.held_payments)
        found = books.remittances.accounts() if touched is None else books.remittances.accounts_of(touched)
        had = len(kept.standings)
        for rows in found:
            claim = rows.claim
            key = (claim.month_index, claim.patient_id, claim.payer_id)
            kept.standings[key] = _standing(books, rows, account_of(rows, held))
        if had and len(kept.standings) != had:
            kept.standings = dict(sorted(kept.standings.items()))
        if touched is None or touched:
            kept.growth = growth(connection)
        kept.held_payments = held
        return list(kept.standings.values())
