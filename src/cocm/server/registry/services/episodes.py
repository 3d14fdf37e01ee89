"""Writing an episode: its status, consent, initiating visit, team, diagnoses, relapse prevention plan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction

from cocm.care.records import Answer
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.accounts.models import StaffMember
from cocm.server.registry.models import (
    CareTeamMember,
    Consent,
    Diagnosis,
    Episode,
    EpisodeStatus,
    InitiatingVisit,
    Patient,
)
from cocm.server.registry.services.changes import add, change

Status = EpisodeStatus.Status
ENDING: Final = (
    Status.GRADUATED,
    Status.TRANSFERRED,
    Status.LOST,
    Status.DECLINED,
    Status.DECEASED,
    Status.SCREENED_OUT,
)
"""Statuses that end an episode; care that resumes is a new one."""
TEAM: Final = ("billing_practitioner", "bhcm", "psychiatric_consultant", "referring_practitioner")


@transaction.atomic
def episode_open(
    *, actor: Actor, patient: Patient, start_date: date, status: str, reason: str = "", **values: Any
) -> Episode:
    """Begin an episode. What is not given (team, site, diagnoses) is the last episode's. One may be open at a time."""
    actor.require(Permission.CHART_EDIT)
    episodes = Episode.objects.of(actor).filter(patient=patient)
    if episodes.filter(end_date__isnull=True).exists():
        raise ValidationError("the patient is in care already; change the status instead")
    before = episodes.order_by("-start_date", "-episode_id").first()
    if before is not None and start_date <= (before.end_date or before.start_date):
        raise ValidationError({"start_date": f"the last episode went to {before.end_date}; begin after it"})
    codes = values.pop("diagnosis_codes", None)
    if before is not None:
        for name in (*TEAM, "site"):
            values.setdefault(name, getattr(before, name))
        if codes is None:
            held = before.diagnoses.filter(to_date__isnull=True).order_by("position")
            codes = [diagnosis.diagnosis_code for diagnosis in held]
    episode = Episode(
        organization_id=actor.organization_id,
        patient=patient,
        episode_id=f"{patient.patient_id}-E{episodes.count() + 1}",
        start_date=start_date,
        **values,
    )
    add(actor, episode, patient)
    for part in TEAM:
        if getattr(episode, part) is not None:
            _join(actor, patient, episode, getattr(episode, part), part, start_date)
    for position, code in enumerate(codes or (), 1):
        add(
            actor,
            Diagnosis(episode=episode, diagnosis_code=code, position=position, from_date=start_date),
            patient,
        )
    _status(actor, patient, episode, status, start_date, reason)
    return episode


@transaction.atomic
def status_change(
    *, actor: Actor, patient: Patient, episode: Episode, status: str, from_date: date, reason: str
) -> EpisodeStatus:
    """Put the episode into a status from a day on. An ending status ends the episode; it says why."""
    actor.require(Permission.CHART_EDIT)
    if episode.end_date is not None:
        raise ValidationError("the episode has ended; care that resumes is a new episode")
    if from_date < episode.start_date:
        raise ValidationError({"from_date": f"the episode began on {episode.start_date}"})
    if status in ENDING:
        if not reason:
            raise ValidationError({"reason": "say why the episode ends"})
        change(actor, episode, patient, {"end_date": from_date, "end_reason": reason[:60]})
    return _status(actor, patient, episode, status, from_date, reason)


def _status(
    actor: Actor, patient: Patient, episode: Episode, status: str, from_date: date, reason: str
) -> EpisodeStatus:
    made: EpisodeStatus = add(
        actor,
        EpisodeStatus(
            episode=episode,
            status=status,
            from_date=from_date,
            reason=reason,
            recorded_by_id=actor.user_id,
        ),
        patient,
        status=str(status),
    )
    return made


@transaction.atomic
def consent_add(
    *,
    actor: Actor,
    patient: Patient,
    episode: Episode,
    given: str,
    consent_date: date | None,
    form: str,
    recorded_by: str,
    cost_share_explained: str,
) -> Consent:
    """The patient's answer, as evidence; earlier answers stay."""
    actor.require(Permission.CHART_EDIT)
    if given == Answer.YES and (consent_date is None or not form):
        raise ValidationError({"consent_date": "consent that was given has a day and a form"})
    made: Consent = add(
        actor,
        Consent(
            episode=episode,
            given=given,
            consent_date=consent_date,
            form=form,
            recorded_by=recorded_by,
            cost_share_explained=cost_share_explained,
        ),
        patient,
    )
    return made


@transaction.atomic
def consent_revoke(
    *, actor: Actor, patient: Patient, episode: Episode, revoked_on: date, reason: str
) -> Consent:
    """The patient takes the consent back: its day stands beside the answer, and the episode ends with that day."""
    actor.require(Permission.CHART_EDIT)
    held = episode.consents.order_by("recorded_at").last()
    if held is None or held.given != Answer.YES or held.revoked_on is not None:
        raise ValidationError("there is no consent on record that could be revoked")
    if held.consent_date and revoked_on < held.consent_date:
        raise ValidationError({"revoked_on": f"consent was given on {held.consent_date}"})
    made: Consent = add(
        actor,
        Consent(
            episode=episode,
            given=held.given,
            consent_date=held.consent_date,
            form=held.form,
            recorded_by=held.recorded_by,
            cost_share_explained=held.cost_share_explained,
            revoked_on=revoked_on,
        ),
        patient,
        revoked=True,
    )
    if episode.end_date is None:
        status_change(
            actor=actor,
            patient=patient,
            episode=episode,
            status=Status.DECLINED,
            from_date=revoked_on,
            reason=f"Consent revoked. {reason}".strip(),
        )
    return made


@transaction.atomic
def visit_change(*, actor: Actor, patient: Patient, episode: Episode, **values: Any) -> InitiatingVisit:
    """The initiating visit, or what decides whether one is needed."""
    actor.require(Permission.CHART_EDIT)
    visit = InitiatingVisit.objects.of(actor).filter(episode=episode).first()
    if visit is None:
        visit = InitiatingVisit(episode=episode, **values)
        add(actor, visit, patient)
    else:
        change(actor, visit, patient, values)
    return visit


@transaction.atomic
def team_change(
    *,
    actor: Actor,
    patient: Patient,
    episode: Episode,
    from_date: date,
    site: Any,
    members: dict[str, StaffMember | None],
) -> list[str]:
    """The team that claims name, and the site, from a day on: who leaves may open the chart up to the day before."""
    actor.require(Permission.CHART_EDIT)
    if from_date < episode.start_date:
        raise ValidationError({"from_date": f"the episode began on {episode.start_date}"})
    for member in members.values():
        if member is not None and member.organization_id != actor.organization_id:
            raise ValueError("the staff member belongs to another organization")
    changed = change(actor, episode, patient, {"site": site, **members})
    for part in changed:
        if part == "site":
            continue
        leaving = episode.team.filter(part=part, to_date__isnull=True)
        for member in leaving:
            change(actor, member, patient, {"to_date": max(member.from_date, from_date - timedelta(days=1))})
        joining = members[part]
        if joining is not None:
            _join(actor, patient, episode, joining, part, from_date)
    return changed


@transaction.atomic
def cover_add(
    *,
    actor: Actor,
    patient: Patient,
    episode: Episode,
    staff_member: StaffMember,
    from_date: date,
    to_date: date | None,
) -> CareTeamMember:
    """Let a colleague cover: the chart is open to them for these days."""
    actor.require(Permission.CHART_EDIT)
    if to_date is not None and to_date < from_date:
        raise ValidationError({"to_date": "the last day lies before the first"})
    return _join(
        actor, patient, episode, staff_member, CareTeamMember.Part.COVERING, from_date, to_date=to_date
    )


@transaction.atomic
def cover_end(*, actor: Actor, patient: Patient, member: CareTeamMember, to_date: date) -> CareTeamMember:
    """End a colleague's cover with a day; the chart is closed to them after it, and what they wrote stays."""
    actor.require(Permission.CHART_EDIT)
    if member.part != CareTeamMember.Part.COVERING:
        raise ValidationError("only a cover is ended here; the team that claims name is changed under Team")
    if to_date < member.from_date:
        raise ValidationError({"to_date": f"the cover began on {member.from_date}"})
    if member.to_date is not None and to_date > member.to_date:
        raise ValidationError(
            {"to_date": f"the cover ends on {member.to_date} already; add another to go on"}
        )
    change(actor, member, patient, {"to_date": to_date})
    return member


def _join(
    actor: Actor,
    patient: Patient,
    episode: Episode,
    staff_member: StaffMember,
    part: str,
    from_date: date,
    to_date: date | None = None,
) -> CareTeamMember:
    made: CareTeamMember = add(
        actor,
        CareTeamMember(
            episode=episode, staff_member=staff_member, part=part, from_date=from_date, to_date=to_date
        ),
        patient,
        part=str(part),
    )
    return made


@transaction.atomic
def diagnoses_change(
    *, actor: Actor, patient: Patient, episode: Episode, codes: Sequence[str], from_date: date
) -> None:
    """The diagnoses that hold from a day on, the principal one first; those that no longer hold get their last day."""
    actor.require(Permission.CHART_EDIT)
    held = {row.diagnosis_code: row for row in episode.diagnoses.filter(to_date__isnull=True)}
    for code, row in held.items():
        if code not in codes:
            change(
                actor,
                row,
                patient,
                {"to_date": max(row.from_date or from_date, from_date - timedelta(days=1))},
            )
    for position, code in enumerate(codes, 1):
        if code in held:
            change(actor, held[code], patient, {"position": position})
        else:
            add(
                actor,
                Diagnosis(episode=episode, diagnosis_code=code, position=position, from_date=from_date),
                patient,
            )


@transaction.atomic
def relapse_plan_set(
    *, actor: Actor, patient: Patient, episode: Episode, relapse_plan_on: date | None
) -> list[str]:
    """The day of the relapse prevention plan."""
    actor.require(Permission.CHART_EDIT)
    return change(actor, episode, patient, {"relapse_plan_on": relapse_plan_on})
