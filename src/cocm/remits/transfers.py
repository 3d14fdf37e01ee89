"""What the primary care side owes its psychiatric consultant for a month, under each of seven models.

The amounts are exact: fractions of a cent are rounded half up once, at the end of a line.
Source of the models: product research 4.8; a share of collections needs counsel (fair market value, anti-kickback).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

from cocm.basics.errors import UnusableInput
from cocm.basics.money import decimal_from_cents
from cocm.basics.months import Month

PROGRAMME_COST: Final = "Expenses:CollaborativeCare:Consultation"
PSYCHIATRY: Final = "Liabilities:Psychiatry"


class TransferModel(StrEnum):
    """How a consultant is paid."""

    SCHEDULED_BLOCK = "scheduled_block"
    LOGGED_HOURS = "logged_hours"
    PER_REVIEW = "per_review"
    EMBEDDED_VALUATION = "embedded_valuation"
    SHARE_OF_COLLECTIONS = "share_of_collections"
    COST_ALLOCATION = "cost_allocation"
    RETAINER = "retainer"


@dataclass(frozen=True, slots=True)
class TransferTerm:
    """One agreement with one consultant. What its model does not use is None.

    `amount_cents` is the rate an hour, the fee a review, the programme's cost of the month or the retainer, as the
    model has it; `percent` a share; `hours_per_week` the block.
    """

    agreement_id: str
    psychiatric_consultant_id: str
    model: TransferModel
    effective_from: date
    effective_to: date | None
    amount_cents: int | None
    percent: Decimal | None
    hours_per_week: Decimal | None

    def holds_in(self, month: Month) -> bool:
        """Whether the agreement holds on the month's last day."""
        return self.effective_from <= month.last_day and (
            self.effective_to is None or month.last_day < self.effective_to
        )


@dataclass(frozen=True, slots=True)
class ConsultantActivity:
    """What a consultant did in a month, and what came of it. `base_units` are billed base codes of their patients."""

    logged_seconds: int = 0
    reviews: int = 0
    base_units: int = 0
    collected_cents: int = 0


@dataclass(frozen=True, slots=True)
class TransferLine:
    """A line of a month's statement: quantity times rate, in words and in cents."""

    agreement_id: str
    psychiatric_consultant_id: str
    model: TransferModel
    quantity: str
    rate: str
    amount_cents: int


def transfer_line(
    term: TransferTerm,
    month: Month,
    activity: ConsultantActivity,
    consultant_rvu: Decimal | None,
    conversion_factor: Decimal | None,
) -> TransferLine:
    """The month's line under an agreement. Raises `UnusableInput` naming the term that its model needs."""
    match term.model:
        case TransferModel.SCHEDULED_BLOCK:
            hours = _needed(term, "hours_per_week", term.hours_per_week)
            weeks = Decimal(month.last_day.day) / 7
            quantity = f"{hours} hours a week for {month.last_day.day} days"
            return _line(term, quantity, hours * weeks * _cents(term), "an hour")
        case TransferModel.LOGGED_HOURS:
            hours = Decimal(activity.logged_seconds) / 3600
            quantity = f"{activity.logged_seconds // 60} minutes logged"
            return _line(term, quantity, hours * _cents(term), "an hour")
        case TransferModel.PER_REVIEW:
            return _line(term, f"{activity.reviews} reviews", activity.reviews * _cents(term), "a review")
        case TransferModel.EMBEDDED_VALUATION:
            if consultant_rvu is None or conversion_factor is None:
                raise UnusableInput(
                    f"agreement {term.agreement_id}: the valuation of the consultant's work is not known for {month}"
                )
            cents = activity.base_units * consultant_rvu * conversion_factor * 100
            rate = f"{consultant_rvu} RVU x {conversion_factor}"
            return _made(term, f"{activity.base_units} base units billed", rate, cents)
        case TransferModel.SHARE_OF_COLLECTIONS:
            percent = _needed(term, "percent", term.percent)
            collected = decimal_from_cents(activity.collected_cents)
            return _made(
                term, f"{collected} collected", f"{percent} %", activity.collected_cents * percent / 100
            )
        case TransferModel.COST_ALLOCATION:
            percent = _needed(term, "percent", term.percent)
            cost = decimal_from_cents(int(_cents(term)))
            return _made(term, f"{cost} programme cost", f"{percent} %", _cents(term) * percent / 100)
        case TransferModel.RETAINER:
            return _line(term, "one month", _cents(term), "a month")


def _line(term: TransferTerm, quantity: str, cents: Decimal, unit: str) -> TransferLine:
    return _made(term, quantity, f"{decimal_from_cents(int(_cents(term)))} {unit}", cents)


def _made(term: TransferTerm, quantity: str, rate: str, cents: Decimal) -> TransferLine:
    whole = int(cents.to_integral_value(rounding=ROUND_HALF_UP))
    return TransferLine(term.agreement_id, term.psychiatric_consultant_id, term.model, quantity, rate, whole)


def _cents(term: TransferTerm) -> Decimal:
    return Decimal(_needed(term, "amount", term.amount_cents))


def _needed(term: TransferTerm, name: str, value: int | Decimal | None) -> Decimal:
    if value is None:
        raise UnusableInput(f"agreement {term.agreement_id}: {term.model.replace('_', ' ')} needs {name}")
    return Decimal(value)
