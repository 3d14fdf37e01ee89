"""The decision trace: what a reviewer and a provider can both read, as plain values and as text. Ids only, no names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cocm.basics.money import dollars
from cocm.plan.decision import Answer, ClaimDecisionMade, DecisionReason, LineDecision, Review
from cocm.plan.duplicates import Comparison
from cocm.rules.plan_decisions import RemitCodes


def trace_json(decision: ClaimDecisionMade) -> dict[str, Any]:
    """A decision as plain values."""
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
        "citations": list(decision.cites),
        "edits_without_data": list(decision.unknown_edits),
        "lines": [_line_json(line) for line in decision.lines],
        **_review_json(decision),
    }


def trace_text(decision: ClaimDecisionMade) -> Iterator[str]:
    """A decision in lines for people."""
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
    for line in decision.lines:
        yield from _line_text(line)
    if decision.unknown_edits:
        yield f"  not known, and held against nobody: {', '.join(decision.unknown_edits)}"
    for cite in decision.cites:
        yield f"  by {cite}"


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
        yield f"    {name}: {value}"


def _line_text(decision: LineDecision) -> Iterator[str]:
    line = decision.line
    money = ""
    if decision.answer is Answer.PAID:
        money = (
            f": charge {dollars(line.charge_amount_cents)}, allowed {dollars(decision.allowed_amount_cents)}, "
            f"member {dollars(decision.share.total_cents)}, paid {dollars(decision.paid_amount_cents)}"
        )
    units = line.service_unit_quantity.normalize()
    yield f"  Line {line.claim_line_number}, {line.hcpcs_code} x {units:f}: {decision.answer}{money}"
    for reason in decision.reasons:
        codes = "" if reason.codes is None else f" [{_codes_text(reason.codes)}]"
        yield f"    {reason.step}: {reason.text}{codes}"
        for cite in reason.cites:
            yield f"      by {cite}"
    for one in decision.comparisons:
        yield (
            f"    beside {one.other_hcpcs_code} of {one.other_service_date} (claim {one.other_claim_number}, line "
            f"{one.other_line_number}, biller {one.other_billing_npi}): {one.combination}, {one.why}"
        )


def _line_json(decision: LineDecision) -> dict[str, Any]:
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
        "route": None
        if route is None
        else {
            "entity_id": None if route.entity is None else route.entity.entity_id,
            "service": route.service.value,
            "side": None if route.side is None else route.side.value,
            "biller": None if route.biller is None else route.biller.value,
            "reason": route.reason,
            "citations": list(route.cites),
        },
        "reasons": [_reason_json(reason) for reason in decision.reasons],
        "beside": [_comparison_json(one) for one in decision.comparisons],
    }


def _reason_json(reason: DecisionReason) -> dict[str, Any]:
    return {
        "step": reason.step,
        "text": reason.text,
        "citations": list(reason.cites),
        "facts": dict(reason.facts),
        "codes": None if reason.codes is None else _codes_text(reason.codes),
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


def _codes_text(codes: RemitCodes) -> str:
    return " ".join([f"{codes.group_code}-{codes.reason_code}", *codes.remark_codes])


def _text(day: object) -> str | None:
    return None if day is None else str(day)
