"""Addresses asked by people: a client a role, what the guard decides, what each may open, what must not be shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from types import SimpleNamespace
from typing import Any
from unittest import mock

from addresses import BODIES, EXAMPLES, Address
from allauth.account.internal.flows.login import record_authentication
from allauth.core.exceptions import ReauthenticationRequired
from django.apps import apps
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse
from django.test import Client, RequestFactory
from django.urls import resolve, reverse
from plan_rows import plan_examples
from server_world import NEIGHBOUR, PLAN

from cocm.server.access import needs as guard
from cocm.server.access.permissions import (
    PLAN_ROLES,
    ROLE_CHART_REACH,
    ROLE_PERMISSIONS,
    ChartReach,
    MemberRole,
    Permission,
)
from cocm.server.audit import trail
from cocm.server.records import OrganizationRow

CLINICAL = (MemberRole.BHCM, MemberRole.PSYCHIATRIC_CONSULTANT, MemberRole.PCP)
PEOPLE_OF = {
    "north-valley": tuple(role for role in MemberRole if role not in PLAN_ROLES),
    PLAN: tuple(role for role in MemberRole if role in PLAN_ROLES),
    NEIGHBOUR: tuple(MemberRole),
}
"""The roles that somebody has, by organization."""
ROWS_WANT = {"runs:progress": Permission.BILLING_VIEW}
"""Of an address whose rows want a permission of their own, which the view asks for: that of the example."""
LET_IN = 200
FACTORY = RequestFactory()
IN_JSON = {"Accept": "application/json"}
"""Asks for a refusal in two words: the same decision, without the page around it."""
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Undone(Exception):
    """Ends what one address wrote."""


@contextmanager
def undone() -> Iterator[None]:
    """What is written in it is gone afterwards; what the database held before stays."""
    try:
        with transaction.atomic():
            yield
            raise Undone
    except Undone:
        pass


def signed_in(user: Any) -> Client:
    """A client of a person, who gave the password a moment ago (what files ask for)."""
    client = Client()
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    record_authentication(SimpleNamespace(session=session), user, "password", reauthenticated=True)
    session.save()
    return client


class People:
    """The people of one organization, each signed in once and for all addresses."""

    def __init__(self, world: Any, organization: str, roles: Iterable[MemberRole]) -> None:
        self._clients = {role: signed_in(world.user(role, organization)) for role in roles}
        self._cookies = {
            role: client.cookies.output(header="", sep=";") for role, client in self._clients.items()
        }

    def __getitem__(self, role: MemberRole) -> Client:
        """The client of a role, with the cookies that it got when it signed in."""
        client = self._clients[role]
        client.cookies = SimpleCookie(self._cookies[role])
        return client


def has_permission(role: MemberRole, address: Address) -> bool:
    """Whether a role opens such a page at all."""
    declared = address.view.needs
    return {declared.permission, declared.also} - {None} <= ROLE_PERMISSIONS[role]


def may_open(role: MemberRole, address: Address) -> bool:
    """What the two tables of `access.permissions` say; Ariana's team are the clinical members."""
    declared = address.view.needs
    if not has_permission(role, address):
        return False
    reach = ROLE_CHART_REACH[role]
    return (
        not declared.patient
        or reach is ChartReach.ALL
        or (reach is ChartReach.CARE_TEAM and role in CLINICAL)
    )


def who_may(address: Address) -> tuple[str, list[MemberRole]]:
    """The organization where an address is at home, and its roles that open it."""
    house = PLAN if is_of_the_plan(address) else "north-valley"
    wanted = ROWS_WANT.get(address.view_name)
    may = [role for role in PEOPLE_OF[house] if may_open(role, address)]
    return house, [role for role in may if wanted is None or wanted in ROLE_PERMISSIONS[role]]


def ask(client: Client, address: Address, path: str, world: Any, method: str = "", **more: Any) -> Any:
    """Ask an address by its first method, or by another."""
    method = method or address.view.needs.methods[0]
    body = BODIES[address.view_name](world) if method == "POST" and address.view_name in BODIES else {}
    return getattr(client, method.lower())(path, body, **more)


def asked_directly(address: Address, path: str, user: Any, method: str = "", **headers: str) -> Any:
    """What the view of an address answers, called without the site around it."""
    request = FACTORY.generic(method or address.view.needs.methods[0], path, headers=headers)
    request.user, request.session, request.resolver_match = user, {}, resolve(path)
    request._messages = CookieStorage(request)
    try:
        return address.view(request, **request.resolver_match.kwargs)
    except (Http404, PermissionDenied, ReauthenticationRequired) as refused:
        return HttpResponse(status={Http404: 404, PermissionDenied: 403}.get(type(refused), 302))


class Decisions:
    """What the guard answers people of one organization, asked without session, trail and page."""

    def __init__(self, world: Any, actors: Iterable[Any]) -> None:
        self.world, self.actors = world, list(actors)

    def of(self, address: Address, path: str) -> dict[MemberRole, int]:
        """By role, the status of the refusal, or `LET_IN`."""
        request = FACTORY.get(path, headers=IN_JSON)
        request.resolver_match = resolve(path)
        found = {}
        with self.world.inside(self.actors[0]), mock.patch.object(trail, "_write"):
            for actor in self.actors:
                refusal = guard.refusal_of(address.view.needs, request, actor, request.resolver_match.kwargs)
                found[actor.role] = LET_IN if refusal is None else refusal.status_code
        return found


class Paths:
    """Where each address leads: to an object of the practice, and at a health plan's desk to the plan's."""

    def __init__(self, world: Any) -> None:
        self.world, self._of_the_plan = world, plan_examples(world)

    def __getitem__(self, address: Address) -> str:
        if not address.arguments:
            return reverse(address.view_name)
        if is_of_the_plan(address):
            return reverse(address.view_name, kwargs=self._of_the_plan[address.view_name])
        return reverse(address.view_name, kwargs=EXAMPLES[address.view_name](self.world))


def is_of_the_plan(address: Address) -> bool:
    """Whether the page is a health plan's."""
    return address.view_name.startswith("plandesk:")


SAFETY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def faults_in_headers(answer: Any) -> Iterator[str]:
    """What the headers of an answer lack that each of the site's has."""
    yield from (
        f"{name} is {answer.get(name)}" for name, value in SAFETY.items() if answer.get(name) != value
    )
    policy, kept = answer.get("Content-Security-Policy", ""), answer.get("Cache-Control", "")
    if "default-src 'self'" not in policy or "unsafe" in policy:
        yield f"the content security policy is {policy!r}"
    if kept.count("no-store") != 1 and "no-cache" not in kept:
        yield f"Cache-Control is {kept!r}"
    if "Access-Control-Allow-Origin" in answer or "geolocation=()" not in answer.get(
        "Permissions-Policy", ""
    ):
        yield "another site, or a sensor, is let in"


class Secrets:
    """What nobody of another organization may be shown: names, and the ids of every row of practice and plan."""

    def __init__(self, world: Any) -> None:
        self.words = {"Ariana", world.ariana.last_name}
        self.ids: set[str] = set()
        models = [model for model in apps.get_models() if issubclass(model, OrganizationRow)]
        for actor in (world.practice, world.plan):
            with world.inside(actor):
                for model in models:
                    self.ids.update(map(str, model.objects.of(actor).values_list("pk", flat=True)))

    def in_text(self, text: str, path: str) -> set[str]:
        """Those that a text shows; what the asked address itself says is no secret any more."""
        shown = {word for word in self.words if word in text}
        return shown | ((set(_UUID.findall(text)) & self.ids) - set(_UUID.findall(path)))
