"""Writing the ledger: an entry, a correction, a month frozen and reopened. Each leaves an event of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from cocm.basics.errors import CocmError
from cocm.basics.months import Month
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.accounts.models import StaffMember
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.chains import START_OF_CHAIN, chained_hash
from cocm.server.contacts.clocks import month_of, site_day
from cocm.server.contacts.minutes import minutes_refresh
from cocm.server.contacts.models import Contact, ContactHead, FrozenMonth, MonthReopening
from cocm.server.registry.models import Patient


class MonthFrozen(CocmError):
    """The month's minutes are frozen: nothing is added to it or corrected in it."""

    def __init__(self, month: Month, what: str = "This entry") -> None:
        super().__init__(
            f"{what} belongs to {month}, whose minutes are frozen for billing. Ask billing to open the month again "
            "and say why; what you typed is kept as a draft."
        )
        self.month = month


@transaction.atomic
def contact_add(
    *,
    actor: Actor,
    patient: Patient,
    staff_member: StaffMember,
    started_at: datetime,
    service_seconds: int,
    activity: str,
    **fields: Any,
) -> Contact:
    """Add an entry of time to the patient's ledger. `started_at` is aware; the site's clock decides its month.

    Raises `MonthFrozen`, or Django's `ValidationError` for values that no entry may have.
    """
    actor.require(Permission.MINUTES_RECORD)
    own = fields.pop("contact_id", "")
    head = locked_head(actor, patient)
    month = month_of(actor, patient, started_at)
    if month.index in frozen_months(patient):
        raise MonthFrozen(month)
    number = head.last_number + 1
    contact = Contact(
        organization_id=actor.organization_id,
        number=number,
        contact_id=own or _free_id(actor, patient, number),
        patient=patient,
        staff_member=staff_member,
        started_at=started_at,
        service_seconds=service_seconds,
        activity=activity,
        recorded_at=timezone.now(),
        recorded_by_id=actor.user_id,
        previous_hash=head.last_hash,
        **fields,
    )
    if contact.recorded_on is None:
        contact.recorded_on = site_day(actor, patient, contact.recorded_at)
    contact.row_hash = chained_hash(head.last_hash, contact.content())
    contact.full_clean(exclude=("organization", "patient", "staff_member", "recorded_by"))
    contact.save(force_insert=True)
    head.last_number, head.last_hash = number, contact.row_hash
    head.save(update_fields=("last_number", "last_hash"))
    minutes_refresh(actor=actor, patients=[patient.pk], month=month)
    verb = Verb.CORRECTED if contact.corrects_contact_id else Verb.ADDED
    record(actor, verb, object_type="contact", object_id=contact.pk, patient_id=patient.pk)
    return contact


def _free_id(actor: Actor, patient: Patient, number: int) -> str:
    """The contract's id of an entry of ours. Entries that were brought in may have taken it: then it is told apart."""
    wanted = f"{patient.patient_id}-{number:04d}"
    if not Contact.objects.of(actor).filter(patient=patient, contact_id=wanted).exists():
        return wanted
    return f"{wanted}-{uuid4().hex[:8]}"


def contact_correct(*, actor: Actor, contact: Contact, reason: str, **changed: Any) -> Contact:
    """Replace an entry by a new one that says what is different and why; an entry is replaced only once."""
    if not reason.strip():
        raise ValueError("a correction needs its reason")
    check_uncorrected(actor, contact)
    copied = {
        name: getattr(contact, name)
        for name in (
            "patient", "staff_member", "started_at", "service_seconds", "note_minutes", "activity", "modality",
            "outcome", "programme", "acting_as_bhcm", "billed_elsewhere_code", "billed_elsewhere_minutes",
            "with_whom", "attempts", "note_text",
        )
    }  # fmt: skip
    before = month_of(actor, contact.patient, contact.started_at)
    if before.index in frozen_months(contact.patient):
        raise MonthFrozen(before, f"Entry {contact.contact_id}")
    return contact_add(
        actor=actor,
        **(copied | changed),
        corrects_contact_id=contact.contact_id,
        correction_reason=reason.strip(),
    )


def check_uncorrected(actor: Actor, contact: Contact) -> None:
    """Raises `ValueError` for an entry that another one replaces already."""
    replacing = Contact.objects.of(actor).filter(
        patient_id=contact.patient_id, corrects_contact_id=contact.contact_id
    )
    if replacing.exists():
        raise ValueError(
            f"entry {contact.contact_id} is corrected already; correct the entry that replaced it"
        )


@transaction.atomic
def month_freeze(*, actor: Actor, patient: Patient, month: Month) -> FrozenMonth:
    """Freeze a patient's month, also once more after it was reopened; one that is frozen stays as it is."""
    actor.require(Permission.BILLING_EDIT)
    locked_head(actor, patient)  # an entry that is being written is in before, or refused after
    frozen, is_new = FrozenMonth.objects.of(actor).get_or_create(
        organization_id=actor.organization_id,
        patient=patient,
        month_index=month.index,
        defaults={"frozen_at": timezone.now(), "frozen_by_id": actor.user_id},
    )
    closed = (
        MonthReopening.objects.of(actor)
        .filter(patient=patient, month_index=month.index, closed_at__isnull=True)
        .update(closed_at=timezone.now())
    )
    if is_new or closed:
        record(actor, Verb.FROZEN, object_type="month", object_id=str(month), patient_id=patient.pk)
    return frozen


@transaction.atomic
def month_reopen(*, actor: Actor, patient: Patient, month: Month, reason: str) -> MonthReopening:
    """Open a frozen month again for entries and corrections; it is frozen once more by `month_freeze`.

    What was billed is not touched: months that came to differ from their claims are `cocm late`'s.
    Raises `ValueError` without a reason, or for a month that is not frozen.
    """
    actor.require(Permission.BILLING_EDIT)
    if not reason.strip():
        raise ValueError("opening a frozen month again needs its reason")
    locked_head(actor, patient)
    if month.index not in frozen_months(patient):
        raise ValueError(f"{month} is not frozen")
    reopening = MonthReopening(
        organization_id=actor.organization_id,
        patient=patient,
        month_index=month.index,
        reason=reason.strip(),
        reopened_at=timezone.now(),
        reopened_by_id=actor.user_id,
    )
    reopening.full_clean(exclude=("organization", "patient", "reopened_by"))
    reopening.save(force_insert=True)
    record(actor, Verb.REOPENED, object_type="month", object_id=str(month), patient_id=patient.pk)
    return reopening


def frozen_months(patient: Patient) -> set[int]:
    """The indexes of the patient's months that take no entry now."""
    frozen = set(FrozenMonth.objects.filter(patient=patient).values_list("month_index", flat=True))
    is_open = MonthReopening.objects.filter(patient=patient, closed_at__isnull=True)
    return frozen - set(is_open.values_list("month_index", flat=True))


def locked_head(actor: Actor, patient: Patient) -> ContactHead:
    """The head of the patient's ledger, locked until the transaction ends: entries are written one after the other."""
    if patient.organization_id != actor.organization_id:
        raise ValueError("the patient belongs to another organization")
    heads = ContactHead.objects.of(actor).filter(patient=patient)
    head = heads.select_for_update().first()
    if head is None:
        ContactHead.objects.bulk_create(
            [ContactHead(organization_id=actor.organization_id, patient=patient, last_hash=START_OF_CHAIN)],
            ignore_conflicts=True,
        )
        head = heads.select_for_update().get()
    return head
