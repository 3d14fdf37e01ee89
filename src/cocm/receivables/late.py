"""Late notes: billed months whose records today support other lines than the claim sent, and what may be done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from cocm.basics.months import Month
from cocm.claims.lifecycle import ClaimEvent, ClaimEventKind, ClaimState
from cocm.claims.submission import CORRECTION_RULE, VOID
from cocm.receivables.month_case import MonthCase, month_cases
from cocm.receivables.practice_books import OpenBooks
from cocm.receivables.refund_case import RefundCase, open_refund_case
from cocm.receivables.support import MonthSupport, SupportVerdict, month_support
from cocm.receivables.timelines import ClaimStanding, standings
from cocm.remits.deadline import FILING_RULE, Deadline, deadline_of

REOPENING_RULE: Final = "filing.reopening_days"
_GONE: Final = (ClaimState.VOIDED, ClaimState.CORRECTED)
_CHANGED: Final = (
    SupportVerdict.LESS,
    SupportVerdict.MORE,
    SupportVerdict.OTHER,
    SupportVerdict.NOT_SUPPORTED,
)


class LateAdvice(StrEnum):
    """What the payer's channel leaves to do; a person does it."""

    RETURN = "return"
    """Paid above what the records support: correct the claim and return the money; this is no choice."""
    CORRECT = "correct"
    """Correct the claim: it says more than the records do, or it may say more and the channel is open."""
    OPTIONAL = "optional"
    """The records support more: it may be corrected by the payer's channel, or left."""
    WAIT = "wait"
    """The payer has it and has not decided: nothing is billed again until it has."""
    LEAVE = "leave"
    """The records support more, and no channel is open any more or a person left it as it was billed."""
    ASK = "ask"
    """How this payer takes corrections is not known."""


@dataclass(frozen=True, slots=True)
class LateMonth:
    """A billed month that changed. Differences in cents are supported less sent; None where no amount is known."""

    claim_id: str
    payer_id: str
    month: Month
    state: ClaimState
    support: MonthSupport
    advice: LateAdvice
    channel: str
    deadline: Deadline
    refund: RefundCase | None
    decided: ClaimEvent | None
    """Who opened the month again, or left it as it was billed, and why; None while nobody has for what came last."""

    @property
    def needs_reason(self) -> bool:
        """Whether something came late and nobody has said why the month is opened again, or is not."""
        return bool(self.support.late) and self.decided is None

    @property
    def charge_difference_cents(self) -> int | None:
        supported = self.support.supported_charge_cents
        return None if supported is None else supported - self.support.sent_charge_cents

    @property
    def expected_difference_cents(self) -> int | None:
        supported, sent = self.support.supported_expected_cents, self.support.sent_expected_cents
        return None if supported is None or sent is None else supported - sent

    @property
    def crosses_tier(self) -> bool:
        """Whether late time lifts the month over a tier: payers look twice at that."""
        return self.support.verdict is SupportVerdict.MORE and bool(self.support.late)


def late_months(books: OpenBooks, month: Month | None = None) -> list[LateMonth]:
    """Every billed month (or those of one month) whose records support other lines, by month and claim.

    What was paid above the records opens a refund case in the open books; nothing is committed here.
    """
    wanted = [
        one
        for one in standings(books)
        if (month is None or one.rows.claim.month_index == month.index)
        and one.timeline.state not in _GONE
        and one.rows.claim.frequency_code != VOID
    ]
    cases = month_cases(books, (one.rows.claim for one in wanted))
    return list(_changed(books, wanted, cases))


def _changed(
    books: OpenBooks, wanted: list[ClaimStanding], cases: Mapping[str, MonthCase]
) -> Iterator[LateMonth]:
    for standing in wanted:
        claim = standing.rows.claim
        case = cases.get(claim.claim_id)
        support = month_support(case, standing.rows.charges[-1].day) if case is not None else None
        if case is None or support is None or support.verdict not in _CHANGED:
            continue
        refund = open_refund_case(books, standing, case.policy, support, "cocm late")
        decided = _decided(standing, support)
        advice, channel, deadline = _advice(books, standing, case, support, refund)
        if (
            advice is LateAdvice.OPTIONAL
            and decided is not None
            and decided.kind is ClaimEventKind.LEFT_AS_BILLED
        ):
            advice = LateAdvice.LEAVE
        yield LateMonth(
            claim.claim_id,
            claim.payer_id,
            Month.from_index(claim.month_index),
            standing.timeline.state,
            support,
            advice,
            channel,
            deadline,
            refund,
            decided,
        )


def _decided(standing: ClaimStanding, support: MonthSupport) -> ClaimEvent | None:
    """What a person said of the late notes, when it was said after the last of them was recorded."""
    said = standing.timeline.last(ClaimEventKind.REOPENED, ClaimEventKind.LEFT_AS_BILLED)
    newest = max((day for _, day in support.late), default=date.min)
    return said if said is not None and said.day >= newest else None


def _advice(
    books: OpenBooks,
    standing: ClaimStanding,
    case: MonthCase,
    support: MonthSupport,
    refund: RefundCase | None,
) -> tuple[LateAdvice, str, Deadline]:
    """What to do, by which channel of the payer's, until when."""
    rule = case.policy.value(CORRECTION_RULE)
    channel = f"{_CHANNELS.get(rule.text or '', 'ask the payer')} ({rule.cite})"
    deadline = _last_day(standing, case, rule.text)
    if refund is not None:
        return LateAdvice.RETURN, channel, refund.deadline
    if standing.timeline.is_with_payer:
        return LateAdvice.WAIT, channel, deadline
    if support.is_overpaid:
        return LateAdvice.CORRECT, channel, deadline
    if not rule.is_known:
        return LateAdvice.ASK, channel, deadline
    left = deadline.days_left(books.request.as_of_date)
    if left is not None and left < 0:
        return LateAdvice.LEAVE, channel, deadline
    return LateAdvice.OPTIONAL, channel, deadline


_CHANNELS: Final = {
    "replacement": "a replacement claim with the payer's number (frequency 7)",
    "new_claim": "a new claim after a denial, a reopening after a payment",
    "reopening": "ask for a reopening",
}


def _last_day(standing: ClaimStanding, case: MonthCase, method: str | None) -> Deadline:
    """Until when the channel is open: a replacement within the filing limit, else a reopening after the decision."""
    decided = [given.payment_date for given in standing.rows.decisions if not given.is_reversal]
    rule_id = FILING_RULE if method == "replacement" or not decided else REOPENING_RULE
    return deadline_of(
        rule_id,
        case.policy,
        decided_on=min(decided, default=None),
        service_date=Month.from_index(case.recorded.month_index).last_day,
        contract_filing_days=case.books.contract_filing_days(case.recorded.payer_id),
    )
