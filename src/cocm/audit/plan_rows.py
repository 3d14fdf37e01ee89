"""What a plan knows, as the rows of the small tables of an audit."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from cocm.audit.tables import AUDIT_ADMINISTRATOR, AUDIT_BENEFIT, AUDIT_FEE, AUDIT_PLAN
from cocm.basics.months import Period, day_number
from cocm.edits.codes import cocm_codes
from cocm.plan.cost_share import find_benefit
from cocm.plan.records import EntityKind, Fee, FeeBasis, Member, PlanBook, ServiceClass, Side
from cocm.rules import Rulebook
from cocm.warehouse.values import Row, Rows

_FOREVER: Final = 1_000_000
"""A day number after every date of service."""


@dataclass(frozen=True, slots=True)
class AuditPlan:
    """Whose history it is: the plan's rules in the rulebook, and where they are at hand its own tables."""

    pack_id: str
    book: PlanBook | None = None

    @property
    def organization_id(self) -> str:
        """Whose results these are: the plan's own id, or that of the rules."""
        return self.pack_id if self.book is None else self.book.profile.plan_id

    @property
    def members(self) -> Collection[Member]:
        """The plan's members, where its own tables are at hand."""
        return () if self.book is None else self.book.members.values()


def plan_rows(plan: AuditPlan, rulebook: Rulebook) -> Rows:
    """The rows of the plan's tables. Without the plan's own tables there are none of benefits, fees and entities."""
    book = plan.book
    if book is None:
        return {
            AUDIT_PLAN.name: [(plan.pack_id, "", False)],
            AUDIT_ADMINISTRATOR.name: [],
            AUDIT_BENEFIT.name: [],
            AUDIT_FEE.name: [],
        }
    products = sorted({benefit.product for benefit in book.benefits})
    pays_medicare = book.profile.fee_basis is FeeBasis.MEDICARE_NATIONAL
    administrators = {
        identifier
        for entity in book.entities.values()
        if entity.kind is EntityKind.BEHAVIORAL_ADMINISTRATOR
        for identifier in (entity.payer_identifier, entity.entity_id)
        if identifier
    }
    return {
        AUDIT_PLAN.name: [(plan.pack_id, products[0] if len(products) == 1 else "", pays_medicare)],
        AUDIT_ADMINISTRATOR.name: [(identifier,) for identifier in sorted(administrators)],
        AUDIT_BENEFIT.name: list(_benefit_rows(book, products)),
        AUDIT_FEE.name: list(_fee_rows(book, rulebook)),
    }


def _benefit_rows(book: PlanBook, products: Iterable[str]) -> Iterator[Row]:
    for product in products:
        for side in Side:
            held = [one.period for one in book.benefits if one.product == product and one.side is side]
            for first, last in _spans(held):
                benefit = find_benefit(book.benefits, product, side, ServiceClass.COCM, first)
                if benefit is not None and benefit.is_covered:
                    yield (
                        product,
                        side.value,
                        day_number(first),
                        last,
                        benefit.is_waived,
                        benefit.deductible_cents,
                        benefit.copayment_cents,
                        benefit.coinsurance_percent,
                    )


def _fee_rows(book: PlanBook, rulebook: Rulebook) -> Iterator[Row]:
    for code in cocm_codes(rulebook):
        fees = book.fees.get(code, ())
        for is_facility in (False, True):
            for first, last in _spans([fee.period for fee in fees]):
                fee = _fee_on(fees, first, is_facility=is_facility)
                if fee is not None:
                    yield code, is_facility, day_number(first), last, fee.amount_cents


def _fee_on(fees: Iterable[Fee], day: date, *, is_facility: bool) -> Fee | None:
    """The place's own fee, else the one for all places."""
    held = [fee for fee in fees if day in fee.period]
    own = [fee for fee in held if fee.is_facility is is_facility]
    return next(iter(own or [fee for fee in held if fee.is_facility is None]), None)


def _spans(periods: Iterable[Period]) -> Iterator[tuple[date, int]]:
    """The spans between the days on which any of the periods begins or ends: first day, and first day after."""
    days = sorted(
        {day for one in periods for day in (one.effective_from, one.effective_to) if day is not None}
    )
    for place, first in enumerate(days):
        last = days[place + 1] if place + 1 < len(days) else None
        yield first, _FOREVER if last is None else day_number(last)
