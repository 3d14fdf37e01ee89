"""Opens a refund case: an overpayment on a claim's timeline, with the payer's clock, once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from cocm.basics.identity import stable_id
from cocm.basics.money import dollars
from cocm.claims.lifecycle import ClaimEvent, ClaimEventKind
from cocm.receivables.practice_books import OpenBooks
from cocm.receivables.support import MonthSupport
from cocm.receivables.timelines import ClaimStanding
from cocm.remits.deadline import Deadline
from cocm.rules import PackOn

RETURN_RULE = "overpayment.return_days"
WHY_CHARACTERS_MAX = 300


@dataclass(frozen=True, slots=True)
class RefundCase:
    """An overpayment found: what goes back to the payer and to the patient, why, by when, and whether it was on file.

    `share_less_cents` is by how much the patient's share falls, whether it was paid or not.
    """

    claim_id: str
    cents: int
    patient_cents: int
    share_less_cents: int
    why: str
    deadline: Deadline
    is_known: bool


def open_refund_case(
    books: OpenBooks, standing: ClaimStanding, policy: PackOn, support: MonthSupport, found_by: str
) -> RefundCase | None:
    """Put what was paid above the records on the timeline, found on the day of the request; None where nothing was.

    A case that is open stays the one; in books that are read only the case is told and not kept. The reason holds codes
    and rule words, never patient data. The state is not committed here.
    """
    found = support.overpaid(standing.account.balance)
    if not (found.payer_cents or found.patient_cents):
        return None
    claim_id = standing.rows.claim.claim_id
    known = standing.timeline.open_overpayment
    if known is not None:
        return known_case(claim_id, known)
    deadline = return_deadline(books, policy)
    why = ("; ".join(support.why) or "the records support other lines")[:WHY_CHARACTERS_MAX]
    detail = (
        ("cents", str(found.payer_cents)),
        ("why", why),
        ("clock", deadline.why),
        ("by", found_by),
        ("patient_cents", str(found.patient_cents)),
        ("share_less_cents", str(found.share_less_cents)),
    )
    today = books.request.as_of_date
    kind = ClaimEventKind.OVERPAYMENT_FOUND
    event_id = stable_id("V", claim_id, kind, today, found.payer_cents, why)
    if not books.state.is_read_only:
        books.remittances.add_claim_events(
            [ClaimEvent(event_id, claim_id, kind, today, due=deadline.day, detail=detail)], None
        )
    return RefundCase(
        claim_id, found.payer_cents, found.patient_cents, found.share_less_cents, why, deadline, False
    )


def known_case(claim_id: str, event: ClaimEvent) -> RefundCase:
    """The case that an event on the timeline opened. Older ones say nothing of the patient's part."""
    told = dict(event.detail)
    patient, less = int(told.get("patient_cents", 0)), int(told.get("share_less_cents", 0))
    deadline = Deadline(event.due, told["clock"])
    return RefundCase(claim_id, int(told["cents"]), patient, less, told["why"], deadline, True)


def what_goes_back(case: RefundCase) -> str:
    """What goes back to whom, in words."""
    words = f"{dollars(case.cents)} to the payer"
    if case.patient_cents:
        words += f" and {dollars(case.patient_cents)} to the patient"
    if case.share_less_cents:
        words += f" (the patient's share falls by {dollars(case.share_less_cents)})"
    return words


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
