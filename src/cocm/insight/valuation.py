"""The consultant's part that Medicare values inside the CoCM codes, at a month."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from cocm.basics.months import Month
from cocm.insight.model import ConsultantValuation
from cocm.rules.fees import fee_schedule
from cocm.rules.rulebook import Rulebook

VALUATION_RULE: Final = "payment.consultant_rvu_hundredths"
VALUATION_PACK: Final = "medicare"
"""Whose fee schedule values the consultant's work, whoever pays the claim."""


def consultant_valuation(rulebook: Rulebook, month: Month) -> ConsultantValuation | None:
    """Work value and conversion factor of a month; None where the rulebook or the fee schedule has none for it."""
    value = rulebook.pack(VALUATION_PACK).on(month.last_day).value(VALUATION_RULE)
    factor = fee_schedule(rulebook).conversion_factor(month.last_day)
    if value.integer is None or factor is None:
        return None
    return ConsultantValuation(Decimal(value.integer) / 100, factor)
