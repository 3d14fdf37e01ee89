"""How each payer treats the practice's claims: approval, denial, rejection, days to pay, what denials cost.

The unit is a claim with all its corrections: one patient-month with one payer. A rejection is not a denial: a rejected
claim was never in the payer's system.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from cocm.basics.percentile import median, percentile
from cocm.claims.lifecycle import ClaimEvent, ClaimEventKind
from cocm.insight.figures import Figure, FigureUnit, rounded
from cocm.remits.account import Balance

ALL_PAYERS: Final = "all payers"
PERCENTILE: Final = 90
_ANSWERS: Final = frozenset({ClaimEventKind.PAID, ClaimEventKind.PARTLY_PAID, ClaimEventKind.DENIED})
_PAID: Final = frozenset({ClaimEventKind.PAID, ClaimEventKind.PARTLY_PAID})
_REJECTED: Final = frozenset({ClaimEventKind.REJECTED, ClaimEventKind.FILE_REJECTED})
_REQUESTED: Final = frozenset({ClaimEventKind.RECORDS_REQUESTED})


@dataclass(frozen=True, slots=True)
class PayerClaim:
    """A patient-month with one payer: every event of its claims, and where its charge stands."""

    payer_id: str
    events: tuple[ClaimEvent, ...]
    balance: Balance


@dataclass(frozen=True, slots=True)
class PayerPerformance:
    """Counts and sums of one payer. Claims are counted once, whatever came of them."""

    payer_id: str
    sent: int
    paid_at_first: int
    denied_at_first: int
    denied_in_the_end: int
    rejected: int
    records_requested: int
    days_to_pay: tuple[tuple[int, int], ...]
    """(days, claims): from the day a claim was first sent to its first payment."""
    charge_cents: int
    paid_cents: int
    patient_cents: int
    written_off_cents: int
    open_cents: int
    cost_of_denials_cents: int

    @property
    def decided(self) -> int:
        """Paid or denied at first."""
        return self.paid_at_first + self.denied_at_first

    @property
    def unanswered(self) -> int:
        """Sent and neither paid nor denied so far."""
        return self.sent - self.decided


def payer_performance(
    claims: Iterable[PayerClaim], cost_of_denial_cents: Fraction
) -> tuple[PayerPerformance, ...]:
    """Each payer in the order of its id, then all together; nothing for no claims."""
    by_payer: dict[str, list[PayerClaim]] = {}
    for claim in claims:
        by_payer.setdefault(claim.payer_id, []).append(claim)
    if not by_payer:
        return ()
    every = [claim for own in by_payer.values() for claim in own]
    found = [
        _performance(payer_id, by_payer[payer_id], cost_of_denial_cents) for payer_id in sorted(by_payer)
    ]
    whole = _performance(ALL_PAYERS, every, cost_of_denial_cents)
    parts = sum(one.cost_of_denials_cents for one in found)
    return (*found, whole if whole.cost_of_denials_cents == parts else _with_cost(whole, parts))


def performance_figures(one: PayerPerformance) -> tuple[Figure, ...]:
    """The rates of a payer, each with its numerator and denominator."""
    decided = f"{one.decided} claims paid or denied at first"
    days = dict(one.days_to_pay)
    return (
        _rate("approval_rate", "approval rate", one.paid_at_first, "claims paid at first", one.decided, decided),
        _rate("denial_rate", "denial rate", one.denied_at_first, "claims denied at first", one.decided, decided),
        _rate(
            "final_denial_rate", "denial rate in the end", one.denied_in_the_end, "claims denied by the last decision",
            one.decided, decided,
        ),
        _rate("rejection_rate", "rejection rate", one.rejected, "claims refused before a decision", one.sent,
              f"{one.sent} claims sent"),
        _rate("records_request_rate", "records asked for", one.records_requested, "claims whose records were asked for",
              one.sent, f"{one.sent} claims sent"),
        Figure(
            "days_to_pay_median", "days to pay, median", FigureUnit.NUMBER, median(days) if days else None,
            f"the middle of {sum(days.values())} paid claims", "",
            "from the day a claim was first sent to its first payment",
        ),
        Figure(
            "days_to_pay_90th", "days to pay, 90th percentile", FigureUnit.NUMBER,
            Fraction(percentile(days, PERCENTILE)) if days else None,
            f"{PERCENTILE} % of {sum(days.values())} paid claims were paid within",
        ),
        Figure(
            "cost_of_denials", "cost of working the denials", FigureUnit.CENTS, Fraction(one.cost_of_denials_cents),
            f"{one.denied_at_first} claims denied at first x the cost of one denial",
        ),
    )  # fmt: skip


def _rate(name: str, label: str, part: int, what: str, whole: int, of: str) -> Figure:
    value = Fraction(100 * part, whole) if whole else None
    return Figure(name, label, FigureUnit.PERCENT, value, f"{part} {what}", of)


def _performance(payer_id: str, claims: Sequence[PayerClaim], cost: Fraction) -> PayerPerformance:
    kinds = [[event.kind for event in _in_order(claim) if event.kind in _ANSWERS] for claim in claims]
    denied = sum(1 for answers in kinds if answers and answers[0] is ClaimEventKind.DENIED)
    days = Counter(found for claim in claims if (found := _days_to_pay(claim)) is not None)
    return PayerPerformance(
        payer_id=payer_id,
        sent=len(claims),
        paid_at_first=sum(1 for answers in kinds if answers and answers[0] in _PAID),
        denied_at_first=denied,
        denied_in_the_end=sum(1 for answers in kinds if answers and answers[-1] is ClaimEventKind.DENIED),
        rejected=_having(claims, _REJECTED),
        records_requested=_having(claims, _REQUESTED),
        days_to_pay=tuple(sorted(days.items())),
        charge_cents=sum(claim.balance.charge_cents for claim in claims),
        paid_cents=sum(claim.balance.paid_cents for claim in claims),
        patient_cents=sum(claim.balance.patient_cents for claim in claims),
        written_off_cents=sum(claim.balance.written_off_cents for claim in claims),
        open_cents=sum(claim.balance.open_cents for claim in claims),
        cost_of_denials_cents=rounded(denied * cost),
    )


def _having(claims: Sequence[PayerClaim], kinds: frozenset[ClaimEventKind]) -> int:
    return sum(1 for claim in claims if any(event.kind in kinds for event in claim.events))


def _in_order(claim: PayerClaim) -> list[ClaimEvent]:
    return sorted(claim.events, key=lambda event: event.day)


def _days_to_pay(claim: PayerClaim) -> int | None:
    sent = [event.day for event in claim.events if event.kind is ClaimEventKind.SENT]
    paid = [event.day for event in claim.events if event.kind in _PAID]
    if not sent or not paid or min(paid) < min(sent):
        return None
    return (min(paid) - min(sent)).days


def _with_cost(one: PayerPerformance, cents: int) -> PayerPerformance:
    return replace(one, cost_of_denials_cents=cents)
