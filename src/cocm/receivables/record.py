"""Records what a person did about a claim: escalated it, appealed, sent records, reopened its month, closed it."""

from __future__ import annotations

from datetime import date

from cocm.basics.errors import UnusableInput
from cocm.basics.identity import stable_id
from cocm.basics.months import Month
from cocm.claims.lifecycle import ClaimEvent, ClaimEventKind, ClaimState
from cocm.receivables.practice_books import OpenBooks
from cocm.receivables.timelines import standings
from cocm.store.state import RecordedClaim

BY_PERSON = {
    "escalated": ClaimEventKind.ESCALATED,
    "appealed": ClaimEventKind.APPEALED,
    "records-sent": ClaimEventKind.RECORDS_SENT,
    "closed": ClaimEventKind.CLOSED,
    "overpayment-returned": ClaimEventKind.OVERPAYMENT_RETURNED,
    "reopened": ClaimEventKind.REOPENED,
    "left-as-billed": ClaimEventKind.LEFT_AS_BILLED,
}
_WITH_REASON = (ClaimEventKind.REOPENED, ClaimEventKind.LEFT_AS_BILLED)


def record_event(
    books: OpenBooks, claim_id: str, kind: ClaimEventKind, day: date, done_by: str, note: str = ""
) -> ClaimState:
    """Add a person's event to a claim's timeline and commit; where the claim stands then.

    The same event again changes nothing. Raises `UnusableInput` for a claim that is not on file, without a name, or
    without the reason that a late note needs.
    """
    if not done_by.strip():
        raise UnusableInput("--by: whoever did it is named")
    if kind in _WITH_REASON and not note.strip():
        raise UnusableInput("--note: a billed month is opened again, or left, for a reason: say it")
    standing = next(standings(books, claim_id), None)
    if standing is None:
        raise UnusableInput(f"--claim {claim_id}: the state has no such claim")
    check_entry(standing.rows.claim, day, by=done_by, note=note)
    detail = (("by", done_by.strip()), *((("note", note.strip()),) if note.strip() else ()))
    event_id = stable_id("V", claim_id, kind, day, detail)
    books.remittances.add_claim_events([ClaimEvent(event_id, claim_id, kind, day, detail=detail)], None)
    books.state.commit()
    return next(standings(books, claim_id)).timeline.state


def check_entry(claim: RecordedClaim, day: date, **texts: str) -> None:
    """Refuse what a person enters about a claim on a day before its month, or in other than plain characters.

    `texts` are what was typed, by the names of their options. Raises `UnusableInput`.
    """
    month = Month.from_index(claim.month_index)
    if day < month.first_day:
        raise UnusableInput(f"--on {day}: is before {month}, the month of {claim.claim_id}; look at the year")
    for name, text in texts.items():
        if not text.isprintable():
            raise UnusableInput(
                f"--{name}: holds a line break or a character that this terminal's encoding garbled; "
                "write one line of plain text"
            )
