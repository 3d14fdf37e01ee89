"""Templates of entries: a person's own, and those they share with everybody at the organization."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.contacts.models import EntryTemplate
from cocm.server.contacts.timers import own_staff_id
from cocm.server.records import OrganizationRows

TEMPLATE_FIELDS: Final = ("activity", "modality", "with_whom", "outcome", "programme", "note_text")
"""What an entry may begin with; never time, never a patient."""


def templates_of(*, actor: Actor) -> OrganizationRows:
    """The person's own templates and the shared ones, by name."""
    mine = Q(owner_id=actor.staff_member_id) if actor.staff_member_id else Q(pk=None)
    found = EntryTemplate.objects.of(actor).filter(mine | Q(is_shared=True))
    return found.select_related("owner").order_by("name", "pk")


@transaction.atomic
def template_save(*, actor: Actor, name: str, is_shared: bool, typed: Mapping[str, str]) -> EntryTemplate:
    """Keep a template under a name; one's own of the same name is replaced."""
    actor.require(Permission.MINUTES_RECORD)
    kept = {field: typed[field] for field in TEMPLATE_FIELDS if typed.get(field)}
    mine = EntryTemplate.objects.of(actor).filter(owner_id=own_staff_id(actor), name=name)
    template = mine.select_for_update().first()
    verb = Verb.ADDED if template is None else Verb.CHANGED
    if template is None:
        template = EntryTemplate(
            organization_id=actor.organization_id, owner_id=own_staff_id(actor), name=name
        )
    template.is_shared, template.typed = is_shared, kept
    template.full_clean(exclude=("organization", "owner", "typed"))
    template.save()
    record(actor, verb, object_type="entry_template", object_id=template.pk)
    return template


@transaction.atomic
def template_remove(*, actor: Actor, template_id: UUID) -> None:
    """Remove one's own template; entries that began from it stay as they are."""
    actor.require(Permission.MINUTES_RECORD)
    mine = EntryTemplate.objects.of(actor).filter(owner_id=own_staff_id(actor), pk=template_id)
    deleted, _ = mine.delete()
    if deleted:
        record(actor, Verb.REMOVED, object_type="entry_template", object_id=template_id)
