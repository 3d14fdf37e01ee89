"""Records what a person did about a claim: escalated it, appealed, sent records, closed it."""

from __future__ import annotations

from datetime import date

from cocm.basics.errors import UnusableInput
from cocm.basics.identity import stable_id
from cocm.claims.lifecycle import ClaimEvent, ClaimEventKind, ClaimState
from cocm.receivables.practice_books import OpenBooks
from cocm.receivables.timelines import standings

BY_PERSON = {
    "escalated": ClaimEventKind.ESCALATED,
    "appealed": ClaimEventKind.APPEALED,
    "records-sent": ClaimEventKind.RECORDS_SENT,
    "closed": ClaimEventKind.CLOSED,
}


def record_event(
    books: OpenBooks, claim_id: str, kind: ClaimEventKind, day: date, done_by: str, note: str = ""
) -> ClaimState:
    """Add a person's event to a claim's timeline and commit; where the claim stands then.

    The same event again changes nothing. Raises `UnusableInput` for a claim that is not on file or without a name.
    """
    if not done_by.strip():
        raise UnusableInput("--by: whoever did it is named")
    if next(standings(books, claim_id), None) is None:
        raise UnusableInput(f"--claim {claim_id}: the state has no such claim")
    detail = (("by", done_by.strip()), *((("note", note.strip()),) if note.strip() else ()))
    event_id = stable_id("V", claim_id, kind, day, detail)
    books.remittances.add_claim_events([ClaimEvent(event_id, claim_id, kind, day, detail=detail)], None)
    books.state.commit()
    return next(standings(books, claim_id)).timeline.state
