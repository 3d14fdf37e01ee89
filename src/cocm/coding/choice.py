"""A person's choice of a lawful alternative that the proposal offered: another service, or a reading of the month.

Only what is offered can be chosen. The choice, with who made it and when, becomes the proposal's reason; it opens no
gate that the chosen code has of its own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from cocm.care.casefile import CaseFile
from cocm.care.records import Decision
from cocm.coding.price import expected_payment
from cocm.coding.records import (
    Gap,
    MonthKind,
    Proposal,
    ProposedLine,
    Reason,
    RejectedAlternative,
    TimeProposal,
)
from cocm.coding.time import MINUTES_MAX, assumption_reviews, propose_for_minutes
from cocm.rules import PackOn

_OF_THE_MODEL_ALONE: Final = frozenset(
    {Gap.MONTH_KIND, Gap.CASELOAD_REVIEW, Gap.PATIENT_REVIEW, Gap.CONSULTANT_TYPE}
)
"""What general behavioral health integration does not ask for: it has no psychiatric consultant."""


def with_choice(proposal: Proposal, decision: Decision, case: CaseFile, policy: PackOn) -> Proposal | None:
    """The proposal with the offered code in place of its lines; the lines given up stand among the rejected.

    Choosing a base code where the kind of month is unknown decides the kind, and brings that reading's add-ons.
    None when the code is not offered by itself: what is not lawful cannot be chosen.
    """
    offered = [item for item in proposal.rejected if item.is_offered and item.hcpcs_code == decision.item]
    if not offered:
        return None
    text = f"{decision.decided_by} chose {decision.item} on {decision.decided_on.isoformat()}"
    if decision.item == policy.text("codes.general_bhi"):
        return _other_service(proposal, offered[0], text, case, policy)
    minutes = min(proposal.ledger.minutes_counted, MINUTES_MAX)
    for kind in _possible_kinds(proposal):
        reading = propose_for_minutes(minutes, kind, policy)
        if reading.has_no_data:
            reading = _base_alone(reading, decision.item)
        if reading.lines and reading.lines[0].hcpcs_code == decision.item:
            return _reading(proposal, kind, reading, text, case, policy)
    return None


def _possible_kinds(proposal: Proposal) -> tuple[MonthKind, ...]:
    is_known = proposal.month_kind is not MonthKind.UNKNOWN
    return (proposal.month_kind,) if is_known else (MonthKind.FIRST, MonthKind.LATER)


def _base_alone(reading: TimeProposal, code: str) -> TimeProposal:
    """The base code that a reading without data offers: earned whatever the missing value is."""
    for item in reading.rejected:
        if item.hcpcs_code == code:
            rules = item.reason.rules
            return TimeProposal(
                lines=(ProposedLine(code, item.units, rules[0]),),
                rejected=tuple(other for other in reading.rejected if other is not item),
                reasons=(item.reason, *reading.reasons),
                reviews=tuple(assumption_reviews(rules)),
                next_tier=None,
                has_no_data=False,
            )
    return reading


def _other_service(
    proposal: Proposal, offered: RejectedAlternative, text: str, case: CaseFile, policy: PackOn
) -> Proposal:
    lines = (ProposedLine(offered.hcpcs_code, offered.units, policy.value("codes.general_bhi")),)
    given_up = tuple(
        RejectedAlternative(line.hcpcs_code, line.units, Reason(f"given up: {text}", (line.code_rule,)))
        for line in proposal.lines
    )
    expected_payment_cents, expected_basis = expected_payment(case, policy, lines)
    return replace(
        proposal,
        lines=lines,
        rejected=(*given_up, *(item for item in proposal.rejected if item is not offered)),
        reasons=(Reason(text, offered.reason.rules),),
        reviews=(),
        missing=tuple(item for item in proposal.missing if item.gap not in _OF_THE_MODEL_ALONE),
        next_tier=None,
        has_no_data=False,
        expected_payment_cents=expected_payment_cents,
        expected_basis=expected_basis,
    )


def _reading(
    proposal: Proposal, kind: MonthKind, reading: TimeProposal, text: str, case: CaseFile, policy: PackOn
) -> Proposal:
    decides_kind = proposal.month_kind is not kind
    chosen = Reason(
        f"{text}: a {kind.value} month" if decides_kind else text, proposal.month_kind_reason.rules
    )
    expected_payment_cents, expected_basis = expected_payment(case, policy, reading.lines)
    return replace(
        proposal,
        month_kind=kind,
        month_kind_reason=chosen if decides_kind else proposal.month_kind_reason,
        lines=reading.lines,
        rejected=reading.rejected,
        reasons=(chosen, *reading.reasons),
        reviews=reading.reviews,
        missing=tuple(item for item in proposal.missing if item.gap is not Gap.MONTH_KIND),
        next_tier=reading.next_tier,
        has_no_data=reading.has_no_data,
        expected_payment_cents=expected_payment_cents,
        expected_basis=expected_basis,
    )
