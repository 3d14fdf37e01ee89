"""What Medicare's NCCI tables say: pairs of codes on one day, and the most units of a code."""

from __future__ import annotations

from cocm.edits.context import (
    EXCLUDED_CODES,
    MODIFIERS_SEPARATE,
    KnownLine,
    LineContext,
)
from cocm.edits.fact import FactValue, Kind, Scope, fact
from cocm.edits.kleene import UNKNOWN


def _paired(line: LineContext) -> list[KnownLine]:
    """The practice's other services of the day that are paired with the line's code, the excluded ones left out."""
    if not line.month.others:
        return []
    pairs, policy = line.pairs, line.claim.policy
    excluded, day = policy.members[EXCLUDED_CODES], line.line.service_date
    return [
        other
        for other in line.month.others
        if other.is_ours
        and other.service_date == day
        and other.hcpcs_code in pairs
        and other.hcpcs_code not in excluded
    ]


@fact(
    Scope.LINE,
    Kind.INTEGER,
    says="the number of services of the day that NCCI never pays beside the code",
    sql="""
        case when s.ncci_pair_lines > 0 then s.ncci_pair_lines
            when coalesce(s.ncci_doubtful_lines, 0) = 0 then 0 end
    """,
    clean=0,
    may_be_unknown=True,
)
def ncci_pair_lines_day(line: LineContext) -> FactValue:
    """Lines of this practice on the day whose code is paired with this one and that no modifier lets be paid."""
    found = _paired(line)
    if not found:
        return 0
    pairs = line.pairs
    certain = sum(
        [
            pairs[other.hcpcs_code].is_established and not pairs[other.hcpcs_code].allows_modifier
            for other in found
        ]
    )
    return certain or _none_or_unknown(line, found)


@fact(
    Scope.LINE,
    Kind.INTEGER,
    says="the number of services of the day that NCCI pays beside the code only with a modifier, which is missing",
    sql="""
        case when s.ncci_modifier_lines > 0 then s.ncci_modifier_lines
            when coalesce(s.ncci_doubtful_lines, 0) = 0 and coalesce(s.ncci_unseen_lines, 0) = 0 then 0 end
    """,
    clean=0,
    may_be_unknown=True,
    rules=(MODIFIERS_SEPARATE,),
)
def ncci_modifier_lines_day(line: LineContext) -> FactValue:
    """Paired lines of the claim and day that need a modifier and have none; an earlier claim's are not known."""
    found = _paired(line)
    if not found:
        return 0
    pairs, fitting = line.pairs, line.claim.policy.members[MODIFIERS_SEPARATE]
    open_lines = [
        other
        for other in found
        if pairs[other.hcpcs_code].is_established and pairs[other.hcpcs_code].allows_modifier
    ]
    missing = sum([other.status is None and fitting.isdisjoint(other.modifiers) for other in open_lines])
    if missing or all(other.status is None for other in open_lines):
        return missing or _none_or_unknown(line, found)
    return UNKNOWN


@fact(
    Scope.LINE,
    Kind.BOOLEAN,
    says="NCCI pays a service of the day beside the code with a modifier",
    denies="no service of the day asks for a modifier on the code",
    sql="""
        case when s.ncci_open_lines > 0 then true when coalesce(s.ncci_doubtful_lines, 0) = 0 then false end
    """,
    clean=False,
    may_be_unknown=True,
)
def ncci_pair_allows_modifier(line: LineContext) -> FactValue:
    """A line of this practice on the day is paired with the code, and a modifier lets both be paid."""
    found = _paired(line)
    if not found:
        return False
    terms = [line.pairs[other.hcpcs_code] for other in found]
    if any(pair.is_established and pair.allows_modifier for pair in terms):
        return True
    return False if all(pair.is_established for pair in terms) else UNKNOWN


def _none_or_unknown(line: LineContext, found: list[KnownLine]) -> FactValue:
    return 0 if all(line.pairs[other.hcpcs_code].is_established for other in found) else UNKNOWN


@fact(
    Scope.LINE,
    Kind.INTEGER,
    says="the number of units of the code on the day",
    sql="sum(case when k.is_same_day and k.is_ours and k.stands and k.is_same_code then k.units else 0 end)",
    clean=1,
    is_aggregate=True,
)
def code_units_day(line: LineContext) -> FactValue:
    """Units of the line's code on its date, on this claim and the practice's earlier ones that stand."""
    code, day = line.line.hcpcs_code, line.line.service_date
    return sum(
        [other.units for other in line.month.ours if other.hcpcs_code == code and other.service_date == day]
    )


@fact(
    Scope.LINE,
    Kind.BOOLEAN,
    says="NCCI has a limit of units for the code",
    denies="NCCI has no limit of units for the code",
    sql="case when ct.units_are_known then ct.units_max is not null end",
    clean=True,
    may_be_unknown=True,
)
def has_ncci_unit_limit(line: LineContext) -> FactValue:
    """The quarter's table has the line's code; before the first quarter at hand nobody knows."""
    return line.terms.units_max is not None if line.terms.units_are_known else UNKNOWN


@fact(
    Scope.LINE,
    Kind.INTEGER,
    says="NCCI's limit of units of the code on a day",
    sql="case when ct.units_are_known then coalesce(ct.units_max, 0) end",
    clean=1,
    may_be_unknown=True,
)
def ncci_unit_limit(line: LineContext) -> FactValue:
    """The most units of the line's code on a day; 0 where there is no limit."""
    return line.terms.units_max or 0 if line.terms.units_are_known else UNKNOWN
