"""The financial model of a Collaborative Care programme: a year at full caseload, exact, and rounded once a sum.

Formulas: the AIMS Financial Modeling Workbook (product research 4.6). Ours: denials, recovery, collection, licence,
rework, software, and that a patient-month is billed as CoCM or as visits, never as both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from cocm.basics.months import Month
from cocm.insight.figures import rounded, split
from cocm.insight.model_inputs import (
    BHCM_VISITS,
    MONTHS_IN_YEAR,
    VISITS,
    WEEKS_IN_YEAR,
    ActivityKind,
    ModelInputs,
    PayerInput,
    ProgramMode,
)
from cocm.remits.transfers import ConsultantActivity, TransferTerm, transfer_line

_ZERO: Final = Fraction(0)
SECONDS_IN_HOUR: Final = 3600


@dataclass(frozen=True, slots=True)
class ConsultantValuation:
    """What the embedded valuation needs: the consultant's work in the base code, and the conversion factor."""

    rvu: Decimal
    conversion_factor: Decimal


@dataclass(frozen=True, slots=True)
class Volume:
    """What the care managers can do in a year at full caseload; all exact."""

    units: Mapping[ActivityKind, Fraction]
    caseload: Fraction
    annual_caseload: Fraction
    turnover_per_month: Fraction
    served_per_month: Fraction

    @property
    def case_months(self) -> Fraction:
        """Patient-months a year."""
        return self.served_per_month * MONTHS_IN_YEAR


@dataclass(frozen=True, slots=True)
class RevenueLine:
    """A year's revenue from one payer for one code or kind of visit, in cents; `net` after denials and collection."""

    payer: str
    payer_label: str
    item: str
    is_cocm: bool
    units: Fraction
    gross_cents: int
    after_denials_cents: int
    net_cents: int


@dataclass(frozen=True, slots=True)
class PayerYear:
    """A payer's year: its CoCM months and claims, what is denied, and its money in cents."""

    payer: str
    label: str
    months: Fraction
    denied_claims: Fraction
    gross_cents: int
    after_denials_cents: int
    net_cents: int

    @property
    def denied_cents(self) -> int:
        """Lost to denials, what rework brings in taken off."""
        return self.gross_cents - self.after_denials_cents

    @property
    def uncollected_cents(self) -> int:
        """Allowed, and never collected."""
        return self.after_denials_cents - self.net_cents


@dataclass(frozen=True, slots=True)
class ModelYear:
    """A year at full caseload. Every sum equals its parts to the cent."""

    inputs: ModelInputs
    volume: Volume
    listed_rate_cents: Fraction
    average_rate_cents: Fraction
    payers: tuple[PayerYear, ...]
    revenue: tuple[RevenueLine, ...]
    costs: tuple[tuple[str, int], ...]

    @property
    def cocm_cents(self) -> int:
        """CoCM revenue."""
        return sum(line.net_cents for line in self.revenue if line.is_cocm)

    @property
    def fee_cents(self) -> int:
        """Revenue from visits billed by themselves."""
        return sum(line.net_cents for line in self.revenue if not line.is_cocm)

    @property
    def gross_cents(self) -> int:
        """Revenue before denials and collection."""
        return sum(line.gross_cents for line in self.revenue)

    @property
    def revenue_cents(self) -> int:
        """All revenue."""
        return self.cocm_cents + self.fee_cents

    @property
    def cost_cents(self) -> int:
        """All cost."""
        return sum(cents for _, cents in self.costs)

    @property
    def net_impact_cents(self) -> int:
        """Revenue less cost."""
        return self.revenue_cents - self.cost_cents

    @property
    def denied_claims(self) -> Fraction:
        """CoCM claims denied in the year."""
        return sum((payer.denied_claims for payer in self.payers), _ZERO)

    @property
    def eligible_share(self) -> Fraction:
        """The share of all patient-months that is billed as CoCM, payer-adjusted."""
        months = sum((payer.months for payer in self.payers), _ZERO)
        return months / self.volume.case_months if self.volume.case_months else _ZERO


def model_year(
    inputs: ModelInputs, first_month: Month, valuation: ConsultantValuation | None = None
) -> ModelYear:
    """Work the model out. `first_month` matters for consultants paid by the day only.

    Raises `UnusableInput` where the consultant's model needs a term that is not given.
    """
    volume = _volume(inputs)
    listed = sum((tier.share * _price(inputs, tier.codes) for tier in inputs.tiers), _ZERO)
    rate = listed if inputs.average_rate_override_cents is None else inputs.average_rate_override_cents
    cocm = _cocm_lines(inputs, volume, listed, rate)
    fees = _fee_lines(inputs, volume)
    payers = tuple(_payer_year(inputs, volume, payer, (*cocm, *fees)) for payer in inputs.payers)
    net_cocm = sum(line.net_cents for line in cocm)
    denied = sum((payer.denied_claims for payer in payers), _ZERO)
    billed = sum((payer.months for payer in payers), _ZERO) * _billed_share(inputs)
    costs = _costs(inputs, first_month, valuation, net_cocm, billed, denied)
    return ModelYear(inputs, volume, listed, rate, payers, (*cocm, *fees), costs)


def eligible_share(inputs: ModelInputs, payer: PayerInput) -> Fraction:
    """The share of a payer's patients that is billed as CoCM, given mode and licence."""
    if inputs.mode is ProgramMode.THERAPY_ONLY or (payer.cocm_needs_licence and not inputs.is_licensed):
        return _ZERO
    return payer.eligible_share


def _volume(inputs: ModelInputs) -> Volume:
    units = dict.fromkeys(VISITS, _ZERO)
    for one in inputs.activities:
        if one.kind in units and one.hours_per_unit is not None:
            weekly = one.hours_per_week / one.hours_per_unit
            units[one.kind] += weekly * inputs.working_weeks * inputs.bhcm_fte
    services = sum((units[kind] for kind in BHCM_VISITS), _ZERO)
    caseload = inputs.caseload_override
    if caseload is None:
        caseload = services / inputs.services_per_patient * inputs.weeks_in_care / WEEKS_IN_YEAR
    annual = WEEKS_IN_YEAR * caseload / inputs.weeks_in_care
    turnover = annual / MONTHS_IN_YEAR
    return Volume(units, caseload, annual, turnover, turnover + caseload)


def _price(inputs: ModelInputs, codes: Sequence[str]) -> Fraction:
    priced = dict(inputs.code_cents)
    return sum((priced[code] for code in codes), _ZERO)


def _billed_share(inputs: ModelInputs) -> Fraction:
    return sum((tier.share for tier in inputs.tiers if tier.codes), _ZERO)


def _kept(inputs: ModelInputs, denied: Fraction) -> Fraction:
    """What is left of a sum after denials: the denied part counts with what rework brings in."""
    return 1 - denied * (1 - inputs.recovered_share)


@dataclass(frozen=True, slots=True)
class _Exact:
    payer: PayerInput
    item: str
    units: Fraction
    gross: Fraction
    denied: Fraction


def _cocm_lines(
    inputs: ModelInputs, volume: Volume, listed: Fraction, rate: Fraction
) -> tuple[RevenueLine, ...]:
    exact = []
    scale = rate / listed if listed else _ZERO
    for payer in inputs.payers:
        months = volume.case_months * payer.share * eligible_share(inputs, payer)
        for code, price in inputs.code_cents:
            units = months * sum((tier.share * tier.codes.count(code) for tier in inputs.tiers), _ZERO)
            exact.append(
                _Exact(payer, code, units, units * price * payer.rate_share * scale, payer.denied_share)
            )
    return _rounded_lines(inputs, exact, is_cocm=True)


def _fee_lines(inputs: ModelInputs, volume: Volume) -> tuple[RevenueLine, ...]:
    exact = []
    for payer in inputs.payers:
        billed = payer.bills_fee_for_service and (inputs.is_licensed or not payer.fees_need_licence)
        if inputs.mode is ProgramMode.COCM_ONLY:
            billed = False
        share = payer.share * (1 - eligible_share(inputs, payer)) if billed else _ZERO
        for kind, fee in payer.fee_cents:
            units = volume.units[kind] * share
            exact.append(_Exact(payer, kind, units, units * fee, payer.fee_denied_share))
    return _rounded_lines(inputs, exact, is_cocm=False)


def _rounded_lines(inputs: ModelInputs, exact: Sequence[_Exact], *, is_cocm: bool) -> tuple[RevenueLine, ...]:
    """The whole before denials is rounded once and split; what is lost is taken off each line, to the cent."""
    gross = [one.gross for one in exact]
    return tuple(
        RevenueLine(
            payer=one.payer.name,
            payer_label=one.payer.label,
            item=one.item,
            is_cocm=is_cocm,
            units=one.units,
            gross_cents=cents,
            after_denials_cents=rounded(cents * _kept(inputs, one.denied)),
            net_cents=rounded(cents * _kept(inputs, one.denied) * one.payer.collected_share),
        )
        for one, cents in zip(exact, split(rounded(sum(gross, _ZERO)), gross), strict=True)
    )


def _payer_year(
    inputs: ModelInputs, volume: Volume, payer: PayerInput, lines: Sequence[RevenueLine]
) -> PayerYear:
    months = volume.case_months * payer.share * eligible_share(inputs, payer)
    own = [line for line in lines if line.payer == payer.name]
    return PayerYear(
        payer=payer.name,
        label=payer.label,
        months=months,
        denied_claims=months * _billed_share(inputs) * payer.denied_share,
        gross_cents=sum(line.gross_cents for line in own),
        after_denials_cents=sum(line.after_denials_cents for line in own),
        net_cents=sum(line.net_cents for line in own),
    )


def _costs(
    inputs: ModelInputs,
    first_month: Month,
    valuation: ConsultantValuation | None,
    net_cocm: int,
    billed_months: Fraction,
    denied_claims: Fraction,
) -> tuple[tuple[str, int], ...]:
    salary = inputs.bhcm_salary_cents * inputs.bhcm_fte
    fringe = salary * inputs.bhcm_fringe_share
    consultant = _consultant_cents(inputs, first_month, valuation, net_cocm, billed_months)
    people = salary + fringe + consultant
    named = (
        ("care manager: salary", salary),
        ("care manager: fringe benefits", fringe),
        ("psychiatric consultant", consultant),
        ("overhead", people * inputs.overhead_share),
        ("software", inputs.software_monthly_cents * MONTHS_IN_YEAR),
        ("work on denied claims", denied_claims * inputs.rework_cents),
    )
    exact = [cents for _, cents in named]
    total = rounded(sum(exact, _ZERO))
    parts = split(total, exact) if any(exact) else [0 for _ in exact]
    return tuple((name, cents) for (name, _), cents in zip(named, parts, strict=True))


def _consultant_cents(
    inputs: ModelInputs,
    first_month: Month,
    valuation: ConsultantValuation | None,
    net_cocm: int,
    billed_months: Fraction,
) -> Fraction:
    """A year of the consultant: the salary's share, or twelve statements under the agreement."""
    own = inputs.consultant
    fte = own.fte_per_bhcm * inputs.bhcm_fte
    if own.model is None:
        return own.salary_cents * fte * (1 + own.fringe_share)
    weekly = fte * inputs.hours_per_fte
    seconds = weekly * inputs.working_weeks / MONTHS_IN_YEAR * SECONDS_IN_HOUR
    term = TransferTerm(
        agreement_id="consultant",
        psychiatric_consultant_id="",
        model=own.model,
        effective_from=first_month.first_day,
        effective_to=None,
        amount_cents=None if own.amount_cents is None else rounded(own.amount_cents),
        percent=None if own.percent is None else _decimal(own.percent),
        hours_per_week=_decimal(weekly),
    )
    activity = ConsultantActivity(
        logged_seconds=rounded(seconds),
        reviews=rounded(own.reviews_per_month or _ZERO),
        base_units=rounded(billed_months / MONTHS_IN_YEAR),
        collected_cents=rounded(Fraction(net_cocm, MONTHS_IN_YEAR)),
    )
    rvu = None if valuation is None else valuation.rvu
    factor = None if valuation is None else valuation.conversion_factor
    total, month = 0, first_month
    for _ in range(MONTHS_IN_YEAR):
        total += transfer_line(term, month, activity, rvu, factor).amount_cents
        month = month.plus(1)
    return Fraction(total)


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
