"""What the patient owes, read from the medical benefit alone.

Collaborative Care is billed by the primary care practitioner under the medical benefit. Its cost share stands with the
procedure, or else with the practitioner's office service; a mental-health copayment is another service's and is never
used, however alike it looks. What is not said is not known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Final, TypeAlias

from cocm.basics.money import dollars
from cocm.basics.months import Month
from cocm.benefits.codes import BEHAVIORAL_SIDE, PLAN_SIDE, BenefitCodes
from cocm.benefits.records import Authorization, CentsRange, CostShare
from cocm.x12.eligibility_record import YES, Benefit

_PROCEDURE_RANK: Final = 0
_PLAN_RANK: Final = 100
_REMAINING: Final = "29"
_INDIVIDUAL: Final = "IND"
_FAMILY: Final = "FAM"
_IN_NETWORK: Final = ("Y", "W", "")
_OUT_OF_NETWORK: Final = ("N", "W")
_NOT_REQUIRED: Final = "N"
_HUNDRED: Final = Decimal(100)

_Ranked: TypeAlias = tuple[int, Benefit]


def month_cost_share(
    benefits: Iterable[Benefit],
    codes: BenefitCodes,
    hcpcs_codes: Collection[str],
    month: Month,
    answered_on: date | None,
    *,
    is_in_network: bool,
) -> CostShare:
    """The patient's share for these procedure codes. A statement without a network holds for the plan's own."""
    networks = _IN_NETWORK if is_in_network else _OUT_OF_NETWORK
    ranked = [
        (rank, benefit)
        for benefit in benefits
        if benefit.in_network in networks and (rank := _rank(benefit, codes, hcpcs_codes)) is not None
    ]
    by_kind: dict[str, list[_Ranked]] = {}
    for rank, benefit in ranked:
        by_kind.setdefault(codes.information_kinds.get(benefit.information_code, ""), []).append(
            (rank, benefit)
        )
    copayments = [
        (rank, one)
        for rank, one in by_kind.get("copayment", [])
        if rank < _PLAN_RANK and one.amount_cents is not None
    ]
    shares = [
        (rank, one)
        for rank, one in by_kind.get("coinsurance", [])
        if rank < _PLAN_RANK and one.percent is not None
    ]
    best = min((rank for rank, _ in (*copayments, *shares)), default=_PLAN_RANK)
    amounts = [one.amount_cents for rank, one in copayments if rank == best and one.amount_cents is not None]
    percents = [_fraction(one.percent) for rank, one in shares if rank == best and one.percent is not None]
    total, remaining = _deductible(by_kind.get("deductible", []), month, answered_on)
    limits = [_left(one) for _, one in by_kind.get("out_of_pocket", [])]
    return CostShare(
        copayment=CentsRange(min(amounts), max(amounts)) if amounts else None,
        coinsurance_low=min(percents, default=None),
        coinsurance_high=max(percents, default=None),
        basis=_basis(best, (*copayments, *shares), codes),
        deductible_total_cents=total,
        deductible_remaining=remaining,
        out_of_pocket_remaining_cents=min((one for one in limits if one is not None), default=None)
        if _is_of_year(month, answered_on)
        else None,
        is_not_covered=any(rank < _PLAN_RANK for rank, _ in by_kind.get("not_covered", [])),
    )


def month_authorization(
    benefits: Iterable[Benefit], codes: BenefitCodes, hcpcs_codes: Collection[str]
) -> Authorization:
    """Whether a prior authorization is wanted, by the statement that is nearest to the procedure and says so."""
    said = sorted(
        (rank, benefit.is_authorization_required)
        for benefit in benefits
        if benefit.is_authorization_required in (YES, _NOT_REQUIRED)
        and (rank := _rank(benefit, codes, hcpcs_codes)) is not None
    )
    if not said:
        return Authorization.UNKNOWN
    nearest = {answer for rank, answer in said if rank == said[0][0]}
    return Authorization.REQUIRED if YES in nearest else Authorization.NOT_REQUIRED


def unused_behavioral(benefits: Iterable[Benefit], codes: BenefitCodes) -> Iterator[str]:
    """Cost shares of behavioral services, in words: not this service's."""
    for benefit in benefits:
        kind = codes.information_kinds.get(benefit.information_code, "")
        if codes.sides(benefit.service_type_codes) != {BEHAVIORAL_SIDE} or kind not in (
            "copayment",
            "coinsurance",
        ):
            continue
        labels = ", ".join(codes.service_types[code].label for code in benefit.service_type_codes)
        if benefit.amount_cents is not None:
            yield f"{kind} {dollars(benefit.amount_cents)} for {labels}"
        elif benefit.percent is not None:
            yield f"{kind} {(_fraction(benefit.percent) * _HUNDRED).normalize():f}% for {labels}"


def _rank(benefit: Benefit, codes: BenefitCodes, hcpcs_codes: Collection[str]) -> int | None:
    """How near a statement is to the service: the procedure, the office service, the plan; None: another service's."""
    if benefit.hcpcs_code:
        last = benefit.hcpcs_code_end or benefit.hcpcs_code
        is_named = any(benefit.hcpcs_code <= code <= last for code in hcpcs_codes)
        return _PROCEDURE_RANK if is_named else None
    types = codes.service_types
    ranks = [types[code].visit_rank for code in benefit.service_type_codes if code in types]
    visit = min((rank for rank in ranks if rank is not None), default=None)
    if visit is not None:
        return visit
    return _PLAN_RANK if PLAN_SIDE in codes.sides(benefit.service_type_codes) else None


def _basis(best: int, statements: Iterable[_Ranked], codes: BenefitCodes) -> str:
    if best == _PLAN_RANK:
        return ""
    benefit = next(one for rank, one in statements if rank == best)
    if best == _PROCEDURE_RANK:
        return f"procedure {benefit.hcpcs_code}"
    named = (codes.service_types[code] for code in benefit.service_type_codes if code in codes.service_types)
    return next(one.label for one in named if one.visit_rank == best)


def _deductible(
    statements: list[_Ranked], month: Month, answered_on: date | None
) -> tuple[int | None, CentsRange | None]:
    """The year's deductible and what is left of it: that of the office service where one is told, else the plan's."""
    nearest = min((rank for rank, _ in statements), default=_PLAN_RANK)
    own = [one for rank, one in statements if rank == nearest and one.amount_cents is not None]
    totals = [one for one in own if one.time_period_code != _REMAINING]
    total = _of_level(totals, _INDIVIDUAL)
    if total is None:
        total = _of_level(totals, _FAMILY)
    left = [
        amount
        for level in (_INDIVIDUAL, _FAMILY)
        if (amount := _of_level([one for one in own if one.time_period_code == _REMAINING], level))
        is not None
    ]
    if left and _is_of_year(month, answered_on):
        return total, CentsRange(min(left), min(left))
    if total is not None:
        return total, CentsRange(0, total)
    return None, None


def _of_level(statements: list[Benefit], level: str) -> int | None:
    """The amount for the person or the family; a statement without a level is the person's."""
    levels = (level, "") if level == _INDIVIDUAL else (level,)
    return next((one.amount_cents for one in statements if one.coverage_level_code in levels), None)


def _left(benefit: Benefit) -> int | None:
    return benefit.amount_cents if benefit.time_period_code == _REMAINING else None


def _fraction(percent: Decimal) -> Decimal:
    """A share of 1. The guide wants 0.2; a payer that writes 20 means the same."""
    return percent / _HUNDRED if percent > 1 else percent


def _is_of_year(month: Month, answered_on: date | None) -> bool:
    """Whether what is left was told in the month's own year; a new year begins anew."""
    return answered_on is not None and answered_on.year == month.year
