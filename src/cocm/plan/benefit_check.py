"""Whether the model costs a member the same whichever system takes the claim in: the plan's own or its administrator's.

The benefits' table has a medical and a behavioral side. For every product and every stretch of days the terms that each
side has for the model's codes are put beside each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from cocm.basics.money import dollars
from cocm.basics.months import Period
from cocm.plan.cost_share import find_benefit
from cocm.plan.records import Benefit, ServiceClass, Side
from cocm.rules import Pack, RuleValue

COST_SHARE: Final = "payment.cost_share"
WAIVED: Final = "waived"
_MODEL: Final = (None, ServiceClass.COCM)
TERMS: Final = (
    "is_covered",
    "is_waived",
    "deductible_cents",
    "copayment_cents",
    "coinsurance_percent",
    "out_of_pocket_max_cents",
)
_NAMES: Final = {
    "is_covered": "covered",
    "is_waived": "share waived",
    "deductible_cents": "deductible",
    "copayment_cents": "copayment",
    "coinsurance_percent": "coinsurance",
    "out_of_pocket_max_cents": "out-of-pocket limit",
}


@dataclass(frozen=True, slots=True)
class BenefitDifference:
    """A stretch of days in which a product's two sides do not say the same of the model. A side of None has no row.

    `terms` names what differs.
    """

    product: str
    period: Period
    medical: Benefit | None
    behavioral: Benefit | None
    terms: tuple[str, ...]

    @property
    def what(self) -> str:
        """The difference in words."""
        if self.medical is None and self.behavioral is None:
            return "neither side has a benefit"
        if self.medical is None:
            return "only the behavioral side has a benefit"
        if self.behavioral is None:
            return "only the medical side has a benefit"
        medical, behavioral = self.medical, self.behavioral
        return "; ".join(
            f"{_NAMES[term]} {_in_words(medical, term)} medical, {_in_words(behavioral, term)} behavioral"
            for term in self.terms
        )

    def as_json(self) -> dict[str, Any]:
        """Plain values; the last day is included."""
        return {
            "product": self.product,
            "period": str(self.period),
            "what": self.what,
            "terms": list(self.terms),
            "medical": _terms(self.medical),
            "behavioral": _terms(self.behavioral),
        }


def benefit_differences(
    benefits: Iterable[Benefit], products: Iterable[str]
) -> tuple[BenefitDifference, ...]:
    """Every difference, by product and days. `products` are those that members have, with a benefit row or without."""
    held = tuple(benefits)
    names = sorted({*products, *(one.product for one in held)})
    return tuple(difference for name in names for difference in _of_product(name, held))


@dataclass(frozen=True, slots=True)
class WaiverIgnored:
    """Days in which the payer's own rule waives the member's share of the model, and the benefits table charges it."""

    product: str
    period: Period
    benefit: Benefit
    rule: RuleValue

    def as_json(self) -> dict[str, Any]:
        """Plain values; the last day is included."""
        return {
            "product": self.product,
            "period": str(self.period),
            "side": self.benefit.side.value,
            "terms": _terms(self.benefit),
            "rule": self.rule.cite,
        }


def waivers_ignored(benefits: Iterable[Benefit], pack: Pack) -> tuple[WaiverIgnored, ...]:
    """Every stretch of days in which a side charges for the model what the payer's rule of those days waives."""
    held = tuple(benefits)
    found = []
    for product in sorted({one.product for one in held}):
        own = [one for one in held if one.product == product and one.service in _MODEL]
        for stretch in _stretches(own):
            for period, rule in _by_rule(stretch, pack):
                for side in Side:
                    benefit = find_benefit(own, product, side, ServiceClass.COCM, period.effective_from)
                    charges = benefit is not None and benefit.is_covered and not benefit.is_waived
                    if benefit is not None and charges and rule.text == WAIVED:
                        found.append(WaiverIgnored(product, period, benefit, rule))
    return tuple(found)


def _by_rule(stretch: Period, pack: Pack) -> Iterator[tuple[Period, RuleValue]]:
    """A stretch of days cut where the payer's rule changes, each part with its rule."""
    day = stretch.effective_from
    while True:
        rule = pack.on(day).value(COST_SHARE)
        ends = [end for end in (stretch.effective_to, rule.effective_to) if end is not None]
        until = min(ends, default=None)
        yield Period(day, until), rule
        if until is None or until == stretch.effective_to:
            return
        day = until


def _of_product(product: str, benefits: tuple[Benefit, ...]) -> Iterator[BenefitDifference]:
    own = [one for one in benefits if one.product == product and one.service in _MODEL]
    for period in _stretches(own):
        day = period.effective_from
        medical = find_benefit(own, product, Side.MEDICAL, ServiceClass.COCM, day)
        behavioral = find_benefit(own, product, Side.BEHAVIORAL, ServiceClass.COCM, day)
        if medical is None or behavioral is None:
            yield BenefitDifference(product, period, medical, behavioral, ())
            continue
        terms = tuple(term for term in TERMS if getattr(medical, term) != getattr(behavioral, term))
        if _costs_differ(medical, behavioral, terms):
            yield BenefitDifference(product, period, medical, behavioral, terms)


def _in_words(benefit: Benefit, term: str) -> str:
    value = getattr(benefit, term)
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return dollars(value) if term.endswith("_cents") else f"{value} %"


def _costs_differ(medical: Benefit, behavioral: Benefit, terms: tuple[str, ...]) -> bool:
    """Whether terms that differ can make a difference: under two waivers, or where neither side pays, none can."""
    if medical.is_waived and behavioral.is_waived and medical.is_covered == behavioral.is_covered:
        return False
    return bool(terms) and (medical.is_covered or behavioral.is_covered)


def _stretches(benefits: list[Benefit]) -> Iterator[Period]:
    """The days of the rows, cut wherever one begins or ends."""
    if not benefits:
        return
    cuts = sorted(
        {one.period.effective_from for one in benefits}
        | {one.period.effective_to for one in benefits if one.period.effective_to is not None}
    )
    ends: list[date | None] = [*cuts[1:], None]
    for start, end in zip(cuts, ends, strict=True):
        if any(start in one.period for one in benefits):
            yield Period(start, end)


def _terms(benefit: Benefit | None) -> dict[str, Any] | None:
    return None if benefit is None else {term: getattr(benefit, term) for term in TERMS}
