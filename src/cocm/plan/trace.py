"""The decision trace: what a reviewer and a provider can both read, as plain values and as text. Ids only, no names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cocm.basics.counted import counted
from cocm.basics.money import dollars
from cocm.plan.cost_share import MemberShare
from cocm.plan.decision import Answer, ClaimDecisionMade, DecisionReason, LineDecision, Review
from cocm.plan.duplicates import Comparison
from cocm.plan.interest import Interest
from cocm.plan.route import LineRoute
from cocm.rules.values import HUNDREDTHS_OF_PERCENT, percent_text
from cocm.x12.remittance_record import Adjustment


def trace_json(decision: ClaimDecisionMade, interest: Interest | None = None) -> dict[str, Any]:
    """A decision as plain values, with the interest on what it pays late."""
    return claim_json(decision, interest, [line_json(line) for line in decision.lines])


def claim_json(
    decision: ClaimDecisionMade, interest: Interest | None, lines: Sequence[object]
) -> dict[str, Any]:
    """A decision as plain values around its lines, given as plain values or already written."""
    return {
        "claim_number": decision.claim_number,
        "claim_id": decision.record.claim_id,
        "frequency_code": decision.record.frequency_code,
        "received_date": str(decision.received_date),
        "answer": decision.answer.value,
        "claim_status_code": decision.status_code,
        "paid_amount_cents": decision.paid_amount_cents,
        "member_share_cents": decision.member_share_cents,
        "takes_back": None if decision.reversal is None else decision.reversal.claim_number,
        "pended_for": list(decision.pended_for),
        "forward_to": None if decision.forward_to is None else decision.forward_to.entity_id,
        "forward_by_date": _text(decision.forward_by_date),
        "payment_due_date": _text(decision.payment_due_date),
        **_interest_json(interest),
        "citations": list(decision.cites),
        "edits_without_data": list(decision.unknown_edits),
        "lines": lines,
        **_review_json(decision),
    }


def trace_text(decision: ClaimDecisionMade, interest: Interest | None = None) -> Iterator[str]:
    """A decision in lines for people, with the interest on what it pays late."""
    yield from head_text(decision)
    for line in decision.lines:
        yield line_head_text(line)
        for reason in line.reasons:
            yield from reason_text(reason)
        yield from comparisons_text(line)
    yield from interest_text(interest)
    yield from end_text(decision)


def head_text(decision: ClaimDecisionMade) -> Iterator[str]:
    """What a decision is, before its lines."""
    yield f"Claim {decision.record.claim_id} ({decision.claim_number}): {decision.answer}"
    yield f"  received {decision.received_date}" + (
        f", payment due by {decision.payment_due_date}" if decision.payment_due_date else ""
    )
    if decision.reversal is not None:
        yield f"  takes back claim {decision.reversal.claim_number}"
    if decision.review is not None:
        yield from _review_text(decision.review)
    if decision.forward_to is not None:
        until = f" by {decision.forward_by_date}" if decision.forward_by_date else ""
        yield f"  goes on to {decision.forward_to.name}{until}, with its receipt date {decision.received_date}"
    for why in decision.pended_for:
        yield f"  waits: {why}"


def end_text(decision: ClaimDecisionMade) -> Iterator[str]:
    """What a decision did not know and what it rests on, after its lines."""
    if decision.unknown_edits:
        yield f"  not known, and held against nobody: {', '.join(decision.unknown_edits)}"
    for cite in decision.cites:
        yield f"  by {cite}"


def _interest_json(interest: Interest | None) -> dict[str, Any]:
    """What paying late costs; nothing where all is in time. `amount_cents` is null where the rules do not tell."""
    if interest is None or not interest.is_to_tell:
        return {}
    told = {
        "amount_cents": interest.cents,
        "principal_cents": interest.principal_cents,
        "due_date": _text(interest.due_date),
        "days_late": interest.days,
        "rate_percent_hundredths": interest.rate_percent_hundredths,
        "year_days": interest.year_days,
        "why": interest.why,
        "citations": list(interest.cites),
    }
    return {"interest": told}


def interest_text(interest: Interest | None) -> Iterator[str]:
    """What paying late costs; nothing where all is in time."""
    if interest is None or not interest.is_to_tell:
        return
    if interest.cents is None or interest.rate_percent_hundredths is None:
        late = f", {counted(interest.days, 'day')} after {interest.due_date}" if interest.days else ""
        yield f"  interest on {dollars(interest.principal_cents)}{late}: not known, {interest.why}"
    else:
        yield (
            f"  interest {dollars(interest.cents)}: {dollars(interest.principal_cents)} is paid "
            f"{counted(interest.days, 'day')} after {interest.due_date}, at "
            f"{percent_text(interest.rate_percent_hundredths, HUNDREDTHS_OF_PERCENT)} a year of "
            f"{interest.year_days} days"
        )
    for cite in interest.cites:
        yield f"    by {cite}"


def _review_json(decision: ClaimDecisionMade) -> dict[str, Any]:
    """The person's part; nothing where the rules alone decided."""
    review = decision.review
    if review is None:
        return {}
    told = {
        "reviewer": review.reviewer,
        "decided_date": str(review.day),
        "action": review.action,
        "reason": review.reason,
        "note": review.note,
        "facts": dict(review.facts),
    }
    return {"settles": decision.settles or None, "review": told}


def _review_text(review: Review) -> Iterator[str]:
    reason = f", {review.reason}" if review.reason else ""
    yield f"  {review.action} by {review.reviewer} on {review.day}{reason}"
    if review.note:
        yield f"    note: {review.note}"
    for name, value in review.facts.items():
        yield f"    {name}: {_fact_text(value)}"


def _fact_text(value: object) -> str:
    """A fact in words; what is not known of it is left out."""
    if isinstance(value, Mapping):
        return ", ".join([f"{name} {_fact_text(one)}" for name, one in value.items() if one is not None])
    if isinstance(value, list | tuple):
        return ", ".join([str(one) for one in value])
    return str(value)


def line_head_text(decision: LineDecision) -> str:
    """What was decided of a line, with its money."""
    line = decision.line
    money = ""
    if decision.answer is Answer.PAID:
        money = (
            f": charge {dollars(line.charge_amount_cents)}, allowed {dollars(decision.allowed_amount_cents)}, "
            f"member {dollars(decision.share.total_cents)}{_share_text(decision.share)}, "
            f"paid {dollars(decision.paid_amount_cents)}"
        )
    if decision.answer is Answer.PAID and decision.adjustments:
        money += f" [{', '.join(map(_adjustment_text, decision.adjustments))}]"
    units = line.service_unit_quantity.normalize()
    return f"  Line {line.claim_line_number}, {line.hcpcs_code} x {units:f}: {decision.answer}{money}"


def _share_text(share: MemberShare) -> str:
    """What a share is made of; nothing where nothing is owed."""
    parts = (
        ("deductible", share.deductible_cents),
        ("copayment", share.copayment_cents),
        ("coinsurance", share.coinsurance_cents),
    )
    told = ", ".join([f"{name} {dollars(cents)}" for name, cents in parts if cents])
    return f" ({told})" if told else ""


def _adjustment_text(one: Adjustment) -> str:
    return f"{one.group_code}-{one.reason_code} {dollars(one.amount_cents)}"


def comparisons_text(decision: LineDecision) -> Iterator[str]:
    """What stands beside a line, and why they exclude each other or do not."""
    for one in decision.comparisons:
        yield (
            f"    beside {one.other_hcpcs_code} of {one.other_service_date} (claim {one.other_claim_number}, line "
            f"{one.other_line_number}, biller {one.other_billing_npi}): {one.combination}, {one.why}"
        )


def reason_text(reason: DecisionReason) -> Iterator[str]:
    """One reason for a line, with its codes and its sources."""
    codes = "" if reason.codes is None else f" [{reason.codes.text}]"
    yield f"    {reason.step}: {reason.text}{codes}"
    for cite in reason.cites:
        yield f"      by {cite}"


def line_json(decision: LineDecision) -> dict[str, Any]:
    """A line as plain values."""
    line, route = decision.line, decision.route
    return {
        "claim_line_number": line.claim_line_number,
        "hcpcs_code": line.hcpcs_code,
        "service_unit_quantity": str(line.service_unit_quantity),
        "service_date": str(line.service_to_date),
        "answer": decision.answer.value,
        "charge_amount_cents": line.charge_amount_cents,
        "allowed_amount_cents": decision.allowed_amount_cents,
        "deductible_cents": decision.share.deductible_cents,
        "copayment_cents": decision.share.copayment_cents,
        "coinsurance_cents": decision.share.coinsurance_cents,
        "paid_amount_cents": decision.paid_amount_cents,
        "adjustments": [
            {"group_code": one.group_code, "reason_code": one.reason_code, "amount_cents": one.amount_cents}
            for one in decision.adjustments
        ],
        "remark_codes": list(decision.remark_codes),
        "route": None if route is None else _route_json(route),
        "reasons": [_reason_json(reason) for reason in decision.reasons],
        "beside": [_comparison_json(one) for one in decision.comparisons],
    }


def _route_json(route: LineRoute) -> dict[str, Any]:
    return {
        "entity_id": None if route.entity is None else route.entity.entity_id,
        "service": route.service.value,
        "side": None if route.side is None else route.side.value,
        "biller": None if route.biller is None else route.biller.value,
        "reason": route.reason,
        "citations": list(route.cites),
    }


def _reason_json(reason: DecisionReason) -> dict[str, Any]:
    return {
        "step": reason.step,
        "text": reason.text,
        "citations": list(reason.cites),
        "facts": dict(reason.facts),
        "codes": None if reason.codes is None else reason.codes.text,
    }


def _comparison_json(one: Comparison) -> dict[str, Any]:
    return {
        "combination": one.combination.value,
        "claim_number": one.other_claim_number,
        "claim_id": one.other_claim_id,
        "claim_line_number": one.other_line_number,
        "hcpcs_code": one.other_hcpcs_code,
        "service_date": one.other_service_date,
        "billing_npi": one.other_billing_npi,
        "rendering_npi": one.other_rendering_npi,
        "rule": None if one.rule is None else one.rule.cite,
        "why": one.why,
    }


def _text(day: object) -> str | None:
    return None if day is None else str(day)
