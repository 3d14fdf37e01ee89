"""Services with other codes in the person's month: what excludes CoCM, what needs a base, what has time of its own."""

from __future__ import annotations

from cocm.care.people import Role
from cocm.edits.context import (
    ALLOWED_CODES,
    EXCLUDED_APCM_ADDONS,
    EXCLUDED_CODES,
    EXCLUDED_GENERAL_BHI,
    EXCLUDED_OTHERS,
    PSYCHOTHERAPY_CODES,
    REQUIRED_BASE,
    REVIEW_CODES,
    SEPARATE_CONSENT_CODES,
    ClaimContext,
    LineContext,
    MonthContext,
)
from cocm.edits.fact import FactValue, Kind, Scope, fact
from cocm.edits.kleene import UNKNOWN


def _standing_with(line: LineContext, rule: str, members: str) -> FactValue:
    """How many other lines that stand in the month have one of the codes; unknown where the rule is."""
    policy = line.claim.policy
    if rule in policy.unknown_sets:
        return UNKNOWN
    codes, own = policy.members[members], line.line.hcpcs_code
    if codes.isdisjoint(line.month.codes):
        return 0
    return sum([other.hcpcs_code in codes and other.hcpcs_code != own for other in line.month.standing])


@fact(
    Scope.LINE,
    Kind.INTEGER,
    says="the number of lines in the month for general behavioral health integration",
    sql="case when p.has_excluded_codes is not null then coalesce(s.general_bhi_lines, 0) end",
    clean=0,
    may_be_unknown=True,
    rules=(EXCLUDED_CODES,),
)
def general_bhi_lines_month(line: LineContext) -> FactValue:
    """Lines of any practice in the month that stand and whose code is a general BHI code the payer excludes."""
    return _standing_with(line, EXCLUDED_CODES, EXCLUDED_GENERAL_BHI)


@fact(
    Scope.LINE,
    Kind.INTEGER,
    says="the number of lines in the month with an add-on of advanced primary care",
    sql="case when p.has_excluded_codes is not null then coalesce(s.apcm_addon_lines, 0) end",
    clean=0,
    may_be_unknown=True,
    rules=(EXCLUDED_CODES,),
)
def apcm_addon_lines_month(line: LineContext) -> FactValue:
    """Lines of any practice in the month that stand with an advanced primary care add-on the payer excludes."""
    return _standing_with(line, EXCLUDED_CODES, EXCLUDED_APCM_ADDONS)


@fact(
    Scope.LINE,
    Kind.INTEGER,
    says="the number of lines in the month with another code that excludes this service",
    sql="case when p.has_excluded_codes is not null then coalesce(s.excluded_code_lines, 0) end",
    clean=0,
    may_be_unknown=True,
    rules=(EXCLUDED_CODES,),
)
def excluded_code_lines_month(line: LineContext) -> FactValue:
    """Lines of any practice in the month that stand with any other code the payer excludes beside this service."""
    return _standing_with(line, EXCLUDED_CODES, EXCLUDED_OTHERS)


@fact(
    Scope.LINE,
    Kind.INTEGER,
    says="the number of lines in the month with a code of which nobody knows whether it may stand beside this service",
    sql="case when p.has_review_codes is not null then coalesce(s.unsettled_code_lines, 0) end",
    clean=0,
    may_be_unknown=True,
    rules=(REVIEW_CODES,),
)
def unsettled_code_lines_month(line: LineContext) -> FactValue:
    """Lines of this practice in the month that stand and whose code no source settles."""
    policy = line.claim.policy
    if REVIEW_CODES in policy.unknown_sets:
        return UNKNOWN
    codes, own = policy.members[REVIEW_CODES], line.line.hcpcs_code
    if codes.isdisjoint(line.month.codes):
        return 0
    return sum([other.hcpcs_code in codes and other.hcpcs_code != own for other in line.month.ours])


@fact(
    Scope.LINE,
    Kind.INTEGER,
    says="the number of the practice's lines in the month for care management with consent of its own",
    sql="case when p.has_separate_consent_codes is not null then coalesce(s.separate_consent_lines, 0) end",
    clean=0,
    may_be_unknown=True,
    rules=(SEPARATE_CONSENT_CODES,),
)
def separate_consent_lines_month(line: LineContext) -> FactValue:
    """Lines of this practice in the month that stand and need consent and time of their own."""
    policy = line.claim.policy
    if SEPARATE_CONSENT_CODES in policy.unknown_sets:
        return UNKNOWN
    codes = policy.members[SEPARATE_CONSENT_CODES]
    if not line.month.others:
        return 0
    return sum([other.hcpcs_code in codes and other.is_ours for other in line.month.others])


@fact(
    Scope.LINE,
    Kind.BOOLEAN,
    says="one of the base codes that the payer wants stands beside the code in the month",
    denies="none of the base codes that the payer wants stands beside the code in the month",
    sql="""
        case when p.has_required_base is null then null
        else coalesce(s.required_base_lines, 0) > 0 or rb.claim_id is not null end
    """,
    clean=False,
    may_be_unknown=True,
    rules=(REQUIRED_BASE,),
)
def required_base_is_met(line: LineContext) -> FactValue:
    """A line of this practice that stands, or the practice's record of the month, has one of the codes."""
    policy = line.claim.policy
    if REQUIRED_BASE in policy.unknown_sets:
        return UNKNOWN
    codes = policy.members[REQUIRED_BASE]
    if not codes:
        return False
    return not codes.isdisjoint(line.claim.evidence.recorded_codes) or any(
        other.hcpcs_code in codes for other in line.month.ours
    )


@fact(
    Scope.CLAIM,
    Kind.INTEGER,
    says="the number of psychotherapy lines on the claim",
    sql="case when p.has_psychotherapy_codes is not null then coalesce(tl.psychotherapy_lines, 0) end",
    clean=0,
    may_be_unknown=True,
    rules=(PSYCHOTHERAPY_CODES,),
)
def psychotherapy_lines_claim(claim: ClaimContext) -> FactValue:
    """Lines of this claim for psychotherapy or a psychiatric evaluation."""
    policy = claim.policy
    if PSYCHOTHERAPY_CODES in policy.unknown_sets:
        return UNKNOWN
    codes = policy.members[PSYCHOTHERAPY_CODES]
    return sum([line.hcpcs_code in codes for line in claim.claim.lines])


def _services_of(month: MonthContext, role: Role) -> FactValue:
    """Other services of this practice in the month that a person in the role rendered."""
    if not month.others:
        return 0
    codes = month.claim.policy.members[ALLOWED_CODES]
    services = [line for line in month.others if line.is_ours and line.hcpcs_code in codes]
    if not services:
        return 0
    roles = month.claim.evidence.roles_by_npi
    return UNKNOWN if roles is None else sum([roles.get(line.rendering_npi) is role for line in services])


@fact(
    Scope.MONTH,
    Kind.INTEGER,
    says="the number of services that the care manager billed separately in the month",
    sql="""
        case when coalesce(s.own_service_lines, 0) = 0 then 0
            when e.roster_id is not null then s.bhcm_service_lines end
    """,
    clean=0,
    may_be_unknown=True,
    rules=(ALLOWED_CODES,),
)
def bhcm_service_lines_month(month: MonthContext) -> FactValue:
    """Lines of this practice in the month with an allowed other code that the care manager rendered."""
    return _services_of(month, Role.BHCM)


@fact(
    Scope.MONTH,
    Kind.INTEGER,
    says="the number of services that the psychiatric consultant billed separately in the month",
    sql="""
        case when coalesce(s.own_service_lines, 0) = 0 then 0
            when e.roster_id is not null then s.consultant_service_lines end
    """,
    clean=0,
    may_be_unknown=True,
    rules=(ALLOWED_CODES,),
)
def consultant_service_lines_month(month: MonthContext) -> FactValue:
    """Lines of this practice in the month with an allowed other code that the consultant rendered."""
    return _services_of(month, Role.PSYCHIATRIC_CONSULTANT)
