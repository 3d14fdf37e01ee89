"""What a plan's own tables add to its policy pages: who answers for a claim, and what the member pays, by product."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cocm.basics.money import dollars
from cocm.basics.months import Period
from cocm.plan.allowed import line_allowed
from cocm.plan.cost_share import find_benefit, member_share
from cocm.plan.records import Accumulator, Benefit, BillerType, CoverageSpan, PlanBook, ServiceClass, Side
from cocm.plan.route import BENEFIT_SIDE, PSYCHOTHERAPY_CODES, route_line
from cocm.publish.page import Cell, Heading, Paragraph, Section, Table
from cocm.rules import PackOn

_BASE_CODES: Final = ("codes.first_month", "codes.later_month")


def plan_sections(book: PlanBook, policy: PackOn) -> tuple[Section, ...]:
    """The plan's own routes and cost shares on the policy's date, by the functions that decide its claims."""
    return (
        Section(
            "own-routes",
            f"Who answers for a claim of {book.profile.name}",
            (
                Paragraph(
                    "By product, group and biller, from the plan's delegations. The diagnosis is not asked."
                ),
                _routes(book, policy),
            ),
        ),
        Section(
            "own-cost-share",
            f"What a member of {book.profile.name} pays",
            (
                Paragraph(
                    "The benefit that holds for Collaborative Care, and what a member owes of one claim who has met "
                    "nothing of the year's deductible."
                ),
                _shares(book, policy),
            ),
        ),
    )


def _routes(book: PlanBook, policy: PackOn) -> Table:
    rows: dict[tuple[str, str, str, str, str], tuple[Cell, ...]] = {}
    for product, group in _memberships(book, policy):
        span = CoverageSpan(product, Period(policy.day, None), group)
        for service, code in _services(policy):
            for biller in BillerType:
                route = route_line(book, span, code, policy.day, biller, policy)
                answer = "not established" if route.entity is None else route.entity.name
                key = (product, group, service, biller.value, answer)
                rows[key] = (
                    Cell(product, f"group {group}" if group else ""),
                    Cell(service, code),
                    Cell(biller.value),
                    Cell(answer, "" if route.entity is None else route.entity.payer_identifier),
                    Cell(route.reason, "; ".join(route.cites)),
                )
    headings = ("Product", "Service", "Biller", "Who answers", "Why")
    return Table("Routes", tuple(Heading(text) for text in headings), tuple(rows.values()))


def _services(policy: PackOn) -> Iterator[tuple[str, str]]:
    for rule_id in _BASE_CODES[:1]:
        code = policy.text(rule_id)
        if code is not None:
            yield "Collaborative Care", code
    for code in sorted(policy.members(PSYCHOTHERAPY_CODES))[:1]:
        yield "psychotherapy", code


def _memberships(book: PlanBook, policy: PackOn) -> list[tuple[str, str]]:
    """Every product with every group that its members or a delegation of the day name."""
    found = {
        (span.product, span.delegated_group_id)
        for member in book.members.values()
        for span in member.spans
        if policy.day in span.period
    }
    return sorted(found | {(product, "") for product, _ in found})


def own_benefits(book: PlanBook, policy: PackOn) -> Iterator[tuple[str, Side, Benefit | None]]:
    """What holds for the model on the policy's date, by product: the side that decides it and its benefit."""
    side = Side(policy.text(BENEFIT_SIDE) or Side.MEDICAL.value)
    for product in sorted({benefit.product for benefit in book.benefits if policy.day in benefit.period}):
        yield product, side, find_benefit(book.benefits, product, side, ServiceClass.COCM, policy.day)


def _shares(book: PlanBook, policy: PackOn) -> Table:
    rows = []
    for product, side, benefit in own_benefits(book, policy):
        if benefit is None:
            rows.append((Cell(product), Cell(f"no {side} benefit"), Cell("the claim waits"), Cell("")))
            continue
        source = f"{benefit.side} benefit from {benefit.period.effective_from}"
        for code, owed in _examples(book, benefit, policy):
            rows.append((Cell(product, source), Cell(benefit_in_words(benefit)), Cell(code), Cell(owed)))
    headings = ("Product", "Benefit", "Code", "Owed of one claim")
    return Table("Cost share", tuple(Heading(text) for text in headings), tuple(rows))


def _examples(book: PlanBook, benefit: Benefit, policy: PackOn) -> Iterator[tuple[str, str]]:
    for rule_id in _BASE_CODES:
        code = policy.text(rule_id)
        if code is None:
            continue
        allowed = line_allowed(
            book,
            policy.pack.rulebook,
            hcpcs_code=code,
            units=1,
            charge_cents=10**9,
            place_of_service_code="",
            day=policy.day,
        )
        if not benefit.is_covered:
            yield code, "not covered"
        elif allowed.amount_cents is None:
            yield code, allowed.basis
        else:
            share = member_share(benefit, allowed.amount_cents, Accumulator(), owes_copayment=True)
            yield (
                code,
                f"{dollars(share.total_cents)} of {dollars(allowed.amount_cents)} allowed ({allowed.basis})",
            )


def benefit_in_words(benefit: Benefit) -> str:
    """What a member pays under a benefit: `deductible $100.00 a year, coinsurance 20 percent`."""
    if not benefit.is_covered:
        return "not covered"
    if benefit.is_waived:
        return "waived: the member pays nothing"
    parts = []
    if benefit.deductible_cents:
        parts.append(f"deductible {dollars(benefit.deductible_cents)} a year")
    if benefit.copayment_cents:
        parts.append(f"copayment {dollars(benefit.copayment_cents)} a claim")
    if benefit.coinsurance_percent:
        parts.append(f"coinsurance {benefit.coinsurance_percent} percent")
    if benefit.out_of_pocket_max_cents is not None:
        parts.append(f"at most {dollars(benefit.out_of_pocket_max_cents)} a year out of pocket")
    return ", ".join(parts) or "the member pays nothing"
