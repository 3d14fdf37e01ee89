"""A person's timers: started and stopped on the server, so that they outlast a page; they only ever propose.

One runs at a time: starting another lets the first stand still, so that time in the background never counts. What is
doubtful about a reading is the core's to say (`cocm.care.plausibility`).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from cocm.basics.errors import CocmError
from cocm.care.plausibility import TimerReading, quiet_stretch
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.accounts.models import StaffMember
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.contacts.models import WorkTimer
from cocm.server.records import OrganizationRows
from cocm.server.registry.models import Patient
from cocm.server.rules_in_force import general_policy


class NotStaff(CocmError):
    """The sign-in names nobody of the staff, so it has no time to record."""

    def __init__(self) -> None:
        super().__init__("your sign-in is not tied to a member of the staff; ask an administrator to do so")


def own_staff_id(actor: Actor) -> UUID:
    """The acting person's row in the staff table. Raises `NotStaff`."""
    if actor.staff_member_id is None:
        raise NotStaff
    return actor.staff_member_id


def timers_of(*, actor: Actor) -> OrganizationRows:
    """The person's timers with their patients, the running one first."""
    if actor.staff_member_id is None:
        return WorkTimer.objects.none()
    mine = WorkTimer.objects.of(actor).filter(staff_member_id=actor.staff_member_id)
    return mine.select_related("patient").order_by("-running_since", "-began_at")


def timer_for(*, actor: Actor, patient: Patient) -> WorkTimer | None:
    """The person's timer for a patient, running or not."""
    return timers_of(actor=actor).filter(patient=patient).first()


def reading(timer: WorkTimer, now: datetime) -> TimerReading:
    """What the timer says now: whole seconds run, and those without a sign of work."""
    if timer.running_since is None:
        return TimerReading(timer.seconds_before, min(timer.quiet_seconds, timer.seconds_before))
    seconds = timer.seconds_before + max(0, int((now - timer.running_since).total_seconds()))
    return TimerReading(seconds, min(seconds, timer.quiet_seconds + _quiet_now(timer, now)))


@transaction.atomic
def timer_start(*, actor: Actor, patient: Patient, now: datetime | None = None) -> WorkTimer:
    """Start, or go on; whatever else ran for the person stands still from now on."""
    actor.require(Permission.MINUTES_RECORD)
    now = now or timezone.now()
    staff_id = own_staff_id(actor)
    # two starts at once by one person wait for each other here
    StaffMember.objects.of(actor).select_for_update(no_key=True).get(pk=staff_id)
    for other in timers_of(actor=actor).filter(running_since__isnull=False).exclude(patient=patient):
        _halt(actor, other, now)
    timer = timer_for(actor=actor, patient=patient)
    if timer is None:
        timer = WorkTimer(
            organization_id=actor.organization_id,
            patient=patient,
            staff_member_id=staff_id,
            began_at=now,
            running_since=now,
            last_sign_at=now,
        )
        timer.save(force_insert=True)
        record(actor, Verb.ADDED, object_type="timer", object_id=timer.pk, patient_id=patient.pk)
    elif timer.running_since is None:
        timer.running_since = timer.last_sign_at = now
        timer.save(update_fields=("running_since", "last_sign_at"))
        _changed(actor, timer, "running")
    return timer


@transaction.atomic
def timer_stop(*, actor: Actor, patient: Patient, now: datetime | None = None) -> WorkTimer | None:
    """Let the person's timer for a patient stand still; None where there is none."""
    actor.require(Permission.MINUTES_RECORD)
    timer = timers_of(actor=actor).filter(patient=patient).select_for_update(of=("self",)).first()
    if timer is not None and timer.running_since is not None:
        _halt(actor, timer, now or timezone.now())
    return timer


@transaction.atomic
def timer_sign(*, actor: Actor, now: datetime | None = None) -> WorkTimer | None:
    """Note a sign of work: a stretch before it that was long enough to be doubted is remembered as quiet."""
    actor.require(Permission.MINUTES_RECORD)
    running = timers_of(actor=actor).filter(running_since__isnull=False)
    timer = running.select_for_update(of=("self",)).first()
    if timer is not None:
        now = now or timezone.now()
        timer.quiet_seconds += _quiet_now(timer, now)
        timer.last_sign_at = now
        timer.save(update_fields=("quiet_seconds", "last_sign_at"))
    return timer


@transaction.atomic
def timer_discard(*, actor: Actor, patient: Patient) -> None:
    """Throw the person's timer for a patient away: what it measured is nobody's time."""
    actor.require(Permission.MINUTES_RECORD)
    timer = timer_for(actor=actor, patient=patient)
    if timer is not None:
        record(actor, Verb.REMOVED, object_type="timer", object_id=timer.pk, patient_id=patient.pk)
        timer.delete()


def _halt(actor: Actor, timer: WorkTimer, now: datetime) -> None:
    said = reading(timer, now)
    timer.seconds_before, timer.quiet_seconds, timer.running_since = said.seconds, said.quiet_seconds, None
    timer.save(update_fields=("seconds_before", "quiet_seconds", "running_since"))
    _changed(actor, timer, "standing")


def _changed(actor: Actor, timer: WorkTimer, state: str) -> None:
    record(
        actor,
        Verb.CHANGED,
        object_type="timer",
        object_id=timer.pk,
        patient_id=timer.patient_id,
        details={"state": state},
    )


def _quiet_now(timer: WorkTimer, now: datetime) -> int:
    """The stretch since the last sign, where it is doubtful. The level is the practice's own, not a payer's."""
    return quiet_stretch(timer.last_sign_at, now, general_policy(now.date()))
