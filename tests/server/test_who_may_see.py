"""Every address, tried by a stranger, by every role, by a colleague off the team and by other organizations' people.

The addresses come from the URLconf and the expectation from what each view declares, so a new page is tested the day
it is written; `addresses.EXAMPLES` names an object for those that take one. All of it is one walk on each engine, and
what disagrees is told at the end, all of it at once.

The guard decides in one place who may see a page (`access.needs.refusal_of`), and calls the page in another (`shown`).
So every role is asked for there, without a page; that each address really goes through both is seen by asking it for
real: once as a role that is refused, once as a role that may, and once as somebody of another organization, which are
not the same roles on both engines.
"""

from collections.abc import Iterator
from unittest import mock

import pytest
from addresses import EXAMPLES, NAME_NO_ROW, Address, all_addresses, our_addresses
from asking import (
    IN_JSON,
    LET_IN,
    PEOPLE_OF,
    Decisions,
    Paths,
    People,
    Secrets,
    ask,
    asked_directly,
    faults_in_headers,
    has_permission,
    may_open,
    undone,
    who_may,
)
from django.contrib.auth.models import AnonymousUser
from django.urls import ResolverMatch
from server_world import NEIGHBOUR

from cocm.server.access import needs as guard
from cocm.server.access.declared import OTHERS_VIEWS
from cocm.server.access.needs import Audience, needs_of
from cocm.server.access.permissions import ROLE_CHART_REACH, ChartReach, MemberRole
from cocm.server.audit.models import AuditEvent

pytestmark = pytest.mark.once
OURS = our_addresses()
OPEN_TO_EVERYONE = {
    "health",
    "measures:questions",
    "measures:locked",
    "api:openapi",
    "api:docs",
    "api:nothing",
}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Walk:
    """One engine's addresses, asked by everybody; each way of asking gives what disagrees."""

    def __init__(self, world, engine: str) -> None:
        self.world, self.turn = world, int(engine == "postgresql")
        self.people = {key: People(world, key, roles) for key, roles in PEOPLE_OF.items()}
        self.decisions = {
            key: Decisions(world, [world.actor(role, key) for role in roles])
            for key, roles in PEOPLE_OF.items()
        }
        paths = Paths(world)
        self.paths = [
            (address, paths[address]) for address in OURS
        ]  # all rows first: lists have something to show
        self.secrets = Secrets(world)

    def faults(self) -> Iterator[str]:
        for address, path in self.paths:
            with undone():
                for asked in (self.strangers, self.roles, self.one_refused, self.others, self.page):
                    try:
                        yield from (f"{address.view_name}: {fault}" for fault in asked(address, path))
                    except Exception as problem:  # told with the others
                        yield f"{address.view_name}: {asked.__name__} ended in {problem!r}"

    def strangers(self, address: Address, path: str) -> Iterator[str]:
        """They are led to the sign-in, and nobody gets anything by a method that is not declared."""
        nobody = AnonymousUser()
        answer = asked_directly(address, path, nobody)
        if answer.status_code != 302 or not answer["Location"].startswith("/account/login/"):
            yield f"a stranger is answered {answer.status_code}"
        answer = asked_directly(address, path, nobody, **{"HX-Request": "true"})
        if answer.status_code != 401 or not answer["HX-Redirect"].startswith("/account/login/"):
            yield f"a stranger's partial is answered {answer.status_code}"
        for method in METHODS:
            if method not in address.view.needs.methods:
                answer = asked_directly(address, path, nobody, method)
                if answer.status_code != 405:
                    yield f"{method} is not declared and answered {answer.status_code}"

    def roles(self, address: Address, path: str) -> Iterator[str]:
        """The guard decides about each role at home, and about everybody of another organization."""
        for organization in PEOPLE_OF:
            for role, found in self.decisions[organization].of(address, path).items():
                expected = LET_IN if may_open(role, address) else 403
                if organization == NEIGHBOUR and address.view.needs.patient:
                    expected = 404 if has_permission(role, address) else 403
                if found != expected:
                    yield f"{role} of {organization} is answered {found} instead of {expected}"

    def one_refused(self, address: Address, path: str) -> Iterator[str]:
        """The address itself, as a role that may not: so it asks the guard, and does what the guard says."""
        refused = [role for role in PEOPLE_OF["north-valley"] if not may_open(role, address)]
        if refused:
            role = refused[self.turn % len(refused)]
            answer = asked_directly(address, path, self.world.user(role), **IN_JSON)
            if answer.status_code != 403:
                yield f"{role} may not, and is answered {answer.status_code}"

    def others(self, address: Address, path: str) -> Iterator[str]:
        """Somebody of another organization, in a role that opens such a page of its own.

        On SQLite, where no second wall stands behind a view, one that sees every chart if there is any.
        """
        may = [role for role in MemberRole if has_permission(role, address)]
        may.sort(key=lambda role: ROLE_CHART_REACH[role] is not ChartReach.ALL)
        role = may[-self.turn]
        answer = ask(self.people[NEIGHBOUR][role], address, path, self.world)
        names_a_row = address.arguments and address.view_name not in NAME_NO_ROW
        if answer.status_code >= 500 or (names_a_row and answer.status_code not in (403, 404)):
            yield f"{role} of another organization is answered {answer.status_code}"
        found = sorted(self.secrets.in_text(answer.content.decode(errors="replace"), path))
        if found:
            yield f"{role} of another organization is shown {len(found)} of the practice's: {', '.join(found[:3])}"

    def page(self, address: Address, path: str) -> Iterator[str]:
        """The page itself, where it is at home: made once, after the guard was asked; and an opened chart is told."""
        house, may = who_may(address)
        role = may[-self.turn]
        with (
            mock.patch.object(guard, "refusal_of", wraps=guard.refusal_of) as decided,
            mock.patch.object(guard, "shown", wraps=guard.shown) as shown,
        ):
            answer = ask(self.people[house][role], address, path, self.world)
        if answer.status_code in (401, 403, 404, 405) or answer.status_code >= 500:
            yield f"{role} may, and is answered {answer.status_code}"
        yield from faults_in_headers(answer)
        if decided.call_count != 1 or shown.call_count != 1:
            yield f"the page is not reached through the guard ({decided.call_count}, {shown.call_count})"
        if address.view.needs.patient:
            with self.world.inside(self.world.practice):
                events = AuditEvent.objects.of(self.world.practice).filter(patient_id=self.world.ariana.pk)
                if not events.filter(request_id=answer["X-Request-ID"]).exists():
                    yield f"{role} opened the chart and left no event"


def test_every_address_opens_to_whom_it_should_and_to_nobody_else(
    world_with_books, database, settings
) -> None:
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = (
        7_200  # everybody has just proven who they are, for the whole walk
    )
    faults = list(Walk(world_with_books, database).faults())
    assert not faults, f"{len(faults)} disagreements\n" + "\n".join(faults)


def test_each_view_declares_what_it_needs() -> None:
    undeclared = []
    for address in all_addresses():
        declared = needs_of(address.view, ResolverMatch(address.view, (), {}, url_name=address.view_name))
        # another package's old address without a name is refused, as it should be
        is_refused = not address.view_name and not address.view.__module__.startswith("cocm.")
        if (declared is None) != is_refused:
            undeclared.append(address.view_name)
    assert not undeclared, (
        "put @needs(Permission...) on the view, or @public; another package's goes into access/declared.py"
    )


def test_what_is_open_to_everyone_is_known_by_name() -> None:
    """Of ours; a page with the mark `public` is asked for by no other test of this file."""
    found = {
        address.view_name
        for address in all_addresses()
        if getattr(address.view, "needs", None) and address.view.needs.audience is Audience.PUBLIC
    }
    assert found == OPEN_TO_EVERYONE


def test_an_address_of_a_patient_opens_the_chart() -> None:
    without = {
        address.view_name
        for address in OURS
        if "patient_id" in address.arguments and address.view.needs.patient != "patient_id"
    }
    assert without == {"break_glass"}  # which opens it, with a reason


def test_what_other_packages_declare_is_there() -> None:
    names = {address.view_name for address in all_addresses()}
    optional = {"look:guide", "look:confirm"}
    assert set(OTHERS_VIEWS) - optional <= names


def test_an_address_with_an_argument_has_its_example() -> None:
    missing = [
        address.view_name for address in OURS if address.arguments and address.view_name not in EXAMPLES
    ]
    assert not missing, "add it to addresses.EXAMPLES"


def test_no_page_is_kept_by_a_browser(client_of) -> None:
    assert client_of(MemberRole.BHCM).get("/caseload/")["Cache-Control"] == "no-store"


def test_a_view_without_a_declaration_is_refused(rf) -> None:
    from django.http import HttpResponse

    from cocm.server.requests import DeclaredNeedsMiddleware

    request = rf.get("/")
    request.resolver_match = ResolverMatch(lambda: None, (), {}, url_name="forgotten")
    guard = DeclaredNeedsMiddleware(lambda request: HttpResponse())
    assert guard.process_view(request, lambda request: HttpResponse("shown"), (), {}).status_code == 403
