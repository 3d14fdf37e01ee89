"""What a month may cost the patient: cents where everything is known, a range where something is not, and what was
assumed.

A month is one claim. Its allowed amount is the payer's published rate times units where the rulebook has one, or a rate
that the practice gives from its contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from cocm.basics.money import cents_from_decimal, dollars
from cocm.benefits.records import CentsRange, CostShare, CoverageState, MonthBenefits
from cocm.coding.price import published_rate
from cocm.rules import PackOn

_FIRST: Final = "codes.first_month"
_LATER: Final = "codes.later_month"
_ADDON: Final = "codes.addon"
_SHARE_RULE: Final = "payment.cost_share"
_PERCENT_RULE: Final = "payment.coinsurance_percent"
_DEDUCTIBLE_RULE: Final = "payment.deductible_cents"
_HUNDRED: Final = Decimal(100)

# The months that are estimated: the rules that name their codes. Most months are one of these.
_MONTHS: Final = {
    "first month": (_FIRST,),
    "first month with one add-on": (_FIRST, _ADDON),
    "later month": (_LATER,),
    "later month with one add-on": (_LATER, _ADDON),
}


@dataclass(frozen=True, slots=True)
class MonthEstimate:
    """The patient's share of one kind of month. `share` None: nobody can say yet.

    `is_open_above`: the share may be more than `share.high_cents`, because the allowed amount is not known.
    """

    kind: str
    hcpcs_codes: tuple[str, ...]
    allowed_cents: int | None
    allowed_basis: str
    share: CentsRange | None
    is_open_above: bool


@dataclass(frozen=True, slots=True)
class PatientEstimate:
    """The estimates of one person's month, what they assume, and the open deductible they reckon with (None: any)."""

    months: tuple[MonthEstimate, ...]
    assumptions: tuple[str, ...]
    deductible_remaining: CentsRange | None


def estimate(
    benefits: MonthBenefits,
    policy: PackOn,
    *,
    place_of_service_code: str,
    rates_cents: Mapping[str, int],
    is_in_network: bool = True,
) -> PatientEstimate:
    """What the month's likely codes may cost the patient.

    `rates_cents` are the practice's contract rates for one unit by code; they win over published ones.
    """
    stated = benefits.in_network if is_in_network else benefits.out_of_network
    share, assumptions = _settled(benefits, stated, policy)
    network = "in" if is_in_network else "out of"
    assumptions = [
        f"the practice is {network} network",
        "one claim a month, one copayment a claim",
        *assumptions,
    ]
    months = []
    for kind, rules in _MONTHS.items():
        hcpcs_codes = tuple(code for rule in rules if (code := policy.text(rule)))
        if len(hcpcs_codes) != len(rules):
            continue
        allowed, basis = _allowed(hcpcs_codes, policy, place_of_service_code, rates_cents)
        if benefits.coverage.state is CoverageState.NONE:
            months.append(MonthEstimate(kind, hcpcs_codes, allowed, basis, None, True))
            continue
        amount, is_open = patient_share(allowed, share)
        months.append(MonthEstimate(kind, hcpcs_codes, allowed, basis, amount, is_open))
    return PatientEstimate(tuple(months), tuple(assumptions), share.deductible_remaining)


def _settled(benefits: MonthBenefits, stated: CostShare, policy: PackOn) -> tuple[CostShare, list[str]]:
    """The share to reckon with: what the plan answered, filled in by the payer's own rules where they say it."""
    nothing = CostShare(copayment=CentsRange(0, 0), deductible_remaining=CentsRange(0, 0))
    if benefits.is_qmb:
        return nothing, ["a Qualified Medicare Beneficiary owes nothing"]
    rule = policy.value(_SHARE_RULE)
    if rule.text == "waived":
        return nothing, [f"the payer waives the patient's share: {rule.cite}"]
    if stated.is_not_covered:
        return CostShare(), ["the answer marks the service as not covered, so nothing is reckoned"]
    assumptions = []
    deductible, total = stated.deductible_remaining, policy.value(_DEDUCTIBLE_RULE)
    coinsurance = (stated.coinsurance_low, stated.coinsurance_high)
    if not stated.is_stated and rule.text == "coinsurance":
        percent = policy.value(_PERCENT_RULE)
        if percent.integer is not None:
            coinsurance = (Decimal(percent.integer) / _HUNDRED,) * 2
            assumptions.append(f"the coinsurance is the payer's usual one: {percent.cite}")
    if deductible is None and rule.text == "coinsurance" and total.integer is not None:
        deductible = CentsRange(0, total.integer)
        assumptions.append(f"none to all of the year's deductible is open: {total.cite}")
    elif deductible is None:
        assumptions.append("none to all of the claim may fall under a deductible that the plan did not tell")
    elif not deductible.is_exact:
        assumptions.append(
            f"{dollars(deductible.low_cents)} to {dollars(deductible.high_cents)} of the deductible is open"
        )
    elif deductible.high_cents:
        assumptions.append(
            f"{dollars(deductible.high_cents)} of the deductible is open when the claim is paid"
        )
    if stated.copayment is not None and (deductible is None or deductible.high_cents):
        assumptions.append(
            "the low amount takes the copayment alone, the high one the open deductible as well"
        )
    share = CostShare(
        copayment=stated.copayment,
        coinsurance_low=coinsurance[0],
        coinsurance_high=coinsurance[1],
        basis=stated.basis,
        deductible_remaining=deductible,
        out_of_pocket_remaining_cents=stated.out_of_pocket_remaining_cents,
    )
    return share, assumptions


def patient_share(allowed_cents: int | None, share: CostShare) -> tuple[CentsRange | None, bool]:
    """The patient's part of an allowed amount, and whether it may be more than the range's upper end.

    A coinsurance is taken of what is left after the open deductible, rounded half up to the cent. Nothing exceeds the
    allowed amount or what is left of the out-of-pocket limit.
    """
    if not share.is_stated:
        return None, True
    deductible = share.deductible_remaining
    copayment = share.copayment
    low_open = deductible.low_cents if deductible is not None else 0
    if allowed_cents is None:
        if copayment is None or share.coinsurance_low is not None:
            return None, True
        is_open = deductible is None or deductible.high_cents > 0
        return _limited(copayment.low_cents, copayment.high_cents, share), is_open
    high_open = deductible.high_cents if deductible is not None else allowed_cents
    lows: list[int] = []
    highs: list[int] = []
    if copayment is not None:
        lows.append(copayment.low_cents)
        highs.append(min(high_open, allowed_cents) + copayment.high_cents)
    if share.coinsurance_low is not None and share.coinsurance_high is not None:
        lows.append(_after_deductible(allowed_cents, low_open, share.coinsurance_low))
        after = _after_deductible(allowed_cents, high_open, share.coinsurance_high)
        highs.append(after if copayment is None else after + copayment.high_cents)
    return _limited(min(*lows, allowed_cents), min(max(highs), allowed_cents), share), False


def _after_deductible(allowed_cents: int, open_cents: int, fraction: Decimal) -> int:
    taken = min(allowed_cents, open_cents)
    return taken + cents_from_decimal((allowed_cents - taken) * fraction / _HUNDRED)


def _limited(low_cents: int, high_cents: int, share: CostShare) -> CentsRange:
    limit = share.out_of_pocket_remaining_cents
    if limit is None:
        return CentsRange(low_cents, high_cents)
    return CentsRange(min(low_cents, limit), min(high_cents, limit))


def _allowed(
    hcpcs_codes: tuple[str, ...], policy: PackOn, place_of_service_code: str, rates_cents: Mapping[str, int]
) -> tuple[int | None, str]:
    """One unit of each code at the practice's rate or the payer's published one; and which it is, or why none."""
    total, bases = 0, []
    for code in hcpcs_codes:
        if code in rates_cents:
            amount: int | None = rates_cents[code]
            basis = "the practice's own rate"
        else:
            rate = published_rate(policy, code, place_of_service_code)
            amount, basis = rate.amount_cents, rate.basis
        if amount is None:
            return None, basis
        total += amount
        bases.append(basis)
    return total, "; ".join(dict.fromkeys(bases))
