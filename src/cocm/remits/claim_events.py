"""A payer's decision or status as an event of the claim's timeline."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Final

from cocm.basics.identity import stable_id
from cocm.claims.lifecycle import ClaimEvent, ClaimEventKind
from cocm.remits.account import PostedDecision
from cocm.remits.posting import Posting
from cocm.rules import Rulebook
from cocm.rules.tables import read_table
from cocm.x12.status_record import StatusRecord


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


@lru_cache(maxsize=8)
def event_kinds_by_category(rulebook: Rulebook) -> Mapping[str, ClaimEventKind]:
    """What each claim status category is on a timeline. A finalized category is none: the remittance tells it."""
    rows = read_table(rulebook.data_file("denials/status_categories.csv"))
    return {row.text("category_code"): row.one_of("event", ClaimEventKind) for row in rows}


def status_event(
    rulebook: Rulebook,
    claim_id: str,
    status: StatusRecord,
    day: date,
    payer_number: str,
    due: date | None = None,
) -> ClaimEvent | None:
    """A payer's status of a claim as an event; None for one that changes nothing on the timeline.

    The gravest of its codes counts. `day` is used where the status has no date of its own.
    """
    kinds = event_kinds_by_category(rulebook)
    found = [kinds[code.category_code] for code in status.codes if code.category_code in kinds]
    if not found:
        return None
    kind = max(found, key=lambda given: _GRAVITY.get(given, 0))
    said = tuple(("status", f"{code.category_code}:{code.status_code}") for code in status.codes)
    about = tuple(("entity", code.entity_code) for code in status.codes if code.entity_code)
    when = status.effective_date or day
    event_id = stable_id("V", claim_id, kind, when, payer_number, said, due)
    return ClaimEvent(event_id, claim_id, kind, when, payer_number, due, said + about)


_GRAVITY: Final = {
    ClaimEventKind.ACCEPTED: 1,
    ClaimEventKind.FORWARDED: 2,
    ClaimEventKind.PENDED: 3,
    ClaimEventKind.RECORDS_REQUESTED: 4,
    ClaimEventKind.REJECTED: 5,
}
