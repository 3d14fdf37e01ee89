"""The routes of claim lines, and what is said of them: told once for lines alike."""

from __future__ import annotations

from collections.abc import Mapping

from cocm.plan.decision import Answer, DecisionReason, LineDecision
from cocm.plan.line_decision import open_line, refused_line
from cocm.plan.records import BillerType, CoverageSpan, PlanBook
from cocm.plan.remembered import OfIdentity, Remembered
from cocm.plan.route import LineRoute, biller_type, route_line
from cocm.rules import PackOn
from cocm.rules.plan_decisions import PlanDecision
from cocm.x12.claim_record import ClaimRecord, LineRecord


class LineRoutes:
    """Routes by a plan's book (see `route.route_line`)."""

    def __init__(self, book: PlanBook, named: Mapping[str, PlanDecision]) -> None:
        """`named` are the plan's answers by name, as the rulebook has them."""
        self._book = book
        self._forwarded = named["forwarded"].codes
        self._own_entity_id = book.own_entity.entity_id
        self._billers = Remembered[tuple[str, str], BillerType | None]()
        self._routes = Remembered[tuple[object, ...], LineRoute]()
        self._reasons = OfIdentity[LineRoute, DecisionReason]()
        self._forward_reasons = OfIdentity[LineRoute, DecisionReason]()

    def route(self, record: ClaimRecord, line: LineRecord, span: CoverageSpan, policy: PackOn) -> LineRoute:
        """The route of a line of a member in force."""
        billing, day = record.billing, line.service_to_date
        who = (billing.identifier, billing.taxonomy_code)
        if who in self._billers:
            biller = self._billers[who]
        else:
            biller = self._billers.keep(who, biller_type(self._book, *who, policy))
        key = (span.product, span.delegated_group_id, line.hcpcs_code, day, biller)
        route = self._routes.get(key)
        if route is None:
            route = route_line(self._book, span, line.hcpcs_code, day, biller, policy)
            self._routes.keep(key, route)
        return route

    def reason(self, route: LineRoute) -> DecisionReason:
        """Why a line that is decided here is decided here."""
        known = self._reasons.get(route)
        if known is None:
            reason = DecisionReason("route", route.reason, route.cites, {}, None)
            known = self._reasons.keep(route, reason)
        return known

    def elsewhere(self, line: LineRecord, route: LineRoute) -> LineDecision | None:
        """The decision of a line that goes on to another entity, or of which nobody can tell; None: it is ours."""
        if route.entity is None:
            why = DecisionReason("wait: route", route.reason, route.cites, {}, None)
            return open_line(line, Answer.PENDED, (why,), route)
        if route.entity.entity_id == self._own_entity_id:
            return None
        reason = self._forward_reasons.get(route)
        if reason is None:
            made = DecisionReason("route", route.reason, route.cites, {}, self._forwarded)
            reason = self._forward_reasons.keep(route, made)
        return refused_line(line, Answer.FORWARDED, (reason,), self._forwarded, route)
