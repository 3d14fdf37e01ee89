"""The wrong answers of a plan that errs on purpose, for rehearsals (`mistakes` tells which and how often)."""

from __future__ import annotations

from collections.abc import Mapping

from cocm.plan.claim_case import ClaimCase, CoveredLine
from cocm.plan.decision import Answer, Answered, DecisionReason
from cocm.plan.duplicates import Combination, Comparison
from cocm.plan.line_decision import points_to_behavioral
from cocm.plan.mistakes import Mistake
from cocm.rules import Rulebook
from cocm.rules.plan_decisions import PlanDecision


def mistaken_answer(
    case: ClaimCase,
    covered: CoveredLine,
    comparisons: tuple[Comparison, ...],
    named: Mapping[str, PlanDecision],
    rulebook: Rulebook,
) -> Answered | None:
    """The wrong answer that an erring plan gives a CoCM line; None where it makes none here."""
    if not case.mistakes:
        return None
    chosen = _chosen(case, covered, comparisons)
    if not chosen:
        return None
    decision = named[chosen]
    source = rulebook.sources[decision.codes.source].title
    if not decision.codes.reason_code:
        return Answer.PENDED, (DecisionReason(f"wait: {chosen}", decision.note, (source,), {}, None),)
    return Answer.DENIED, (DecisionReason(chosen, decision.note, (source,), {}, decision.codes),)


def _chosen(case: ClaimCase, covered: CoveredLine, comparisons: tuple[Comparison, ...]) -> str:
    """The name of the wrong decision; empty: none."""
    mistakes = case.mistakes
    if Mistake.ROUTE_BY_DIAGNOSIS in mistakes and points_to_behavioral(
        case.record, covered.line, covered.policy
    ):
        return "mistake_route_by_diagnosis"
    if Mistake.DUPLICATE_OF_PSYCHOTHERAPY in mistakes and any(
        one.combination is Combination.ALLOWED for one in comparisons
    ):
        return "mistake_duplicate"
    if Mistake.DENY_FOR_RECORDS in mistakes:
        return "mistake_records"
    if Mistake.ASK_FOR_RECORDS in mistakes:
        return "mistake_records_request"
    return ""
