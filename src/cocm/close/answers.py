"""What came back for a claim that an earlier close sent, as the state's own timeline has it.

A close needs it to know how a changed month may go out: a claim that is with the payer is never billed again, a
rejected one goes again as an original, a decided one is corrected in the payer's way. Where the practice's claim
history tells something of the same claim, the history is heard.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from cocm.care.records import ClaimStatus
from cocm.claims.lifecycle import ClaimEventKind, ClaimState, Timeline
from cocm.claims.submission import REPLACEMENT, PriorClaim
from cocm.store.remittances import Remittances
from cocm.store.timelines import timelines_of

_STATUS: Final[Mapping[ClaimState, ClaimStatus]] = {
    ClaimState.RECEIVED: ClaimStatus.SENT,
    ClaimState.ACCEPTED: ClaimStatus.ACCEPTED,
    ClaimState.PENDED: ClaimStatus.ACCEPTED,
    ClaimState.RECORDS_REQUESTED: ClaimStatus.ACCEPTED,
    ClaimState.APPEALED: ClaimStatus.ACCEPTED,
    ClaimState.REVERSED: ClaimStatus.ACCEPTED,
    ClaimState.REJECTED: ClaimStatus.REJECTED,
    ClaimState.PAID: ClaimStatus.PAID,
    ClaimState.PARTLY_PAID: ClaimStatus.PAID,
    ClaimState.DENIED: ClaimStatus.DENIED,
}


def answered(prior: PriorClaim, remittances: Remittances) -> PriorClaim:
    """The prior claim with where it stands and the payer's number of it; as it is where nothing was told."""
    if prior.status is ClaimStatus.VOIDED:
        return prior
    rows = next(remittances.accounts(prior.claim_id), None)
    if rows is None:
        return prior
    lives = timelines_of(remittances, rows)
    status = _status(lives[-1])
    if status is None:
        return prior
    number = lives[-1].payer_claim_control_number
    if status is ClaimStatus.REJECTED and prior.frequency_code == REPLACEMENT:
        # a rejected replacement replaced nothing: what it was to replace must be named again
        number = next((life.payer_claim_control_number for life in reversed(lives[:-1])), "")
    return replace(prior, status=status, payer_claim_control_number=number)


def _status(life: Timeline) -> ClaimStatus | None:
    if life.state is ClaimState.CLOSED:
        decided = life.last(ClaimEventKind.PAID, ClaimEventKind.PARTLY_PAID, ClaimEventKind.DENIED)
        if decided is None:
            return ClaimStatus.ACCEPTED
        return ClaimStatus.DENIED if decided.kind is ClaimEventKind.DENIED else ClaimStatus.PAID
    return _STATUS.get(life.state)
