"""What the line's code is for, under the payer's rules on the date of service.

A role that the payer's pack leaves unknown is unknown only for a code that some payer uses in that role.
Where one code serves first and later months alike, it is a base code that says nothing about the month.
"""

from __future__ import annotations

from cocm.edits.codes import ADDON, CLINIC_MONTH, FIRST_MONTH, LATER_MONTH, SHORT_MONTH
from cocm.edits.context import LineContext
from cocm.edits.fact import FactValue, Kind, Scope, fact


@fact(
    Scope.LINE,
    Kind.BOOLEAN,
    says="the line has a code of the service",
    denies="the line has no code of the service",
    sql="true",
    clean=True,
)
def is_cocm(line: LineContext) -> FactValue:
    """Some payer uses the line's code for CoCM; lines with any other code have no facts."""
    return True


@fact(
    Scope.LINE,
    Kind.BOOLEAN,
    says="the line has one of the payer's base codes",
    denies="the line has none of the payer's base codes",
    sql="""
        case when l.is_parent_code then l.hcpcs_code = p.first_month_code or l.hcpcs_code = p.later_month_code
        else false end
    """,
    clean=True,
    may_be_unknown=True,
    rules=(FIRST_MONTH, LATER_MONTH),
)
def is_base(line: LineContext) -> FactValue:
    """The line's code is the payer's first-month or later-month code on the date of service."""
    if not line.role.is_parent:
        return False
    code, policy = line.line.hcpcs_code, line.policy
    is_either: FactValue = (code == policy["first_month_code"]) | (code == policy["later_month_code"])
    return is_either


@fact(
    Scope.LINE,
    Kind.BOOLEAN,
    says="the line has the payer's first-month code",
    denies="the line does not have the payer's first-month code",
    sql="""
        case when l.is_parent_code
            then l.hcpcs_code = p.first_month_code and p.first_month_code <> p.later_month_code
        else false end
    """,
    clean=False,
    may_be_unknown=True,
    rules=(FIRST_MONTH,),
)
def is_base_first(line: LineContext) -> FactValue:
    """The line's code is the payer's first-month code, which is not its later-month code as well."""
    if not line.role.is_parent:
        return False
    first, later = line.policy["first_month_code"], line.policy["later_month_code"]
    is_first: FactValue = (line.line.hcpcs_code == first) & (first != later)
    return is_first


@fact(
    Scope.LINE,
    Kind.BOOLEAN,
    says="the line has the payer's later-month code",
    denies="the line does not have the payer's later-month code",
    sql="""
        case when l.is_parent_code
            then l.hcpcs_code = p.later_month_code and p.first_month_code <> p.later_month_code
        else false end
    """,
    clean=True,
    may_be_unknown=True,
    rules=(LATER_MONTH,),
)
def is_base_later(line: LineContext) -> FactValue:
    """The line's code is the payer's later-month code, which is not its first-month code as well."""
    if not line.role.is_parent:
        return False
    first, later = line.policy["first_month_code"], line.policy["later_month_code"]
    is_later: FactValue = (line.line.hcpcs_code == later) & (first != later)
    return is_later


@fact(
    Scope.LINE,
    Kind.BOOLEAN,
    says="the line has the payer's add-on code",
    denies="the line does not have the payer's add-on code",
    sql="case when l.is_addon_code then l.hcpcs_code = p.addon_code else false end",
    clean=False,
    may_be_unknown=True,
    rules=(ADDON,),
)
def is_addon(line: LineContext) -> FactValue:
    """The line's code is the payer's add-on code on the date of service."""
    if not line.role.is_addon:
        return False
    is_code: FactValue = line.line.hcpcs_code == line.policy["addon_code"]
    return is_code


@fact(
    Scope.LINE,
    Kind.BOOLEAN,
    says="the line has the payer's code of a short month",
    denies="the line does not have the payer's code of a short month",
    sql="case when l.is_short_month_code then l.hcpcs_code = p.short_month_code else false end",
    clean=False,
    may_be_unknown=True,
    rules=(SHORT_MONTH,),
)
def is_short_month(line: LineContext) -> FactValue:
    """The line's code is the payer's code of a month cut short on the date of service."""
    if not line.role.is_short_month:
        return False
    is_code: FactValue = line.line.hcpcs_code == line.policy["short_month_code"]
    return is_code


@fact(
    Scope.LINE,
    Kind.BOOLEAN,
    says="the line has the payer's code of a clinic's month",
    denies="the line does not have the payer's code of a clinic's month",
    sql="case when l.is_clinic_code then l.hcpcs_code = p.clinic_month_code else false end",
    clean=False,
    may_be_unknown=True,
    rules=(CLINIC_MONTH,),
)
def is_clinic_month(line: LineContext) -> FactValue:
    """The line's code is the one by which the payer has clinics report a month."""
    if not line.role.is_clinic:
        return False
    is_code: FactValue = line.line.hcpcs_code == line.policy["clinic_month_code"]
    return is_code


@fact(
    Scope.LINE,
    Kind.BOOLEAN,
    says="Medicare has ended the code",
    denies="Medicare has not ended the code",
    sql="ct.is_ended",
    clean=False,
)
def code_is_ended(line: LineContext) -> FactValue:
    """The date of service is past the last day on which Medicare took the line's code."""
    return line.terms.is_ended
