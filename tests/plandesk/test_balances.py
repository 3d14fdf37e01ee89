"""A payment is never below nothing: what is owed is carried forward and recovered from later payments, once."""

from __future__ import annotations

from pathlib import Path

from desk_samples import DeskAnswer, ReviewDesk
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_samples import OTHER_BILLING, claim, line

from cocm.plan.balances import Balances
from cocm.plan.mistakes import Mistake
from cocm.plandesk.desk_tables import open_balances
from cocm.plandesk.state import PlanState

VISIT = (line("99213"),)


def carried(answer: DeskAnswer) -> list[int]:
    """The balances of the answer's payments."""
    return [
        one.amount_cents
        for payment in answer.payments
        for one in payment.provider_adjustments
        if one.reason_code == "FB"
    ]


def paid(answer: DeskAnswer) -> list[int]:
    return [payment.paid_amount_cents for payment in answer.payments]


def owed(desk: ReviewDesk) -> int:
    with PlanState(desk.state, desk.book.profile.plan_id) as state:
        return sum(cents for parts in open_balances(state).values() for _, cents in parts)


def test_what_is_owed_is_recovered_from_later_payments_and_no_more(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    first = desk.take(claim(1))
    number = first.claims[0].payer_claim_control_number
    void = desk.take(claim(1, frequency_code="8", payer_claim_control_number=number))
    assert paid(first) == [13_600]
    assert (paid(void), carried(void)) == ([0], [-13_600])
    assert void.payments[0].provider_adjustments[0].reference == void.payments[0].trace_number
    assert owed(desk) == 13_600
    part = desk.take(claim(2, lines=(line("99492"),)))
    assert (paid(part), carried(part), owed(desk)) == ([0], [4_000], 9_600)
    rest = desk.take(claim(3))
    assert (paid(rest), carried(rest), owed(desk)) == ([13_600 - 9_600], [9_600], 0)
    assert rest.summary["balance_recovered_cents"] == 9_600
    after = desk.take(claim(4))
    assert (paid(after), carried(after)) == ([13_600], [])
    references = {
        one.reference
        for answer in (void, part, rest)
        for payment in answer.payments
        for one in payment.provider_adjustments
    }
    assert references == {void.payments[0].trace_number}


def test_another_biller_pays_for_nobodys_balance(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path, delegations=[])
    number = desk.take(claim(1)).claims[0].payer_claim_control_number
    desk.take(claim(1, frequency_code="8", payer_claim_control_number=number))
    other = desk.take(claim(2, billing=OTHER_BILLING, rendering=None, lines=VISIT))
    assert carried(other) == []
    assert owed(desk) == 13_600


def test_a_person_recovers_and_carries_forward_too(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1))
    denied = desk.deny("C-00000000000001", "minutes.below_code", minutes=10)
    assert (paid(denied), carried(denied)) == ([0], [-13_600])
    again = desk.accept("C-00000000000001", note="minutes were read wrong")
    (payment,) = again.payments
    assert carried(again) == [13_600]
    assert payment.paid_amount_cents == again.summary["interest_cents"]
    assert owed(desk) == 0


def test_a_test_file_and_a_dry_run_move_no_balance(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    number = desk.take(claim(1)).claims[0].payer_claim_control_number
    void = claim(1, frequency_code="8", payer_claim_control_number=number)
    desk.take(void, altered=lambda content: content.replace(b"*0*P*:", b"*0*T*:"))
    assert owed(desk) == 0
    desk.take(void)
    same = desk.take(void, altered=lambda _: (tmp_path / "in-3.837").read_bytes())
    assert same.before is not None
    assert owed(desk) == 13_600


def test_a_biller_of_two_senders_has_two_payments_each_with_its_own_number(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path, Mistake.WRONG_COST_SHARE)
    desk.take(claim(1), sender="S1")
    desk.take(claim(2), sender="S2")
    desk.err_no_more()
    answer = desk.correct("wrong_cost_share")
    numbers = [payment.trace_number for payment in answer.payments]
    assert len(numbers) == len(set(numbers)) == 2
    for payment in answer.payments:
        carried_here = [
            one for one in payment.provider_adjustments if one.reason_code == "FB" and one.amount_cents < 0
        ]
        assert {one.reference for one in carried_here} <= {payment.trace_number}


@given(st.lists(st.integers(-1_000, 1_000), max_size=20))
@settings(max_examples=200)
def test_nothing_is_lost_or_made(nets: list[int]) -> None:
    """Whatever the payments come to: none is below nothing, and what was paid and is owed adds up to them."""
    balances = Balances({})
    payee = ("1234567893", "941234567")
    paid_out = 0
    for number, net in enumerate(nets):
        moves = tuple(balances._settled(payee, net, f"B{number}"))
        payment = net - sum(move.cents for move in moves)
        assert payment >= 0
        paid_out += payment
    open_cents = sum(cents for _, cents in balances._owed.get(payee, []))
    assert paid_out - open_cents == sum(nets)
