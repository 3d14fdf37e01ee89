"""A month in an address: 2026-03."""

from __future__ import annotations

from cocm.basics.months import Month


class MonthConverter:
    """`<month:month>` gives a `Month`; what is none is no address."""

    regex = "[0-9]{4}-(?:0[1-9]|1[0-2])"

    def to_python(self, text: str) -> Month:
        return Month.parse(text)

    def to_url(self, month: Month | str) -> str:
        return str(month)
