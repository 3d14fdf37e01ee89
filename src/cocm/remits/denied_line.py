"""What of a decision was not paid: an entry a line (or for the whole claim), with the codes and the money."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from cocm.edits.codes import FIRST_MONTH, LATER_MONTH, SHORT_MONTH, cocm_codes, codes_ever_named
from cocm.remits.decision import AdjustmentAmount, ClaimDecision
from cocm.remits.denial import DenialSignals, OwnKnowledge, RankedCause, diagnose
from cocm.rules import Rulebook
from cocm.rules.adjustment_effects import AdjustmentEffect, AdjustmentEffects
from cocm.rules.denial_causes import DenialFact, denial_causes

_UNPAID = (AdjustmentEffect.DENIED, AdjustmentEffect.PATIENT_UNSETTLED)


@dataclass(frozen=True, slots=True)
class DeniedLine:
    """A line that was not paid, or not in full. `line_number` counts from 1; 0 is the claim as a whole.

    `at_stake_cents` is what was denied or put on the patient for another reason than cost share.
    """

    line_number: int
    hcpcs_code: str
    charge_cents: int
    paid_cents: int
    at_stake_cents: int
    signals: DenialSignals


def denied_lines(decision: ClaimDecision, effects: AdjustmentEffects) -> Iterator[DeniedLine]:
    """The lines of a decision that money was kept back from; a deductible or a contract's discount is none."""
    if decision.status.is_reversal or decision.status.is_estimate:
        return
    claim_remarks = frozenset(decision.remark_codes)
    at_claim = _at_stake(decision.adjustments, effects)
    if at_claim:
        yield DeniedLine(
            0,
            "",
            decision.charge_amount_cents,
            decision.paid_amount_cents,
            at_claim,
            DenialSignals(_codes(decision.adjustments), claim_remarks),
        )
    for number, line in enumerate(decision.lines, start=1):
        cents = _at_stake(line.adjustments, effects)
        is_denied = cents and not line.paid_amount_cents
        if not cents:
            continue
        share = sum(
            given.amount_cents
            for given in line.adjustments
            if effects.of(given.group_code, given.reason_code) is AdjustmentEffect.PATIENT
        )
        yield DeniedLine(
            number,
            line.hcpcs_code,
            line.charge_amount_cents,
            line.paid_amount_cents,
            cents + (share if is_denied else 0),
            DenialSignals(_codes(line.adjustments), claim_remarks.union(line.remark_codes)),
        )


def line_facts(rulebook: Rulebook, line: DeniedLine) -> Mapping[DenialFact, bool]:
    """What the remittance alone tells about a line."""
    facts = {DenialFact.LINE_IS_DENIED: not line.paid_cents}
    role = cocm_codes(rulebook).get(line.hcpcs_code)
    if role is not None:
        facts[DenialFact.IS_ADDON] = role.is_addon
        facts[DenialFact.IS_FIRST_MONTH_CODE] = line.hcpcs_code in _first_month_codes(rulebook)
        facts[DenialFact.IS_ADVANCED_PRIMARY_CARE_ADDON] = line.hcpcs_code in _codes_beside_a_base(rulebook)
    return facts


@lru_cache(maxsize=8)
def _first_month_codes(rulebook: Rulebook) -> frozenset[str]:
    return frozenset(codes_ever_named(rulebook, FIRST_MONTH))


@lru_cache(maxsize=8)
def _codes_beside_a_base(rulebook: Rulebook) -> frozenset[str]:
    """The month's codes of the packs that want another code beside them."""
    found: set[str] = set()
    for payer_id in rulebook.payer_ids:
        if rulebook.override(payer_id, "codes.required_base") is None:
            continue
        for rule_id in (FIRST_MONTH, LATER_MONTH, SHORT_MONTH):
            rule = rulebook.override(payer_id, rule_id)
            if rule is not None:
                found.update(value.value for value in rule.values if isinstance(value.value, str))
    return frozenset(found)


def causes_of(rulebook: Rulebook, line: DeniedLine, own: OwnKnowledge) -> tuple[RankedCause, ...]:
    """The ranked causes of a line that was not paid, with what the remittance itself tells added to our knowledge."""
    known = OwnKnowledge({**line_facts(rulebook, line), **own.facts}, own.failed_edits, own.passed_edits)
    return diagnose(denial_causes(rulebook), line.signals, known)


def _at_stake(adjustments: tuple[AdjustmentAmount, ...], effects: AdjustmentEffects) -> int:
    return sum(
        given.amount_cents
        for given in adjustments
        if effects.of(given.group_code, given.reason_code) in _UNPAID
    )


def _codes(adjustments: tuple[AdjustmentAmount, ...]) -> frozenset[tuple[str, str]]:
    return frozenset((given.group_code, given.reason_code) for given in adjustments)
