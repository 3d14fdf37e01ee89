"""Is the person covered in the month: active or not, from when, until when."""

from __future__ import annotations

from datetime import date

from cocm.basics.months import Month
from cocm.benefits.codes import MEDICAL_SIDE, PLAN_SIDE, BenefitCodes
from cocm.benefits.records import Coverage, CoverageState
from cocm.benefits.statements import bounds
from cocm.x12.eligibility_record import Benefit, EligibilityMember


def month_coverage(
    member: EligibilityMember, month: Month, codes: BenefitCodes, answered_on: date | None
) -> Coverage:
    """The days of the month on which the medical plan covers the person, as far as the answer tells."""
    about_plan = [
        one for one in member.benefits if codes.sides(one.service_type_codes) & {PLAN_SIDE, MEDICAL_SIDE}
    ]
    active = [one for one in about_plan if codes.information_kinds.get(one.information_code) == "active"]
    inactive = [one for one in about_plan if codes.information_kinds.get(one.information_code) == "inactive"]
    if active:
        best = [_covered(one, member, month, codes, answered_on) for one in active]
        return max(best, key=_goodness)
    if inactive:
        return _ended(inactive[0], member, month, codes)
    return Coverage(
        CoverageState.UNKNOWN, None, None, False, "", "the answer does not say whether the plan is active"
    )


def _goodness(coverage: Coverage) -> tuple[int, bool]:
    order = (CoverageState.NONE, CoverageState.UNKNOWN, CoverageState.PART, CoverageState.WHOLE)
    return order.index(coverage.state), coverage.is_dated


def _covered(
    benefit: Benefit, member: EligibilityMember, month: Month, codes: BenefitCodes, answered_on: date | None
) -> Coverage:
    """Coverage under an active plan."""
    own = bounds(benefit.dates, codes)
    first, last = own if own != (None, None) else bounds(member.dates, codes)
    what = benefit.plan_description
    if first is None and last is None:
        asked = _asked(benefit, member, codes) or answered_on
        if asked is not None and asked in month:
            why = f"active on {asked}; the answer gives no dates"
            return Coverage(CoverageState.WHOLE, month.first_day, month.last_day, False, what, why)
        why = f"active on {asked or 'an unknown day'}, which is not in {month}, and the answer gives no dates"
        return Coverage(CoverageState.UNKNOWN, None, None, False, what, why)
    return _clipped(first, last, month, what, "active")


def _ended(benefit: Benefit, member: EligibilityMember, month: Month, codes: BenefitCodes) -> Coverage:
    """Coverage under a plan that is no longer active: days of the month before its end count."""
    own = bounds(benefit.dates, codes)
    first, last = own if own[1] is not None else bounds(member.dates, codes)
    if last is None:
        why = "the plan is not active; the answer gives no end"
        return Coverage(CoverageState.NONE, None, None, first is not None, benefit.plan_description, why)
    return _clipped(first, last, month, benefit.plan_description, "not active any more")


def _clipped(first: date | None, last: date | None, month: Month, what: str, state: str) -> Coverage:
    """The part of a span that lies in the month."""
    begin, end = max(first or month.first_day, month.first_day), min(last or month.last_day, month.last_day)
    span = f"from {first}" if first else ""
    span += f"{' ' if span else ''}until {last}" if last else ""
    if begin > end:
        return Coverage(CoverageState.NONE, None, None, True, what, f"{state}, {span}: no day of {month}")
    is_whole = begin == month.first_day and end == month.last_day
    kind = CoverageState.WHOLE if is_whole else CoverageState.PART
    return Coverage(kind, begin, end, True, what, f"{state}, {span}")


def _asked(benefit: Benefit, member: EligibilityMember, codes: BenefitCodes) -> date | None:
    """The single day that the answer is about."""
    for span in (*benefit.dates, *member.dates):
        part = codes.date_parts.get(span.kind)
        if part == "asked" or (part == "span" and span.from_date == span.to_date):
            return span.from_date
    return None
