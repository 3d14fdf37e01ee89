"""Interest on what was paid late: the payer's own clock and yearly rate, simple interest, to the cent.

The clock runs from the day the claim came in, or the records that the plan had asked for in time. Interest is owed from
the day after its last day through the day of payment: amount x rate x days / days of the year, rounded half up to the
cent once a claim.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from cocm.rules import PackOn

PAYMENT_DAYS: Final = "clock.payment_days"
RATE: Final = "payment.interest_percent_hundredths"
YEAR_DAYS: Final = "payment.interest_year_days"
_HUNDREDTHS_OF_PERCENT: Final = 10_000


@dataclass(frozen=True, slots=True)
class Interest:
    """What is owed for paying late. `cents` None: the rules do not tell, `why` says what is missing.

    `due_date` is the last day of the clock; `days` are those after it.
    """

    cents: int | None
    days: int
    due_date: date | None
    why: str
    cites: tuple[str, ...]

    @property
    def paid_cents(self) -> int:
        """What is paid of it: nothing where the rules do not tell."""
        return self.cents or 0


def late_interest(
    policy: PackOn, *, principal_cents: int, clock_from_date: date, payment_date: date
) -> Interest:
    """The interest on an amount that was due within the payer's clock and is paid on a day.

    Nothing is owed on an amount of nothing, or in time.
    """
    clock, rate, year = policy.value(PAYMENT_DAYS), policy.value(RATE), policy.value(YEAR_DAYS)
    if clock.integer is None:
        return Interest(None, 0, None, "no payment clock is on file for the payer", (clock.cite,))
    due_date = clock_from_date + timedelta(days=clock.integer)
    days = max(0, (payment_date - due_date).days)
    if principal_cents <= 0:
        return Interest(0, 0, due_date, "nothing more is paid than before", (clock.cite,))
    if not days:
        return Interest(0, 0, due_date, "it is paid within the clock", (clock.cite,))
    cites = (clock.cite, rate.cite, year.cite)
    if rate.integer is None or not year.integer:
        return Interest(None, days, due_date, "no rate of interest is on file for the payer", cites)
    per_cent_parts = _HUNDREDTHS_OF_PERCENT * year.integer
    cents = (2 * principal_cents * rate.integer * days + per_cent_parts) // (2 * per_cent_parts)
    return Interest(cents, days, due_date, f"{days} days after {due_date}", cites)
