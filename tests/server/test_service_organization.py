"""A service organization that serves several practices: its people open nothing of a practice by serving it.

What opens is decided by a person's own membership at the practice, one practice after the other.
"""

from datetime import date

import pytest
from addresses import EXAMPLES, NAME_NO_ROW, our_addresses
from django.db import transaction
from django.test import Client
from test_who_may_see import ask, may_open

from cocm.server.access.permissions import MemberRole
from cocm.server.accounts.models import Organization, StaffMember, User
from cocm.server.accounts.services import member_add, organization_add
from cocm.server.registry.models import Episode, Patient
from cocm.server.registry.services.episodes import cover_add

OURS = our_addresses()


@pytest.fixture
def world(world_with_books):
    """With claims and money, which some addresses name."""
    return world_with_books


@pytest.fixture
def bridge(world):
    """The service organization that serves both practices; a person a role, who is a member of it alone."""
    bridge = organization_add(
        key="bridge-care", kind="service", name="Bridge Care Services", time_zone="America/Los_Angeles"
    )
    with world.inside(bridge):
        for role in (MemberRole.BHCM, MemberRole.BILLING, MemberRole.MANAGER, MemberRole.ADMINISTRATOR):
            user = User.objects.create_user(f"{role.value}@bridge.example", full_name=f"Bridge {role.value}")
            member_add(actor=bridge, user=user, role=role)
    for practice in (world.practice, world.neighbour):
        with world.inside(practice):
            Organization.objects.filter(pk=practice.organization_id).update(
                served_by_id=bridge.organization_id
            )
    return bridge


def signed_in(email: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(email=email), "allauth.account.auth_backends.AuthenticationBackend")
    return client


class Undone(Exception):
    """Ends what one address wrote."""


def answers(client: Client, world):
    """Each address with its answer; what the example and the page wrote is undone before the next."""
    for address in OURS:
        if address.arguments and address.view_name not in EXAMPLES:
            continue  # another test says that it lacks its example
        try:
            with transaction.atomic():
                yield address, ask(client, address, world)
                raise Undone
        except Undone:
            pass


@pytest.mark.parametrize(
    ("role", "database"),
    [*((role, "sqlite") for role in ("bhcm", "billing", "manager", "administrator")), ("bhcm", "postgresql")],
    indirect=["database"],
)
def test_serving_a_practice_opens_nothing_of_it(role, bridge, world) -> None:
    client = signed_in(f"{role}@bridge.example")
    for address, answer in answers(client, world):
        assert answer.status_code < 500, address.view_name
        if address.arguments and address.view_name not in NAME_NO_ROW:
            assert answer.status_code in (302, 403, 404), address.view_name
        shown = answer.content.decode(errors="replace")
        assert "Ariana" not in shown and world.ariana.last_name not in shown, address.view_name


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_member_of_two_practices_opens_each_by_its_own_role(bridge, world) -> None:
    """The service's care manager is one at North Valley and bills at Far Creek: neither gives the other."""
    user = User.objects.get(email="bhcm@bridge.example")
    with world.inside(world.practice):
        ariana = world.ariana
        row = StaffMember(
            organization_id=world.practice.organization_id,
            staff_id="BRIDGE-1",
            last_name="Bridge",
            role="bhcm",
        )
        row.save()
        member_add(actor=world.practice, user=user, role=MemberRole.BHCM, staff_member=row)
        episode = Episode.objects.of(world.practice).get(patient=ariana)
        cover_add(
            actor=world.practice,
            patient=ariana,
            episode=episode,
            staff_member=row,
            from_date=date(2026, 1, 1),
            to_date=None,
        )
    with world.inside(world.neighbour):
        member_add(actor=world.neighbour, user=user, role=MemberRole.BILLING)
        nell = Patient.objects.of(world.neighbour).get()
    client = signed_in("bhcm@bridge.example")

    def act_for(actor) -> None:
        assert (
            client.post("/organizations/choose/", {"organization_id": str(actor.organization_id)}).status_code
            == 302
        )

    act_for(world.practice)
    assert client.get(f"/caseload/{ariana.pk}/").status_code == 200
    assert client.get(f"/caseload/{nell.pk}/").status_code == 404
    for address, answer in answers(client, world):
        assert (answer.status_code == 403) != may_open(MemberRole.BHCM, address), address.view_name
    act_for(world.neighbour)
    assert client.get(f"/caseload/{ariana.pk}/").status_code == 404
    assert client.get(f"/caseload/{nell.pk}/").status_code == 200
    assert client.get(f"/contacts/{nell.pk}/").status_code in (403, 404)
    act_for(bridge)
    assert (
        client.get(f"/caseload/{ariana.pk}/").status_code
        == client.get(f"/caseload/{nell.pk}/").status_code
        == 404
    )
