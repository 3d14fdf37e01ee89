"""The menu, as data: a line for each place, shown to whoever has its permission. A new page is a new line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse

from cocm.server.access.actor import Actor
from cocm.server.access.needs import actor_of
from cocm.server.access.permissions import ROLE_WORDS, Permission
from cocm.server.look.shell import Link, LinkGroup, Shell
from cocm.server.rules_in_force import rulebook
from cocm.server.sessions import session_seconds_least


@dataclass(frozen=True, slots=True)
class Place:
    """A page in the menu. `shortcut` is typed after `g`; `pages` are those of its app that stand under it."""

    label: str
    url_name: str
    icon: str
    permission: Permission
    shortcut: str = ""
    meaning: str = ""
    pages: tuple[str, ...] = ()


PLACES: Final = (
    Place("My day", "home", "sun", Permission.OWN_ACCOUNT, "d"),
    Place(
        "Caseload",
        "registry:caseload",
        "people",
        Permission.CASELOAD_VIEW,
        "c",
        "Patients in care, who needs what, and the month's minutes.",
    ),
    Place(
        "Alerts",
        "measures:alerts",
        "bell",
        Permission.ALERT_VIEW,
        "a",
        "Open safety alerts, measures that are due, links that are out.",
    ),
    Place(
        "Record a contact",
        "contacts:start",
        "clock",
        Permission.MINUTES_RECORD,
        "r",
        "A contact with its minutes, by timer or by hand.",
    ),
    Place(
        "Review",
        "review:start",
        "clipboard-pulse",
        Permission.REVIEW_VIEW,
        "v",
        "The weekly caseload review, recommendations and what became of them.",
    ),
    Place(
        "Quality",
        "quality:metrics",
        "bar-chart-line",
        Permission.QUALITY_VIEW,
        "q",
        "Process and outcome figures, with those behind each.",
    ),
    Place(
        "Months",
        "months:list",
        "calendar-check",
        Permission.MONTH_VIEW,
        "m",
        "The month's calendar: forecast, sign-off, exceptions, close.",
    ),
    Place(
        "Claims",
        "claims:list",
        "receipt",
        Permission.BILLING_VIEW,
        "l",
        "Every claim with where it stands, batches out, payers' files in, eligibility.",
    ),
    Place(
        "Denials",
        "denials:worklist",
        "x-circle",
        Permission.BILLING_VIEW,
        "n",
        "What waits after the claim, records requests, letters, the plans' promises.",
    ),
    Place(
        "Money",
        "money:posting",
        "cash-coin",
        Permission.BILLING_VIEW,
        "y",
        "Posting, patient balances, refunds, consultants' transfers, ledger, work minutes.",
    ),
    Place(
        "Claims to decide",
        "plandesk:queue",
        "inbox",
        Permission.PLAN_CASES,
        "d",
        "What waits for a person, every claim, files, corrections, benefits, samples.",
    ),
    Place(
        "Provider cases",
        "plandesk:cases",
        "chat-left-text",
        Permission.PLAN_CASES,
        "v",
        "What providers brought, with a log that is shared with them.",
        ("case", "case_new", "case_log"),
    ),
    Place(
        "Audit and reports",
        "plandesk:reports",
        "bar-chart-line",
        Permission.PLAN_FIGURES,
        "f",
        "Improper denials in the history, the data request, scorecards, policy pages.",
        ("report", "report_file"),
    ),
    Place(
        "Rules",
        "rulebook:rules",
        "book",
        Permission.RULES_VIEW,
        "b",
        "Rules, edits and instruments with their sources; payers side by side; your own contracts.",
    ),
    Place(
        "Figures",
        "dashboard:programme",
        "graph-up",
        Permission.FIGURES_VIEW,
        "f",
        "The programme month by month, its payers, its plan, and what would change it.",
    ),
    Place(
        "Opened charts",
        "openings",
        "unlock",
        Permission.GLASS_REVIEW,
        "o",
        "Charts that somebody opened outside the care team, with the reasons; review them.",
    ),
    Place(
        "People",
        "people:people",
        "person-badge",
        Permission.PEOPLE_EDIT,
        "p",
        "Who signs in here and as what; invite, end, roles.",
    ),
    Place(
        "Set-up",
        "setup:start",
        "gear",
        Permission.PEOPLE_EDIT,
        "u",
        "Practice, sites, staff, payers and charges; bring in tables.",
    ),
    Place(
        "Trail",
        "audit:trail",
        "journal-text",
        Permission.AUDIT_VIEW,
        "t",
        "Who did what, when, to which record; search, take out, verify.",
    ),
)


HEADINGS: Final = (
    ("", ("home",)),
    (
        "Care",
        ("registry:caseload", "contacts:start", "measures:alerts", "review:start", "quality:metrics"),
    ),
    ("Billing", ("months:list", "claims:list", "denials:worklist", "money:posting", "dashboard:programme")),
    ("Plan", ("plandesk:queue", "plandesk:cases", "plandesk:reports")),
    ("House", ("rulebook:rules", "people:people", "setup:start", "openings", "audit:trail")),
)
"""Under which heading each place stands in a long menu; a place that is not named comes last."""

WITHOUT_HEADINGS_MAX: Final = 7


def _openings_to_review(actor: Actor) -> int:
    from cocm.server.access.selectors import openings_unreviewed  # models need the apps loaded

    return openings_unreviewed(actor=actor)


def _alerts_open(actor: Actor) -> int:
    from cocm.server.measures.selectors import alerts_count  # models need the apps loaded

    return alerts_count(actor=actor)


COUNTS: Final[MappingProxyType[str, tuple[Callable[[Actor], int], str]]] = MappingProxyType(
    {"openings": (_openings_to_review, "to review"), "measures:alerts": (_alerts_open, "open")}
)
"""Figures beside a place, by its url name: how many, and of what; nothing stands there for none."""


def starts_of(actor: Actor) -> list[Place]:
    """The places a person may go to from the start page."""
    return [place for place in PLACES if actor.may(place.permission) and place.url_name != "home"]


def shell_for(request: HttpRequest) -> Shell:
    """The frame around a page (LOOK_SHELL): also around other packages' pages and around errors."""
    notice = "Demonstration: nobody in it exists." if settings.IS_DEMO else ""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return Shell(notice=notice)
    with transaction.atomic(savepoint=False):  # a page of another package is rendered outside its transaction
        actor = getattr(request, "actor", None) or actor_of(request)
        if actor is None:
            return Shell(
                notice=notice,
                user=user.full_name,
                account_links=_account_links(actor),
                sign_out_href=reverse("account_logout"),
            )
        navigation = _groups(request, actor)
    return Shell(
        organization=getattr(request, "organization_name", ""),
        organization_href=reverse("home"),
        role=ROLE_WORDS[actor.role] if actor.role else "",
        user=user.full_name,
        navigation=navigation,
        search_href=reverse("registry:search") if actor.may(Permission.CASELOAD_VIEW) else "",
        account_links=_account_links(actor),
        sign_out_href=reverse("account_logout"),
        session_seconds=session_seconds_least(),
        session_extend_href=reverse("session_extend"),
        rulebook_hash=rulebook().content_hash,
        notice=notice,
    )


def _groups(request: HttpRequest, actor: Actor) -> list[LinkGroup]:
    """The menu under its headings; without headings where it is short."""
    here = request.resolver_match.view_name if request.resolver_match else ""
    own = [place for place in PLACES if actor.may(place.permission)]
    current = _current(own, here)
    links = {place.url_name: _link(place, actor, is_current=place is current) for place in own}
    if len(links) <= WITHOUT_HEADINGS_MAX:
        return [LinkGroup("", list(links.values()))]
    groups = [
        LinkGroup(heading, [links.pop(name) for name in names if name in links])
        for heading, names in HEADINGS
    ]
    return [group for group in (*groups, LinkGroup("", list(links.values()))) if group.links]


def _current(places: list[Place], here: str) -> Place | None:
    """The place of a page: its own, the one it stands under, or the first that its app has."""
    for place in places:
        if place.url_name == here:
            return place
    app, _, page = here.rpartition(":")
    of_app = [place for place in places if app and place.url_name.rpartition(":")[0] == app]
    return next((place for place in of_app if page in place.pages), of_app[0] if of_app else None)


def _link(place: Place, actor: Actor, *, is_current: bool) -> Link:
    counter, of_what = COUNTS.get(place.url_name, (None, ""))
    return Link(
        label=place.label,
        href=reverse(place.url_name),
        icon=place.icon,
        is_current=is_current,
        count=(counter(actor) or None) if counter else None,
        count_label=of_what,
        shortcut=place.shortcut,
    )


def _account_links(actor: Actor | None) -> list[Link]:
    tokens = Link("API tokens", reverse("tokens:tokens"), "code-slash")
    return [
        Link("Password", reverse("account_change_password"), "key"),
        Link("Second factor", reverse("mfa_index"), "shield-lock"),
        Link("Sign out everywhere", reverse("people:everywhere"), "display"),
        *([tokens] if actor is not None and actor.may(Permission.API_TOKENS) else []),
    ]
