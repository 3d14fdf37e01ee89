"""Drafts: what a person has typed for a patient so far. Nobody is locked out, and nothing typed is overwritten.

A draft belongs to its author: a colleague who writes about the same patient has their own. A window says which revision
it shows; one that is behind (a second window, a page that came back from the browser's history) is given a new draft.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.contacts.models import ContactDraft
from cocm.server.contacts.timers import own_staff_id
from cocm.server.records import OrganizationRows
from cocm.server.registry.models import Patient

DRAFTS_MAX: Final = 20
"""A person's drafts for one patient; the oldest goes when there is another."""


def drafts_of(*, actor: Actor) -> OrganizationRows:
    """The person's drafts with their patients, the last saved first."""
    if actor.staff_member_id is None:
        return ContactDraft.objects.none()
    mine = ContactDraft.objects.of(actor).filter(author_id=actor.staff_member_id)
    return mine.select_related("patient").order_by("-saved_at", "pk")


def others_writing(*, actor: Actor, patient: Patient) -> OrganizationRows:
    """Colleagues' drafts for a patient: who and since when, never what they typed."""
    drafts = ContactDraft.objects.of(actor).filter(patient=patient).exclude(author_id=actor.staff_member_id)
    return drafts.select_related("author").defer("typed").order_by("-saved_at", "pk")


@transaction.atomic
def draft_save(
    *,
    actor: Actor,
    patient: Patient,
    typed: Mapping[str, str],
    draft_id: UUID | None = None,
    revision: int = 0,
) -> ContactDraft:
    """Save what is typed into the draft that the window shows, or into a new one where it shows an older revision."""
    actor.require(Permission.MINUTES_RECORD)
    now = timezone.now()
    found = None
    if draft_id is not None:
        mine = drafts_of(actor=actor).filter(patient=patient)
        found = mine.select_for_update(of=("self",)).filter(pk=draft_id, revision=revision).first()
    if found is not None:
        if found.typed != dict(typed):
            found.typed, found.revision, found.saved_at = dict(typed), revision + 1, now
            found.save(update_fields=("typed", "revision", "saved_at"))
        return found
    draft = ContactDraft(
        organization_id=actor.organization_id,
        patient=patient,
        author_id=own_staff_id(actor),
        typed=dict(typed),
        begun_at=now,
        saved_at=now,
    )
    draft.save(force_insert=True)
    record(actor, Verb.ADDED, object_type="draft", object_id=draft.pk, patient_id=patient.pk)
    for old in drafts_of(actor=actor).filter(patient=patient)[DRAFTS_MAX:]:
        draft_discard(actor=actor, patient=patient, draft_id=old.pk)
    return draft


@transaction.atomic
def draft_discard(*, actor: Actor, patient: Patient, draft_id: UUID) -> None:
    """Throw one's own draft away; one that is gone already stays gone."""
    actor.require(Permission.MINUTES_RECORD)
    deleted, _ = drafts_of(actor=actor).filter(patient=patient, pk=draft_id).delete()
    if deleted:
        record(actor, Verb.REMOVED, object_type="draft", object_id=draft_id, patient_id=patient.pk)
