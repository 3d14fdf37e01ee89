"""A service organization that serves several practices: its people open nothing of a practice by serving it.

What opens is decided by a person's own membership at the practice, one practice after the other.
"""

from datetime import date

import pytest
from addresses import NAME_NO_ROW, our_addresses
from asking import (
    LET_IN,
    Decisions,
    Paths,
    Secrets,
    ask,
    asked_directly,
    has_permission,
    may_open,
    signed_in,
    undone,
)

from cocm.server.access.permissions import MemberRole
from cocm.server.accounts.models import Membership, Organization, StaffMember, User
from cocm.server.accounts.services import member_add, organization_add
from cocm.server.registry.models import Episode, Patient
from cocm.server.registry.services.episodes import cover_add

ROLES = (MemberRole.BHCM, MemberRole.BILLING, MemberRole.MANAGER, MemberRole.ADMINISTRATOR)


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
        for role in ROLES:
            user = User.objects.create_user(f"{role.value}@bridge.example", full_name=f"Bridge {role.value}")
            member_add(actor=bridge, user=user, role=role)
    for practice in (world.practice, world.neighbour):
        with world.inside(practice):
            Organization.objects.filter(pk=practice.organization_id).update(
                served_by_id=bridge.organization_id
            )
    return bridge


def test_serving_a_practice_opens_nothing_of_it(bridge, world, database) -> None:
    """Each address in each role; a page that names no row is the service's own, and is made for one role."""
    people = [signed_in(User.objects.get(email=f"{role}@bridge.example")) for role in ROLES]
    users = [User.objects.get(email=f"{role}@bridge.example") for role in ROLES]
    turn = int(database == "postgresql")
    paths, secrets, faults = Paths(world), Secrets(world), []
    for address in our_addresses():
        with undone():
            path = paths[address]
            if address.arguments and address.view_name not in NAME_NO_ROW:
                answers = [asked_directly(address, path, user) for user in users]
                faults += [
                    f"{address.view_name}: {role} is answered {answer.status_code}"
                    for role, answer in zip(ROLES, answers, strict=True)
                    if answer.status_code not in (302, 403, 404)
                ]
            else:
                may = [role for role in ROLES if has_permission(role, address)] or [ROLES[0]]
                answers = [ask(people[ROLES.index(may[-turn])], address, path, world)]
                faults += [f"{address.view_name}: {a.status_code}" for a in answers if a.status_code >= 500]
            for answer in answers:
                shown = secrets.in_text(answer.content.decode(errors="replace"), path)
                faults += [f"{address.view_name}: {secret} is shown" for secret in shown]
    assert not faults, "\n".join(faults)


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
    client = signed_in(user)

    def act_for(actor) -> None:
        assert (
            client.post("/organizations/choose/", {"organization_id": str(actor.organization_id)}).status_code
            == 302
        )

    act_for(world.practice)
    assert client.get(f"/caseload/{ariana.pk}/").status_code == 200
    assert client.get(f"/caseload/{nell.pk}/").status_code == 404
    paths = Paths(world)
    with world.inside(world.practice):
        decisions = Decisions(world, [Membership.objects.of(world.practice).get(user=user).as_actor()])
    for address in our_addresses():
        with undone():
            decided = decisions.of(address, paths[address])[MemberRole.BHCM]
            assert decided == (LET_IN if may_open(MemberRole.BHCM, address) else 403), address.view_name
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
