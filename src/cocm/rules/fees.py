"""What Medicare allows for a code: relative values, geographic indices, conversion factor; exact decimals.

Allowed amount = (work x work index + practice expense x its index + malpractice x its index) x conversion
factor, rounded half up to the cent once, at the end (42 CFR 414.20). Nationally every index is 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Final

from cocm.basics.money import cents_from_decimal
from cocm.rules.rulebook import Rulebook
from cocm.rules.tables import read_table

_ACTIVE: Final = "A"
_ONE: Final = Decimal(1)


@dataclass(frozen=True, slots=True)
class FeeResult:
    """An allowed amount with the tables it rests on, or no amount with the reason.

    `basis` says in a sentence which release, factor and locality were used, or why there is no rate.
    """

    amount_cents: int | None
    basis: str
    is_national: bool


@dataclass(frozen=True, slots=True)
class _RelativeValues:
    first_release: date
    status: str
    work: Decimal
    pe_nonfacility: Decimal
    pe_facility: Decimal
    malpractice: Decimal


@dataclass(frozen=True, slots=True)
class _ConversionFactor:
    effective_from: date
    effective_to: date
    applies_to: str
    factor: Decimal


@dataclass(frozen=True, slots=True)
class _Indices:
    name: str
    effective_from: date
    effective_to: date
    work: Decimal
    practice_expense: Decimal
    malpractice: Decimal


class FeeSchedule:
    """Medicare's physician fee schedule as the rulebook's tables hold it. Obtained from `fee_schedule`."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook
        self._answers: dict[tuple[str, date, bool, str, bool], FeeResult] = {}

    def allowed_amount(
        self, hcpcs_code: str, day: date, *, is_facility: bool, locality: str, is_qualifying_apm: bool
    ) -> FeeResult:
        """As `allowed_amount_cents`; a repeated question is answered from memory."""
        key = (hcpcs_code, day, is_facility, locality, is_qualifying_apm)
        if key not in self._answers:
            self._answers[key] = self._compute(*key)
        return self._answers[key]

    def _compute(
        self, hcpcs_code: str, day: date, is_facility: bool, locality: str, is_qualifying_apm: bool
    ) -> FeeResult:
        values = self._relative_values.get((hcpcs_code, day.year))
        if values is None:
            return FeeResult(None, f"no relative values for {hcpcs_code} in {day.year} are at hand", True)
        if values.status != _ACTIVE:
            status = f"status {values.status}: not paid by the fee schedule"
            why = f"CMS lists {hcpcs_code} in {day.year} with {status}"
            return FeeResult(None, why, True)
        conversion = self._conversion_factor(day, is_qualifying_apm)
        if conversion is None:
            return FeeResult(None, f"no conversion factor for {day} is at hand", True)
        indices, where = self._indices(locality, day)
        practice_expense = values.pe_facility if is_facility else values.pe_nonfacility
        amount = conversion.factor * (
            values.work * (indices.work if indices else _ONE)
            + practice_expense * (indices.practice_expense if indices else _ONE)
            + values.malpractice * (indices.malpractice if indices else _ONE)
        )
        setting = "facility" if is_facility else "non-facility"
        basis = f"Medicare {where}, {setting}, {_release(values, day)}, {_factor(conversion)}"
        return FeeResult(cents_from_decimal(amount), basis, indices is None)

    def _conversion_factor(self, day: date, is_qualifying_apm: bool) -> _ConversionFactor | None:
        applies_to = ("all", "qualifying_apm" if is_qualifying_apm else "non_qualifying_apm")
        for factor in self._conversion_factors:
            if factor.effective_from <= day < factor.effective_to and factor.applies_to in applies_to:
                return factor
        return None

    def _indices(self, locality: str, day: date) -> tuple[_Indices | None, str]:
        """The locality's indices on a day, and how to say so; None is the national amount."""
        if not locality:
            return None, "national amount"
        for indices in self._localities.get(locality, ()):
            if indices.effective_from <= day < indices.effective_to:
                return indices, f"amount for locality {locality} ({indices.name})"
        if not any(
            one.effective_from <= day < one.effective_to for rows in self._localities.values() for one in rows
        ):
            return None, f"national amount (no locality indices for {day.year} are at hand)"
        return None, f"national amount (locality {locality!r} is none of {day.year}; write it as 10112-00)"

    @cached_property
    def _relative_values(self) -> dict[tuple[str, int], _RelativeValues]:
        return {
            (row.text("hcpcs_code"), int(row.number("year"))): _RelativeValues(
                first_release=row.day("first_release"),
                status=row.text("status"),
                work=row.number("work_rvu"),
                pe_nonfacility=row.number("pe_rvu_nonfacility"),
                pe_facility=row.number("pe_rvu_facility"),
                malpractice=row.number("mp_rvu"),
            )
            for row in read_table(self._rulebook.data_file("fees/relative_values.csv"))
        }

    @cached_property
    def _conversion_factors(self) -> Sequence[_ConversionFactor]:
        return tuple(
            _ConversionFactor(
                row.day("effective_from"),
                row.day("effective_to"),
                row.text("applies_to"),
                row.number("conversion_factor"),
            )
            for row in read_table(self._rulebook.data_file("fees/conversion_factors.csv"))
        )

    @cached_property
    def _localities(self) -> dict[str, list[_Indices]]:
        localities: dict[str, list[_Indices]] = {}
        for row in read_table(self._rulebook.data_file("fees/localities.csv")):
            localities.setdefault(row.text("locality"), []).append(
                _Indices(
                    name=row.text("name"),
                    effective_from=row.day("effective_from"),
                    effective_to=row.day("effective_to"),
                    work=row.number("work_gpci"),
                    practice_expense=row.number("pe_gpci"),
                    malpractice=row.number("mp_gpci"),
                )
            )
        return localities


@lru_cache(maxsize=8)
def fee_schedule(rulebook: Rulebook) -> FeeSchedule:
    """The rulebook's Medicare fee schedule, read once."""
    return FeeSchedule(rulebook)


def allowed_amount_cents(
    rulebook: Rulebook,
    hcpcs_code: str,
    day: date,
    *,
    is_facility: bool,
    locality: str | None = None,
    is_qualifying_apm: bool = False,
) -> FeeResult:
    """What Medicare allows for one unit of a code on a date of service, in cents.

    `locality` is the carrier's number and the locality's (`10112-00`); without it, or where its indices are
    not at hand, the amount is the national one and `basis` says so. From 2026 a practitioner who is a
    qualifying participant of an alternative payment model has a conversion factor of its own. A code without
    a rate has no amount, and `basis` tells why.
    """
    return fee_schedule(rulebook).allowed_amount(
        hcpcs_code, day, is_facility=is_facility, locality=locality or "", is_qualifying_apm=is_qualifying_apm
    )


def _release(values: _RelativeValues, day: date) -> str:
    """Which release the values are read from: one a quarter is issued; of some years one is at hand."""
    if values.first_release <= day:
        return f"relative values of {day.year}"
    return f"relative values of {day.year} (release of {values.first_release}, no earlier one is at hand)"


def _factor(conversion: _ConversionFactor) -> str:
    """The conversion factor, and whose it is where there are two."""
    whose = {
        "qualifying_apm": " (qualifying APM participant)",
        "non_qualifying_apm": " (not a qualifying APM participant)",
    }
    return f"conversion factor {conversion.factor}{whose.get(conversion.applies_to, '')}"
