"""What the day of decision makes late: claims paid after the payer's clock, with interest, and claims forwarded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from cocm.basics.counted import counted
from cocm.basics.money import dollars, plain_dollars
from cocm.plan.decision import Answer, ClaimDecisionMade
from cocm.plan.interest import Interest, late_interest
from cocm.plandesk.tables_out import csv_bytes
from cocm.rules.rulebook import Pack

LATE_PAYMENTS: Final = "late_payments.csv"
_COLUMNS: Final = (
    "claim_number", "claim_id", "received_date", "payment_due_date", "paid_date", "days_late", "paid", "interest",
    "why", "rules",
)  # fmt: skip


def interest_of(decision: ClaimDecisionMade, pack: Pack, day: date) -> Interest | None:
    """The interest of a claim's first decision that pays after the payer's clock; None where it pays nothing late.

    A replacement owes it on what it pays more than the claim that it takes back.
    """
    due_date = decision.payment_due_date
    if due_date is None or day <= due_date or decision.answer is Answer.PENDED:
        return None
    before = () if decision.reversal is None else decision.reversal.lines
    principal = decision.paid_amount_cents - sum(line.paid_amount_cents for line in before)
    if principal <= 0:
        return None
    policy = pack.on(decision.record.lines[0].service_to_date)
    return late_interest(
        policy, principal_cents=principal, clock_from_date=decision.received_date, payment_date=day
    )


def late_files(late: Sequence[tuple[ClaimDecisionMade, Interest]], day: date) -> dict[str, bytes]:
    """A list of them with the rules; nothing where none is late."""
    if not late:
        return {}
    rows = [
        (
            one.claim_number,
            one.record.claim_id,
            str(one.received_date),
            str(owed.due_date or ""),
            str(day),
            str(owed.days),
            plain_dollars(one.paid_amount_cents),
            "" if owed.cents is None else plain_dollars(owed.cents),
            owed.why,
            " | ".join(owed.cites),
        )
        for one, owed in late
    ]
    return {LATE_PAYMENTS: csv_bytes(_COLUMNS, rows)}


def late_totals(
    decisions: Iterable[ClaimDecisionMade], late: Sequence[tuple[ClaimDecisionMade, Interest]], day: date
) -> dict[str, Any]:
    """The counts and sums for a summary."""
    return {
        "claims_paid_late": len(late),
        "interest_cents": sum(owed.paid_cents for _, owed in late),
        "interest_not_known": sum(owed.cents is None for _, owed in late),
        "claims_forwarded_late": sum(days_late(one, day) > 0 for one in decisions),
    }


def late_words(summary: Mapping[str, Any]) -> Iterator[str]:
    """What a summary says of it, in lines for people; nothing where all was in time."""
    if summary.get("claims_paid_late"):
        unknown = summary["interest_not_known"]
        lacks = f"; for {unknown} the rules name no rate" if unknown else ""
        yield (
            f"Paid after the payer's clock: {counted(summary['claims_paid_late'], 'claim')}, interest "
            f"{dollars(summary['interest_cents'])} beside the payments{lacks}"
        )
    if summary.get("claims_forwarded_late"):
        yield f"Forwarded after the payer's clock: {counted(summary['claims_forwarded_late'], 'claim')}"


def days_late(decision: ClaimDecisionMade, day: date) -> int:
    """How many days after the clock a misdirected claim goes on; 0 in time, or where no clock is known."""
    if decision.forward_to is None or decision.forward_by_date is None or decision.answer is Answer.PENDED:
        return 0
    return max(0, (day - decision.forward_by_date).days)
