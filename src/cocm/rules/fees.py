"""What Medicare allows for a code: relative values, geographic indices, conversion factor; exact decimals.

Allowed amount = (work x work index + practice expense x its index + malpractice x its index) x conversion
factor, rounded half up to the cent once, at the end (42 CFR 414.20). Nationally every index is 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Final

from cocm.basics.money import cents_from_decimal
from cocm.rules.editions import edition_in_year
from cocm.rules.localities import Locality, localities, locality_on
from cocm.rules.rulebook import Rulebook
from cocm.rules.tables import read_table

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
    effective_from: date
    effective_to: date
    status: str
    work: Decimal
    pe_nonfacility: Decimal
    pe_facility: Decimal
    malpractice: Decimal


@dataclass(frozen=True, slots=True)
class _Status:
    label: str
    is_priced: bool
    condition: str


@dataclass(frozen=True, slots=True)
class _ConversionFactor:
    effective_from: date
    effective_to: date
    applies_to: str
    factor: Decimal


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
        release = edition_in_year(self._releases, day)
        values = None if release is None else self._values_in(hcpcs_code, release)
        if release is None or values is None:
            return FeeResult(None, self._why_no_values(hcpcs_code, day, release), True)
        status = self._statuses.get(values.status, _Status("not known", False, ""))
        if not status.is_priced:
            why = f"with status {values.status}: not paid by the fee schedule ({status.label})"
            return FeeResult(None, f"CMS lists {hcpcs_code} in {day.year} {why}", True)
        conversion = self._conversion_factor(day, is_qualifying_apm)
        if conversion is None:
            return FeeResult(None, f"no conversion factor for {day} is at hand", True)
        place, where = self._locality(locality, day)
        practice_expense = values.pe_facility if is_facility else values.pe_nonfacility
        amount = conversion.factor * (
            values.work * (place.work_gpci if place else _ONE)
            + practice_expense * (place.pe_gpci if place else _ONE)
            + values.malpractice * (place.mp_gpci if place else _ONE)
        )
        setting = "facility" if is_facility else "non-facility"
        basis = f"Medicare {where}, {setting}, {_release(release, day)}, {_factor(conversion)}"
        if status.condition:
            basis += f"; {status.condition}"
        return FeeResult(cents_from_decimal(amount), basis, place is None)

    def _values_in(self, hcpcs_code: str, release: date) -> _RelativeValues | None:
        for values in self._relative_values.get(hcpcs_code, ()):
            if values.effective_from <= release < values.effective_to:
                return values
        return None

    def _why_no_values(self, hcpcs_code: str, day: date, release: date | None) -> str:
        why = f"no relative values for {hcpcs_code} in {day.year} are at hand"
        if release is not None and hcpcs_code in self._relative_values:
            why += f": the release of {release} does not list it"
        return why

    def conversion_factor(self, day: date) -> Decimal | None:
        """Medicare's dollars for one relative value unit on a day, outside alternative payment models."""
        found = self._conversion_factor(day, False)
        return None if found is None else found.factor

    def _conversion_factor(self, day: date, is_qualifying_apm: bool) -> _ConversionFactor | None:
        applies_to = ("all", "qualifying_apm" if is_qualifying_apm else "non_qualifying_apm")
        for factor in self._conversion_factors:
            if factor.effective_from <= day < factor.effective_to and factor.applies_to in applies_to:
                return factor
        return None

    def _locality(self, locality: str, day: date) -> tuple[Locality | None, str]:
        """The locality's indices on a day, and how to say so; None is the national amount."""
        if not locality:
            return None, "national amount"
        found = locality_on(self._rulebook, locality, day)
        if found is not None:
            return found, f"amount for locality {locality} ({found.name})"
        if not localities(self._rulebook, day):
            return None, f"national amount (no locality indices for {day.year} are at hand)"
        return None, f"national amount (locality {locality!r} is none of {day.year}; write it as 10112-00)"

    @cached_property
    def _relative_values(self) -> Mapping[str, Sequence[_RelativeValues]]:
        values: dict[str, list[_RelativeValues]] = {}
        for row in read_table(self._rulebook.data_file("fees/relative_values.csv")):
            values.setdefault(row.text("hcpcs_code"), []).append(
                _RelativeValues(
                    effective_from=row.day("effective_from"),
                    effective_to=row.day("effective_to"),
                    status=row.text("status"),
                    work=row.number("work_rvu"),
                    pe_nonfacility=row.number("pe_rvu_nonfacility"),
                    pe_facility=row.number("pe_rvu_facility"),
                    malpractice=row.number("mp_rvu"),
                )
            )
        return values

    @cached_property
    def _releases(self) -> frozenset[date]:
        """The days on which a release at hand changed something."""
        return frozenset(values.effective_from for rows in self._relative_values.values() for values in rows)

    @cached_property
    def _statuses(self) -> Mapping[str, _Status]:
        rows = read_table(self._rulebook.data_file("fees/status_codes.csv"))
        return {
            row.text("status"): _Status(row.text("label"), row.flag("is_priced"), row.text("condition"))
            for row in rows
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

    The values are those of the latest release of the year that is not after the date, else of the year's
    earliest release at hand; `basis` says which. `locality` is the contractor's number and the locality's
    (`10112-00`); without it, or where its indices are not at hand, the amount is the national one and `basis`
    says so. From 2026 a practitioner who is a qualifying participant of an alternative payment model has a
    conversion factor of its own. A code without a rate has no amount, and `basis` tells why.
    """
    return fee_schedule(rulebook).allowed_amount(
        hcpcs_code, day, is_facility=is_facility, locality=locality or "", is_qualifying_apm=is_qualifying_apm
    )


def _release(release: date, day: date) -> str:
    """Which release the values are read from."""
    if release <= day:
        return f"relative values of {day.year} (release of {release})"
    return f"relative values of {day.year} (release of {release}, no earlier one is at hand)"


def _factor(conversion: _ConversionFactor) -> str:
    """The conversion factor, and whose it is where there are two."""
    whose = {
        "qualifying_apm": " (qualifying APM participant)",
        "non_qualifying_apm": " (not a qualifying APM participant)",
    }
    return f"conversion factor {conversion.factor}{whose.get(conversion.applies_to, '')}"
