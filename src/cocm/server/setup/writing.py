"""Writing the small tables row by row, and the organizations that a service organization serves."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from cocm.server.access.actor import Actor, enter_organization
from cocm.server.access.permissions import MemberRole, Permission
from cocm.server.accounts.models import Organization, User
from cocm.server.accounts.models.organizations import OrganizationKind
from cocm.server.accounts.selectors import organization_of
from cocm.server.accounts.services import member_add, organization_add
from cocm.server.audit.trail import gathered, record
from cocm.server.audit.verbs import Verb
from cocm.server.contacts.minutes import inputs_changed
from cocm.server.setup.contract_forms import Section, typed_values
from cocm.server.setup.importing import save_small
from cocm.server.setup.overlay import UploadedRow


@transaction.atomic
def row_save(*, actor: Actor, section: Section, cells: dict[str, Any], is_new: bool) -> None:
    """Save a row of a small table, as the core reads its cells. An import saves by the same function."""
    actor.require(Permission.PEOPLE_EDIT)
    save_small(actor, section.name, [UploadedRow((2, ""), typed_values(section, cells))])
    key = "~".join(str(cells[name]) for name in section.table.key) or "practice"
    record(actor, Verb.ADDED if is_new else Verb.CHANGED, object_type=section.name, object_id=key)
    inputs_changed(actor)


@transaction.atomic
def served_practice_add(*, actor: Actor, by: User, key: str, name: str, time_zone: str) -> Organization:
    """A practice that the service organization serves; whoever adds it administers it there too."""
    actor.require(Permission.PEOPLE_EDIT)
    service = organization_of(actor=actor)
    if service.kind != OrganizationKind.SERVICE:
        raise PermissionDenied("only a service organization serves practices")
    if actor.user_id != by.pk:
        raise PermissionDenied("the acting person is another")
    if Organization.objects.filter(key=key).exists():
        raise ValidationError({"key": "another organization has this id"})
    with gathered(actor):  # the practice's own events, written while it is entered
        made = organization_add(
            key=key, kind=OrganizationKind.PRACTICE, name=name, time_zone=time_zone, by=by, served_by=service
        )
        member_add(actor=made, user=by, role=MemberRole.ADMINISTRATOR)
    enter_organization(actor.organization_id, actor.user_id)
    record(actor, Verb.ADDED, object_type="served practice", object_id=made.organization_id)
    return Organization.objects.get(pk=made.organization_id)
