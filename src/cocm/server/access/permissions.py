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
    ADMINISTRATOR = "administrator"


ROLE_WORDS: Final = MappingProxyType(
    {
        MemberRole.BHCM: "Care manager",
        MemberRole.PSYCHIATRIC_CONSULTANT: "Psychiatric consultant",
        MemberRole.PCP: "Primary-care practitioner",
        MemberRole.BILLING: "Billing",
        MemberRole.MANAGER: "Manager",
        MemberRole.PLAN_REVIEWER: "Plan reviewer",
        MemberRole.ADMINISTRATOR: "Administrator",
    }
)


class Permission(StrEnum):
    """One thing a page may ask for. A name says what becomes possible, not which page asks."""

    OWN_ACCOUNT = "see the start page and one's own account"
    CASELOAD_VIEW = "see the list of patients in care"
    CHART_VIEW = "open a patient's chart (the care-team relation decides which)"
    CHART_EDIT = "write in a patient's chart"
    COVER_EDIT = "write down a patient's policies"
    MINUTES_RECORD = "record contacts and minutes"
    REVIEW_RECORD = "record caseload reviews and recommendations"
    BREAK_GLASS = "open a chart outside the care team, with a reason and an alert"
    GLASS_REVIEW = "review charts that were opened outside the care team"
    BILLING_VIEW = "see months, claims and what keeps them back"
    BILLING_EDIT = "close months, release claims, post payments"
    FIGURES_VIEW = "see the practice's figures, without patients"
    PEOPLE_EDIT = "set up sites, staff, payers and sign-ins"
    DATA_IMPORT = "bring in tables"
    DATA_EXPORT = "take patients' data out as files"
    AUDIT_VIEW = "see and verify the trail of who did what"
    PLAN_DESK = "review claims at a health plan"


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
                _P.CASELOAD_VIEW,
                _P.CHART_VIEW,
                _P.CHART_EDIT,
                _P.COVER_EDIT,
                _P.MINUTES_RECORD,
                _P.REVIEW_RECORD,
                _P.BREAK_GLASS,
                _P.DATA_EXPORT,
            }
        ),
        MemberRole.PSYCHIATRIC_CONSULTANT: frozenset(
            {
                _P.OWN_ACCOUNT,
                _P.CASELOAD_VIEW,
                _P.CHART_VIEW,
                _P.MINUTES_RECORD,
                _P.REVIEW_RECORD,
                _P.BREAK_GLASS,
            }
        ),
        MemberRole.PCP: frozenset(
            {
                _P.OWN_ACCOUNT,
                _P.CASELOAD_VIEW,
                _P.CHART_VIEW,
                _P.CHART_EDIT,
                _P.COVER_EDIT,
                _P.MINUTES_RECORD,
                _P.BREAK_GLASS,
            }
        ),
        MemberRole.BILLING: frozenset(
            {
                _P.OWN_ACCOUNT,
                _P.CASELOAD_VIEW,
                _P.CHART_VIEW,
                _P.COVER_EDIT,
                _P.BILLING_VIEW,
                _P.BILLING_EDIT,
                _P.DATA_EXPORT,
            }
        ),
        MemberRole.MANAGER: frozenset(
            {
                _P.OWN_ACCOUNT,
                _P.CASELOAD_VIEW,
                _P.CHART_VIEW,
                _P.BREAK_GLASS,
                _P.GLASS_REVIEW,
                _P.BILLING_VIEW,
                _P.FIGURES_VIEW,
                _P.PEOPLE_EDIT,
                _P.DATA_IMPORT,
                _P.DATA_EXPORT,
                _P.AUDIT_VIEW,
            }
        ),
        MemberRole.PLAN_REVIEWER: frozenset({_P.OWN_ACCOUNT, _P.PLAN_DESK}),
        MemberRole.ADMINISTRATOR: frozenset(
            {_P.OWN_ACCOUNT, _P.PEOPLE_EDIT, _P.DATA_IMPORT, _P.AUDIT_VIEW, _P.GLASS_REVIEW}
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
        MemberRole.ADMINISTRATOR: ChartReach.NONE,
    }
)

SEES_PATIENTS: Final = frozenset(
    {_P.CASELOAD_VIEW, _P.CHART_VIEW, _P.BILLING_VIEW, _P.DATA_EXPORT, _P.PLAN_DESK, _P.GLASS_REVIEW}
)
"""Whoever has one of these sees patients, and in production signs in with a second factor."""
