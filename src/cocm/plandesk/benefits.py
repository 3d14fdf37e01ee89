"""Where the plan's two systems charge a member differently for the model: who is covered, who paid, how much."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cocm.basics.months import Period
from cocm.care.records import ClaimStatus
from cocm.edits.codes import ADDON, CLINIC_MONTH, FIRST_MONTH, LATER_MONTH, SHORT_MONTH, cocm_codes
from cocm.plan.benefit_check import BenefitDifference, benefit_differences
from cocm.plan.cost_share import MemberShare, member_share
from cocm.plan.history import DecidedLine
from cocm.plan.records import Accumulator, Benefit, MemberKey, PlanBook
from cocm.plandesk.desk_tables import claims_of_member, members_decided
from cocm.plandesk.restate import in_order
from cocm.plandesk.state import PlanState
from cocm.rules import Rulebook
from cocm.rules.rulebook import Pack

_CODE_RULES = (FIRST_MONTH, LATER_MONTH, ADDON, SHORT_MONTH, CLINIC_MONTH)


@dataclass(slots=True)
class _Counted:
    """What is gathered for a difference while claims are gone through."""

    members: set[MemberKey] = field(default_factory=set)
    claims: set[str] = field(default_factory=set)
    charged: int = 0
    medical: int = 0
    behavioral: int = 0


@dataclass(frozen=True, slots=True)
class _Worlds:
    """What a member has met of a year if either side's terms had held."""

    medical: Accumulator
    behavioral: Accumulator

    def plus(self, medical: MemberShare, behavioral: MemberShare) -> _Worlds:
        return _Worlds(
            self.medical.plus(medical.deductible_cents, medical.total_cents),
            self.behavioral.plus(behavioral.deductible_cents, behavioral.total_cents),
        )


@dataclass(frozen=True, slots=True)
class AffectedDifference:
    """A difference with whom it touches. Amounts are the members' shares of the claims paid in its days, in cents:
    as charged, and as either side's terms would have it, the member's year gone through under those terms.
    """

    difference: BenefitDifference
    hcpcs_codes: tuple[str, ...]
    members_covered: int
    members_with_claims: int
    claim_numbers: tuple[str, ...]
    charged_cents: int
    medical_cents: int
    behavioral_cents: int

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            **self.difference.as_json(),
            "hcpcs_codes": list(self.hcpcs_codes),
            "members_covered": self.members_covered,
            "members_with_claims": self.members_with_claims,
            "claims": list(self.claim_numbers),
            "member_share_charged_cents": self.charged_cents,
            "member_share_medical_cents": self.medical_cents,
            "member_share_behavioral_cents": self.behavioral_cents,
            "charged_above_medical_cents": self.charged_cents - self.medical_cents,
        }


def check_benefits(
    book: PlanBook, rulebook: Rulebook, state: PlanState | None
) -> tuple[AffectedDifference, ...]:
    """Every difference between the two sides of the benefits' table, with the members and paid claims it touches.

    `state` None: nothing was decided yet.
    """
    products = {span.product for member in book.members.values() for span in member.spans}
    differences = benefit_differences(book.benefits, products)
    counted: dict[int, _Counted] = defaultdict(_Counted)
    if state is not None and differences:
        for member in members_decided(state):
            _count(book, rulebook, state, member, differences, counted)
    return tuple(
        _affected(book, rulebook, difference, counted[place]) for place, difference in enumerate(differences)
    )


def _affected(
    book: PlanBook, rulebook: Rulebook, difference: BenefitDifference, counted: _Counted
) -> AffectedDifference:
    codes = _codes_within(rulebook.pack(book.profile.pack_id), difference.period)
    covered = sum(
        any(
            span.product == difference.product and span.period.overlaps(difference.period)
            for span in member.spans
        )
        for member in book.members.values()
    )
    return AffectedDifference(
        difference,
        tuple(sorted(codes)),
        covered,
        len(counted.members),
        tuple(sorted(counted.claims)),
        counted.charged,
        counted.medical,
        counted.behavioral,
    )


def _codes_within(pack: Pack, period: Period) -> set[str]:
    """The model's codes on any day of a period, which may begin before there were any."""
    days = {period.effective_from}
    for rule_id in _CODE_RULES:
        holders = [pack.rulebook.rule(rule_id), *(pack.rulebook.override(one, rule_id) for one in pack.chain)]
        days.update(
            value.effective_from
            for holder in holders
            if holder is not None
            for value in holder.values
            if value.effective_from in period
        )
    return {code for day in days for rule_id in _CODE_RULES if (code := pack.on(day).text(rule_id))}


def _count(
    book: PlanBook,
    rulebook: Rulebook,
    state: PlanState,
    member: MemberKey,
    differences: tuple[BenefitDifference, ...],
    counted: dict[int, _Counted],
) -> None:
    """Go through a member's paid claims in order: as charged, and as if either side's terms had held."""
    codes, holder = cocm_codes(rulebook), book.members.get(member)
    years: dict[int, _Worlds] = {}
    for claim_number, lines in _paid_claims(state, member):
        year = min(line.service_to_date for line in lines).year
        opening = book.accumulators.get((member, year), Accumulator())
        met = years.setdefault(year, _Worlds(opening, opening))
        for line in lines:
            charged = MemberShare(line.deductible_cents, 0, line.member_share_cents - line.deductible_cents)
            span = None if holder is None else holder.span_on(line.service_to_date)
            place = None
            if span is not None and line.hcpcs_code in codes:
                place = _place_of(differences, span.product, line.service_to_date)
            if place is None:
                met = met.plus(charged, charged)
                continue
            one, into, is_first = differences[place], counted[place], line is lines[0]
            medical = _share(one.medical, line, met.medical, is_first)
            behavioral = _share(one.behavioral, line, met.behavioral, is_first)
            into.members.add(member)
            into.claims.add(claim_number)
            into.charged += line.member_share_cents
            into.medical += medical.total_cents
            into.behavioral += behavioral.total_cents
            met = met.plus(medical, behavioral)
        years[year] = met


def _place_of(differences: tuple[BenefitDifference, ...], product: str, day: date) -> int | None:
    """The difference that a product has on a day: one at most, as its stretches of days do not overlap."""
    for place, one in enumerate(differences):
        if one.product == product and day in one.period:
            return place
    return None


def _paid_claims(state: PlanState, member: MemberKey) -> Iterator[tuple[str, list[DecidedLine]]]:
    """A member's paid claims that stand, in the order in which they were first decided."""
    lines: dict[str, list[DecidedLine]] = {}
    for line in state.history(member):
        if line.status is ClaimStatus.PAID:
            lines.setdefault(line.claim_number, []).append(line)
    for claim in in_order(claims_of_member(state, member)).values():
        if claim.claim_number in lines:
            yield claim.claim_number, lines[claim.claim_number]


def _share(benefit: Benefit | None, line: DecidedLine, met: Accumulator, is_first: bool) -> MemberShare:
    """A side's share of a line; a side without a benefit, or that does not cover it, leaves nothing to share."""
    if benefit is None or not benefit.is_covered:
        return MemberShare()
    return member_share(benefit, line.allowed_amount_cents, met, owes_copayment=is_first)
