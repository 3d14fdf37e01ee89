"""Whether a payment adds up: what its decisions paid, less the provider adjustments, must be the money that came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cocm.basics.money import dollars
from cocm.remits.decision import Payment, ProviderAdjustmentAmount


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """A payment's sums in cents. `difference_cents` is the money that came less what its parts explain.

    `foreign_payee` is the number it was paid to where that is none of ours and no claim of ours is in it.
    """

    payment_id: str
    paid_cents: int
    claims_paid_cents: int
    provider_adjustments_cents: int
    unbalanced_claims: int
    foreign_payee: str = ""

    @property
    def difference_cents(self) -> int:
        return self.paid_cents - (self.claims_paid_cents - self.provider_adjustments_cents)

    @property
    def is_reconciled(self) -> bool:
        """Whether it may be posted: it is ours, and the total and each of its claims add up."""
        return not (self.difference_cents or self.unbalanced_claims or self.foreign_payee)

    @property
    def explanation(self) -> str:
        """Why it is held, in words; empty when it is not."""
        if self.is_reconciled:
            return ""
        parts = []
        if self.difference_cents:
            parts.append(
                f"the payment is {dollars(self.paid_cents)}, but its claims paid {dollars(self.claims_paid_cents)} "
                f"and its provider adjustments take {dollars(self.provider_adjustments_cents)}: "
                f"{dollars(self.difference_cents)} is not explained"
                + (
                    "; a part of the remittance may be missing"
                    if self.difference_cents > 0
                    else "; a claim or adjustment may be told twice"
                )
            )
        if self.unbalanced_claims:
            parts.append(f"{self.unbalanced_claims} of its claims do not add up to their charge")
        if self.foreign_payee:
            parts.append(
                f"it was paid to {self.foreign_payee}, which is no number of this practice, for no claim of it: "
                "another practice's remittance? If the number is yours, add it to the sites or staff table"
            )
        return "; ".join(parts)


def reconcile(
    payment: Payment,
    claims_paid_cents: int,
    provider_adjustments: Iterable[ProviderAdjustmentAmount],
    unbalanced_claims: int,
    foreign_payee: str = "",
) -> Reconciliation:
    """A payment against its decisions (from every file that told of it)."""
    return Reconciliation(
        payment_id=payment.payment_id,
        paid_cents=payment.paid_amount_cents,
        claims_paid_cents=claims_paid_cents,
        provider_adjustments_cents=sum(given.amount_cents for given in provider_adjustments),
        unbalanced_claims=unbalanced_claims,
        foreign_payee=foreign_payee,
    )


def occurrences(
    adjustments: Sequence[ProviderAdjustmentAmount],
) -> list[tuple[ProviderAdjustmentAmount, int]]:
    """Each adjustment with its count so far among equal ones, so that a repeat in another file is recognised."""
    seen: dict[ProviderAdjustmentAmount, int] = {}
    numbered = []
    for given in adjustments:
        seen[given] = seen.get(given, 0) + 1
        numbered.append((given, seen[given]))
    return numbered
