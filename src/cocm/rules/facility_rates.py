"""Payment outside the professional fee schedule: clinics' national rates, and hospital outpatient classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from cocm.basics.money import cents_from_decimal
from cocm.rules.editions import edition_in_year
from cocm.rules.rulebook import Rulebook
from cocm.rules.tables import Row, read_table
from cocm.rules.values import Confidence

_CLINIC_RATES: Final = "fees/clinic_rates.csv"
_OPPS: Final = "fees/opps.csv"


@dataclass(frozen=True, slots=True)
class ClinicRate:
    """What Medicare sets nationally for a clinic's month, before coinsurance, in cents; how sure that is."""

    hcpcs_code: str
    amount_cents: int
    effective_from: date
    effective_to: date
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class OutpatientPayment:
    """How the hospital outpatient system treats a code in an edition of Addendum B.

    Amounts are national and unadjusted, in cents, None where the edition gives none; `apc` is empty where the
    code belongs to no payment class.
    """

    hcpcs_code: str
    status_indicator: str
    apc: str
    relative_weight: Decimal | None
    amount_cents: int | None
    minimum_copayment_cents: int | None
    effective_from: date
    effective_to: date


def clinic_rate(rulebook: Rulebook, hcpcs_code: str, day: date) -> ClinicRate | None:
    """A clinic code's national rate on a date of service; None where none is known or the code has ended."""
    for rate in _clinic_rates(rulebook).get(hcpcs_code, ()):
        if rate.effective_from <= day < rate.effective_to:
            return rate
    return None


def outpatient_payment(rulebook: Rulebook, hcpcs_code: str, day: date) -> OutpatientPayment | None:
    """The outpatient payment of a code, from the year's latest edition not after the day, else its earliest.

    None where no edition of the year is at hand, or it does not list the code among those we follow.
    """
    table = _outpatient_payments(rulebook)
    edition = edition_in_year({one.effective_from for rows in table.values() for one in rows}, day)
    if edition is not None:
        for payment in table.get(hcpcs_code, ()):
            if payment.effective_from <= edition < payment.effective_to:
                return payment
    return None


@lru_cache(maxsize=8)
def _clinic_rates(rulebook: Rulebook) -> Mapping[str, Sequence[ClinicRate]]:
    rates: dict[str, list[ClinicRate]] = {}
    for row in read_table(rulebook.data_file(_CLINIC_RATES)):
        code = row.text("hcpcs_code")
        rates.setdefault(code, []).append(
            ClinicRate(
                hcpcs_code=code,
                amount_cents=cents_from_decimal(row.number("amount")),
                effective_from=row.day("effective_from"),
                effective_to=row.day("effective_to"),
                confidence=row.one_of("confidence", Confidence),
            )
        )
    return rates


@lru_cache(maxsize=8)
def _outpatient_payments(rulebook: Rulebook) -> Mapping[str, Sequence[OutpatientPayment]]:
    payments: dict[str, list[OutpatientPayment]] = {}
    for row in read_table(rulebook.data_file(_OPPS)):
        code = row.text("hcpcs_code")
        payments.setdefault(code, []).append(
            OutpatientPayment(
                hcpcs_code=code,
                status_indicator=row.text("status_indicator"),
                apc=row.text("apc"),
                relative_weight=row.number_or_none("relative_weight"),
                amount_cents=_cents(row, "payment_rate"),
                minimum_copayment_cents=_cents(row, "minimum_copayment"),
                effective_from=row.day("effective_from"),
                effective_to=row.day("effective_to"),
            )
        )
    return payments


def _cents(row: Row, column: str) -> int | None:
    dollars = row.number_or_none(column)
    return None if dollars is None else cents_from_decimal(dollars)
