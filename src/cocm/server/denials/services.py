"""What people do about a claim after it was sent: take it over, note what they did, keep documents for its packet."""

from __future__ import annotations

import hashlib
import zlib
from datetime import date
from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cocm.claims.lifecycle import ClaimEventKind, ClaimState
from cocm.receivables.record import record_event
from cocm.rules.document_kinds import document_kinds
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.accounts.models import Membership
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.denials.models import ClaimOwner, PatientDocument
from cocm.server.money.services import claim_of_patient, name_of
from cocm.server.open_books import open_books_of
from cocm.server.records import OrganizationRows
from cocm.server.registry.models import Patient
from cocm.server.rules_in_force import rulebook
from cocm.server.work.services import work_recorded

DOCUMENT_BYTES_MAX: Final = 10 * 1024**2
DOCUMENTS_MAX: Final = 200
"""Of one patient."""
PDF_START: Final = b"%PDF-"


@transaction.atomic
def owner_set(*, actor: Actor, patient: Patient, claim_id: str, owner_id: UUID | None) -> ClaimOwner | None:
    """Say who works on a claim; nobody any more with None. Raises `ValidationError` for somebody who may not bill."""
    actor.require(Permission.BILLING_EDIT)
    with open_books_of(actor, today=timezone.localdate()) as books:
        claim_of_patient(books, claim_id, patient)
    known = ClaimOwner.objects.of(actor).select_for_update().filter(claim_id=claim_id).first()
    if owner_id is None:
        if known is not None:
            known.delete()
            record(actor, Verb.REMOVED, object_type="claim owner", object_id=claim_id, patient_id=patient.pk)
        return None
    if not owners(actor=actor).filter(user_id=owner_id).exists():
        raise ValidationError({"owner": "somebody of billing"})
    if known is not None and known.owner_id == owner_id:
        return known
    made, _ = ClaimOwner.objects.update_or_create(
        organization_id=actor.organization_id,
        claim_id=claim_id,
        defaults={"owner_id": owner_id, "assigned_at": timezone.now(), "assigned_by_id": actor.user_id},
    )
    record(
        actor,
        Verb.CHANGED,
        object_type="claim owner",
        object_id=claim_id,
        patient_id=patient.pk,
        details={"owner": str(owner_id)},
    )
    return made


def owners(*, actor: Actor) -> OrganizationRows:
    """Who may work on claims: the people of billing who are here."""
    found = Membership.objects.of(actor).filter(is_active=True, role="billing")
    return found.select_related("user").order_by("user__full_name")


@transaction.atomic
def claim_event(
    *,
    actor: Actor,
    patient: Patient,
    claim_id: str,
    kind: ClaimEventKind,
    day: date,
    note: str,
    task: str,
    work_minutes: int | None = None,
) -> ClaimState:
    """Put what a person did on the claim's timeline; where it stands then. The same again changes nothing."""
    actor.require(Permission.BILLING_EDIT)
    with open_books_of(actor, today=timezone.localdate(), to_write=True) as books:
        claim_of_patient(books, claim_id, patient)
        state = record_event(books, claim_id, kind, day, name_of(actor), note)
    record(
        actor,
        Verb.ADDED,
        object_type="claim event",
        object_id=claim_id,
        patient_id=patient.pk,
        details={"kind": str(kind)},
    )
    if task:
        work_recorded(
            actor=actor,
            task=task,
            minutes=work_minutes,
            claim_id=claim_id,
            once_key=f"event:{claim_id}:{kind}:{day}:{hashlib.sha256(note.encode()).hexdigest()[:16]}",
        )
    return state


def documents_of(*, actor: Actor, patient: Patient) -> OrganizationRows:
    """The patient's documents by date, without their contents."""
    found = PatientDocument.objects.of(actor).filter(patient=patient).defer("content")
    return found.order_by("service_date", "added_at")


@transaction.atomic
def document_add(
    *,
    actor: Actor,
    patient: Patient,
    service_date: date,
    kind: str,
    title: str,
    content: bytes,
    is_part2: bool = False,
    part2_consent_date: date | None = None,
) -> tuple[PatientDocument, bool]:
    """Keep a document (PDF or plain text) of a patient; whether it is new.

    Raises `ValidationError` for another kind of file, one that is too large, or one too many.
    """
    actor.require(Permission.BILLING_EDIT)
    ending = _ending(content)
    if kind not in document_kinds(rulebook()):
        raise ValidationError({"kind": "one of the list"})
    Patient.objects.of(actor).select_for_update(no_key=True).get(pk=patient.pk)
    digest = hashlib.sha256(content).hexdigest()
    known = PatientDocument.objects.of(actor).filter(patient=patient, sha256=digest, kind=kind).first()
    if known is not None:
        return known, False
    if documents_of(actor=actor, patient=patient).count() >= DOCUMENTS_MAX:
        raise ValidationError(f"there are {DOCUMENTS_MAX} documents already: take one away first")
    document = PatientDocument(
        organization_id=actor.organization_id,
        patient=patient,
        service_date=service_date,
        kind=kind,
        title=title.strip(),
        ending=ending,
        content=zlib.compress(content),
        byte_count=len(content),
        sha256=digest,
        is_part2=is_part2,
        part2_consent_date=part2_consent_date,
        added_at=timezone.now(),
        added_by_id=actor.user_id,
    )
    document.full_clean(exclude=("organization", "patient", "added_by"))
    document.save(force_insert=True)
    record(
        actor,
        Verb.ADDED,
        object_type="document",
        object_id=document.pk,
        patient_id=patient.pk,
        details={"kind": kind},
    )
    return document, True


def _ending(content: bytes) -> str:
    if not content:
        raise ValidationError({"file": "the file is empty"})
    if len(content) > DOCUMENT_BYTES_MAX:
        raise ValidationError({"file": f"larger than {DOCUMENT_BYTES_MAX // 1024**2} MB"})
    if content.startswith(PDF_START):
        return "pdf"
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise ValidationError({"file": "a PDF, or plain text"})
    return "txt"


@transaction.atomic
def document_remove(*, actor: Actor, patient: Patient, document_id: UUID) -> None:
    """Take a document away that was put here by mistake; what went out with it stays as it went out."""
    actor.require(Permission.BILLING_EDIT)
    document = PatientDocument.objects.of(actor).filter(patient=patient, pk=document_id).first()
    if document is None:
        return
    record(actor, Verb.REMOVED, object_type="document", object_id=document.pk, patient_id=patient.pk)
    document.delete()
