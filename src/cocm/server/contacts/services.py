"""Writing the ledger: an entry, a correction, a frozen month. Each takes the acting person and leaves an event."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from cocm.basics.errors import CocmError
from cocm.basics.months import Month
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.accounts.models import Organization, StaffMember
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.chains import START_OF_CHAIN, chained_hash
from cocm.server.contacts.minutes import minutes_refresh
from cocm.server.contacts.models import Contact, ContactHead, FrozenMonth
from cocm.server.practice_port import zone_on
from cocm.server.registry.models import Episode, Patient


class MonthFrozen(CocmError):
    """The month's minutes are frozen: nothing is added to it or corrected in it."""


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
    head = _locked_head(actor, patient)
    month = month_of(actor, patient, started_at)
    if month.index in _frozen_months(patient):
        raise MonthFrozen(
            "the month of this entry is closed and its minutes are frozen; ask billing to open it again"
        )
    number = head.last_number + 1
    contact = Contact(
        organization_id=actor.organization_id,
        number=number,
        contact_id=own or f"{patient.patient_id}-{number:04d}",
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


def contact_correct(*, actor: Actor, contact: Contact, reason: str, **changed: Any) -> Contact:
    """Replace an entry by a new one that says what is different and why; an entry is replaced only once."""
    if not reason.strip():
        raise ValueError("a correction needs its reason")
    if (
        Contact.objects.of(actor)
        .filter(patient_id=contact.patient_id, corrects_contact_id=contact.contact_id)
        .exists()
    ):
        raise ValueError(
            f"entry {contact.contact_id} is corrected already; correct the entry that replaced it"
        )
    copied = {
        name: getattr(contact, name)
        for name in (
            "patient", "staff_member", "started_at", "service_seconds", "note_minutes", "activity", "modality",
            "outcome", "programme", "acting_as_bhcm", "billed_elsewhere_code", "billed_elsewhere_minutes",
        )
    }  # fmt: skip
    if month_of(actor, contact.patient, contact.started_at).index in _frozen_months(contact.patient):
        raise MonthFrozen(
            f"entry {contact.contact_id} belongs to a closed month; ask billing to open it again"
        )
    return contact_add(
        actor=actor,
        **(copied | changed),
        corrects_contact_id=contact.contact_id,
        correction_reason=reason.strip(),
    )


@transaction.atomic
def month_freeze(*, actor: Actor, patient: Patient, month: Month) -> FrozenMonth:
    """Freeze a patient's month; a month that is frozen stays as it is."""
    actor.require(Permission.BILLING_EDIT)
    frozen, is_new = FrozenMonth.objects.of(actor).get_or_create(
        organization_id=actor.organization_id,
        patient=patient,
        month_index=month.index,
        defaults={"frozen_at": timezone.now(), "frozen_by_id": actor.user_id},
    )
    if is_new:
        record(
            actor,
            Verb.FROZEN,
            object_type="month",
            object_id=str(month),
            patient_id=patient.pk,
        )
    return frozen


def month_of(actor: Actor, patient: Patient, instant: datetime) -> Month:
    """The month an instant belongs to by the clock of the patient's site."""
    return Month.of(site_day(actor, patient, instant))


def site_day(actor: Actor, patient: Patient, instant: datetime) -> date:
    """The day of an instant by the clock of the patient's site: at 23:30 on the 31st it is still that month."""
    organization = Organization.objects.get(pk=actor.organization_id)
    clocks = [
        (start, zone or organization.time_zone)
        for start, zone in Episode.objects.of(actor)
        .filter(patient=patient)
        .order_by("start_date", "episode_id")
        .values_list("start_date", "site__time_zone")
    ]
    zone = zone_on(instant, clocks) if clocks else organization.time_zone
    return instant.astimezone(ZoneInfo(zone)).date()


def _locked_head(actor: Actor, patient: Patient) -> ContactHead:
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


def _frozen_months(patient: Patient) -> set[int]:
    return set(FrozenMonth.objects.filter(patient=patient).values_list("month_index", flat=True))
