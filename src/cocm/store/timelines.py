"""Each claim's timeline from what the state holds: what was sent, what was told of it, what was decided."""

from __future__ import annotations

from cocm.claims.lifecycle import ClaimEvent, ClaimEventKind, Timeline, timeline
from cocm.claims.submission import VOID
from cocm.remits.claim_events import decision_event
from cocm.store.accounts import AccountRows
from cocm.store.remittances import Remittances


def timelines_of(remittances: Remittances, rows: AccountRows) -> list[Timeline]:
    """The timeline of each claim of an account, in the order they were sent."""
    ids = [claim.claim_id for claim in rows.claims]
    events: dict[str, list[ClaimEvent]] = {claim_id: [] for claim_id in ids}
    for event in remittances.claim_events(ids):
        events[event.claim_id].append(event)
    for decided in rows.decisions:
        claim_id = rows.claim_of_decision[decided.decision_id]
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
