"""The worklist after the claim: what is worth doing, by money, days left and chance, with the cause and the fix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

from cocm.basics.months import Month
from cocm.claims.lifecycle import ClaimEvent, ClaimEventKind, ClaimState
from cocm.receivables.expected_rates import expected_rates
from cocm.receivables.kept_items import kept_items
from cocm.receivables.month_case import MonthCase, month_cases
from cocm.receivables.practice_books import OpenBooks
from cocm.receivables.refund_case import known_case, what_goes_back
from cocm.receivables.timelines import ClaimStanding, standings
from cocm.remits.account import AccountFlag, in_force
from cocm.remits.deadline import FILING_RULE, NO_DEADLINE, Deadline, deadline_of
from cocm.remits.denial import DenialSignals, OwnKnowledge, RankedCause, diagnose
from cocm.remits.denied_line import causes_of, denied_lines
from cocm.remits.underpayment import underpayment
from cocm.rules import PackOn
from cocm.rules.adjustment_effects import adjustment_effects
from cocm.rules.denial_causes import RECORDS_DEADLINE, DenialFact, denial_causes

DAYS_ASSUMED: Final = 30
"""Days left where nobody knows the deadline."""
FRESH_DAYS: Final = 45
"""A claim without an answer for so long is asked after."""


class WorkKind(StrEnum):
    """What kind of thing waits."""

    DENIED = "denied"
    REJECTED = "rejected"
    RECORDS = "records"
    NO_ANSWER = "no_answer"
    DISPUTED_SHARE = "disputed_share"
    UNDERPAID = "underpaid"
    REFUND_DUE = "refund_due"
    OVERPAID = "overpaid"
    STILL_OPEN = "still_open"
    """Taken back, or paid in part, and nothing received says what becomes of the rest."""
    DOES_NOT_ADD_UP = "does_not_add_up"


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One thing to do about a claim. `score` orders the list; `chance_percent` is the playbook's judgement."""

    kind: WorkKind
    claim_id: str
    payer_id: str
    month: Month
    state: ClaimState
    cents: int
    cause_id: str
    label: str
    action: str
    who: str
    steps: tuple[str, ...]
    letter: str
    deadline: Deadline
    chance_percent: int
    because: tuple[str, ...]
    prevented_by: tuple[str, ...]

    def days_left(self, today: date) -> int | None:
        """Days to the deadline; None where it is not known."""
        return self.deadline.days_left(today)

    def score(self, today: date) -> int:
        """Cents that the work is likely to bring, weighted by how soon it must be done; 0 when it is too late.

        money x chance x urgency, where urgency is 1 at thirty days left and grows as the days go, at most thirtyfold.
        Money that must go back stays as urgent as can be when its day has passed.
        """
        left = self.days_left(today)
        days = DAYS_ASSUMED if left is None else left
        if self.kind is WorkKind.OVERPAID:
            days = max(days, 1)
        if days < 0:
            return 0
        return self.cents * self.chance_percent * DAYS_ASSUMED // (100 * max(days, 1))


def worklist(books: OpenBooks) -> list[WorkItem]:
    """Everything that waits, the most worthwhile first; equal ones by claim id."""
    today = books.request.as_of_date
    held = books.held_payments()
    all_standings = list(standings(books))
    kept = books.request.kept
    if kept is not None:
        items = kept_items(books, kept, all_standings, held, wants_case=_wants_case, items_of=_items)
    else:
        cases = month_cases(books, (given.rows.claim for given in all_standings if _wants_case(given)))
        items = [item for standing in all_standings for item in _items(books, standing, cases, held)]
    return sorted(items, key=lambda item: (-item.score(today), item.claim_id, item.kind))


def _wants_case(standing: ClaimStanding) -> bool:
    """Whether what waits on a claim rests on the month's records too."""
    return standing.timeline.state in (ClaimState.DENIED, ClaimState.PARTLY_PAID, ClaimState.REJECTED)


def work_of(books: OpenBooks, standing: ClaimStanding, month_case: MonthCase | None) -> list[WorkItem]:
    """What waits on one claim, in the list's order, from where it stands and its month."""
    claim_id = standing.rows.claim.claim_id
    cases = {} if month_case is None else {claim_id: month_case}
    held = books.held_payments({given.payment_id for given in standing.rows.decisions})
    today = books.request.as_of_date
    items = _items(books, standing, cases, held)
    return sorted(items, key=lambda item: (-item.score(today), item.claim_id, item.kind))


def _items(
    books: OpenBooks,
    standing: ClaimStanding,
    cases: Mapping[str, MonthCase],
    held_payments: AbstractSet[str],
) -> Iterator[WorkItem]:
    make = _Maker(books, standing, cases.get(standing.rows.claim.claim_id))
    balance = standing.account.balance
    life = standing.timeline
    denied = False
    if life.state in (ClaimState.DENIED, ClaimState.PARTLY_PAID):
        for item in make.denials():
            denied = True
            yield item
    elif life.state is ClaimState.REJECTED:
        yield make.rejection()
    elif life.open_request is not None:
        yield make.records()
    elif life.is_with_payer and make.days_since_told() > FRESH_DAYS:
        yield make.plain(
            WorkKind.NO_ANSWER, balance.open_cents, "No answer from the payer",
            f"Ask for the claim's status: nothing was heard for {make.days_since_told()} days.", 60,
        )  # fmt: skip
    if balance.disputed_cents and not denied:
        yield make.plain(
            WorkKind.DISPUTED_SHARE, balance.disputed_cents, "A patient's share in dispute",
            "Review it: accept it as the patient's or waive it (cocm settle). It is on no statement until then.", 100,
        )  # fmt: skip
    if balance.refund_due_cents:
        yield make.plain(
            WorkKind.REFUND_DUE, balance.refund_due_cents, "The patient is owed money",
            "Return what the patient paid above the share that stands, and record it (cocm settle).", 100,
        )  # fmt: skip
    if life.open_overpayment is not None:
        yield make.overpaid(life.open_overpayment)
    held = [given for given in standing.rows.decisions if given.payment_id in held_payments]
    if held:
        yield make.plain(
            WorkKind.DOES_NOT_ADD_UP, abs(sum(given.posting.paid_cents for given in held)), "Its payment is held",
            "Nothing of it is in the books: cocm post tells why. Ask the payer for what is missing.", 100,
        )  # fmt: skip
    elif life.state in _OPEN_STEPS and balance.open_cents > 0:
        yield make.plain(WorkKind.STILL_OPEN, balance.open_cents, *_OPEN_STEPS[life.state])
    elif life.state is ClaimState.PAID and (found := make.underpaid()) is not None:
        yield found
    if standing.account.flags:
        yield make.plain(
            WorkKind.DOES_NOT_ADD_UP, abs(balance.open_cents), "The account does not add up",
            "; ".join(_FLAGS[flag] for flag in sorted(standing.account.flags)), 100,
        )  # fmt: skip


_OPEN_STEPS: Final = {
    ClaimState.REVERSED: (
        "The payer took its decision back",
        "Ask why, and for the decision that replaces it; then correct, appeal or give it up (cocm settle).",
        50,
    ),
    ClaimState.PAID: (
        "Paid, and a part of the charge is open",
        "Look for a remittance that is missing or another payer's decision; else give it up (cocm settle).",
        30,
    ),
}
_FLAGS: Final = {
    AccountFlag.REVERSAL_WITHOUT_PAYMENT: "A reversal takes back a payment that was never received: ask the payer.",
    AccountFlag.ACCOUNTED_ABOVE_CHARGE: "Paid and adjusted above the charge: ask whether a reversal is missing.",
    AccountFlag.ACTION_ABOVE_AMOUNT: "More was written off than was open: correct it (cocm settle).",
}


class _Maker:
    """Makes the items of one standing."""

    def __init__(self, books: OpenBooks, standing: ClaimStanding, month_case: MonthCase | None) -> None:
        self.books = books
        self.month_case = month_case
        self.standing = standing
        self.claim = standing.rows.claim
        self.month = Month.from_index(self.claim.month_index)

    @property
    def policy(self) -> PackOn | None:
        payer = self.books.reference.payers.get(self.claim.payer_id)
        return None if payer is None else self.books.rulebook.pack(payer.pack_id).on(self.month.last_day)

    def days_since_told(self) -> int:
        """Days since anything was heard of the claim."""
        return (self.books.request.as_of_date - self.standing.timeline.entries[-1].event.day).days

    def plain(self, kind: WorkKind, cents: int, label: str, step: str, chance_percent: int) -> WorkItem:
        """An item that needs no cause of the playbook."""
        return WorkItem(
            kind, self.claim.claim_id, self.claim.payer_id, self.month, self.standing.timeline.state, cents,
            "", label, "review", "billing", (step,), "", NO_DEADLINE, chance_percent, (), (),
        )  # fmt: skip

    def denials(self) -> Iterator[WorkItem]:
        """One item a denied line of the last decision that stands."""
        standing = [given for given in in_force(self.standing.rows.decisions) if not given.is_reversal]
        if not standing:
            return
        last = standing[-1]
        for line in denied_lines(
            self.books.remittances.decision(last.decision_id), adjustment_effects(self.books.rulebook)
        ):
            causes = causes_of(self.books.rulebook, line, self._own_knowledge(last.payment_id))
            yield self._from_causes(WorkKind.DENIED, line.at_stake_cents, causes, last.payment_date)

    def rejection(self) -> WorkItem:
        """A rejected claim: it was never in the payer's system, so the filing limit runs."""
        event = self.standing.timeline.last(ClaimEventKind.REJECTED, ClaimEventKind.FILE_REJECTED)
        assert event is not None
        if event.kind is ClaimEventKind.FILE_REJECTED:
            return self._file_rejection(event.day)
        told = frozenset(value for name, value in event.detail if name == "status")
        causes = diagnose(
            denial_causes(self.books.rulebook), DenialSignals(statuses=told), self._own_knowledge()
        )
        return self._from_causes(
            WorkKind.REJECTED, self.standing.account.balance.charge_cents, causes, event.day
        )

    def _file_rejection(self, day: date) -> WorkItem:
        """A claim whose file was refused: no cause of its own, and the same filing limit."""
        item = self.plain(
            WorkKind.REJECTED, self.standing.account.balance.charge_cents, "The file that it went in was refused",
            "Read the TA1 or 999 (cocm x12 show), mend what it names and close again: it goes as an original.", 80,
        )  # fmt: skip
        deadline = deadline_of(
            FILING_RULE,
            self.policy,
            decided_on=day,
            service_date=self.month.last_day,
            contract_filing_days=self.books.contract_filing_days(self.claim.payer_id),
        )
        return replace(item, action="correct", deadline=deadline)

    def records(self) -> WorkItem:
        """An open request for records."""
        event = self.standing.timeline.open_request
        assert event is not None
        cause = denial_causes(self.books.rulebook)["records_wanted"]
        ranked = RankedCause(cause, 1, 100, ("the payer asked for records",))
        return self._from_causes(
            WorkKind.RECORDS, self.standing.account.balance.open_cents, (ranked,), event.day, event.due
        )

    def underpaid(self) -> WorkItem | None:
        """A paid claim that the payer allowed less for than the contract's or its published rate."""
        policy = self.policy
        if policy is None:
            return None
        sent = self.books.sent_claim(self.claim)
        if sent is None:
            return None
        lines: list[tuple[str, int, int]] = []
        for given in in_force(self.standing.rows.decisions):
            if (given.sequence or 1) == 1 and not given.is_reversal:
                lines += [
                    (line.hcpcs_code, int(line.unit_quantity or 1), line.charge_amount_cents)
                    for line in self.books.remittances.lines(given.decision_id)
                ]

        rate_of = expected_rates(self.books.reference, self.claim.payer_id, policy, sent)
        found = underpayment(self.standing.account.balance.allowed_cents, lines, rate_of)
        if found is None:
            return None
        return self.plain(
            WorkKind.UNDERPAID, found.short_cents, "Allowed less than the rate",
            f"Ask for reprocessing: {found.basis}.", 50,
        )  # fmt: skip

    def overpaid(self, event: ClaimEvent) -> WorkItem:
        """Money that the records no longer carry, with the clock that started when it was found."""
        case = known_case(self.claim.claim_id, event)
        item = self.plain(
            WorkKind.OVERPAID, case.cents + case.patient_cents, "Paid above what the records support",
            f"Report and return {what_goes_back(case)}, or find what carries it: {case.why}. Then record it (cocm "
            "record overpayment-returned).", 100,
        )  # fmt: skip
        return replace(item, deadline=case.deadline)

    def _from_causes(
        self,
        kind: WorkKind,
        cents: int,
        causes: tuple[RankedCause, ...],
        decided_on: date,
        records_due: date | None = None,
    ) -> WorkItem:
        if not causes:
            return self.plain(
                kind,
                cents,
                "Not in the playbook",
                "Read the payer's codes with the payer, and record what it was.",
                30,
            )
        first = causes[0]
        fix = first.cause.fix
        deadline = deadline_of(
            fix.deadline_rule or (RECORDS_DEADLINE if kind is WorkKind.RECORDS else ""),
            self.policy,
            decided_on=decided_on,
            service_date=self.month.last_day,
            records_due=records_due,
            contract_filing_days=self.books.contract_filing_days(self.claim.payer_id),
        )
        others = tuple(f"or {other.cause.label} ({other.share_percent} %)" for other in causes[1:3])
        ruled_out = tuple(
            f"First rule out: {denial_causes(self.books.rulebook)[other].label}."
            for other in first.cause.rule_out_first
        )
        return WorkItem(
            kind=kind,
            claim_id=self.claim.claim_id,
            payer_id=self.claim.payer_id,
            month=self.month,
            state=self.standing.timeline.state,
            cents=cents,
            cause_id=first.cause.cause_id,
            label=first.cause.label,
            action=fix.action,
            who=fix.who,
            steps=ruled_out + fix.steps,
            letter=fix.letter,
            deadline=deadline,
            chance_percent=fix.chance_percent,
            because=(f"{first.share_percent} %", *first.because, *others),
            prevented_by=first.cause.prevented_by,
        )

    def _own_knowledge(self, payment_id: str = "") -> OwnKnowledge:
        """What our tables and edits tell about this claim beside the remittance."""
        own = self.month_case.own_knowledge() if self.month_case is not None else OwnKnowledge()
        if not payment_id:
            return own
        payers = self.books.reference.payers
        administrators = {payer.behavioral_payer_identifier for payer in payers.values()} - {""}
        from_administrator = bool(self.books.remittances.payer_numbers_of(payment_id) & administrators)
        facts = {**own.facts, DenialFact.PAYER_IS_ADMINISTRATOR: from_administrator}
        return OwnKnowledge(facts, own.failed_edits, own.passed_edits)
