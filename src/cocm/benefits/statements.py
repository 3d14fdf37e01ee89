"""Which of an answer's statements hold for the month and the place at all."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from cocm.basics.months import Month
from cocm.benefits.codes import BenefitCodes
from cocm.x12.eligibility_record import Benefit
from cocm.x12.wire_parts import DateSpan

_PLACE_CODES: Final = "ZZ"  # III01: the code is a place of service

_WHOLE_PERCENT: Final = 100


def statements_in_force(
    benefits: Iterable[Benefit], month: Month, place_of_service_code: str, codes: BenefitCodes
) -> tuple[Benefit, ...]:
    """The statements that are not of another time (their own dates leave the month out) or another place.

    One with an amount below nothing or a share above the whole says nothing that a patient may be told.
    """
    return tuple(
        one
        for one in benefits
        if _is_in_month(one, month, codes) and _is_for_place(one, place_of_service_code) and _can_be(one)
    )


def bounds(dates: Iterable[DateSpan], codes: BenefitCodes) -> tuple[date | None, date | None]:
    """The latest beginning and the earliest end that some dates tell; None where they tell none."""
    begins: list[date] = []
    ends: list[date] = []
    for span in dates:
        part = codes.date_parts.get(span.kind)
        if part == "begin":
            begins.append(span.from_date)
        elif part == "end":
            ends.append(span.to_date)
        elif part == "span" and span.from_date != span.to_date:
            begins.append(span.from_date)
            ends.append(span.to_date)
    return max(begins, default=None), min(ends, default=None)


def _can_be(benefit: Benefit) -> bool:
    amount, percent = benefit.amount_cents or 0, benefit.percent or 0
    return amount >= 0 and 0 <= percent <= _WHOLE_PERCENT


def _is_in_month(benefit: Benefit, month: Month, codes: BenefitCodes) -> bool:
    first, last = bounds(benefit.dates, codes)
    return (first is None or first <= month.last_day) and (last is None or last >= month.first_day)


def _is_for_place(benefit: Benefit, place_of_service_code: str) -> bool:
    places = [one.code for one in benefit.places if one.code_type == _PLACE_CODES and one.code]
    return not places or place_of_service_code in places
