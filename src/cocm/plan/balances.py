"""Balances that a remittance carries forward: a payment is never below nothing.

Where what is taken back from a biller is more than what is paid to it, the rest is owed: the 835 says nothing is paid
and carries the balance forward (PLB, FB, below zero), and later payments recover it (FB, above zero) under the number
of the payment that carried it.

Source of the rule: ASC X12 005010X221A1, balance forward processing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from cocm.basics.identity import stable_id
from cocm.basics.money import dollars
from cocm.plan.decision import Answer, ClaimDecisionMade

Payee: TypeAlias = tuple[str, str]
"""A billing provider: NPI and tax number."""


class BalanceMove(NamedTuple):
    """A part of a payment. `cents` above zero are recovered from it; below zero they are carried forward.

    `reference` is the trace number of the payment that carried the balance first.
    """

    payee: Payee
    reference: str
    cents: int


def payee_of(decision: ClaimDecisionMade) -> Payee:
    """To whom a claim is paid."""
    billing = decision.record.billing
    return billing.identifier, billing.tin


def trace_number(batch: str, payee: Payee) -> str:
    """The number of a batch's payment to a biller."""
    return stable_id("T", batch, *payee)


class Balances:
    """The balances that billers owe, oldest first, while payments are made."""

    def __init__(self, owed: Mapping[Payee, Sequence[tuple[str, int]]]) -> None:
        """`owed`: references and cents above zero."""
        self._owed = {payee: list(parts) for payee, parts in owed.items()}
        self.moves: list[BalanceMove] = []

    def settle(
        self, decisions: Iterable[ClaimDecisionMade], interest_cents: Mapping[str, int], batch: str
    ) -> tuple[BalanceMove, ...]:
        """What a batch's payments carry forward or recover."""
        paid = [one for one in decisions if one.answer is not Answer.PENDED]
        concerned = {payee_of(one) for one in paid if one.reversal is not None} | self._owed.keys()
        if not concerned:
            return ()
        net: dict[Payee, int] = {}
        for one in paid:
            payee = payee_of(one)
            if payee in concerned:
                taken_back = () if one.reversal is None else one.reversal.lines
                cents = one.paid_amount_cents - sum(line.paid_amount_cents for line in taken_back)
                net[payee] = net.get(payee, 0) + cents + interest_cents.get(one.claim_number, 0)
        found = [move for payee, cents in sorted(net.items()) for move in self._settled(payee, cents, batch)]
        self.moves += found
        return tuple(found)

    def _settled(self, payee: Payee, cents: int, batch: str) -> Iterable[BalanceMove]:
        owed = self._owed.setdefault(payee, [])
        if cents < 0:
            reference = trace_number(batch, payee)
            owed.append((reference, -cents))
            yield BalanceMove(payee, reference, cents)
            return
        while owed and cents:
            reference, open_cents = owed[0]
            recovered = min(open_cents, cents)
            cents -= recovered
            if recovered == open_cents:
                owed.pop(0)
            else:
                owed[0] = (reference, open_cents - recovered)
            yield BalanceMove(payee, reference, recovered)


def balance_words(summary: Mapping[str, Any]) -> Iterator[str]:
    """What a summary says of it, in a line for people; nothing where no payment was touched."""
    forwarded, recovered = (
        summary.get(name, 0) for name in ("balance_forwarded_cents", "balance_recovered_cents")
    )
    if forwarded:
        yield f"Carried forward, as more was taken back than paid (PLB, FB): {dollars(forwarded)}"
    if recovered:
        yield f"Recovered of what was carried forward before (PLB, FB): {dollars(recovered)}"


def balance_totals(moves: Iterable[BalanceMove]) -> dict[str, int]:
    """What was carried forward and recovered, for a summary."""
    cents = [move.cents for move in moves]
    return {
        "balance_forwarded_cents": -sum(one for one in cents if one < 0),
        "balance_recovered_cents": sum(one for one in cents if one > 0),
    }
