"""What a payer is expected to pay for one unit of a code, where a published rate is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from cocm.care.casefile import CaseFile
from cocm.coding.records import ProposedLine
from cocm.rules import PackOn


@dataclass(frozen=True, slots=True)
class Rate:
    """One unit's expected amount in cents (None where no rate is known), and which rate it is, or why none."""

    amount_cents: int | None
    basis: str


Price: TypeAlias = Callable[[PackOn, str, str], Rate]
"""From a payer's pack on a date, a code and a place of service code to the rate of one unit."""


@lru_cache(maxsize=4096)
def published_rate(
    policy: PackOn, hcpcs_code: str, place_of_service_code: str, locality: str = "", state: str = ""
) -> Rate:
    """The payer's published rate, remembered. A practice's charge is no payment and is never taken for one.

    `locality` is the site's where it is on file (`01112-75`); else that of its `state` (two letters), where the whole
    state is one. Without either the amount is the national one, and the basis says so.
    """
    schedule = policy.value("payment.fee_schedule")
    if schedule.text is None:
        known = "no rate is known for this payer"
        return Rate(None, known if schedule.is_known else "which rates apply is not established")
    return medicare_rate(policy, hcpcs_code, place_of_service_code, locality, state)


@lru_cache(maxsize=4096)
def medicare_rate(
    policy: PackOn, hcpcs_code: str, place_of_service_code: str, locality: str = "", state: str = ""
) -> Rate:
    """Medicare's rate on the policy's day, whatever the payer pays by; see `published_rate` for the locality."""
    from cocm.rules.codes import places_of_service  # the tables are read only where an amount is asked for
    from cocm.rules.fees import allowed_amount_cents
    from cocm.rules.localities import only_locality

    rulebook = policy.pack.rulebook
    place = places_of_service(rulebook).get(place_of_service_code)
    if place is None:
        return Rate(None, "the place of service decides the rate and is not on file")
    found = None if locality or not state else only_locality(rulebook, state, policy.day)
    where = locality or (found.locality if found is not None else "")
    fee = allowed_amount_cents(
        rulebook, hcpcs_code, policy.day, is_facility=place.is_facility, locality=where or None
    )
    return Rate(fee.amount_cents, fee.basis)


def expected_payment(
    case: CaseFile, policy: PackOn, lines: tuple[ProposedLine, ...], price: Price | None = None
) -> tuple[int | None, str]:
    """Units times rate in cents, and which rate; None as soon as one line has no known rate.

    Without a `price` of the caller's it is the payer's published one, in the site's locality where that is known.
    """
    site = case.site
    place_of_service_code = site.place_of_service_code if site is not None else ""
    total_cents = 0
    basis = ""
    for line in lines:
        if price is not None or site is None:
            rate = (price or published_rate)(policy, line.hcpcs_code, place_of_service_code)
        else:
            rate = published_rate(
                policy, line.hcpcs_code, place_of_service_code, site.fee_locality, site.address.state
            )
        if rate.amount_cents is None:
            return None, rate.basis
        total_cents += line.units * rate.amount_cents
        basis = rate.basis
    return (total_cents, basis) if lines else (None, "")
