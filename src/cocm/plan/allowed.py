"""What the plan allows for a line: the lesser of the charge and the fee."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cocm.plan.records import FeeBasis, PlanBook
from cocm.rules import Rulebook
from cocm.rules.codes import places_of_service
from cocm.rules.fees import allowed_amount_cents


@dataclass(frozen=True, slots=True)
class Allowed:
    """The amount allowed for all units and where it comes from; None where no fee is at hand."""

    amount_cents: int | None
    basis: str


def line_allowed(
    book: PlanBook,
    rulebook: Rulebook,
    *,
    hcpcs_code: str,
    units: int,
    charge_cents: int,
    place_of_service_code: str,
    day: date,
) -> Allowed:
    """The lesser of the charge and the fee of so many units on a date of service in a place."""
    place = places_of_service(rulebook).get(place_of_service_code)
    is_facility = place is not None and place.is_facility
    own = [fee for fee in book.fees.get(hcpcs_code, ()) if day in fee.period]
    fitting = [fee for fee in own if fee.is_facility is is_facility] or [
        fee for fee in own if fee.is_facility is None
    ]
    if fitting:
        fee_cents, basis = fitting[0].amount_cents, f"the plan's fee from {fitting[0].period.effective_from}"
    elif book.profile.fee_basis is FeeBasis.MEDICARE_NATIONAL:
        found = allowed_amount_cents(rulebook, hcpcs_code, day, is_facility=is_facility)
        if found.amount_cents is None:
            return Allowed(None, found.basis)
        fee_cents, basis = found.amount_cents, found.basis
    else:
        return Allowed(None, f"the plan's fee table has no row for {hcpcs_code} on {day}")
    if charge_cents < fee_cents * units:
        return Allowed(charge_cents, f"the charge, below {basis}")
    return Allowed(fee_cents * units, basis)
