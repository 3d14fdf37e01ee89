"""Every claim's timeline from what the state holds: what was sent, what was told of it, what was decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cocm.claims.lifecycle import ClaimEvent, ClaimEventKind, Timeline, timeline
from cocm.claims.submission import VOID
from cocm.receivables.practice_books import OpenBooks
from cocm.remits.account import Account
from cocm.remits.claim_events import decision_event
from cocm.store.remittances import AccountRows, Remittances


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


def timelines_of(remittances: Remittances, rows: AccountRows) -> list[Timeline]:
    """The timeline of each claim of an account, in the order they were sent."""
    ids = [claim.claim_id for claim in rows.claims]
    events: dict[str, list[ClaimEvent]] = {claim_id: [] for claim_id in ids}
    for event in remittances.claim_events(ids):
        events[event.claim_id].append(event)
    for decided in rows.decisions:
        claim_id = remittances.claim_of_decision(decided.decision_id)
        if claim_id is not None:
            events[claim_id].append(decision_event(claim_id, decided))
    for claim, charge in zip(rows.claims, rows.charges, strict=True):
        events[claim.claim_id].append(
            ClaimEvent(f"sent:{claim.claim_id}", claim.claim_id, ClaimEventKind.SENT, charge.day)
        )
    for claim, follower, charge in zip(rows.claims, rows.claims[1:], rows.charges[1:], strict=False):
        kind = ClaimEventKind.VOIDED if follower.frequency_code == VOID else ClaimEventKind.CORRECTED
        events[claim.claim_id].append(
            ClaimEvent(f"{kind}:{follower.claim_id}", claim.claim_id, kind, charge.day)
        )
    return [timeline(claim_id, events[claim_id]) for claim_id in ids]
