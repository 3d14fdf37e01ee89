"""Reading the money: payments that wait, what patients owe, what goes back. Everything is worked out by the core."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from cocm.basics.months import Month
from cocm.receivables.ledger import ledger_entries
from cocm.receivables.practice_books import OpenBooks
from cocm.receivables.refund_case import RefundCase, known_case
from cocm.receivables.timelines import ClaimStanding, standings
from cocm.remits.account import Balance
from cocm.remits.decision import ClaimDecision
from cocm.remits.journal import Entry, LedgerAccount
from cocm.remits.matching import Candidate, candidates
from cocm.remits.payment import Reconciliation
from cocm.rules.provider_adjustments import provider_adjustment_accounts
from cocm.server.access.actor import Actor
from cocm.server.books.models import Books, BooksKind
from cocm.server.open_books import open_books_of
from cocm.server.people_named import NamedPatient, patients_named
from cocm.server.registry.models import Patient
from cocm.store.remittances import PaymentSums

OFFERED_MAX: Final = 12
DECIDED: Final = frozenset({"paid", "partly_paid", "denied", "closed", "voided", "corrected"})


@dataclass(frozen=True, slots=True)
class ReviewedPayment:
    """A payment with what it adds up to, and its provider adjustments: reason, account, reference, cents."""

    sums: PaymentSums
    found: Reconciliation
    adjustments: tuple[tuple[str, str, str, int], ...]


@dataclass(frozen=True, slots=True)
class UnmatchedDecision:
    """A decision that belongs to no claim for certain, with the claims that it may belong to."""

    decision: ClaimDecision
    offered: tuple[Candidate, ...]
    states: Mapping[str, str]
    """Where each offered claim stands: one without an answer is likelier meant."""


@dataclass(frozen=True, slots=True)
class PostingReview:
    """What posting left for a person, and the payments, the last first."""

    payments: tuple[ReviewedPayment, ...]
    unmatched: tuple[UnmatchedDecision, ...]

    @property
    def held(self) -> tuple[ReviewedPayment, ...]:
        return tuple(one for one in self.payments if not one.found.is_reconciled)


@dataclass(frozen=True, slots=True)
class PatientAccount:
    """A patient's accounts together. A statement is held while a share of any of them is in dispute."""

    patient_id: str
    standings: tuple[ClaimStanding, ...]

    @property
    def owes_cents(self) -> int:
        return sum(one.account.balance.patient_owes_cents for one in self.standings)

    @property
    def disputed_cents(self) -> int:
        return sum(one.account.balance.disputed_cents for one in self.standings)

    @property
    def paid_cents(self) -> int:
        return sum(one.account.balance.patient_paid_cents for one in self.standings)

    @property
    def share_cents(self) -> int:
        return sum(one.account.balance.patient_cents for one in self.standings)

    @property
    def refund_due_cents(self) -> int:
        return sum(one.account.balance.refund_due_cents for one in self.standings)

    @property
    def is_held(self) -> bool:
        """Whether nothing may be asked of the patient yet."""
        return self.disputed_cents > 0

    @property
    def is_ready(self) -> bool:
        """Whether a statement may go out."""
        return not self.is_held and self.owes_cents > 0


@dataclass(frozen=True, slots=True)
class DueBack:
    """Money that goes back: to the payer (a refund case with its clock), or to the patient."""

    standing: ClaimStanding
    case: RefundCase | None
    patient_cents: int
    patient: NamedPatient | None

    def days_left(self, today: date) -> int | None:
        """Days of the payer's clock; None where there is none or it is not known."""
        return None if self.case is None else self.case.deadline.days_left(today)


def posting_review(*, actor: Actor, today: date) -> PostingReview:
    """Payments that do not add up first, then the others by date, the last first; unmatched decisions with offers."""
    with open_books_of(actor, today=today) as books:
        accounts = provider_adjustment_accounts(books.rulebook)
        payments = [
            ReviewedPayment(
                sums,
                found,
                tuple(
                    (
                        given.reason_code,
                        accounts.get(given.reason_code, ""),
                        given.reference,
                        given.amount_cents,
                    )
                    for given in sums.payment.provider_adjustments
                ),
            )
            for sums, found in books.reconciliations()
        ]
        unmatched = tuple(_offers(books, [row[0] for row in books.remittances.unmatched()]))
    payments.sort(key=lambda one: one.sums.payment.payment_date, reverse=True)
    payments.sort(key=lambda one: one.found.is_reconciled)
    return PostingReview(tuple(payments), unmatched)


def has_books(*, actor: Actor) -> bool:
    """Whether anything was ever sent from here."""
    return Books.objects.of(actor).filter(kind=BooksKind.PRACTICE, page_count__gt=0).exists()


def posting_waits(*, actor: Actor, today: date) -> tuple[int, int]:
    """How many payments are held, and how many decisions have no claim."""
    if not has_books(actor=actor):
        return 0, 0
    with open_books_of(actor, today=today) as books:
        return len(books.held_payments()), sum(1 for _ in books.remittances.unmatched())


def unmatched_decision(*, actor: Actor, today: date, decision_id: str) -> UnmatchedDecision | None:
    """One of the decisions that wait for a match; None where it waits no longer."""
    with open_books_of(actor, today=today) as books:
        if decision_id not in {row[0] for row in books.remittances.unmatched()}:
            return None
        return _offers(books, [decision_id])[0]


def _offers(books: OpenBooks, decision_ids: Sequence[str]) -> list[UnmatchedDecision]:
    """Each decision with the sent claims of its month that look like it, the likeliest first.

    Of those that look alike, claims whose id begins with the number on it come first, then those without an answer.
    """
    found = []
    for decision_id in decision_ids:
        decision = books.remittances.decision(decision_id)
        offered: list[Candidate] = []
        if decision.first_date is not None:
            for sent in books.state.interchanges(Month.of(decision.first_date)):
                offered += candidates(decision, books.sent_in(sent.control_number))
        states = {one.claim_id: _state_of(books, one.claim_id) for one in offered}
        number = decision.claim_number.strip().upper()
        offered.sort(
            key=lambda one: (
                not (number and one.claim_id.startswith(number)),
                -one.points,
                states[one.claim_id] in DECIDED,
                one.claim_id,
            )
        )
        found.append(UnmatchedDecision(decision, tuple(offered[:OFFERED_MAX]), states))
    return found


def _state_of(books: OpenBooks, claim_id: str) -> str:
    standing = next(standings(books, claim_id), None)
    return "" if standing is None else standing.timeline.state.value


def payment_of(
    *, actor: Actor, today: date, payment_id: str
) -> tuple[ReviewedPayment, list[ClaimStanding]] | None:
    """A payment with the accounts that it decided on; None where the books have none of that id."""
    review = posting_review(actor=actor, today=today)
    payment = next((one for one in review.payments if one.sums.payment.payment_id == payment_id), None)
    if payment is None:
        return None
    with open_books_of(actor, today=today) as books:
        touched = [
            one
            for one in standings(books)
            if any(given.payment_id == payment_id for given in one.rows.decisions)
        ]
    return payment, touched


def patient_accounts(*, actor: Actor, today: date) -> list[PatientAccount]:
    """Every patient whose share is owed, in dispute, paid or due back, by id."""
    by_patient: defaultdict[str, list[ClaimStanding]] = defaultdict(list)
    with open_books_of(actor, today=today) as books:
        for one in standings(books):
            balance = one.account.balance
            if balance.patient_cents or balance.disputed_cents or balance.patient_paid_cents:
                by_patient[one.rows.claim.patient_id].append(one)
    return [PatientAccount(patient_id, tuple(found)) for patient_id, found in sorted(by_patient.items())]


def account_of_patient(*, actor: Actor, today: date, patient: Patient) -> PatientAccount:
    """One patient's accounts, all of them."""
    with open_books_of(actor, today=today) as books:
        own = tuple(one for one in standings(books) if one.rows.claim.patient_id == patient.patient_id)
    return PatientAccount(patient.patient_id, own)


def due_back(*, actor: Actor, today: date) -> list[DueBack]:
    """What goes back, the nearest clock first; a clock that is not known stands before those far away."""
    found: list[tuple[ClaimStanding, RefundCase | None]] = []
    with open_books_of(actor, today=today) as books:
        for one in standings(books):
            event = one.timeline.open_overpayment
            case = known_case(one.rows.claim.claim_id, event) if event is not None else None
            if case is not None or one.account.balance.refund_due_cents:
                found.append((one, case))
    named = patients_named(actor=actor, patient_ids=(one.rows.claim.patient_id for one, _ in found))
    back = [
        DueBack(one, case, one.account.balance.refund_due_cents, named.get(one.rows.claim.patient_id))
        for one, case in found
    ]
    return sorted(back, key=lambda one: _urgency(one, today))


def _urgency(one: DueBack, today: date) -> tuple[int, str]:
    left = one.days_left(today)
    return (30 if left is None else left, one.standing.rows.claim.claim_id)


def ledger(*, actor: Actor, today: date) -> list[Entry]:
    """The journal's entries up to today, in the order of their dates."""
    with open_books_of(actor, today=today) as books:
        return list(ledger_entries(books))


def ledger_balances(entries: Sequence[Entry]) -> dict[LedgerAccount, int]:
    """Each account's balance in cents: debits less credits."""
    sums: defaultdict[LedgerAccount, int] = defaultdict(int)
    for entry in entries:
        for account, cents in entry.amounts:
            sums[account] += cents
    return {account: sums[account] for account in LedgerAccount if account in sums}


def totals(accounts: Sequence[PatientAccount]) -> Balance:
    """The patients' sums together: share, disputed and paid."""
    return Balance(
        patient_cents=sum(one.share_cents for one in accounts),
        disputed_cents=sum(one.disputed_cents for one in accounts),
        patient_paid_cents=sum(one.paid_cents for one in accounts),
    )
