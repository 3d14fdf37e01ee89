"""The dates on the claim beside each other, beside the person's life, and beside what the payer asks for."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from cocm.basics.months import day_number
from cocm.edits.context import ClaimContext, LineContext
from cocm.edits.fact import FactValue, Kind, Scope, fact
from cocm.edits.kleene import UNKNOWN

_ONE_DAY: Final = timedelta(days=1)


@fact(
    Scope.CLAIM,
    Kind.BOOLEAN,
    says="the claim's lines for the service lie in several months",
    denies="the claim's lines for the service lie in one month",
    sql="l.spans_months",
    clean=False,
)
def spans_months(claim: ClaimContext) -> FactValue:
    """The claim has CoCM lines of more than one month."""
    return claim.spans_months


@fact(
    Scope.CLAIM,
    Kind.BOOLEAN,
    says="the patient was born by the date of service",
    denies="the patient was born after the date of service",
    sql="l.birth_day_number <= l.first_service_day_number",
    clean=True,
)
def is_born(claim: ClaimContext) -> FactValue:
    """The birth date is not after the earliest date of service."""
    return claim.claim.patient_birth_date <= claim.first_service_date


@fact(
    Scope.CLAIM,
    Kind.INTEGER,
    says="the patient's age in years",
    sql="l.age_years",
    clean=46,
)
def age_years(claim: ClaimContext) -> FactValue:
    """Whole years from birth to the earliest date of service; 0 where that is before birth."""
    return age_in_years(claim.claim.patient_birth_date, claim.first_service_date)


def age_in_years(birth_date: date, day: date) -> int:
    """Whole years from birth to a day; 0 before birth."""
    had_no_birthday_yet = (day.month, day.day) < (birth_date.month, birth_date.day)
    return max(0, day.year - birth_date.year - had_no_birthday_yet)


@fact(
    Scope.CLAIM,
    Kind.BOOLEAN,
    says="a death is on record",
    denies="no death is on record",
    sql="e.death_day_number is not null",
    clean=False,
)
def has_death_date(claim: ClaimContext) -> FactValue:
    """The practice's record has the day on which the patient died."""
    return claim.evidence.death_date is not None


@fact(
    Scope.CLAIM,
    Kind.DAY,
    says="the date of death",
    sql="e.death_day_number",
    clean=20000,
    may_be_unknown=True,
)
def death_day(claim: ClaimContext) -> FactValue:
    """The day on which the patient died."""
    day = claim.evidence.death_date
    return UNKNOWN if day is None else day_number(day)


@fact(
    Scope.CLAIM,
    Kind.BOOLEAN,
    says="the policy billed is in force on the date of service",
    denies="the policy billed is not in force on the date of service",
    sql="""
        case when e.coverage_from_day_number is null then null
            else e.coverage_from_day_number <= l.first_service_day_number
                and (e.coverage_to_day_number is null or l.first_service_day_number <= e.coverage_to_day_number)
        end
    """,
    clean=True,
    may_be_unknown=True,
)
def coverage_is_in_force(claim: ClaimContext) -> FactValue:
    """The earliest date of service lies within the days of the policy."""
    evidence, day = claim.evidence, claim.first_service_date
    if evidence.coverage_from_date is None:
        return UNKNOWN
    end = evidence.coverage_to_date
    return evidence.coverage_from_date <= day and (end is None or day <= end)


@fact(
    Scope.CLAIM,
    Kind.BOOLEAN,
    says="the date of service is the last day of the month, or of the policy",
    denies="the date of service is neither the last day of the month nor of the policy",
    sql="""
        case when l.begins_on_last_day then true
            when e.coverage_from_day_number is null then null
            else e.coverage_to_day_number is not null and e.coverage_to_day_number = l.first_service_day_number
        end
    """,
    clean=True,
    may_be_unknown=True,
)
def service_day_is_last(claim: ClaimContext) -> FactValue:
    """The earliest date of service is the month's last day, or the last one on which the policy was in force."""
    evidence, day = claim.evidence, claim.first_service_date
    if (day + _ONE_DAY).day == 1:
        return True
    if evidence.coverage_from_date is None:
        return UNKNOWN
    return evidence.coverage_to_date == day


@fact(
    Scope.CLAIM,
    Kind.DAY,
    says="the day on which the episode began",
    sql="e.episode_start_day_number",
    clean=9500,
    may_be_unknown=True,
)
def episode_start_day(claim: ClaimContext) -> FactValue:
    """The first day of the episode, from the practice's record."""
    day = claim.evidence.episode_start_date
    return UNKNOWN if day is None else day_number(day)


@fact(
    Scope.LINE,
    Kind.BOOLEAN,
    says="the line's first day is after its last",
    denies="the line's first day is not after its last",
    sql="l.service_from_day_number > l.service_day_number",
    clean=False,
)
def range_is_reversed(line: LineContext) -> FactValue:
    """The line gives a range of dates that ends before it begins."""
    first = line.line.service_from_date
    return first is not None and first > line.line.service_date


@fact(
    Scope.LINE,
    Kind.BOOLEAN,
    says="the line's range of dates reaches over the end of a month",
    denies="the line's dates lie in one month",
    sql="l.service_from_month_index < l.month_index",
    clean=False,
)
def range_crosses_months(line: LineContext) -> FactValue:
    """The line's first day lies in an earlier month than its last."""
    first, last = line.line.service_from_date, line.line.service_date
    return first is not None and (first.year, first.month) < (last.year, last.month)
