"""What else the person's month and the months before it hold, from this claim and the history."""

from __future__ import annotations

from cocm.coding.records import MonthKind
from cocm.edits.context import ClaimContext, LineContext, MonthContext
from cocm.edits.fact import FactValue, Kind, Scope, fact
from cocm.edits.kleene import UNKNOWN


@fact(
    Scope.CLAIM,
    Kind.BOOLEAN,
    says="this is the first month of the episode",
    denies="this is a later month of the episode",
    sql="case when e.month_kind = 'first' then true when e.month_kind = 'later' then false end",
    clean=False,
    may_be_unknown=True,
)
def is_first_month(claim: ClaimContext) -> FactValue:
    """The practice's record says that the month is the first one of the episode."""
    kind = claim.evidence.month_kind
    return UNKNOWN if kind is MonthKind.UNKNOWN else kind is MonthKind.FIRST


@fact(
    Scope.MONTH,
    Kind.INTEGER,
    says="the number of months since this practice last billed the service",
    sql="""
        coalesce(min(case when k.months_before > 0 and k.is_cocm_code and k.stands and not k.is_other_practice
            then k.months_before end), 0)
    """,
    clean=1,
    is_aggregate=True,
)
def months_since_cocm(month: MonthContext) -> FactValue:
    """Months back to the last CoCM line of this practice that stands; 0 where the history has none."""
    return month.months_since_cocm


@fact(
    Scope.MONTH,
    Kind.INTEGER,
    says="the number of months since another practice billed the service",
    sql="""
        coalesce(min(case when k.months_before > 0 and k.is_cocm_code and k.stands and k.is_other_practice
            then k.months_before end), 0)
    """,
    clean=0,
    is_aggregate=True,
)
def months_since_cocm_elsewhere(month: MonthContext) -> FactValue:
    """Months back to the last CoCM line of another practice that stands; 0 where the history has none."""
    return month.months_since_cocm_elsewhere


@fact(
    Scope.MONTH,
    Kind.INTEGER,
    says="the number of lines on which another practice billed the month",
    sql="""
        count(*) filter (where k.months_before = 0 and k.is_other_practice and k.stands
            and (k.is_parent_code or k.is_short_month_code))
    """,
    clean=0,
    is_aggregate=True,
)
def base_lines_elsewhere_month(month: MonthContext) -> FactValue:
    """Lines of another practice that stand and bill the same person and month, to any payer."""
    return sum([line.is_elsewhere and line.role.is_base for line in month.standing])


@fact(
    Scope.MONTH,
    Kind.INTEGER,
    says="the number of lines with the first-month code in the month",
    sql="count(*) filter (where k.months_before = 0 and k.is_ours and k.stands and k.is_first_month_code)",
    clean=0,
    is_aggregate=True,
)
def first_month_lines_month(month: MonthContext) -> FactValue:
    """Lines of this practice in the month with the code that is the payer's first-month code."""
    code = month.claim.policy.facts["first_month_code"]
    if code is UNKNOWN:
        return 0
    return len([line for line in month.ours if line.hcpcs_code == code])


@fact(
    Scope.LINE,
    Kind.INTEGER,
    says="the number of lines in the month with another code that reports the month",
    sql="""
        count(*) filter (where k.months_before = 0 and k.is_ours and k.stands and not k.is_same_code
            and (k.is_parent_code or k.is_short_month_code))
    """,
    clean=0,
    is_aggregate=True,
)
def other_base_lines_month(line: LineContext) -> FactValue:
    """Lines of this practice in the month that report it with another base code, this claim's included."""
    code = line.line.hcpcs_code
    return sum([other.role.is_base and other.hcpcs_code != code for other in line.month.ours])


@fact(
    Scope.LINE,
    Kind.INTEGER,
    says="the number of lines with the same code in other months of the calendar year",
    sql="""
        count(*) filter (where k.months_before <> 0 and k.is_same_year and k.is_same_payer and k.is_same_code
            and k.stands)
    """,
    clean=0,
    is_aggregate=True,
)
def same_code_lines_year(line: LineContext) -> FactValue:
    """Lines of any practice to the payer that stand, with the code, in the year's other months."""
    code = line.line.hcpcs_code
    return sum([other.hcpcs_code == code for other in line.month.same_year])
