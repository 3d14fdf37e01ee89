"""Refusals of a line that no edit makes: no coverage, a repeated service, an add-on whose base is denied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cocm.edits.codes import cocm_codes
from cocm.plan.decision import Answer, Answered, DecisionReason, LineDecision
from cocm.plan.duplicates import Combination, Comparison
from cocm.plan.history import DecidedLine
from cocm.plan.line_decision import line_with, refused_line
from cocm.plan.records import Member
from cocm.plan.remembered import Remembered
from cocm.rules import Rulebook
from cocm.rules.plan_decisions import PlanDecision
from cocm.x12.claim_record import LineRecord


class LineDenials:
    """The plan's denials by name, with the codes that the rulebook gives them."""

    def __init__(self, rulebook: Rulebook, named: Mapping[str, PlanDecision]) -> None:
        self._named = named
        self._cocm = cocm_codes(rulebook)
        self._sources = rulebook.sources
        self._reasons = Remembered[tuple[str, str], DecisionReason]()

    def denied(self, line: LineRecord, name: str, step: str) -> LineDecision:
        """A line that is denied for a reason by name."""
        decision = self._named[name]
        reason = self._reasons.get((name, step))
        if reason is None:
            source = self._sources[decision.codes.source].title
            made = DecisionReason(step, decision.note, (source,), {}, decision.codes)
            reason = self._reasons.keep((name, step), made)
        return refused_line(line, Answer.DENIED, (reason,), decision.codes, None)

    def refused(self, line: LineRecord, reason: DecisionReason) -> LineDecision:
        """A line that a person refused, before it could be routed."""
        assert reason.codes is not None  # a refusal has codes
        return refused_line(line, Answer.DENIED, (reason,), reason.codes, None)

    def not_in_force(self, member: Member, line: LineRecord) -> LineDecision:
        """A line of a day on which the member had no coverage."""
        starts = [span.period.effective_from for span in member.spans]
        is_before = not any(start <= line.service_to_date for start in starts)
        return self.denied(line, "before_coverage" if is_before else "after_coverage", "eligibility")

    def repeated(self, comparisons: tuple[Comparison, ...]) -> Answered | None:
        """The denial of another service's line that stands already; None where none does."""
        same = [
            one for one in comparisons if one.combination is Combination.DUPLICATE and not one.is_undecided
        ]
        if not same:
            return None
        text = f"{same[0].why}: claim {same[0].other_claim_number}, line {same[0].other_line_number}"
        codes = self._named["duplicate"].codes
        return Answer.DENIED, (DecisionReason("duplicate", text, (codes.source,), {}, codes),)

    def addons_with_base(
        self, decisions: tuple[LineDecision, ...], history: Sequence[DecidedLine]
    ) -> tuple[LineDecision, ...]:
        """Add-ons go with their base: where every base code of the claim is denied and none stands, they are too."""
        if all(one.answer is not Answer.DENIED for one in decisions):
            return decisions
        bases = [one for one in decisions if self._is_base(one.line.hcpcs_code)]
        months = {(one.line.service_to_date.year, one.line.service_to_date.month) for one in bases}
        stands = any(
            self._is_base(one.hcpcs_code)
            and one.stands
            and (one.service_to_date.year, one.service_to_date.month) in months
            for one in history
        )
        if not bases or stands or any(one.answer is not Answer.DENIED for one in bases):
            return decisions
        return tuple(
            line_with(self.denied(one.line, "base_denied", "add-on"), route=one.route)
            if one.answer is Answer.PAID and self._is_addon(one.line.hcpcs_code)
            else one
            for one in decisions
        )

    def _is_base(self, hcpcs_code: str) -> bool:
        role = self._cocm.get(hcpcs_code)
        return role is not None and role.is_base

    def _is_addon(self, hcpcs_code: str) -> bool:
        role = self._cocm.get(hcpcs_code)
        return role is not None and role.is_addon
