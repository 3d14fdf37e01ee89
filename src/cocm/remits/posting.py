"""One decision of a payer turned into amounts on the claim's account, and whether it adds up.

Nothing is written off silently: an amount leaves the payer's account only where the table of adjustment effects names
it as settled; a patient's share on a denied line is disputed, not owed.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from cocm.remits.decision import ClaimDecision
from cocm.rules.adjustment_effects import EFFECT_POSITIONS, AdjustmentEffect, AdjustmentEffects


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
    sums = [0] * _EFFECT_COUNT
    disputed = 0
    position_of = effects.position_of
    protected_remarks = effects.protected_remarks
    is_protected_claim = not protected_remarks.isdisjoint(decision.remark_codes)
    denies_anything = False
    parts = []
    for _, _, _, paid, _, adjustments, remarks in decision.lines:
        placed = [(position_of[group, reason], amount) for group, reason, amount in adjustments]
        denies = _denies(placed)
        denies_anything = denies_anything or denies
        is_protected = is_protected_claim or not protected_remarks.isdisjoint(remarks)
        parts.append((denies and not paid, is_protected, placed))
    if decision.adjustments:
        at_claim = [(position_of[group, reason], amount) for group, reason, amount in decision.adjustments]
        denies_anything = denies_anything or _denies(at_claim)
        parts.append((denies_anything and not decision.paid_amount_cents, is_protected_claim, at_claim))
    for is_denied, is_protected, placed in parts:
        for position, amount in placed:
            if is_protected and position in _PATIENTS:
                sums[_PROTECTED] += amount
            elif position == _PATIENT_UNSETTLED or (is_denied and position == _PATIENT):
                disputed += amount
            else:
                sums[position] += amount
    accounted = decision.paid_amount_cents + disputed + sum(sums)
    return Posting(
        charge_cents=decision.charge_amount_cents,
        paid_cents=decision.paid_amount_cents,
        contractual_cents=sums[_CONTRACTUAL],
        sequestration_cents=sums[_SEQUESTRATION],
        protected_cents=sums[_PROTECTED],
        prior_payer_cents=sums[_PRIOR_PAYER],
        patient_cents=sums[_PATIENT],
        disputed_cents=disputed,
        denied_cents=sums[_DENIED],
        difference_cents=decision.charge_amount_cents - accounted,
    )


# Plain numbers for the effects: an enum's hash is slow, and this runs for every adjustment of a remittance.
(
    _CONTRACTUAL,
    _SEQUESTRATION,
    _PROTECTED,
    _PRIOR_PAYER,
    _PATIENT,
    _PATIENT_UNSETTLED,
    _DENIED,
) = (
    EFFECT_POSITIONS[effect]
    for effect in (
        AdjustmentEffect.CONTRACTUAL,
        AdjustmentEffect.SEQUESTRATION,
        AdjustmentEffect.PROTECTED,
        AdjustmentEffect.PRIOR_PAYER,
        AdjustmentEffect.PATIENT,
        AdjustmentEffect.PATIENT_UNSETTLED,
        AdjustmentEffect.DENIED,
    )
)
_PATIENTS: Final = (_PATIENT, _PATIENT_UNSETTLED)
_EFFECT_COUNT: Final = len(EFFECT_POSITIONS)


def unbalanced_lines(decision: ClaimDecision) -> tuple[int, ...]:
    """Positions (from 0) of lines whose charge less adjustments is not what was paid."""
    return tuple(
        position
        for position, line in enumerate(decision.lines)
        if line.charge_amount_cents - sum(given.amount_cents for given in line.adjustments)
        != line.paid_amount_cents
    )


def _denies(placed: list[tuple[int, int]]) -> bool:
    return any(position == _DENIED and amount for position, amount in placed)
