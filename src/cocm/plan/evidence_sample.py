"""Paid patient-months whose evidence is to be asked for afterwards, since no claim has to bring it along."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from random import Random

from cocm.basics.months import Month
from cocm.basics.sampling import draw
from cocm.care.records import ClaimStatus
from cocm.claims.submission import REPLACEMENT
from cocm.edits.codes import FIRST_MONTH, cocm_codes
from cocm.plan.history import DecidedLine
from cocm.plan.records import MemberKey
from cocm.rules import Pack
from cocm.rules.audit import RiskFactor, risk_weights


@dataclass(frozen=True, slots=True)
class PaidMonth:
    """A member's month of the model at one biller, with what speaks for looking at it. Amounts are in cents."""

    member: MemberKey
    month: Month
    billing_npi: str
    claim_numbers: tuple[str, ...]
    paid_amount_cents: int
    factors: tuple[RiskFactor, ...]
    points: int

    @property
    def name(self) -> str:
        """Its first claim and its month: unique among paid months."""
        return f"{self.claim_numbers[0]} {self.month}"


@dataclass(frozen=True, slots=True)
class SampledMonth:
    """A paid month that was drawn. `why` says it in words."""

    paid: PaidMonth
    is_random: bool
    why: tuple[str, ...]


def paid_months(
    lines_by_member: Mapping[MemberKey, Iterable[DecidedLine]], pack: Pack
) -> Iterator[PaidMonth]:
    """The months of the model that were paid and stand, each with the risk that the plan can see."""
    codes = cocm_codes(pack.rulebook)
    for member, lines in lines_by_member.items():
        everything = [one for one in lines if one.hcpcs_code in codes]
        months: dict[tuple[Month, str], list[DecidedLine]] = {}
        for line in everything:
            if line.status is ClaimStatus.PAID and line.paid_amount_cents > 0:
                key = (Month.of(line.service_to_date), line.billing_npi)
                months.setdefault(key, []).append(line)
        for (month, billing_npi), own in sorted(months.items(), key=lambda one: (one[0][0].index, one[0][1])):
            beside = [
                one for one in everything if one.service_to_date in month and one.billing_npi == billing_npi
            ]
            factors = tuple(_factors(own, beside, pack))
            weights = risk_weights(pack.rulebook)
            yield PaidMonth(
                member,
                month,
                billing_npi,
                tuple(dict.fromkeys(one.claim_number for one in own)),
                sum(one.paid_amount_cents for one in own),
                factors,
                sum(weights[factor].points for factor in factors if factor in weights),
            )


def evidence_sample(
    months: Iterable[PaidMonth], pack: Pack, *, seed: int, size: int
) -> tuple[SampledMonth, ...]:
    """The drawn months, riskiest first. The same seed and months draw the same."""
    weights = risk_weights(pack.rulebook)
    drawn = draw(months, Random(seed), size, points=lambda one: one.points, name=lambda one: one.name)
    return tuple(
        SampledMonth(
            paid,
            is_random,
            (f"drawn at random, seed {seed}",)
            if is_random
            else tuple(weights[factor].reason for factor in paid.factors if factor in weights),
        )
        for paid, is_random in drawn
    )


def _factors(own: list[DecidedLine], beside: list[DecidedLine], pack: Pack) -> Iterator[RiskFactor]:
    """What makes a month riskier than another, as far as claims tell."""
    codes = cocm_codes(pack.rulebook)
    if any(codes[line.hcpcs_code].is_addon and line.service_unit_quantity > 1 for line in own):
        yield RiskFactor.ADDON_UNITS
    if any(line.hcpcs_code == pack.on(line.service_to_date).text(FIRST_MONTH) for line in own):
        yield RiskFactor.FIRST_MONTH
    if any(line.frequency_code == REPLACEMENT for line in own):
        yield RiskFactor.REPLACEMENT
    if any(_was_refused(line) for line in beside):
        yield RiskFactor.PAID_AFTER_DENIAL


def _was_refused(line: DecidedLine) -> bool:
    """Whether a line was denied; one that was taken back since shows it by what was paid of it."""
    if line.status is ClaimStatus.DENIED:
        return True
    return line.status is ClaimStatus.VOIDED and not line.paid_amount_cents and bool(line.adjustments)
