"""Every address, tried by a stranger, by every role, by a colleague off the team and by the neighbour's people.

The addresses come from the URLconf and the expectation from what each view declares, so a new page is tested the day
it is written; `addresses.EXAMPLES` names an object for those that take one.
"""

import pytest
from addresses import BODIES, EXAMPLES, NAME_NO_ROW, Address, all_addresses, our_addresses
from django.test import Client
from django.urls import ResolverMatch

from cocm.server.access.declared import OTHERS_VIEWS
from cocm.server.access.needs import needs_of
from cocm.server.access.permissions import (
    PLAN_ROLES,
    ROLE_CHART_REACH,
    ROLE_PERMISSIONS,
    ChartReach,
    MemberRole,
)
from cocm.server.audit.models import AuditEvent

pytestmark = pytest.mark.once
CLINICAL = (MemberRole.BHCM, MemberRole.PSYCHIATRIC_CONSULTANT, MemberRole.PCP)
OURS = our_addresses()
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""What Python alone decides, before a row is asked for: the same on both engines."""
ids = lambda address: address.view_name  # noqa: E731  # pytest asks for a function


@pytest.fixture
def world(world_with_books):
    """With claims, so that their pages have something to show."""
    return world_with_books


def ask(client: Client, address: Address, world, method: str = ""):
    method = method or address.view.needs.methods[0]
    body = BODIES[address.view_name](world) if method == "POST" and address.view_name in BODIES else {}
    return getattr(client, method.lower())(address.path(world), body)


def may_open(role: MemberRole, address: Address) -> bool:
    """What the two tables of `access.permissions` say; Ariana's team are the clinical members."""
    declared = address.view.needs
    if declared.permission not in ROLE_PERMISSIONS[role]:
        return False
    reach = ROLE_CHART_REACH[role]
    return (
        not declared.patient
        or reach is ChartReach.ALL
        or (reach is ChartReach.CARE_TEAM and role in CLINICAL)
    )


@pytest.mark.parametrize("address", all_addresses(), ids=ids)
def test_each_view_declares_what_it_needs(address) -> None:
    match = ResolverMatch(address.view, (), {}, url_name=address.view_name)
    declared = needs_of(address.view, match)
    if not address.view_name and not address.view.__module__.startswith("cocm."):
        assert declared is None  # another package's old address without a name: refused, as it should be
        return
    assert declared is not None, (
        f"{address.view_name}: put @needs(Permission...) on the view, or @public; another package's goes into "
        "access/declared.py"
    )


def test_what_other_packages_declare_is_there() -> None:
    names = {address.view_name for address in all_addresses()}
    optional = {"look:guide", "look:confirm"}
    assert set(OTHERS_VIEWS) - optional <= names


@pytest.mark.parametrize("address", OURS, ids=ids)
def test_an_address_with_an_argument_has_its_example(address) -> None:
    assert not address.arguments or address.view_name in EXAMPLES, "add it to addresses.EXAMPLES"


@ON_SQLITE
@pytest.mark.parametrize("address", OURS, ids=ids)
def test_a_stranger_is_sent_to_the_sign_in(address, world) -> None:
    client = Client()
    answer = ask(client, address, world)
    assert answer.status_code == 302 and answer["Location"].startswith("/account/login/")
    method = address.view.needs.methods[0].lower()
    partial = getattr(client, method)(address.path(world), headers={"HX-Request": "true"})
    assert partial.status_code == 401 and partial["HX-Redirect"].startswith("/account/login/")


@ON_SQLITE
@pytest.mark.parametrize("address", OURS, ids=ids)
def test_each_role_opens_what_the_table_says_and_nothing_else(address, client_of, world) -> None:
    for role in MemberRole:
        if role in PLAN_ROLES:
            continue  # have no membership at a practice; below as a neighbour's
        answer = ask(client_of(role), address, world)
        if may_open(role, address):
            assert answer.status_code not in (401, 403, 404, 405) and answer.status_code < 500, role
        else:
            assert answer.status_code == 403, role


def neighbours_with(address: Address, database: str) -> list[MemberRole]:
    """Roles that may open such a page of their own: the others are refused for the role, whoever's the page is."""
    may = [role for role in MemberRole if address.view.needs.permission in ROLE_PERMISSIONS[role]]
    return (may or [MemberRole.BHCM])[: 1 if database == "postgresql" else 3]


@ON_SQLITE
@pytest.mark.parametrize("address", OURS, ids=ids)
def test_the_neighbours_people_find_nothing_of_the_practices(address, client_of, world, database) -> None:
    find_nothing(address, client_of, world, database)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("address", [address for address in OURS if address.arguments], ids=ids)
def test_the_neighbours_people_find_nothing_behind_the_wall(address, client_of, world, database) -> None:
    find_nothing(address, client_of, world, database)


def find_nothing(address: Address, client_of, world, database: str) -> None:
    """The neighbours, in roles that open such a page of their own, see nothing of the practice's people."""
    for role in neighbours_with(address, database):
        answer = ask(client_of(role, "far-creek"), address, world)
        if address.arguments and address.view_name not in NAME_NO_ROW:
            assert answer.status_code in (403, 404), role
        shown = answer.content.decode(errors="replace")  # a file is no text
        assert "Ariana" not in shown
        assert world.ariana.last_name not in shown


@ON_SQLITE
@pytest.mark.parametrize("address", OURS, ids=ids)
def test_a_method_that_is_not_declared_is_refused(address, client_of, world) -> None:
    client = client_of(MemberRole.BHCM)
    for method in METHODS:
        if method not in address.view.needs.methods:
            assert ask(client, address, world, method).status_code == 405


@ON_SQLITE
@pytest.mark.parametrize(
    "address",
    # a file asks who one is once more, and until then shows nothing
    [address for address in OURS if address.view.needs.patient and not address.view.needs.is_guarded_anew],
    ids=ids,
)
def test_each_opened_chart_leaves_an_event(address, client_of, world) -> None:
    role = MemberRole.BHCM if may_open(MemberRole.BHCM, address) else MemberRole.BILLING
    answer = ask(client_of(role), address, world)
    assert answer.status_code < 400 or answer.status_code == 422
    with world.inside(world.practice):
        events = AuditEvent.objects.of(world.practice).filter(patient_id=world.ariana.pk)
        assert events.filter(request_id=answer["X-Request-ID"]).exists()


def test_no_page_is_kept_by_a_browser(client_of) -> None:
    assert client_of(MemberRole.BHCM).get("/caseload/")["Cache-Control"] == "no-store"


def test_a_view_without_a_declaration_is_refused(rf) -> None:
    from django.http import HttpResponse

    from cocm.server.requests import DeclaredNeedsMiddleware

    request = rf.get("/")
    request.resolver_match = ResolverMatch(lambda: None, (), {}, url_name="forgotten")
    guard = DeclaredNeedsMiddleware(lambda request: HttpResponse())
    assert guard.process_view(request, lambda request: HttpResponse("shown"), (), {}).status_code == 403
