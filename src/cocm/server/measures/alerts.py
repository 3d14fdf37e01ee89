"""Safety alerts: raised with the answers, told at once, escalated by timer, closed by a named action only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from cocm.care.alerts import AlertLevel, alert_level, closing_faults
from cocm.care.scoring import Scored
from cocm.rules.instruments import Instrument
from cocm.rules.suicide_safety import SafetyProtocol, ToldRole, safety_protocol
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import MemberRole, Permission
from cocm.server.accounts.mail import mail_after_commit
from cocm.server.accounts.models import Membership
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.measures.models import AlertCourse, AlertStep, QuestionnaireResponse
from cocm.server.registry.models import Alert, CareTeamMember, Patient
from cocm.server.registry.services.changes import add, change
from cocm.server.registry.services.entries import alert_close, alert_raise
from cocm.server.rules_in_force import rulebook

REASON_MAX = 200
_PARTS = {
    ToldRole.CARE_MANAGER: CareTeamMember.Part.BHCM,
    ToldRole.COVERING: CareTeamMember.Part.COVERING,
    ToldRole.PRACTITIONER: CareTeamMember.Part.BILLING_PRACTITIONER,
    ToldRole.CONSULTANT: CareTeamMember.Part.PSYCHIATRIC_CONSULTANT,
}


def protocol() -> SafetyProtocol:
    """The protocol in force."""
    return safety_protocol(rulebook())


def alert_of_response(
    *,
    actor: Actor,
    patient: Patient,
    response: QuestionnaireResponse,
    instrument: Instrument,
    scored: Scored,
) -> Alert | None:
    """The alert that answers raise, in the transaction that saves them; None where none tells of suicide risk."""
    if not scored.alarms:
        return None
    said = [
        raised.alarm.words + (" (no answer given)" if raised.value is None else "")
        for raised in scored.alarms
    ]
    reason = f"{instrument.label}: {'; '.join(said)}"
    alert = alert_raise(
        actor=actor,
        patient=patient,
        kind=Alert.Kind.SAFETY,
        reason=reason if len(reason) <= REASON_MAX else f"{reason[: REASON_MAX - 1]}…",
        raised_on=response.taken_on,
    )
    course = AlertCourse.objects.of(actor).get(alert=alert)
    course.response, course.is_acute = response, scored.is_acute
    course.save(update_fields=("response", "is_acute"))
    escalate(actor, [alert])
    return alert


def course_made(alert: Alert) -> None:
    """Each safety alert has its course from the start, whoever raised it; its people are told. Called by the signal."""
    course_of(alert)
    escalate(Actor.system(alert.organization_id), [alert])


def course_of(alert: Alert) -> AlertCourse:
    """The alert's course; made where there is none, as of alerts that are older than courses."""
    try:
        found: AlertCourse = alert.course
    except AlertCourse.DoesNotExist:
        found = AlertCourse(organization_id=alert.organization_id, alert=alert, patient_id=alert.patient_id)
        found.save(force_insert=True)
    return found


# -- the timer -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """An open safety alert as it stands now."""

    alert: Alert
    course: AlertCourse
    level: AlertLevel
    steps: Sequence[AlertStep]

    @property
    def taken_by(self) -> AlertStep | None:
        """The first step by which somebody took it on."""
        kinds = protocol().notes
        return next((step for step in self.steps if step.kind in kinds and kinds[step.kind].takes_on), None)


def alert_state(alert: Alert, *, now: datetime | None = None) -> OpenAlert:
    """How far an open alert has escalated: worked out from its moments, whether or not anything ran in between."""
    course, steps = course_of(alert), sorted(alert.steps.all(), key=lambda step: step.recorded_at)
    return OpenAlert(alert, course, _level(alert, course, steps, now or timezone.now()), steps)


def _level(alert: Alert, course: AlertCourse, steps: Iterable[AlertStep], now: datetime) -> AlertLevel:
    kinds = protocol().notes
    taken = [step.recorded_at for step in steps if step.kind in kinds and kinds[step.kind].takes_on]
    return alert_level(
        protocol(),
        raised_at=alert.recorded_at,
        now=max(now, alert.recorded_at),
        is_acute=course.is_acute,
        taken_at=min(taken, default=None),
        level_told=course.level_told,
    )


def open_alerts(*, actor: Actor, patients: Iterable[UUID] | None = None) -> list[OpenAlert]:
    """Open safety alerts with their levels, the most pressing first. `patients`: of these only."""
    rows = Alert.objects.of(actor).filter(kind=Alert.Kind.SAFETY, closed_at__isnull=True)
    if patients is not None:
        rows = rows.filter(patient__in=list(patients))
    rows = rows.select_related("course", "course__response", "raised_by").prefetch_related(
        "steps__recorded_by"
    )
    found = [alert_state(alert) for alert in rows]
    return sorted(
        found, key=lambda item: (not item.course.is_acute, -item.level.step.level, item.alert.recorded_at)
    )


@transaction.atomic
def escalate(actor: Actor, alerts: Sequence[Alert] | None = None) -> int:
    """Tell the people of every level that is due and of which nobody was told yet; how many levels. Safe to repeat."""
    told = 0
    rows = AlertCourse.objects.of(actor).filter(alert__closed_at__isnull=True, alert__kind=Alert.Kind.SAFETY)
    if alerts is not None:
        rows = rows.filter(alert__in=[alert.pk for alert in alerts])
    for older in Alert.objects.of(actor).filter(
        kind=Alert.Kind.SAFETY, closed_at__isnull=True, course__isnull=True
    ):
        course_of(older)
    now = timezone.now()
    last = protocol().steps[-1].level
    for course in rows.filter(level_told__lt=last).select_for_update(of=("self",)).select_related("alert"):
        reached = _level(course.alert, course, course.alert.steps.all(), now).step.level
        due = [step for step in protocol().steps if course.level_told < step.level <= reached]
        if not due:
            continue
        course.level_told, course.told_at = reached, now
        course.save(update_fields=("level_told", "told_at"))
        roles = [role for step in due for role in step.roles]
        _tell(actor, course, roles, is_first=due[0].level == 1)
        told += len(due)
        record(
            actor,
            Verb.ESCALATED,
            object_type="alert",
            object_id=course.alert_id,
            patient_id=course.patient_id,
            details={"level": reached},
        )
    return told


def _tell(actor: Actor, course: AlertCourse, roles: Sequence[ToldRole], *, is_first: bool) -> None:
    """A letter without any of the patient's data to each of the people; the managers where there is nobody."""
    addresses = sorted(_addresses(actor, course.patient_id, roles) - {_own_address(course)})
    if not addresses and not (is_first and course.alert.raised_by_id):
        addresses = sorted(_managers(actor))
    word = "A safety alert is open" if is_first else "A safety alert is still open"
    mail_after_commit(
        addresses,
        word,
        f"{word} and needs somebody now. Sign in and open Alerts.\n\n"
        "This letter holds nothing about the patient. It goes to the next people if nobody acts.\n",
    )


def _own_address(course: AlertCourse) -> str:
    raised_by = course.alert.raised_by
    return raised_by.email if raised_by is not None else ""


def _addresses(actor: Actor, patient_pk: UUID, roles: Sequence[ToldRole]) -> set[str]:
    today = timezone.localdate()
    parts = [_PARTS[role] for role in roles if role in _PARTS]
    team = CareTeamMember.objects.of(actor).filter(
        Q(to_date__isnull=True) | Q(to_date__gte=today),
        episode__patient_id=patient_pk,
        episode__end_date__isnull=True,
        from_date__lte=today,
        part__in=parts,
    )
    members = Membership.objects.of(actor).filter(
        is_active=True, user__is_active=True, staff_member__in=team.values("staff_member")
    )
    found = set(members.values_list("user__email", flat=True))
    return found | (_managers(actor) if ToldRole.MANAGER in roles else set())


def _managers(actor: Actor) -> set[str]:
    members = Membership.objects.of(actor).filter(
        is_active=True, user__is_active=True, role=MemberRole.MANAGER
    )
    return set(members.values_list("user__email", flat=True))


# -- what people do ------------------------------------------------------------------------------------------------


@transaction.atomic
def step_add(*, actor: Actor, patient: Patient, alert: Alert, kind: str, text: str = "") -> AlertStep:
    """Write down something that closes nothing: taken on, an attempt, a note."""
    actor.require(Permission.ALERT_CLOSE)
    known = protocol().notes.get(kind)
    if known is None:
        raise ValidationError({"kind": "choose one of the list"})
    if alert.closed_at is not None:
        raise ValidationError("somebody has closed it already")
    if not known.takes_on and len(text.strip()) < 3:
        raise ValidationError({"text": "say what was done"})
    made: AlertStep = add(
        actor,
        AlertStep(
            alert=alert,
            patient=patient,
            kind=kind,
            text=text.strip(),
            recorded_at=timezone.now(),
            recorded_by_id=actor.user_id,
        ),
        patient,
        kind=kind,
    )
    return made


@transaction.atomic
def alert_finish(
    *, actor: Actor, patient: Patient, alert: Alert, action: str, reached: str, plan: str, note: str
) -> AlertCourse:
    """Close a safety alert in one's own name, with an action of the protocol's, who was reached and a note.

    Raises `ValidationError` with what is missing by field, or where somebody has closed it already.
    """
    actor.require(Permission.ALERT_CLOSE)
    locked = Alert.objects.of(actor).select_for_update().get(pk=alert.pk, patient=patient)
    if locked.closed_at is not None:
        raise ValidationError("somebody has closed it already")
    in_force = protocol()
    faults = closing_faults(in_force, action=action, reached=reached, plan=plan, note=note)
    if faults:
        raise ValidationError(faults)
    if actor.user_id is None:
        raise ValidationError("a safety alert is closed by a person")
    course = course_of(locked)
    change(
        actor,
        course,
        patient,
        {"action": action, "reached": reached, "plan": plan, "note": note.strip()},
    )
    said = [in_force.actions[action].label]
    if reached:
        said.append(f"reached: {in_force.reached[reached].lower()}")
    if plan:
        said.append(f"safety plan: {in_force.plan[plan].lower()}")
    alert_close(actor=actor, patient=patient, alert=locked, action="; ".join(said)[:300], by_protocol=True)
    return course


def closed_alerts(*, actor: Actor, patient: Patient, since: date | None = None) -> list[Alert]:
    """Safety alerts of a patient that somebody closed, the last first."""
    rows = Alert.objects.of(actor).filter(patient=patient, kind=Alert.Kind.SAFETY, closed_at__isnull=False)
    if since is not None:
        rows = rows.filter(closed_at__date__gte=since)
    return list(rows.select_related("course", "closed_by", "raised_by").order_by("-closed_at"))
