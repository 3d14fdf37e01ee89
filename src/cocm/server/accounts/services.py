"""Writing people and places."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from cocm.server.access.actor import Actor, enter_organization
from cocm.server.access.permissions import MemberRole, Permission
from cocm.server.accounts.models import Membership, Organization, StaffMember, User
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb


@transaction.atomic
def organization_add(
    *, key: str, kind: str, name: str, time_zone: str, by: User | None = None, **fields: Any
) -> Actor:
    """A new organization, empty; the system actor that may fill it. `by` is the person who asked for it."""
    organization = Organization(key=key, kind=kind, name=name, time_zone=time_zone, **fields)
    organization.full_clean()
    enter_organization(organization.pk, by.pk if by else None)
    organization.save(force_insert=True)
    actor = Actor.system(organization.pk)
    record(actor, Verb.ADDED, object_type="organization", object_id=organization.pk)
    return actor


@transaction.atomic
def member_add(
    *, actor: Actor, user: User, role: MemberRole, staff_member: StaffMember | None = None
) -> Membership:
    """Give a person a role at the organization. The staff row must be the organization's own."""
    actor.require(Permission.PEOPLE_EDIT)
    if staff_member is not None and staff_member.organization_id != actor.organization_id:
        raise ValueError("the staff member belongs to another organization")
    membership = Membership(
        organization_id=actor.organization_id, user=user, role=role, staff_member=staff_member
    )
    membership.full_clean()
    membership.save(force_insert=True)
    record(
        actor,
        Verb.ADDED,
        object_type="membership",
        object_id=membership.pk,
        details={"user": str(user.pk), "role": str(role)},
    )
    return membership
