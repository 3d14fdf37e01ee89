"""The financial model's inputs as records, read and checked once.

Blocks and defaults: the AIMS Financial Modeling Workbook (product research 4.6); denials, collection, licence, ramp
and the consultant's models are ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from cocm.basics.errors import UnusableInput
from cocm.insight.given import Given
from cocm.remits.transfers import TransferModel

EMPLOYED: Final = "employed"
MONTHS_IN_YEAR: Final = 12
WEEKS_IN_YEAR: Final = 52


class ProgramMode(StrEnum):
    """What is billed: CoCM and visits, CoCM alone, or visits alone."""

    MIXED = "mixed"
    COCM_ONLY = "cocm_only"
    THERAPY_ONLY = "therapy_only"


class ActivityKind(StrEnum):
    """What a block of weekly time is, and which of a payer's fees its units earn."""

    ASSESSMENT = "assessment"
    ONGOING = "ongoing"
    GROUP = "group"
    OTHER = "other"
    ADMINISTRATIVE = "administrative"
    CONSULTANT_ASSESSMENT = "consultant_assessment"
    CONSULTANT_ONGOING = "consultant_ongoing"
    CONSULTANT_OTHER = "consultant_other"

    @property
    def is_consultants(self) -> bool:
        """Whether the time is the consultant's."""
        return self.startswith("consultant_")


BHCM_VISITS: Final = (ActivityKind.ASSESSMENT, ActivityKind.ONGOING, ActivityKind.GROUP)
VISITS: Final = (*BHCM_VISITS, ActivityKind.CONSULTANT_ASSESSMENT, ActivityKind.CONSULTANT_ONGOING)


@dataclass(frozen=True, slots=True)
class Activity:
    """Weekly hours at one full-time care manager; `hours_per_unit` is None for what is not billed by itself."""

    name: str
    kind: ActivityKind
    hours_per_week: Fraction
    hours_per_unit: Fraction | None


@dataclass(frozen=True, slots=True)
class Tier:
    """A share of all CoCM months, and the codes billed in one; an add-on stands once for each unit."""

    name: str
    share: Fraction
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PayerInput:
    """One payer's part of the caseload and what it pays. Shares are of 1; `fee_cents` by kind of visit."""

    name: str
    label: str
    share: Fraction
    eligible_share: Fraction
    bills_fee_for_service: bool
    fee_cents: tuple[tuple[ActivityKind, Fraction], ...]
    cocm_needs_licence: bool
    fees_need_licence: bool
    rate_share: Fraction
    denied_share: Fraction
    fee_denied_share: Fraction
    collected_share: Fraction
    days_to_pay: int


@dataclass(frozen=True, slots=True)
class ConsultantInput:
    """How the psychiatric consultant is paid; `model` is None for a salary."""

    model: TransferModel | None
    fte_per_bhcm: Fraction
    salary_cents: Fraction
    fringe_share: Fraction
    amount_cents: Fraction | None
    percent: Fraction | None
    reviews_per_month: Fraction | None


@dataclass(frozen=True, slots=True)
class ModelInputs:
    """Everything the model needs. Money in cents, exact; shares of 1."""

    mode: ProgramMode
    hours_per_fte: Fraction
    working_weeks: Fraction
    weeks_in_care: Fraction
    services_per_patient: Fraction
    caseload_override: Fraction | None
    average_rate_override_cents: Fraction | None
    overhead_share: Fraction
    software_monthly_cents: Fraction
    recovered_share: Fraction
    rework_cents: Fraction
    ramp_months: int
    startup_cents: Fraction
    bhcm_fte: Fraction
    bhcm_salary_cents: Fraction
    bhcm_fringe_share: Fraction
    is_licensed: bool
    consultant: ConsultantInput
    activities: tuple[Activity, ...]
    code_cents: tuple[tuple[str, Fraction], ...]
    tiers: tuple[Tier, ...]
    payers: tuple[PayerInput, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know about the inputs: hours that do not fill the week."""
        week = sum(
            (one.hours_per_week for one in self.activities if not one.kind.is_consultants), Fraction(0)
        )
        if week != self.hours_per_fte:
            return (
                f"the care manager's weekly hours add up to {float(week):g} of {float(self.hours_per_fte):g}",
            )
        return ()


def read_model_inputs(given: Given) -> ModelInputs:
    """The inputs as records. Raises `UnusableInput` for a value that cannot be, and shares that do not make 100 %."""
    inputs = ModelInputs(
        mode=ProgramMode(given.word("general.mode", tuple(ProgramMode))),
        hours_per_fte=given.number("general.hours_per_fte", above=0, most=168),
        working_weeks=given.number("general.working_weeks", above=0, most=WEEKS_IN_YEAR),
        weeks_in_care=given.number("general.weeks_in_care", above=0, most=520),
        services_per_patient=given.number("general.services_per_patient", above=0),
        caseload_override=given.number_or_none("general.caseload_override"),
        average_rate_override_cents=_cents_or_none(given, "general.average_rate_override"),
        overhead_share=given.number("general.overhead_percent", most=1_000) / 100,
        software_monthly_cents=given.cents("general.software_monthly"),
        recovered_share=given.percent("general.denial_recovered_percent"),
        rework_cents=given.cents("general.rework_cost_per_denial"),
        ramp_months=_whole(given, "general.ramp_months", 120),
        startup_cents=given.cents("general.startup_cost"),
        bhcm_fte=given.number("bhcm.fte", above=0, most=10_000),
        bhcm_salary_cents=given.cents("bhcm.salary"),
        bhcm_fringe_share=given.number("bhcm.fringe_percent", most=1_000) / 100,
        is_licensed=given.flag("bhcm.is_licensed"),
        consultant=_consultant(given),
        activities=tuple(_activity(given, name) for name in given.members("activity")),
        code_cents=tuple((code, given.cents(f"code.{code}.amount")) for code in given.members("code")),
        tiers=tuple(
            Tier(
                name,
                given.percent(f"tier.{name}.share_percent"),
                tuple(given.text(f"tier.{name}.codes").split()),
            )
            for name in given.members("tier")
        ),
        payers=tuple(_payer(given, name) for name in given.members("payer")),
    )
    _check(inputs)
    return inputs


def _check(inputs: ModelInputs) -> None:
    for block, shares in (
        ("tier.*.share_percent", [tier.share for tier in inputs.tiers]),
        ("payer.*.share_percent", [payer.share for payer in inputs.payers]),
    ):
        total = sum(shares, Fraction(0))
        if total != 1:
            raise UnusableInput(
                f"{block}: the shares add up to {float(total * 100):g} %; they must make 100 % "
                "(give what you leave out the share 0)"
            )
    priced = dict(inputs.code_cents)
    for tier in inputs.tiers:
        for code in tier.codes:
            if code not in priced:
                raise UnusableInput(f"tier.{tier.name}.codes: {code} has no amount; give code.{code}.amount")
    listed = sum((tier.share * priced[code] for tier in inputs.tiers for code in tier.codes), Fraction(0))
    if inputs.average_rate_override_cents and not listed:
        raise UnusableInput(
            "general.average_rate_override is given, but no tier has a code with an amount to spread it over; "
            "give the codes amounts, whose proportions are kept"
        )


def _activity(given: Given, name: str) -> Activity:
    kind = ActivityKind(given.word(f"activity.{name}.kind", tuple(ActivityKind)))
    per_unit = given.number_or_none(f"activity.{name}.hours_per_unit", above=0)
    if kind in VISITS and per_unit is None:
        raise UnusableInput(f"activity.{name}.hours_per_unit: is empty; a visit of kind {kind} needs it")
    return Activity(name, kind, given.number(f"activity.{name}.hours_per_week", most=168), per_unit)


def _payer(given: Given, name: str) -> PayerInput:
    where = f"payer.{name}"
    return PayerInput(
        name=name,
        label=given.text(f"{where}.label") or name,
        share=given.percent(f"{where}.share_percent"),
        eligible_share=given.percent(f"{where}.cocm_eligible_percent"),
        bills_fee_for_service=given.flag(f"{where}.bills_fee_for_service"),
        fee_cents=tuple((kind, given.cents(f"{where}.fee_{kind}")) for kind in VISITS),
        cocm_needs_licence=given.flag(f"{where}.cocm_needs_licence"),
        fees_need_licence=given.flag(f"{where}.fees_need_licence"),
        rate_share=given.number(f"{where}.rate_percent", most=1_000) / 100,
        denied_share=given.percent(f"{where}.denial_percent"),
        fee_denied_share=given.percent(f"{where}.fee_denial_percent"),
        collected_share=given.percent(f"{where}.collection_percent"),
        days_to_pay=_whole(given, f"{where}.days_to_pay", 3_650),
    )


def _consultant(given: Given) -> ConsultantInput:
    word = given.word("consultant.model", (EMPLOYED, *TransferModel))
    return ConsultantInput(
        model=None if word == EMPLOYED else TransferModel(word),
        fte_per_bhcm=given.number("consultant.fte_per_bhcm", most=10),
        salary_cents=given.cents("consultant.salary"),
        fringe_share=given.number("consultant.fringe_percent", most=1_000) / 100,
        amount_cents=_cents_or_none(given, "consultant.amount"),
        percent=given.number_or_none("consultant.percent"),
        reviews_per_month=given.number_or_none("consultant.reviews_per_month"),
    )


def _cents_or_none(given: Given, name: str) -> Fraction | None:
    found = given.number_or_none(name)
    return None if found is None else found * 100


def _whole(given: Given, name: str, most: int) -> int:
    found = given.number(name, most=most)
    if found.denominator != 1:
        raise UnusableInput(f"{name} is {float(found):g}; expected a whole number")
    return int(found)
