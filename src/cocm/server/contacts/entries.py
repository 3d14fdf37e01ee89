"""Recording an entry as a person gives it: doubts are shown first, a second click of the same form changes nothing."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from cocm.basics.errors import CocmError
from cocm.care.plausibility import DoubtFound, TimeEntry, TimerReading, doubts
from cocm.care.records import Answer
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.accounts.models import StaffMember
from cocm.server.contacts.clocks import month_of, site_day, zone_of
from cocm.server.contacts.models import Contact
from cocm.server.contacts.services import (
    MonthFrozen,
    check_uncorrected,
    contact_add,
    contact_correct,
    frozen_months,
    locked_head,
)
from cocm.server.contacts.timers import own_staff_id, reading, timer_discard, timer_for
from cocm.server.records import OrganizationRows
from cocm.server.registry.models import CareTeamMember, Consent, Episode, Patient, WorkNote
from cocm.server.rules_in_force import general_policy

AROUND_AN_ENTRY = timedelta(days=2)
"""Entries that may overlap or share a day: the longest lasts a day."""


class NeedsConfirmation(CocmError):
    """The entry is doubtful: its author has to look at `found` and confirm."""

    def __init__(self, found: tuple[DoubtFound, ...]) -> None:
        super().__init__("; ".join(item.text for item in found))
        self.found = found


@transaction.atomic
def entry_record(
    *,
    actor: Actor,
    patient: Patient,
    entry_id: UUID,
    started_at: datetime,
    service_seconds: int,
    confirmed: frozenset[str] = frozenset(),
    uses_timer: bool = False,
    with_consent: bool = False,
    **fields: Any,
) -> Contact:
    """Add an entry of the acting person's own time. `entry_id` is the form's: sent twice, it is recorded once.

    `confirmed` are the doubts that the author was shown and confirmed. With `uses_timer` the person's timer for the
    patient is the source of the minutes, and is gone afterwards. `with_consent`: the patient agreed by word on the day
    of the entry. Raises `NeedsConfirmation`, `MonthFrozen`, `NotStaff` or Django's `ValidationError`.
    """
    actor.require(Permission.MINUTES_RECORD)
    locked_head(actor, patient)
    recorded = Contact.objects.of(actor).filter(pk=entry_id, patient=patient).first()
    if recorded is not None:
        return recorded
    month = month_of(actor, patient, started_at)
    if month.index in frozen_months(patient):
        raise MonthFrozen(month)
    staff = StaffMember.objects.of(actor).get(pk=own_staff_id(actor))
    timer = timer_for(actor=actor, patient=patient) if uses_timer else None
    said = reading(timer, timezone.now()) if timer is not None else None
    found = entry_doubts(
        actor=actor,
        patient=patient,
        staff=staff,
        started_at=started_at,
        service_seconds=service_seconds,
        said=said,
    )
    if not {item.doubt.value for item in found} <= confirmed:
        raise NeedsConfirmation(found)
    if with_consent:
        verbal_consent(actor=actor, patient=patient, day=site_day(actor, patient, started_at))
    contact = contact_add(
        actor=actor,
        patient=patient,
        staff_member=staff,
        started_at=started_at,
        service_seconds=service_seconds,
        id=entry_id,
        timer_seconds=said.seconds if said is not None else None,
        confirmed_doubts=",".join(item.doubt.value for item in found),
        **fields,
    )
    if timer is not None:
        timer_discard(actor=actor, patient=patient)
    return contact


@transaction.atomic
def entry_correct(
    *,
    actor: Actor,
    contact: Contact,
    reason: str,
    confirmed: frozenset[str] = frozenset(),
    **changed: Any,
) -> Contact:
    """Correct an entry of one's own, with the same doubts as a new one; raises as `entry_record` does."""
    actor.require(Permission.MINUTES_RECORD)
    locked_head(actor, contact.patient)
    if contact.staff_member_id != own_staff_id(actor):
        raise ValueError("an entry is corrected by the person whose time it is")
    check_uncorrected(actor, contact)
    found = entry_doubts(
        actor=actor,
        patient=contact.patient,
        staff=contact.staff_member,
        started_at=changed.get("started_at", contact.started_at),
        service_seconds=changed.get("service_seconds", contact.service_seconds),
        replaces=contact.contact_id,
    )
    if not {item.doubt.value for item in found} <= confirmed:
        raise NeedsConfirmation(found)
    return contact_correct(
        actor=actor,
        contact=contact,
        reason=reason,
        confirmed_doubts=",".join(item.doubt.value for item in found),
        **changed,
    )


def entry_doubts(
    *,
    actor: Actor,
    patient: Patient,
    staff: StaffMember,
    started_at: datetime,
    service_seconds: int,
    said: TimerReading | None = None,
    replaces: str = "",
) -> tuple[DoubtFound, ...]:
    """What the core doubts about an entry, beside the person's and the patient's entries that stand."""
    around = standing_entries(actor=actor).filter(
        Q(staff_member=staff) | Q(patient=patient),
        started_at__gte=started_at - AROUND_AN_ENTRY,
        started_at__lte=started_at + timedelta(seconds=service_seconds) + AROUND_AN_ENTRY,
    )
    if replaces:
        around = around.exclude(patient=patient, contact_id=replaces)
    others = [
        TimeEntry(str(pk), str(of_patient), str(by_staff), began, seconds)
        for pk, of_patient, by_staff, began, seconds in around.order_by("started_at", "pk").values_list(
            "pk", "patient_id", "staff_member_id", "started_at", "service_seconds"
        )
    ]
    entry = TimeEntry("", str(patient.pk), str(staff.pk), started_at, service_seconds)
    zone = zone_of(actor, patient, started_at)
    policy = general_policy(started_at.astimezone(zone).date())
    return doubts(entry, others=others, zone=zone, now=timezone.now(), policy=policy, timer=said)


def standing_entries(*, actor: Actor) -> OrganizationRows:
    """The organization's entries that no correction replaced."""
    replacing = Contact.objects.filter(
        patient_id=OuterRef("patient_id"), corrects_contact_id=OuterRef("contact_id")
    )
    return Contact.objects.of(actor).filter(~Exists(replacing))


def episode_of(actor: Actor, patient: Patient, day: date) -> Episode | None:
    """The patient's episode that a day belongs to, else the latest one."""
    episodes = Episode.objects.of(actor).filter(patient=patient).order_by("-start_date", "-episode_id")
    on_day = episodes.filter(Q(end_date__isnull=True) | Q(end_date__gte=day), start_date__lte=day).first()
    return on_day or episodes.first()


def lacks_consent(*, actor: Actor, patient: Patient, day: date) -> Episode | None:
    """The patient's episode on a day, if no consent to it is on record; else None."""
    episode = episode_of(actor, patient, day)
    if episode is None or episode.end_date is not None:
        return None
    latest = Consent.objects.of(actor).filter(episode=episode).order_by("recorded_at", "pk").last()
    has = latest is not None and latest.given == Answer.YES and latest.revoked_on is None
    return None if has else episode


@transaction.atomic
def verbal_consent(*, actor: Actor, patient: Patient, day: date) -> Consent | None:
    """Record that the patient agreed by word on a day and was told of the cost share; None where consent stands."""
    from cocm.server.registry.services.episodes import consent_add

    episode = lacks_consent(actor=actor, patient=patient, day=day)
    if episode is None:
        return None
    staff = StaffMember.objects.of(actor).get(pk=own_staff_id(actor))
    return consent_add(
        actor=actor,
        patient=patient,
        episode=episode,
        given=Answer.YES,
        consent_date=day,
        form="verbal",
        recorded_by=staff.full_name[:60],
        cost_share_explained=Answer.YES,
    )


@transaction.atomic
def hand_off(
    *, actor: Actor, patient: Patient, colleague: StaffMember, from_date: date, to_date: date, text: str
) -> CareTeamMember:
    """Let a colleague cover for a patient: the chart opens to them for these days, and what is to be done is theirs."""
    from cocm.server.registry.services.entries import note_add
    from cocm.server.registry.services.episodes import cover_add

    actor.require(Permission.CHART_EDIT)
    if colleague.organization_id != actor.organization_id:
        raise ValueError("the colleague belongs to another organization")
    if colleague.pk == actor.staff_member_id:
        raise ValidationError({"colleague": "choose somebody else than yourself"})
    episode = episode_of(actor, patient, from_date)
    if episode is None:
        raise ValidationError("the patient has no episode that somebody could cover")
    member = cover_add(
        actor=actor,
        patient=patient,
        episode=episode,
        staff_member=colleague,
        from_date=from_date,
        to_date=to_date,
    )
    if text.strip():
        note_add(actor=actor, patient=patient, text=text.strip(), due_on=from_date, owner=colleague)
    return member


def covered_by_me(*, actor: Actor) -> list[CareTeamMember]:
    """Whom the person covers today, with the patients."""
    if actor.staff_member_id is None:
        return []
    today = timezone.localdate()
    return list(
        CareTeamMember.objects.of(actor)
        .filter(
            Q(to_date__isnull=True) | Q(to_date__gte=today),
            staff_member_id=actor.staff_member_id,
            part=CareTeamMember.Part.COVERING,
            from_date__lte=today,
        )
        .select_related("episode__patient")
        .order_by("to_date", "pk")
    )


def notes_for_me(*, actor: Actor, patients: list[UUID]) -> dict[UUID, list[WorkNote]]:
    """What colleagues left for the person to do, by patient."""
    found: dict[UUID, list[WorkNote]] = {}
    notes = WorkNote.objects.of(actor).filter(
        owner_id=actor.staff_member_id, patient_id__in=patients, done_at__isnull=True
    )
    for note in notes.order_by("due_on", "recorded_at"):
        found.setdefault(note.patient_id, []).append(note)
    return found
