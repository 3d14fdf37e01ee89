"""One decision of a payer turned into amounts on the claim's account, and whether it adds up.

Nothing is written off silently: an amount leaves the payer's account only where the table of adjustment effects names
it as settled; a patient's share on a denied line is disputed, not owed.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from cocm.remits.decision import AdjustmentAmount, ClaimDecision
from cocm.rules.adjustment_effects import AdjustmentEffect, AdjustmentEffects


class Posting(NamedTuple):
    """A decision's amounts in cents. All but `difference_cents` add up to the charge of its claim.

    `difference_cents` is the charge less everything the remittance accounts for: other than 0, the decision does not
    balance and is held. `prior_payer_cents` repeats what an earlier payer's decision has on the books.
    """

    charge_cents: int
    paid_cents: int
    contractual_cents: int
    sequestration_cents: int
    protected_cents: int
    prior_payer_cents: int
    patient_cents: int
    disputed_cents: int
    denied_cents: int
    difference_cents: int

    @property
    def settles_nothing(self) -> bool:
        """Whether it only denies: nothing is paid and nothing is settled by contract or law."""
        return not (
            self.paid_cents or self.contractual_cents or self.sequestration_cents or self.patient_cents
        )

    def negated(self) -> Posting:
        """The posting that takes this one back."""
        return Posting(*(-amount for amount in self))


def post(decision: ClaimDecision, effects: AdjustmentEffects) -> Posting:
    """What a decision does to the account of its claim."""
    sums = dict.fromkeys(AdjustmentEffect, 0)
    disputed = 0
    protected = not effects.protected_remarks.isdisjoint(decision.remark_codes)
    placed_lines = [
        (line.paid_amount_cents, _placed(line.adjustments, effects), line.remark_codes)
        for line in decision.lines
    ]
    at_claim = _placed(decision.adjustments, effects)
    everywhere = [*at_claim, *(pair for _, pairs, _ in placed_lines for pair in pairs)]
    parts = [(not decision.paid_amount_cents and _denies(everywhere), at_claim, ())] + [
        (not paid and _denies(placed), placed, remarks) for paid, placed, remarks in placed_lines
    ]
    for is_denied, placed, remarks in parts:
        is_protected = protected or not effects.protected_remarks.isdisjoint(remarks)
        for effect, amount in placed:
            if effect in _PATIENTS and is_protected:
                sums[AdjustmentEffect.PROTECTED] += amount
            elif effect is AdjustmentEffect.PATIENT_UNSETTLED or (
                effect is AdjustmentEffect.PATIENT and is_denied
            ):
                disputed += amount
            else:
                sums[effect] += amount
    accounted = decision.paid_amount_cents + disputed + sum(sums.values())
    return Posting(
        charge_cents=decision.charge_amount_cents,
        paid_cents=decision.paid_amount_cents,
        contractual_cents=sums[AdjustmentEffect.CONTRACTUAL],
        sequestration_cents=sums[AdjustmentEffect.SEQUESTRATION],
        protected_cents=sums[AdjustmentEffect.PROTECTED],
        prior_payer_cents=sums[AdjustmentEffect.PRIOR_PAYER],
        patient_cents=sums[AdjustmentEffect.PATIENT],
        disputed_cents=disputed,
        denied_cents=sums[AdjustmentEffect.DENIED],
        difference_cents=decision.charge_amount_cents - accounted,
    )


_PATIENTS: Final = (AdjustmentEffect.PATIENT, AdjustmentEffect.PATIENT_UNSETTLED)


def unbalanced_lines(decision: ClaimDecision) -> tuple[int, ...]:
    """Positions (from 0) of lines whose charge less adjustments is not what was paid."""
    return tuple(
        position
        for position, line in enumerate(decision.lines)
        if line.charge_amount_cents - sum(given.amount_cents for given in line.adjustments)
        != line.paid_amount_cents
    )


def _placed(
    adjustments: tuple[AdjustmentAmount, ...], effects: AdjustmentEffects
) -> list[tuple[AdjustmentEffect, int]]:
    return [(effects.of(given.group_code, given.reason_code), given.amount_cents) for given in adjustments]


def _denies(placed: list[tuple[AdjustmentEffect, int]]) -> bool:
    return any(effect is AdjustmentEffect.DENIED and amount for effect, amount in placed)
