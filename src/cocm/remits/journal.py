"""The double-entry journal: what each step of an account and each payment moves, every entry adding up to nothing.

A debit is above 0, a credit below. The money of claims that are not ours passes through a clearing account, so that
the cash account agrees with the bank to the cent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from cocm.remits.account import Balance, Step
from cocm.remits.decision import Payment, ProviderAdjustmentAmount


class LedgerAccount(StrEnum):
    """The books' accounts. Values are names that beancount takes."""

    CASH = "Assets:Cash"
    PAYER = "Assets:Receivable:Payer"
    OTHER_PAYER = "Assets:Receivable:OtherPayer"
    PATIENT = "Assets:Receivable:Patient"
    DISPUTED = "Assets:Receivable:Disputed"
    CHARGES = "Income:Charges"
    INTEREST = "Income:Interest"
    CONTRACTUAL = "Expenses:Contractual"
    SEQUESTRATION = "Expenses:Sequestration"
    PROTECTED = "Expenses:Protected"
    WRITTEN_OFF = "Expenses:WrittenOff"
    REMITTANCE = "Assets:Clearing:Remittance"
    OTHER_SERVICES = "Assets:Clearing:OtherServices"
    RECOUPMENT = "Assets:Clearing:Recoupment"
    FORWARDED_BALANCE = "Assets:Clearing:ForwardedBalance"
    REFUND_ACKNOWLEDGED = "Assets:Clearing:RefundAcknowledged"
    SETTLEMENT = "Assets:Clearing:Settlement"


@dataclass(frozen=True, slots=True)
class Entry:
    """One dated entry: amounts in cents by account, adding up to 0. `subject_id` is a claim's or payment's id."""

    day: date
    subject_id: str
    what: str
    amounts: tuple[tuple[LedgerAccount, int], ...]


_SETTLED_FROM_PAYER: Final[Mapping[str, LedgerAccount]] = {
    "paid_cents": LedgerAccount.REMITTANCE,
    "contractual_cents": LedgerAccount.CONTRACTUAL,
    "sequestration_cents": LedgerAccount.SEQUESTRATION,
    "protected_cents": LedgerAccount.PROTECTED,
    "written_off_cents": LedgerAccount.WRITTEN_OFF,
    "patient_cents": LedgerAccount.PATIENT,
    "awaiting_payer_cents": LedgerAccount.OTHER_PAYER,
    "disputed_cents": LedgerAccount.DISPUTED,
}
_BY_REASON: Final[Mapping[str, LedgerAccount]] = {
    "interest": LedgerAccount.INTEREST,
    "recoupment": LedgerAccount.RECOUPMENT,
    "forwarded_balance": LedgerAccount.FORWARDED_BALANCE,
    "refund_acknowledged": LedgerAccount.REFUND_ACKNOWLEDGED,
    "settlement": LedgerAccount.SETTLEMENT,
}


def account_entries(subject_id: str, steps: Sequence[Step]) -> Iterator[Entry]:
    """What each step of an account moved; a step that moved nothing has no entry."""
    before = Balance()
    for step in steps:
        amounts = _moved(before, step.balance)
        if amounts:
            yield Entry(step.day, subject_id, step.what, tuple(amounts.items()))
        before = step.balance


def payment_entry(
    payment: Payment,
    claims_paid_cents: int,
    other_claims_paid_cents: int,
    adjustments: Iterable[ProviderAdjustmentAmount],
    accounts_by_reason: Mapping[str, str],
) -> Entry | None:
    """A reconciled payment: cash in; its claims' money to clearing; provider adjustments to their accounts."""
    amounts: dict[LedgerAccount, int] = {}
    _add(amounts, LedgerAccount.CASH, payment.paid_amount_cents)
    _add(amounts, LedgerAccount.REMITTANCE, other_claims_paid_cents - claims_paid_cents)
    _add(amounts, LedgerAccount.OTHER_SERVICES, -other_claims_paid_cents)
    for given in adjustments:
        name = accounts_by_reason.get(given.reason_code, "settlement")
        _add(amounts, _BY_REASON[name], given.amount_cents)
    kept = tuple((account, cents) for account, cents in amounts.items() if cents)
    return Entry(payment.payment_date, payment.payment_id, "payment", kept) if kept else None


def totals(entries: Iterable[Entry]) -> dict[LedgerAccount, int]:
    """Each account's sum in cents, over any entries."""
    sums: dict[LedgerAccount, int] = {}
    for entry in entries:
        for account, cents in entry.amounts:
            sums[account] = sums.get(account, 0) + cents
    return sums


def _moved(before: Balance, after: Balance) -> dict[LedgerAccount, int]:
    amounts: dict[LedgerAccount, int] = {}
    charged = after.charge_cents - before.charge_cents
    _add(amounts, LedgerAccount.PAYER, charged)
    _add(amounts, LedgerAccount.CHARGES, -charged)
    for name, account in _SETTLED_FROM_PAYER.items():
        moved = getattr(after, name) - getattr(before, name)
        _add(amounts, account, moved)
        _add(amounts, LedgerAccount.PAYER, -moved)
    paid = after.patient_paid_cents - before.patient_paid_cents
    _add(amounts, LedgerAccount.CASH, paid)
    _add(amounts, LedgerAccount.PATIENT, -paid)
    return {account: cents for account, cents in amounts.items() if cents}


def _add(amounts: dict[LedgerAccount, int], account: LedgerAccount, cents: int) -> None:
    if cents:
        amounts[account] = amounts.get(account, 0) + cents
