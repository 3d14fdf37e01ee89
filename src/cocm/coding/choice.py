"""A person's choice of a lawful alternative that the proposal offered."""

from __future__ import annotations

from dataclasses import replace

from cocm.care.casefile import CaseFile
from cocm.care.records import Decision
from cocm.coding.price import expected_payment
from cocm.coding.records import Proposal, ProposedLine, Reason, RejectedAlternative
from cocm.rules import PackOn


def with_choice(proposal: Proposal, decision: Decision, case: CaseFile, policy: PackOn) -> Proposal | None:
    """The proposal with the offered code in place of its lines; the lines given up stand among the rejected.

    None when the code is not among the offered ones: what is not lawful cannot be chosen.
    """
    offered = next(
        (item for item in proposal.rejected if item.is_offered and item.hcpcs_code == decision.item), None
    )
    if offered is None or not offered.reason.rules:
        return None
    lines = (ProposedLine(offered.hcpcs_code, offered.units, offered.reason.rules[0]),)
    text = f"{decision.decided_by} chose {offered.hcpcs_code} on {decision.decided_on.isoformat()}"
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
        next_tier=None,
        has_no_data=False,
        expected_payment_cents=expected_payment_cents,
        expected_basis=expected_basis,
    )
