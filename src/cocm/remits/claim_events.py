"""A payer's decision as an event of the claim's timeline."""

from __future__ import annotations

from cocm.claims.lifecycle import ClaimEvent, ClaimEventKind
from cocm.remits.account import PostedDecision
from cocm.remits.posting import Posting


def decision_event(claim_id: str, decided: PostedDecision) -> ClaimEvent:
    """What a decision is on the timeline: reversed, denied, partly paid or paid (a deductible too is a payment)."""
    return ClaimEvent(
        event_id=decided.decision_id,
        claim_id=claim_id,
        kind=ClaimEventKind.REVERSED if decided.is_reversal else kind_of(decided.posting),
        day=decided.payment_date,
        reference=decided.payer_claim_control_number,
        detail=(("payment", decided.payment_id),),
    )


def kind_of(posting: Posting) -> ClaimEventKind:
    """Denied where nothing is settled; partly paid where something stays denied beside what is settled."""
    is_denied = bool(posting.denied_cents or posting.disputed_cents)
    if is_denied and posting.settles_nothing:
        return ClaimEventKind.DENIED
    return ClaimEventKind.PARTLY_PAID if is_denied else ClaimEventKind.PAID
