"""The menu, as data: a line for each place, shown to whoever has its permission. A new page is a new line here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from cocm.server.access.actor import Actor
from cocm.server.access.permissions import ROLE_WORDS, Permission
from cocm.server.look.shell import Link, LinkGroup, Shell


@dataclass(frozen=True, slots=True)
class Place:
    """A page in the menu. `shortcut` is typed after `g`."""

    label: str
    url_name: str
    icon: str
    permission: Permission
    shortcut: str = ""
    meaning: str = ""


PLACES: Final = (
    Place("Start", "home", "house", Permission.OWN_ACCOUNT, "s"),
    Place(
        "Caseload",
        "registry:caseload",
        "people",
        Permission.CASELOAD_VIEW,
        "c",
        "Patients in care, who needs what, and the month's minutes.",
    ),
)


def starts_of(actor: Actor) -> list[Place]:
    """The places a person may go to from the start page."""
    return [place for place in PLACES if actor.may(place.permission) and place.url_name != "home"]


def shell_for(request: HttpRequest) -> Shell:
    """The frame around a page (LOOK_SHELL)."""
    actor = getattr(request, "actor", None)
    notice = "Demonstration: nobody in it exists." if settings.IS_DEMO else ""
    if actor is None:
        return Shell(notice=notice)
    here = request.resolver_match.view_name if request.resolver_match else ""
    links = [
        Link(
            label=place.label,
            href=reverse(place.url_name),
            icon=place.icon,
            is_current=place.url_name == here,
            shortcut=place.shortcut,
        )
        for place in PLACES
        if actor.may(place.permission)
    ]
    return Shell(
        organization=getattr(request, "organization_name", ""),
        role=ROLE_WORDS[actor.role],
        user=request.user.full_name,
        navigation=[LinkGroup("", links)],
        account_links=[
            Link("Password", reverse("account_change_password"), "key"),
            Link("Second factor", reverse("mfa_index"), "shield-lock"),
        ],
        sign_out_href=reverse("account_logout"),
        session_seconds=settings.SESSION_COOKIE_AGE,
        session_extend_href=reverse("home"),
        notice=notice,
    )
