"""What a line that is not refused comes to: the amount allowed, the member's share, what is paid.

Where the plan's tables do not tell it (no fee, no benefit), the line waits; a service that the benefit does not cover
is denied.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from cocm.plan.allowed import Allowed, line_allowed
from cocm.plan.claim_case import ClaimCase, CoveredLine
from cocm.plan.cost_share import MemberShare, find_benefit, member_share
from cocm.plan.decision import Answer, DecisionReason, LineDecision
from cocm.plan.line_decision import adjustment_of, line_with, open_line, share_facts
from cocm.plan.line_denials import LineDenials
from cocm.plan.line_routes import LineRoutes
from cocm.plan.mistakes import Mistake
from cocm.plan.records import Accumulator, Benefit, PlanBook, ServiceClass, Side
from cocm.plan.remembered import KEPT_MAX, OfIdentity, Remembered
from cocm.rules import Rulebook
from cocm.rules.plan_decisions import PlanDecision
from cocm.x12.claim_record import LineRecord


class LinePrices:
    """Prices by a plan's fees and benefits; what is the same for lines alike is worked out once."""

    def __init__(
        self,
        book: PlanBook,
        rulebook: Rulebook,
        named: Mapping[str, PlanDecision],
        routes: LineRoutes,
        denials: LineDenials,
    ) -> None:
        self._book = book
        self._rulebook = rulebook
        self._named = named
        self._routes = routes
        self._denials = denials
        self._allowed = Remembered[tuple[object, ...], tuple[Allowed, DecisionReason]]()
        self._benefits = Remembered[tuple[object, ...], Benefit | None]()
        self._share_reasons = OfIdentity[Benefit, dict[MemberShare, DecisionReason]]()

    def decided(
        self, case: ClaimCase, covered: CoveredLine, met: Accumulator, *, owes_copayment: bool
    ) -> LineDecision:
        """The line's decision. `met` is what the member had met before it."""
        line, route = covered.line, covered.route
        if not line.has_whole_units:
            return _waiting(covered, "units", "its units are no whole number from 1")
        place = line.place_of_service_code or case.record.place_of_service_code
        allowed, allowed_reason = self._allowed_for(line, place)
        side = route.side or Side.MEDICAL
        is_mistaken = route.service is ServiceClass.COCM and Mistake.WRONG_COST_SHARE in case.mistakes
        product, day = covered.span.product, line.service_to_date
        benefit = self._benefit(product, Side.BEHAVIORAL if is_mistaken else side, route.service, day)
        if benefit is None:
            return _waiting(covered, "benefit", f"product {product} has no {side} benefit on {day}")
        if not benefit.is_covered:
            return line_with(self._denials.denied(line, "not_covered", "benefit"), route=route)
        if allowed.amount_cents is None:
            return _waiting(covered, "fee", allowed.basis)
        share = member_share(benefit, allowed.amount_cents, met, owes_copayment=owes_copayment)
        reasons = (self._routes.reason(route), allowed_reason, self._share_reason(benefit, share))
        return self._paid(covered, allowed.amount_cents, share, reasons)

    def _allowed_for(self, line: LineRecord, place_of_service_code: str) -> tuple[Allowed, DecisionReason]:
        """The amount allowed for a line, and the reason that tells it."""
        units, charge, day = line.service_unit_quantity, line.charge_amount_cents, line.service_to_date
        key = (line.hcpcs_code, units, charge, place_of_service_code, day)
        known = self._allowed.get(key)
        if known is None:
            allowed = line_allowed(
                self._book,
                self._rulebook,
                hcpcs_code=line.hcpcs_code,
                units=int(units),
                charge_cents=charge,
                place_of_service_code=place_of_service_code,
                day=day,
            )
            facts = {"allowed_cents": allowed.amount_cents}
            known = (allowed, DecisionReason("allowed", allowed.basis, (), facts, None))
            self._allowed.keep(key, known)
        return known

    def _benefit(self, product: str, side: Side, service: ServiceClass, day: date) -> Benefit | None:
        key = (product, side, service, day)
        if key in self._benefits:
            return self._benefits[key]
        return self._benefits.keep(key, find_benefit(self._book.benefits, product, side, service, day))

    def _share_reason(self, benefit: Benefit, share: MemberShare) -> DecisionReason:
        by_share = self._share_reasons.get(benefit)
        if by_share is None or len(by_share) >= KEPT_MAX:
            by_share = self._share_reasons.keep(benefit, {})
        known = by_share.get(share)
        if known is None:
            of = f"{benefit.side} benefit of {benefit.product}"
            waived = ", waived" if benefit.is_waived else ""
            known = DecisionReason("cost share", f"{of}{waived}", (), share_facts(share, benefit.side), None)
            by_share[share] = known
        return known

    def _paid(
        self,
        covered: CoveredLine,
        allowed_cents: int,
        share: MemberShare,
        reasons: tuple[DecisionReason, ...],
    ) -> LineDecision:
        line = covered.line
        parts = (
            ("allowed_amount", line.charge_amount_cents - allowed_cents),
            ("deductible", share.deductible_cents),
            ("copayment", share.copayment_cents),
            ("coinsurance", share.coinsurance_cents),
        )
        adjustments = tuple(adjustment_of(self._named[name].codes, cents) for name, cents in parts if cents)
        return LineDecision(
            line=line,
            answer=Answer.PAID,
            allowed_amount_cents=allowed_cents,
            share=share,
            paid_amount_cents=allowed_cents - share.total_cents,
            adjustments=adjustments,
            remark_codes=(),
            route=covered.route,
            reasons=reasons,
        )


def _waiting(covered: CoveredLine, step: str, why: str) -> LineDecision:
    reason = DecisionReason(f"wait: {step}", why, (), {}, None)
    return open_line(covered.line, Answer.PENDED, (reason,), covered.route)
