"""What each role may do, as data: minimum necessary. Change this table, and every page, test and menu follows."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import Final


class MemberRole(StrEnum):
    """What a person is at an organization. The clinical three are the model's own roles."""

    BHCM = "bhcm"
    PSYCHIATRIC_CONSULTANT = "psychiatric_consultant"
    PCP = "pcp"
    BILLING = "billing"
    MANAGER = "manager"
    PLAN_REVIEWER = "plan_reviewer"
    PLAN_ANALYST = "plan_analyst"
    PROVIDER_LIAISON = "provider_liaison"
    ADMINISTRATOR = "administrator"


ROLE_WORDS: Final = MappingProxyType(
    {
        MemberRole.BHCM: "Care manager",
        MemberRole.PSYCHIATRIC_CONSULTANT: "Psychiatric consultant",
        MemberRole.PCP: "Primary-care practitioner",
        MemberRole.BILLING: "Billing",
        MemberRole.MANAGER: "Manager",
        MemberRole.PLAN_REVIEWER: "Plan reviewer",
        MemberRole.PLAN_ANALYST: "Plan analyst",
        MemberRole.PROVIDER_LIAISON: "Provider relations",
        MemberRole.ADMINISTRATOR: "Administrator",
    }
)


PLAN_ROLES: Final = frozenset(
    {MemberRole.PLAN_REVIEWER, MemberRole.PLAN_ANALYST, MemberRole.PROVIDER_LIAISON}
)
"""Roles at a health plan; nobody has one at a practice."""


class Permission(StrEnum):
    """One thing a page may ask for. A name says what becomes possible, not which page asks."""

    OWN_ACCOUNT = "see the start page and one's own account"
    CASELOAD_VIEW = "see the list of patients in care"
    CHART_VIEW = "open a patient's chart (the care-team relation decides which)"
    CHART_EDIT = "write in a patient's chart"
    COVER_EDIT = "write down a patient's policies"
    MINUTES_RECORD = "record contacts and minutes"
    REVIEW_RECORD = "record caseload reviews and recommendations"
    REVIEW_VIEW = "see recommendations and where they stand"
    HOURS_VIEW = "see the consultants' hours: one's own, or with the practice's figures everybody's"
    QUALITY_VIEW = "see the quality figures of one's own patients, or with the practice's figures of all"
    ALERT_VIEW = "see open safety alerts and how far they have escalated"
    ALERT_CLOSE = "act on a safety alert and close it in one's own name"
    BREAK_GLASS = "open a chart outside the care team, with a reason and an alert"
    GLASS_REVIEW = "review charts that were opened outside the care team"
    MONTH_VIEW = "see a month's steps, and what the months of one's own patients lack"
    MONTH_SIGN = "sign one's own entries of a month"
    BILLING_VIEW = "see months, claims and what keeps them back"
    BILLING_EDIT = "close months, release claims, post payments"
    FIGURES_VIEW = "see the practice's figures, without patients"
    TRANSFERS_APPROVE = "keep consultants' agreements and approve their transfer statements"
    PEOPLE_EDIT = "set up sites, staff, payers and sign-ins"
    DATA_IMPORT = "bring in tables"
    DATA_EXPORT = "take patients' data out as files"
    AUDIT_VIEW = "see and verify the trail of who did what"
    API_TOKENS = "make tokens with which programmes act in one's own name"
    PLAN_DESK = "decide claims at a health plan"
    PLAN_TABLES = "keep a health plan's own tables"
    PLAN_CASES = "see a health plan's claims and answer providers' cases"
    PLAN_FIGURES = "audit a health plan's history and make its reports"
    RULES_VIEW = "read the rules, edits and instruments"
    RULES_EDIT = "change the organization's own rules"


class ChartReach(StrEnum):
    """Which charts a role opens without breaking the glass."""

    NONE = "none"
    CARE_TEAM = "those whose care team one is on"
    ALL = "every chart of the organization"


_P = Permission
ROLE_PERMISSIONS: Final = MappingProxyType(
    {
        MemberRole.BHCM: frozenset(
            {
                _P.OWN_ACCOUNT,
                _P.ALERT_VIEW,
                _P.ALERT_CLOSE,
                _P.API_TOKENS,
                _P.REVIEW_VIEW,
                _P.QUALITY_VIEW,
                _P.CASELOAD_VIEW,
                _P.MONTH_VIEW,
                _P.MONTH_SIGN,
                _P.CHART_VIEW,
                _P.CHART_EDIT,
                _P.COVER_EDIT,
                _P.MINUTES_RECORD,
                _P.REVIEW_RECORD,
                _P.BREAK_GLASS,
                _P.DATA_EXPORT,
                _P.RULES_VIEW,
            }
        ),
        MemberRole.PSYCHIATRIC_CONSULTANT: frozenset(
            {
                _P.OWN_ACCOUNT,
                _P.ALERT_VIEW,
                _P.ALERT_CLOSE,
                _P.REVIEW_VIEW,
                _P.HOURS_VIEW,
                _P.QUALITY_VIEW,
                _P.CASELOAD_VIEW,
                _P.MONTH_VIEW,
                _P.MONTH_SIGN,
                _P.CHART_VIEW,
                _P.MINUTES_RECORD,
                _P.REVIEW_RECORD,
                _P.BREAK_GLASS,
                _P.RULES_VIEW,
            }
        ),
        MemberRole.PCP: frozenset(
            {
                _P.OWN_ACCOUNT,
                _P.ALERT_VIEW,
                _P.ALERT_CLOSE,
                _P.API_TOKENS,
                _P.REVIEW_VIEW,
                _P.CASELOAD_VIEW,
                _P.MONTH_VIEW,
                _P.MONTH_SIGN,
                _P.CHART_VIEW,
                _P.CHART_EDIT,
                _P.COVER_EDIT,
                _P.MINUTES_RECORD,
                _P.BREAK_GLASS,
                _P.RULES_VIEW,
            }
        ),
        MemberRole.BILLING: frozenset(
            {
                _P.OWN_ACCOUNT,
                _P.API_TOKENS,
                _P.CASELOAD_VIEW,
                _P.MONTH_VIEW,
                _P.CHART_VIEW,
                _P.COVER_EDIT,
                _P.BILLING_VIEW,
                _P.BILLING_EDIT,
                _P.DATA_EXPORT,
                _P.RULES_VIEW,
            }
        ),
        MemberRole.MANAGER: frozenset(
            {
                _P.OWN_ACCOUNT,
                _P.ALERT_VIEW,
                _P.API_TOKENS,
                _P.HOURS_VIEW,
                _P.QUALITY_VIEW,
                _P.CASELOAD_VIEW,
                _P.MONTH_VIEW,
                _P.CHART_VIEW,
                _P.BREAK_GLASS,
                _P.GLASS_REVIEW,
                _P.BILLING_VIEW,
                _P.FIGURES_VIEW,
                _P.TRANSFERS_APPROVE,
                _P.PEOPLE_EDIT,
                _P.DATA_IMPORT,
                _P.DATA_EXPORT,
                _P.AUDIT_VIEW,
                _P.RULES_VIEW,
                _P.RULES_EDIT,
            }
        ),
        MemberRole.PLAN_REVIEWER: frozenset(
            {
                _P.OWN_ACCOUNT,
                _P.API_TOKENS,
                _P.PLAN_DESK,
                _P.PLAN_TABLES,
                _P.PLAN_CASES,
                _P.PLAN_FIGURES,
                _P.RULES_VIEW,
            }
        ),
        MemberRole.PLAN_ANALYST: frozenset({_P.OWN_ACCOUNT, _P.PLAN_FIGURES, _P.RULES_VIEW}),
        MemberRole.PROVIDER_LIAISON: frozenset({_P.OWN_ACCOUNT, _P.PLAN_CASES, _P.RULES_VIEW}),
        MemberRole.ADMINISTRATOR: frozenset(
            {
                _P.OWN_ACCOUNT,
                _P.API_TOKENS,
                _P.PEOPLE_EDIT,
                _P.DATA_IMPORT,
                _P.AUDIT_VIEW,
                _P.GLASS_REVIEW,
                _P.PLAN_TABLES,
                _P.RULES_VIEW,
            }
        ),
    }
)

ROLE_CHART_REACH: Final = MappingProxyType(
    {
        MemberRole.BHCM: ChartReach.CARE_TEAM,
        MemberRole.PSYCHIATRIC_CONSULTANT: ChartReach.CARE_TEAM,
        MemberRole.PCP: ChartReach.CARE_TEAM,
        MemberRole.BILLING: ChartReach.ALL,
        MemberRole.MANAGER: ChartReach.CARE_TEAM,
        MemberRole.PLAN_REVIEWER: ChartReach.NONE,
        MemberRole.PLAN_ANALYST: ChartReach.NONE,
        MemberRole.PROVIDER_LIAISON: ChartReach.NONE,
        MemberRole.ADMINISTRATOR: ChartReach.NONE,
    }
)

SEES_PATIENTS: Final = frozenset(
    {
        _P.CASELOAD_VIEW,
        _P.CHART_VIEW,
        _P.MONTH_VIEW,
        _P.BILLING_VIEW,
        _P.DATA_EXPORT,
        _P.PLAN_DESK,
        _P.PLAN_CASES,
        _P.PLAN_FIGURES,
        _P.GLASS_REVIEW,
    }
)
"""Whoever has one of these sees patients, and in production signs in with a second factor."""
