"""Writing reviews: the agenda, what was said of each patient, recommendations, answers, follow-through."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from cocm.care.flags import CareFlag
from cocm.care.plausibility import Doubt
from cocm.care.recommendations import AdviceAnswer, AdviceState
from cocm.care.records import Activity
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.accounts.models import StaffMember
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.contacts.entries import NeedsConfirmation, entry_doubts
from cocm.server.contacts.models import Contact
from cocm.server.contacts.services import contact_add
from cocm.server.registry.models import CaseloadReview, Episode, Patient, TreatmentChange
from cocm.server.registry.services.changes import add, change
from cocm.server.registry.services.entries import review_add, treatment_add
from cocm.server.review.models import (
    AgendaItem,
    FollowThrough,
    Recommendation,
    RecommendationAnswer,
    ReviewNote,
    ReviewSession,
)

AGENDA_MAX = 40
"""Patients on one agenda."""
MINUTES_EACH_MAX = 120
"""Minutes of one person for one patient in a session."""


@dataclass(frozen=True, slots=True)
class Picked:
    """A patient who was put on an agenda: why, and what is to be asked."""

    episode: Episode
    flags: Sequence[CareFlag] = ()
    question: str = ""


@transaction.atomic
def session_prepare(
    *,
    actor: Actor,
    bhcm: StaffMember,
    psychiatric_consultant: StaffMember,
    started_at: datetime,
    picked: Sequence[Picked],
) -> ReviewSession:
    """Make a session's agenda, in the order given. The reasons are kept as they stand now."""
    actor.require(Permission.REVIEW_RECORD)
    if not picked:
        raise ValidationError("choose at least one patient")
    if len(picked) > AGENDA_MAX:
        raise ValidationError(f"an agenda has at most {AGENDA_MAX} patients")
    session = ReviewSession(
        organization_id=actor.organization_id,
        held_on=timezone.localdate(started_at),
        started_at=started_at,
        bhcm=bhcm,
        psychiatric_consultant=psychiatric_consultant,
        recorded_by_id=actor.user_id,
    )
    session.full_clean(exclude=("organization", "recorded_by"))
    session.save(force_insert=True)
    for item in picked:
        item_add(actor=actor, session=session, picked=item)
    record(
        actor,
        Verb.ADDED,
        object_type="reviewsession",
        object_id=session.pk,
        details={"patients": sorted({str(item.episode.patient_id) for item in picked})},
    )
    return session


@transaction.atomic
def item_add(*, actor: Actor, session: ReviewSession, picked: Picked) -> AgendaItem:
    """Put a patient at the end of an agenda; one who stands there already stays as they are."""
    actor.require(Permission.REVIEW_RECORD)
    _check_open(session)
    items = AgendaItem.objects.of(actor).filter(session=session)
    there = items.filter(patient_id=picked.episode.patient_id).first()
    if there is not None:
        return there
    place = (items.aggregate(last=Max("place"))["last"] or 0) + 1
    if place > AGENDA_MAX:
        raise ValidationError(f"an agenda has at most {AGENDA_MAX} patients")
    item = AgendaItem(
        organization_id=actor.organization_id,
        session=session,
        patient_id=picked.episode.patient_id,
        episode=picked.episode,
        place=place,
        reasons=[[flag.rule.label, flag.reason, flag.rule.tone.value] for flag in picked.flags],
        question=picked.question.strip(),
    )
    item.full_clean(exclude=("organization", "patient", "episode", "session", "review"))
    item.save(force_insert=True)
    return item


@transaction.atomic
def question_set(*, actor: Actor, patient: Patient, item: AgendaItem, question: str) -> list[str]:
    """What is to be asked about the patient."""
    actor.require(Permission.REVIEW_RECORD)
    _check_open(ReviewSession.objects.of(actor).select_for_update().get(pk=item.session_id))
    return change(actor, item, patient, {"question": question.strip()})


@transaction.atomic
def put_off(*, actor: Actor, patient: Patient, item: AgendaItem, reason: str) -> list[str]:
    """Leave a patient to another session, and say why."""
    actor.require(Permission.REVIEW_RECORD)
    _check_open(ReviewSession.objects.of(actor).select_for_update().get(pk=item.session_id))
    if item.review_id is not None:
        raise ValidationError("the patient was discussed already")
    if not reason.strip():
        raise ValidationError({"put_off_reason": "say why the patient is left to another session"})
    return change(actor, item, patient, {"put_off_reason": reason.strip()[:200]})


@transaction.atomic
def discussed(
    *,
    actor: Actor,
    patient: Patient,
    item: AgendaItem,
    summary: str,
    needs_direct_evaluation: bool = False,
    bhcm_minutes: int = 0,
    consultant_minutes: int = 0,
    recommendations: Sequence[dict[str, Any]] = (),
    confirmed: Collection[str] = (),
) -> ReviewNote:
    """Record that a patient was discussed: what was said, recommendations, and each one's minutes in the ledger.

    The minutes are two entries of the patient's ledger, each its person's own; the payer's rules decide which count.
    An entry begins where the session's last one ended. Raises `NeedsConfirmation`, `MonthFrozen`, `ValidationError`.
    """
    actor.require(Permission.REVIEW_RECORD)
    session = ReviewSession.objects.of(actor).select_for_update().get(pk=item.session_id)
    _check_open(session)
    item.refresh_from_db()
    if item.review_id is not None:
        raise ValidationError("the patient was discussed already; what was said stands there")
    if session.held_on > timezone.localdate():
        raise ValidationError(f"the session is on {session.held_on}; what is said is recorded then")
    if not summary.strip() and not recommendations:
        raise ValidationError({"summary": "say what was discussed, or recommend something"})
    entries = _entries(actor, patient, session, bhcm_minutes, consultant_minutes, confirmed)
    review: CaseloadReview = review_add(
        actor=actor,
        patient=patient,
        reviewed_on=session.held_on,
        bhcm=session.bhcm,
        psychiatric_consultant=session.psychiatric_consultant,
    )
    note: ReviewNote = add(
        actor,
        ReviewNote(
            patient=patient,
            review=review,
            summary=summary.strip(),
            needs_direct_evaluation=needs_direct_evaluation,
            bhcm_entry=entries[0],
            consultant_entry=entries[1],
            recorded_by_id=actor.user_id,
        ),
        patient,
    )
    for values in recommendations:
        recommendation_add(actor=actor, patient=patient, item=item, review=review, **values)
    change(actor, item, patient, {"review": review, "put_off_reason": ""})
    return note


def recommendation_add(
    *, actor: Actor, patient: Patient, item: AgendaItem, review: CaseloadReview, **values: Any
) -> Recommendation:
    """The consultant's recommendation of a review. Medication and therapy say what, the others in words."""
    actor.require(Permission.REVIEW_RECORD)
    if not values.get("text") and not values.get("subject"):
        raise ValidationError("a recommendation says what is recommended")
    if values["kind"] == Recommendation.Kind.MEDICATION and not (
        values.get("subject") and values.get("change")
    ):
        raise ValidationError("a recommendation about medication names the medicine and what to do with it")
    made: Recommendation = add(
        actor,
        Recommendation(
            patient=patient,
            episode=item.episode,
            review=review,
            given_on=review.reviewed_on,
            given_by=review.psychiatric_consultant,
            recorded_by_id=actor.user_id,
            **values,
        ),
        patient,
        kind=str(values["kind"]),
    )
    return made


@transaction.atomic
def session_close(
    *, actor: Actor, session: ReviewSession, other_minutes: int = 0, other_note: str = ""
) -> ReviewSession:
    """End a session. Who was not discussed is left to the next; the consultant's other minutes are kept."""
    actor.require(Permission.REVIEW_RECORD)
    _check_open(session)
    if other_minutes and not other_note.strip():
        raise ValidationError({"other_note": "say what the consultant's other minutes were for"})
    left = AgendaItem.objects.of(actor).filter(session=session, review__isnull=True, put_off_reason="")
    left.update(put_off_reason="No time left")
    session.other_minutes, session.other_note = other_minutes, other_note.strip()[:200]
    session.closed_at = timezone.now()
    session.full_clean(exclude=("organization", "recorded_by"))
    session.save()
    record(actor, Verb.CHANGED, object_type="reviewsession", object_id=session.pk, details={"closed": True})
    return session


def _check_open(session: ReviewSession) -> None:
    if session.closed_at is not None:
        raise ValidationError("the session is closed")


# Minutes --------------------------------------------------------------------------------------------------------


def _entries(
    actor: Actor,
    patient: Patient,
    session: ReviewSession,
    bhcm_minutes: int,
    consultant_minutes: int,
    confirmed: Collection[str],
) -> tuple[Contact | None, Contact | None]:
    """The two people's entries, side by side in time; none for 0 minutes."""
    if max(bhcm_minutes, consultant_minutes) > MINUTES_EACH_MAX:
        raise ValidationError(f"at most {MINUTES_EACH_MAX} minutes for one patient in a session")
    started_at = _next_moment(actor, session, max(bhcm_minutes, consultant_minutes))
    wanted = ((session.bhcm, bhcm_minutes), (session.psychiatric_consultant, consultant_minutes))
    found = [
        doubt
        for member, minutes in wanted
        if minutes
        for doubt in entry_doubts(
            actor=actor, patient=patient, staff=member, started_at=started_at, service_seconds=60 * minutes
        )
    ]
    if not {item.doubt.value for item in found} <= set(confirmed):
        raise NeedsConfirmation(tuple(found))
    told = ",".join(dict.fromkeys(item.doubt.value for item in found))
    made = [
        contact_add(
            actor=actor,
            patient=patient,
            staff_member=member,
            started_at=started_at,
            service_seconds=60 * minutes,
            activity=Activity.CASELOAD_REVIEW,
            confirmed_doubts=_own_doubts(told, member is session.psychiatric_consultant),
        )
        if minutes
        else None
        for member, minutes in wanted
    ]
    return made[0], made[1]


def _own_doubts(told: str, is_consultant: bool) -> str:
    """The consultant sits beside the care manager: that the two entries overlap is as it should be."""
    if not is_consultant or Doubt.OVERLAP_PATIENT.value in told:
        return told
    return ",".join(part for part in (told, Doubt.OVERLAP_PATIENT.value) if part)


def _next_moment(actor: Actor, session: ReviewSession, minutes: int) -> datetime:
    """Where the session's last entry ended, and not later than so many minutes ago."""
    notes = ReviewNote.objects.of(actor).filter(review__agenda_item__session=session)
    ends = [
        entry.started_at + timedelta(seconds=entry.service_seconds)
        for note in notes.select_related("bhcm_entry", "consultant_entry")
        for entry in (note.bhcm_entry, note.consultant_entry)
        if entry is not None
    ]
    begins = max([session.started_at, *ends])
    latest = timezone.now() - timedelta(minutes=minutes)
    return min(begins, latest) if session.held_on == timezone.localdate() else begins


# What became of it ----------------------------------------------------------------------------------------------


@transaction.atomic
def recommendation_answer(
    *,
    actor: Actor,
    patient: Patient,
    recommendation: Recommendation,
    answer: str,
    answered_by: StaffMember,
    answered_on: date,
    instead: str = "",
    reason: str = "",
) -> RecommendationAnswer:
    """The treating practitioner accepts, modifies or declines; a care manager may write down what they said."""
    actor.require(Permission.CHART_EDIT)
    if recommendation.last_outcome is not None:
        raise ValidationError("it was carried out, or not, already; the answer stays")
    if answer == AdviceAnswer.MODIFIED and not instead.strip():
        raise ValidationError({"instead": "say what is done instead"})
    if answer == AdviceAnswer.DECLINED and not reason.strip():
        raise ValidationError({"reason": "say why it is declined"})
    if answered_on < recommendation.given_on:
        raise ValidationError({"answered_on": f"it was recommended on {recommendation.given_on}"})
    made: RecommendationAnswer = add(
        actor,
        RecommendationAnswer(
            recommendation=recommendation,
            answer=answer,
            instead=instead.strip() if answer == AdviceAnswer.MODIFIED else "",
            reason=reason.strip(),
            answered_by=answered_by,
            answered_on=answered_on,
            recorded_by_id=actor.user_id,
        ),
        patient,
        answer=str(answer),
    )
    return made


@transaction.atomic
def follow_through_add(
    *,
    actor: Actor,
    patient: Patient,
    recommendation: Recommendation,
    is_carried_out: bool,
    carried_out_on: date,
    carried_out_by: StaffMember,
    note: str = "",
    in_the_trend: bool = False,
) -> FollowThrough:
    """Whether it was carried out, when and by whom; with `in_the_trend` also as the patient's change of treatment."""
    actor.require(Permission.CHART_EDIT)
    if recommendation.state not in (AdviceState.TO_DO, AdviceState.DONE, AdviceState.NOT_DONE):
        raise ValidationError("only a recommendation that was accepted or modified is carried out")
    if not is_carried_out and not note.strip():
        raise ValidationError({"note": "say why it was not carried out"})
    if carried_out_on < recommendation.given_on:
        raise ValidationError({"carried_out_on": f"it was recommended on {recommendation.given_on}"})
    made: FollowThrough = add(
        actor,
        FollowThrough(
            recommendation=recommendation,
            is_carried_out=is_carried_out,
            carried_out_on=carried_out_on,
            carried_out_by=carried_out_by,
            note=note.strip(),
            recorded_by_id=actor.user_id,
        ),
        patient,
        carried_out=is_carried_out,
    )
    if is_carried_out and in_the_trend and recommendation.kind in TREATMENT_KINDS:
        answer = recommendation.last_answer
        told = answer.instead if answer is not None and answer.instead else _treatment_words(recommendation)
        treatment_add(
            actor=actor,
            patient=patient,
            kind=TREATMENT_KINDS[recommendation.kind],
            change=TREATMENT_CHANGES.get(recommendation.change, TreatmentChange.Change.CHANGED),
            changed_on=carried_out_on,
            text=told[:200],
        )
    return made


def _treatment_words(recommendation: Recommendation) -> str:
    return (
        " ".join(part for part in (recommendation.subject, recommendation.dose) if part)
        or recommendation.text
    )


TREATMENT_KINDS = {
    Recommendation.Kind.MEDICATION: TreatmentChange.Kind.MEDICATION,
    Recommendation.Kind.THERAPY: TreatmentChange.Kind.THERAPY,
}
TREATMENT_CHANGES = {
    Recommendation.Change.START: TreatmentChange.Change.STARTED,
    Recommendation.Change.STOP: TreatmentChange.Change.STOPPED,
}
