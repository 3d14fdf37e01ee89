"""The account of one patient-month with one payer: its charge, and where every cent of it stands.

An account is never updated: it is worked out from the charge and everything that was decided and done, in the order
of the payers' own dates. So any order of arriving files ends in the same account.

    charge = payer paid + settled (contract, sequestration, protected, written off) + patient + awaiting another payer
             + disputed + open with the payer
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from operator import attrgetter
from typing import Final, NamedTuple

from cocm.remits.posting import Posting

PRIMARY: Final = 1


class PostedDecision(NamedTuple):
    """A decision with its posting and what orders it: the payment's date, then ids."""

    decision_id: str
    payment_id: str
    payment_date: date
    payer_claim_control_number: str
    sequence: int | None
    is_reversal: bool
    is_forwarded: bool
    posting: Posting


class ActionKind(StrEnum):
    """What a person did to an account, each with a name and a reason."""

    ACCEPT_PATIENT_SHARE = "accept_patient_share"
    """A disputed share was reviewed and is the patient's."""
    WAIVE_PATIENT_SHARE = "waive_patient_share"
    """A disputed share was reviewed and is nobody's debt: the practice gives it up."""
    WRITE_OFF = "write_off"
    """What is open with the payer was given up."""
    PATIENT_PAYMENT = "patient_payment"
    PATIENT_REFUND = "patient_refund"


class AccountAction(NamedTuple):
    """A person's action on an account: whole cents, above 0."""

    action_id: str
    kind: ActionKind
    day: date
    amount_cents: int


class Charge(NamedTuple):
    """What was billed from a day on: a replacement restates it, a void makes it 0."""

    claim_id: str
    day: date
    amount_cents: int


@dataclass(frozen=True, slots=True)
class Balance:
    """Where an account's charge stands, in cents. `open_cents` below 0 is more than the charge was accounted for."""

    charge_cents: int = 0
    paid_cents: int = 0
    contractual_cents: int = 0
    sequestration_cents: int = 0
    protected_cents: int = 0
    written_off_cents: int = 0
    patient_cents: int = 0
    awaiting_payer_cents: int = 0
    disputed_cents: int = 0
    patient_paid_cents: int = 0

    @property
    def open_cents(self) -> int:
        """Open with the payer: what nothing else accounts for."""
        return self.charge_cents - (
            self.paid_cents
            + self.contractual_cents
            + self.sequestration_cents
            + self.protected_cents
            + self.written_off_cents
            + self.patient_cents
            + self.awaiting_payer_cents
            + self.disputed_cents
        )

    @property
    def patient_owes_cents(self) -> int:
        """What a statement may ask for: the undisputed share less what was paid."""
        return max(self.patient_cents - self.patient_paid_cents, 0)

    @property
    def refund_due_cents(self) -> int:
        """What the patient paid above every share that stands, disputed ones included."""
        return max(self.patient_paid_cents - self.patient_cents - self.disputed_cents, 0)

    @property
    def allowed_cents(self) -> int:
        """What the payer allowed: paid, the patient's share and what the law kept back."""
        return (
            self.paid_cents
            + self.patient_cents
            + self.awaiting_payer_cents
            + self.disputed_cents
            + self.sequestration_cents
        )

    def amounts(self) -> dict[str, int]:
        """Each amount by its name."""
        return dict(zip(_AMOUNTS, _amounts_of(self), strict=True))


_AMOUNTS: Final = tuple(field.name for field in fields(Balance))
_amounts_of = attrgetter(*_AMOUNTS)


class AccountFlag(StrEnum):
    """What a person should look at."""

    REVERSAL_WITHOUT_PAYMENT = "reversal_without_payment"
    """A reversal takes back a decision that was never received, or a payer took back more than it ever paid."""
    ACCOUNTED_ABOVE_CHARGE = "accounted_above_charge"
    """Paid and adjusted together exceed the charge: paid twice, or a correction without a reversal."""
    ACTION_ABOVE_AMOUNT = "action_above_amount"
    """A person settled more than there was."""


@dataclass(frozen=True, slots=True)
class Step:
    """The account's balance after something happened. `what` is the id of the charge, decision or action."""

    day: date
    what: str
    balance: Balance


@dataclass(frozen=True, slots=True)
class Account:
    """An account's balance now, how it came to it, and its flags."""

    balance: Balance
    steps: tuple[Step, ...]
    flags: frozenset[AccountFlag]


def work_out(
    charges: Sequence[Charge],
    decisions: Iterable[PostedDecision],
    actions: Iterable[AccountAction] = (),
    *,
    has_other_payer: bool = False,
) -> Account:
    """The account from everything known of it. `has_other_payer`: another payer is still to be billed."""
    happened: list[tuple[date, int, str, Charge | PostedDecision | AccountAction]] = [
        *((charge.day, 0, charge.claim_id, charge) for charge in charges),
        *((decision.payment_date, 1, decision.decision_id, decision) for decision in decisions),
        *((action.day, 2, action.action_id, action) for action in actions),
    ]
    happened.sort(key=lambda entry: entry[:3])
    known: list[PostedDecision] = []
    done: list[AccountAction] = []
    charge_cents = 0
    steps: list[Step] = []
    standing: list[PostedDecision] = []
    balance = Balance()
    for day, _, what, entry in happened:
        if isinstance(entry, Charge):
            charge_cents = entry.amount_cents
        elif isinstance(entry, PostedDecision):
            known.append(entry)
            standing = in_force(known)
        else:
            done.append(entry)
        balance = _balance(charge_cents, standing, done, has_other_payer=has_other_payer)
        steps.append(Step(day, what, balance))
    return Account(balance, tuple(steps), frozenset(_flags(balance, standing)))


def stand(
    charges: Sequence[Charge], decisions: Sequence[PostedDecision], actions: Sequence[AccountAction] = ()
) -> tuple[Balance, frozenset[AccountFlag]]:
    """Where the account stands in the end, and its flags: what `work_out` says without its steps."""
    last_charge = max(charges, key=lambda charge: (charge.day, charge.claim_id))
    standing = in_force(decisions)
    balance = _balance(last_charge.amount_cents, standing, actions, has_other_payer=False)
    return balance, frozenset(_flags(balance, standing))


def in_force(decisions: Sequence[PostedDecision]) -> list[PostedDecision]:
    """The decisions that stand: a reversal and what it reverses go, and a mere denial goes when decided again."""
    if len(decisions) < 2:
        return list(decisions)
    ordered = sorted(decisions, key=lambda given: (given.payment_date, given.payment_id, given.decision_id))
    for reversal in [given for given in ordered if given.is_reversal]:
        given = _taken_back(reversal, ordered)
        if given is not None:
            ordered.remove(given)
            ordered.remove(reversal)
    standing: list[PostedDecision] = []
    later: set[int] = set()
    for given in reversed(ordered):
        sequence = given.sequence or PRIMARY
        if not given.is_reversal and given.posting.settles_nothing and sequence in later:
            continue
        if not given.is_reversal:
            later.add(sequence)
        standing.append(given)
    return standing[::-1]


def _taken_back(reversal: PostedDecision, decisions: Sequence[PostedDecision]) -> PostedDecision | None:
    """What a reversal takes back; None where it was never received.

    The correction beside it may pay the same and differ in the patient's share alone, so a decision of just these
    amounts comes before one that is alike, one that was made before the reversal comes before another, and the latest
    of equals is meant.
    """
    taken_back = reversal.posting.negated()
    alike = [
        given for given in decisions if not given.is_reversal and _same_amounts(given.posting, taken_back)
    ]
    return max(
        reversed(alike),
        key=lambda given: (given.posting == taken_back, given.payment_date < reversal.payment_date),
        default=None,
    )


def _same_amounts(given: Posting, taken_back: Posting) -> bool:
    """Whether a reversal takes back just this; a denial's reversal may leave the disputed share out."""
    return (
        given.charge_cents == taken_back.charge_cents
        and given.paid_cents == taken_back.paid_cents
        and given.contractual_cents == taken_back.contractual_cents
    )


def _balance(
    charge_cents: int,
    standing: Sequence[PostedDecision],
    actions: Sequence[AccountAction],
    *,
    has_other_payer: bool,
) -> Balance:
    last_sequence = max((given.sequence or PRIMARY for given in standing), default=PRIMARY)
    last = [given for given in standing if (given.sequence or PRIMARY) == last_sequence]
    total, shares = _total(standing), _total(last)
    patient, disputed = shares.patient_cents, shares.disputed_cents
    awaiting = 0
    if last_sequence == PRIMARY and (has_other_payer or any(given.is_forwarded for given in last)):
        patient, awaiting = 0, patient
    accepted = min(_done(actions, ActionKind.ACCEPT_PATIENT_SHARE), max(disputed, 0))
    waived = min(_done(actions, ActionKind.WAIVE_PATIENT_SHARE), max(disputed - accepted, 0))
    return Balance(
        charge_cents=charge_cents,
        paid_cents=total.paid_cents,
        contractual_cents=total.contractual_cents,
        sequestration_cents=total.sequestration_cents,
        protected_cents=total.protected_cents,
        written_off_cents=_done(actions, ActionKind.WRITE_OFF) + waived,
        patient_cents=patient + accepted,
        awaiting_payer_cents=awaiting,
        disputed_cents=disputed - accepted - waived,
        patient_paid_cents=_done(actions, ActionKind.PATIENT_PAYMENT)
        - _done(actions, ActionKind.PATIENT_REFUND),
    )


def _total(decisions: Sequence[PostedDecision]) -> Posting:
    """The sum of their postings."""
    if len(decisions) == 1:
        return decisions[0].posting
    return (
        Posting(*map(sum, zip(*(given.posting for given in decisions), strict=True)))
        if decisions
        else _NOTHING
    )


_NOTHING: Final = Posting(*(0 for _ in Posting._fields))


def _done(actions: Sequence[AccountAction], kind: ActionKind) -> int:
    """What people did of one kind, in cents."""
    return sum(action.amount_cents for action in actions if action.kind is kind) if actions else 0


def _flags(balance: Balance, standing: Sequence[PostedDecision]) -> Iterable[AccountFlag]:
    if balance.paid_cents < 0 or any(given.is_reversal for given in standing):
        yield AccountFlag.REVERSAL_WITHOUT_PAYMENT
    if balance.open_cents < 0:
        yield (
            AccountFlag.ACTION_ABOVE_AMOUNT
            if balance.written_off_cents
            else AccountFlag.ACCOUNTED_ABOVE_CHARGE
        )
