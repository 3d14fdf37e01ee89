"""What a person decides about an account's money: recorded with name and reason, never more than there is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cocm.basics.errors import UnusableInput
from cocm.basics.identity import stable_id
from cocm.basics.money import dollars
from cocm.receivables.practice_books import BooksRequest, open_books
from cocm.receivables.record import check_entry
from cocm.remits.account import AccountAction, ActionKind, Balance


@dataclass(frozen=True, slots=True)
class Settlement:
    """A person's action on one claim's account: whole cents, who and why. `day` is when it was done."""

    claim_id: str
    kind: ActionKind
    amount_cents: int
    day: date
    done_by: str
    reason: str


def settle(request: BooksRequest, settlement: Settlement) -> Balance:
    """Record an action; the account's balance afterwards.

    Raises `UnusableInput` for a claim that is not on file, a missing name or reason, a day before the claim's month, or
    more than there is to settle.
    The same action again (same day, amount, person and reason) changes nothing.
    """
    if not settlement.done_by.strip() or not settlement.reason.strip():
        raise UnusableInput("--by and --reason: an action on money needs a name and a reason")
    with open_books(request) as books:
        found = list(books.accounts(settlement.claim_id))
        if not found:
            raise UnusableInput(f"--claim {settlement.claim_id}: the state has no such claim")
        ((rows, account),) = found
        check_entry(rows.claim, settlement.day, by=settlement.done_by, reason=settlement.reason)
        action = AccountAction(
            stable_id(
                "A",
                settlement.claim_id,
                settlement.kind,
                settlement.day,
                settlement.amount_cents,
                settlement.done_by,
                settlement.reason,
            ),
            settlement.kind,
            settlement.day,
            settlement.amount_cents,
        )
        if action.action_id not in {given.action_id for given in rows.actions}:
            _check_amount(settlement, account.balance)
            books.remittances.add_action(
                action, settlement.claim_id, settlement.done_by.strip(), settlement.reason.strip()
            )
            ((_, account),) = books.accounts(settlement.claim_id)
            books.state.commit()
    return account.balance


def _check_amount(settlement: Settlement, balance: Balance) -> None:
    there_is = {
        ActionKind.ACCEPT_PATIENT_SHARE: ("in dispute", balance.disputed_cents),
        ActionKind.WAIVE_PATIENT_SHARE: ("in dispute", balance.disputed_cents),
        ActionKind.WRITE_OFF: ("open with the payer", balance.open_cents),
        ActionKind.PATIENT_REFUND: ("paid by the patient", balance.patient_paid_cents),
        ActionKind.PATIENT_PAYMENT: ("any amount", None),
    }
    what, most = there_is[settlement.kind]
    if settlement.amount_cents <= 0:
        raise UnusableInput(
            f"--amount {dollars(settlement.amount_cents)}: an amount above nothing is expected"
        )
    if most is not None and settlement.amount_cents > most:
        raise UnusableInput(
            f"--amount {dollars(settlement.amount_cents)}: only {dollars(max(most, 0))} of {settlement.claim_id} "
            f"is {what}"
        )
