"""The calendar of a month's close, as data: the steps, whose they are, and their days from the month's end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from cocm.basics.months import Month
from cocm.server.access.permissions import MemberRole

SYSTEM: Final = "Site"


@dataclass(frozen=True, slots=True)
class CalendarStep:
    """A step. `from_day` and `to_day` are days after the month's last day (before it: negative)."""

    key: str
    title: str
    owners: tuple[MemberRole, ...]
    from_day: int
    to_day: int

    def window(self, month: Month) -> tuple[date, date]:
        """The step's first and last day."""
        end = month.last_day
        return end + timedelta(days=self.from_day), end + timedelta(days=self.to_day)


_R = MemberRole
CALENDAR: Final = (
    CalendarStep("forecast", "Forecast", (_R.BHCM,), -7, 0),
    CalendarStep("freeze", "Freeze", (_R.BILLING,), 1, 1),
    CalendarStep("sign", "Sign-off", (_R.BHCM, _R.PSYCHIATRIC_CONSULTANT), 1, 2),
    CalendarStep("eligibility", "Eligibility", (_R.BILLING,), 2, 3),
    CalendarStep("proposals", "Proposals", (_R.BILLING,), 3, 3),
    CalendarStep("exceptions", "Exceptions", (_R.BILLING, _R.BHCM), 3, 4),
    CalendarStep("attestation", "Attestation", (_R.MANAGER,), 4, 4),
    CalendarStep("close", "Build and scrub", (_R.BILLING,), 5, 5),
    CalendarStep("submit", "Submit", (_R.BILLING,), 5, 5),
)
