"""The small parts of a line's decision: open, refused, adjusted, and what a failure or a diagnosis rests on."""

from __future__ import annotations

from cocm.basics.records import copier
from cocm.edits.context import PolicyContext
from cocm.edits.derive import policy_context
from cocm.edits.finding import Finding
from cocm.plan.cost_share import MemberShare
from cocm.plan.decision import Answer, DecisionReason, LineDecision
from cocm.plan.history import DecidedClaim
from cocm.plan.records import Side
from cocm.plan.route import LineRoute
from cocm.rules import PackOn
from cocm.rules.plan_decisions import RemitCodes
from cocm.x12.claim_record import ClaimRecord, LineRecord
from cocm.x12.remittance_record import Adjustment

line_with = copier(LineDecision)
"""A line's decision with some of its fields changed."""


def rests_on_assumption(finding: Finding) -> bool:
    """Whether a value behind the failure is known, but merely assumed: no plan's own words stand behind it."""
    return any(rule.is_known and not rule.may_block for rule in (*finding.rules, *finding.rules_behind))


def points_to_behavioral(record: ClaimRecord, line: LineRecord, policy: PackOn) -> bool:
    """Whether a line points to a diagnosis that the payer takes as behavioral."""
    context: PolicyContext = policy_context(policy)
    codes = [
        record.diagnosis_codes[pointer - 1]
        for pointer in line.diagnosis_pointers
        if 1 <= pointer <= len(record.diagnosis_codes)
    ]
    return any(code.startswith(context.allowed_prefixes) for code in codes)


def number_of(original: DecidedClaim | None) -> str:
    """The plan's number of a claim; empty where there is none."""
    return "" if original is None else original.claim_number


def share_facts(share: MemberShare, side: Side) -> dict[str, int | str]:
    """The side of the benefit that a share is of, and its parts, for the trace."""
    return {
        "benefit_side": side.value,
        "deductible_cents": share.deductible_cents,
        "copayment_cents": share.copayment_cents,
        "coinsurance_cents": share.coinsurance_cents,
    }


def adjustment_of(codes: RemitCodes, cents: int) -> Adjustment:
    """An adjustment with the rulebook's codes."""
    return Adjustment(codes.group_code, codes.reason_code, cents, None)


def open_line(
    line: LineRecord, answer: Answer, reasons: tuple[DecisionReason, ...], route: LineRoute | None = None
) -> LineDecision:
    """A line about which nothing is paid or refused yet."""
    return LineDecision(line, answer, 0, MemberShare(), 0, (), (), route, reasons)


def refused_line(
    line: LineRecord,
    answer: Answer,
    reasons: tuple[DecisionReason, ...],
    codes: RemitCodes,
    route: LineRoute | None,
) -> LineDecision:
    """A line of which nothing is paid: the whole charge is adjusted."""
    adjustments = (adjustment_of(codes, line.charge_amount_cents),) if line.charge_amount_cents else ()
    return LineDecision(line, answer, 0, MemberShare(), 0, adjustments, codes.remark_codes, route, reasons)
