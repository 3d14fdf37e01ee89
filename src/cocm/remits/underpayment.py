"""Whether a payer allowed less than it owes: the allowed amount against the lesser of charge and rate.

Allowed is what was paid, the patient's share and what the law kept back: a deductible or sequestration is no
underpayment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from cocm.coding.price import Rate

LineRate: TypeAlias = Callable[[str], Rate]
"""From a code to the rate of one unit."""


@dataclass(frozen=True, slots=True)
class Underpayment:
    """By how much less than expected was allowed, in cents, and which rate was expected."""

    expected_cents: int
    allowed_cents: int
    basis: str

    @property
    def short_cents(self) -> int:
        return self.expected_cents - self.allowed_cents


def underpayment(
    allowed_cents: int, lines: Iterable[tuple[str, int, int]], rate_of: LineRate
) -> Underpayment | None:
    """The shortfall of a paid claim of lines (code, units, charge in cents); None where there is none, or no rate.

    A line without a known rate makes the expectation unknown: nothing is guessed.
    """
    expected = 0
    basis = ""
    for hcpcs_code, units, charge_cents in lines:
        rate = rate_of(hcpcs_code)
        if rate.amount_cents is None:
            return None
        expected += min(charge_cents, rate.amount_cents * units)
        basis = rate.basis
    found = Underpayment(expected, allowed_cents, basis)
    return found if expected and found.short_cents > 0 else None
