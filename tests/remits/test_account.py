"""An account works out the same from any order of what happened, and every cent of the charge stands somewhere."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocm.remits.account import (
    AccountAction,
    AccountFlag,
    ActionKind,
    Charge,
    PostedDecision,
    stand,
    work_out,
)
from cocm.remits.journal import account_entries
from cocm.remits.posting import Posting

CHARGE = Charge("C-1", date(2026, 4, 2), 18000)
SETTLED = (
    "paid_cents", "contractual_cents", "sequestration_cents", "protected_cents", "written_off_cents",
    "patient_cents", "awaiting_payer_cents", "disputed_cents",
)  # fmt: skip


def decided(
    number: int, *, paid: int = 0, contract: int = 0, patient: int = 0, disputed: int = 0, day: int = 20,
    sequence: int = 1, reversal: bool = False, forwarded: bool = False,
) -> PostedDecision:  # fmt: skip
    sign = -1 if reversal else 1
    charge = 18000
    denied = charge - paid - contract - patient - disputed
    amounts = (charge, paid, contract, 0, 0, 0, patient, disputed, denied, 0)
    return PostedDecision(
        f"D-{number:03d}",
        f"R-{number:03d}",
        date(2026, 4, 1) + timedelta(days=day),
        "ICN1",
        None if reversal else sequence,
        reversal,
        forwarded,
        Posting(*(sign * amount for amount in amounts)),
    )


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[PostedDecision], list[AccountAction]]:
    decisions = []
    for number in range(draw(st.integers(0, 6))):
        paid = draw(st.integers(0, 15000))
        contract = draw(st.integers(0, 18000 - paid))
        patient = draw(st.integers(0, 18000 - paid - contract))
        decisions.append(
            decided(
                number,
                paid=paid,
                contract=contract,
                patient=patient,
                disputed=draw(st.integers(0, 18000 - paid - contract - patient)),
                day=draw(st.integers(1, 40)),
                sequence=draw(st.integers(1, 2)),
                reversal=draw(st.booleans()),
                forwarded=draw(st.booleans()),
            )
        )
    actions = [
        AccountAction(f"A-{number}", kind, date(2026, 5, 1), cents)
        for number, (kind, cents) in enumerate(
            draw(st.lists(st.tuples(st.sampled_from(ActionKind), st.integers(1, 9000)), max_size=4))
        )
    ]
    return decisions, actions


@given(history=histories(), seed=st.integers(0, 100), more_payers=st.booleans())
def test_every_cent_stands_somewhere_in_any_order(
    history: tuple[list[PostedDecision], list[AccountAction]], seed: int, more_payers: bool
) -> None:
    decisions, actions = history
    account = work_out([CHARGE], decisions, actions, has_other_payer=more_payers)
    amounts = account.balance.amounts()
    assert sum(amounts[name] for name in SETTLED) + account.balance.open_cents == 18000
    shuffled = decisions[:]
    random.Random(seed).shuffle(shuffled)
    assert work_out([CHARGE], shuffled, actions[::-1], has_other_payer=more_payers).balance == account.balance
    if not more_payers:
        assert stand([CHARGE], shuffled, actions) == (account.balance, account.flags)


@given(history=histories())
def test_debits_equal_credits_in_every_entry(
    history: tuple[list[PostedDecision], list[AccountAction]],
) -> None:
    decisions, actions = history
    entries = list(account_entries("C-1", work_out([CHARGE], decisions, actions).steps))
    assert entries
    for entry in entries:
        assert sum(cents for _, cents in entry.amounts) == 0


def test_a_reversal_takes_its_payment_out() -> None:
    first = decided(1, paid=14000, contract=3000, patient=1000)
    back = decided(2, paid=14000, contract=3000, patient=1000, reversal=True, day=25)
    assert work_out([CHARGE], [first, back]).balance.open_cents == 18000


@pytest.mark.parametrize("number", [1, 9], ids=["id before the reversal's", "id after it"])
@pytest.mark.parametrize("day", [25, 30], ids=["same payment day", "later"])
def test_a_correction_that_pays_the_same_stays_when_the_first_decision_is_reversed(
    number: int, day: int
) -> None:
    first = decided(3, paid=10000, contract=3000, patient=5000)
    back = decided(4, paid=10000, contract=3000, patient=5000, reversal=True, day=25)
    correction = decided(number, paid=10000, contract=3000, patient=2000, day=day)
    account = work_out([CHARGE], [first, back, correction])
    assert (account.balance.patient_cents, account.balance.open_cents) == (2000, 3000)
    assert not account.flags


def test_a_reversal_that_leaves_the_share_out_takes_the_decision_before_it() -> None:
    first = decided(3, paid=10000, contract=3000, disputed=5000)
    back = decided(4, paid=10000, contract=3000, reversal=True, day=25)
    correction = decided(1, paid=10000, contract=3000, patient=2000, day=25)
    balance = work_out([CHARGE], [first, back, correction]).balance
    assert (balance.disputed_cents, balance.patient_cents) == (0, 2000)


def test_a_payer_that_takes_back_more_than_it_paid_is_flagged_without_a_reversal() -> None:
    account = work_out([CHARGE], [decided(1, paid=-5000)])
    assert account.flags == {AccountFlag.REVERSAL_WITHOUT_PAYMENT}


def test_a_reversal_of_nothing_is_flagged() -> None:
    account = work_out([CHARGE], [decided(1, paid=14000, reversal=True)])
    assert AccountFlag.REVERSAL_WITHOUT_PAYMENT in account.flags


def test_two_payments_without_a_reversal_are_flagged() -> None:
    account = work_out([CHARGE], [decided(1, paid=14000, contract=4000), decided(2, paid=15000, day=30)])
    assert AccountFlag.ACCOUNTED_ABOVE_CHARGE in account.flags
    assert account.balance.paid_cents == 29000


def test_the_second_payers_share_replaces_the_first_payers() -> None:
    primary = decided(1, paid=12000, contract=3000, patient=3000, forwarded=True)
    awaiting = work_out([CHARGE], [primary])
    assert (awaiting.balance.awaiting_payer_cents, awaiting.balance.patient_cents) == (3000, 0)
    second = decided(2, paid=2500, patient=500, sequence=2, day=30)
    settled = work_out([CHARGE], [primary, second]).balance
    assert (settled.paid_cents, settled.patient_cents, settled.open_cents) == (14500, 500, 0)


def test_a_replaced_claim_restates_the_charge_and_a_void_takes_it_back() -> None:
    later = Charge("C-2", date(2026, 5, 2), 26000)
    assert work_out([CHARGE, later], []).balance.charge_cents == 26000
    assert stand([later, CHARGE], [])[0].charge_cents == 26000
    assert work_out([CHARGE, later, Charge("C-3", date(2026, 5, 9), 0)], []).balance.charge_cents == 0


@pytest.mark.parametrize(
    ("kind", "patient", "disputed", "written_off"),
    [(ActionKind.ACCEPT_PATIENT_SHARE, 2000, 1000, 0), (ActionKind.WAIVE_PATIENT_SHARE, 0, 1000, 2000)],
)
def test_a_person_settles_a_disputed_share(
    kind: ActionKind, patient: int, disputed: int, written_off: int
) -> None:
    action = AccountAction("A-1", kind, date(2026, 5, 1), 2000)
    balance = work_out([CHARGE], [decided(1, disputed=3000)], [action]).balance
    assert (balance.patient_cents, balance.disputed_cents, balance.written_off_cents) == (
        patient,
        disputed,
        written_off,
    )


def test_what_the_patient_paid_on_a_wrongful_share_is_owed_back() -> None:
    paid = AccountAction("A-1", ActionKind.PATIENT_PAYMENT, date(2026, 4, 25), 3000)
    denial = decided(1, disputed=3000)
    corrected = decided(2, paid=16000, contract=1000, patient=1000, day=40)
    assert work_out([CHARGE], [denial], [paid]).balance.refund_due_cents == 0
    assert work_out([CHARGE], [denial, corrected], [paid]).balance.refund_due_cents == 2000
