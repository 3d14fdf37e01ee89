"""Opens a refund case: an overpayment on a claim's timeline, with the payer's clock, once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from cocm.basics.identity import stable_id
from cocm.claims.lifecycle import ClaimEvent, ClaimEventKind
from cocm.receivables.practice_books import OpenBooks
from cocm.receivables.timelines import ClaimStanding
from cocm.remits.deadline import Deadline
from cocm.rules import PackOn

RETURN_RULE = "overpayment.return_days"
WHY_CHARACTERS_MAX = 300


@dataclass(frozen=True, slots=True)
class RefundCase:
    """An overpayment found: how much, why, by when it goes back, and whether it was on file already."""

    claim_id: str
    cents: int
    why: str
    deadline: Deadline
    is_known: bool


def open_refund_case(
    books: OpenBooks, standing: ClaimStanding, policy: PackOn, cents: int, why: str, found_by: str
) -> RefundCase:
    """Put an overpayment on the timeline, found on the day of the request. One that is open stays the one.

    `why` holds codes and rule words, never patient data. The state is not committed here.
    """
    claim_id = standing.rows.claim.claim_id
    known = standing.timeline.open_overpayment
    if known is not None:
        told = dict(known.detail)
        return RefundCase(claim_id, int(told["cents"]), told["why"], Deadline(known.due, told["clock"]), True)
    deadline = return_deadline(books, policy)
    why = why[:WHY_CHARACTERS_MAX]
    detail = (("cents", str(cents)), ("why", why), ("clock", deadline.why), ("by", found_by))
    today = books.request.as_of_date
    kind = ClaimEventKind.OVERPAYMENT_FOUND
    event_id = stable_id("V", claim_id, kind, today, cents, why)
    books.remittances.add_claim_events(
        [ClaimEvent(event_id, claim_id, kind, today, due=deadline.day, detail=detail)], None
    )
    return RefundCase(claim_id, cents, why, deadline, False)


def return_deadline(books: OpenBooks, policy: PackOn) -> Deadline:
    """By when an overpayment found today goes back under the payer's rule of today."""
    today = books.request.as_of_date
    rule = policy.pack.on(today).value(RETURN_RULE)
    if not rule.is_known or rule.integer is None:
        payer_id = policy.pack.payer_id
        return Deadline(
            None, f"{RETURN_RULE} of {payer_id} is not established: ask the payer, read the contract"
        )
    return Deadline(
        today + timedelta(days=rule.integer), f"{rule.integer} days after it was found ({rule.cite})"
    )
