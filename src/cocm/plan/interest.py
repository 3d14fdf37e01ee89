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

    `due_date` is the last day of the clock; `days` are those after it. It is owed on `principal_cents`, at
    `rate_percent_hundredths` a year of `year_days`, where the rules tell these.
    """

    cents: int | None
    days: int
    due_date: date | None
    why: str
    cites: tuple[str, ...]
    principal_cents: int = 0
    rate_percent_hundredths: int | None = None
    year_days: int | None = None

    @property
    def paid_cents(self) -> int:
        """What is paid of it: nothing where the rules do not tell."""
        return self.cents or 0

    @property
    def is_to_tell(self) -> bool:
        """Whether something is paid late, or nobody can say whether it is."""
        return self.principal_cents > 0 and (self.days > 0 or self.cents is None)


def late_interest(
    policy: PackOn, *, principal_cents: int, clock_from_date: date, payment_date: date
) -> Interest:
    """The interest on an amount that was due within the payer's clock and is paid on a day.

    Nothing is owed on an amount of nothing, or in time.
    """
    clock, rate, year = policy.value(PAYMENT_DAYS), policy.value(RATE), policy.value(YEAR_DAYS)
    if clock.integer is None:
        why = "no payment clock is on file for the payer"
        return Interest(None, 0, None, why, (clock.cite,), principal_cents)
    due_date = clock_from_date + timedelta(days=clock.integer)
    days = max(0, (payment_date - due_date).days)
    if principal_cents <= 0:
        return Interest(0, 0, due_date, "nothing more is paid than before", (clock.cite,))
    if not days:
        return Interest(0, 0, due_date, "it is paid within the clock", (clock.cite,))
    cites = (clock.cite, rate.cite, year.cite)
    if rate.integer is None or not year.integer:
        why = "no rate of interest is on file for the payer"
        return Interest(None, days, due_date, why, cites, principal_cents)
    per_cent_parts = _HUNDREDTHS_OF_PERCENT * year.integer
    cents = (2 * principal_cents * rate.integer * days + per_cent_parts) // (2 * per_cent_parts)
    why = f"{days} days after {due_date}"
    return Interest(cents, days, due_date, why, cites, principal_cents, rate.integer, year.integer)
