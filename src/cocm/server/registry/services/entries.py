"""Writing what happens in care: measures, treatment, reviews, other services, needs, alerts, next actions."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cocm.basics.errors import UnusableInput
from cocm.care.scoring import age_objection, score_total, years_on
from cocm.rules.instruments import instruments
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.registry.models import (
    Alert,
    CaseloadReview,
    MeasureResult,
    OtherService,
    Patient,
    SocialNeed,
    TreatmentChange,
    WorkNote,
)
from cocm.server.registry.services.changes import add, change
from cocm.server.rules_in_force import rulebook


@transaction.atomic
def measure_add(
    *,
    actor: Actor,
    patient: Patient,
    instrument: str,
    taken_on: date,
    score: int,
    self_harm_score: int | None = None,
) -> MeasureResult:
    """A scale's score. An item about self-harm above 0 raises a safety alert in the same transaction."""
    actor.require(Permission.CHART_EDIT)
    _check_score(patient, instrument, taken_on, score, self_harm_score)
    made: MeasureResult = add(
        actor,
        MeasureResult(
            patient=patient,
            instrument=instrument,
            taken_on=taken_on,
            score=score,
            self_harm_score=self_harm_score,
        ),
        patient,
    )
    _watch_self_harm(actor, patient, made)
    return made


@transaction.atomic
def measure_correct(
    *, actor: Actor, patient: Patient, measure: MeasureResult, reason: str, **values: Any
) -> list[str]:
    """Correct a score that was entered wrongly; what stood there is kept with the reason."""
    actor.require(Permission.CHART_EDIT)
    if not reason.strip():
        raise ValidationError({"reason": "say why it is corrected"})
    if getattr(measure, "response", None) is not None and "score" in values:
        raise ValidationError("this score comes from answers by item: correct those, under Measures")
    _check_score(
        patient,
        values.get("instrument", measure.instrument),
        values.get("taken_on", measure.taken_on),
        values.get("score", measure.score),
        values.get("self_harm_score", measure.self_harm_score),
    )
    changed = change(actor, measure, patient, values, reason.strip())
    if "self_harm_score" in changed:
        _watch_self_harm(actor, patient, measure)
    return changed


def _check_score(
    patient: Patient, instrument: str, taken_on: date, score: int, self_harm_score: int | None
) -> None:
    """An instrument of the rulebook is for some ages and goes to its highest score; of others nothing is known."""
    known = instruments(rulebook())
    found = known.get(instrument)
    if found is None:
        return
    labels = {name: other.label for name, other in known.items()}
    objection = age_objection(found, years_on(patient.birth_date, taken_on), labels)
    if objection:
        raise ValidationError({"instrument": objection})
    try:
        score_total(found, score, self_harm_value=self_harm_score)
    except UnusableInput as problem:
        raise ValidationError({"score": str(problem)}) from None


def _watch_self_harm(actor: Actor, patient: Patient, measure: MeasureResult) -> None:
    found = instruments(rulebook()).get(measure.instrument)
    if measure.self_harm_score:
        label = found.label if found is not None else measure.instrument.upper()
        alert_raise(
            actor=actor,
            patient=patient,
            kind=Alert.Kind.SAFETY,
            reason=f"{label}: self-harm item above 0",
            raised_on=measure.taken_on,
        )


@transaction.atomic
def treatment_add(*, actor: Actor, patient: Patient, **values: Any) -> TreatmentChange:
    """A medication or a therapy begun, changed or ended."""
    actor.require(Permission.CHART_EDIT)
    made: TreatmentChange = add(
        actor, TreatmentChange(patient=patient, recorded_by_id=actor.staff_member_id, **values), patient
    )
    return made


@transaction.atomic
def review_add(*, actor: Actor, patient: Patient, **values: Any) -> CaseloadReview:
    """A caseload review that discussed the patient; it clears the wish to discuss."""
    actor.require(Permission.REVIEW_RECORD)
    made: CaseloadReview = add(actor, CaseloadReview(patient=patient, **values), patient)
    wishes = Alert.objects.of(actor).filter(
        patient=patient, kind=Alert.Kind.DISCUSS, closed_at__isnull=True, raised_on__lte=made.reviewed_on
    )
    for wish in wishes:
        _close(actor, patient, wish, f"Discussed on {made.reviewed_on}")
    return made


@transaction.atomic
def other_service_add(*, actor: Actor, patient: Patient, **values: Any) -> OtherService:
    """A service outside CoCM: another programme's code, a visit, an inpatient stay."""
    actor.require(Permission.CHART_EDIT)
    if not values.get("hcpcs_code") and not values.get("stay_to"):
        raise ValidationError({"hcpcs_code": "a service has a code; an inpatient stay has its last day"})
    if values.get("stay_to") and values["stay_to"] < values["service_date"]:
        raise ValidationError({"stay_to": "the last day lies before the first"})
    made: OtherService = add(actor, OtherService(patient=patient, **values), patient)
    return made


@transaction.atomic
def need_add(*, actor: Actor, patient: Patient, diagnosis_code: str, noted_on: date) -> SocialNeed:
    """A social need or a medical comorbidity by its code."""
    actor.require(Permission.CHART_EDIT)
    made: SocialNeed = add(
        actor, SocialNeed(patient=patient, diagnosis_code=diagnosis_code, noted_on=noted_on), patient
    )
    return made


@transaction.atomic
def need_resolve(*, actor: Actor, patient: Patient, need: SocialNeed, resolved_on: date) -> list[str]:
    """The need is met, or the condition over."""
    actor.require(Permission.CHART_EDIT)
    if resolved_on < need.noted_on:
        raise ValidationError({"resolved_on": f"it was noted on {need.noted_on}"})
    return change(actor, need, patient, {"resolved_on": resolved_on})


@transaction.atomic
def note_add(*, actor: Actor, patient: Patient, text: str, due_on: date | None, owner: Any) -> WorkNote:
    """A next action with its day and its owner, or a plain note."""
    actor.require(Permission.CHART_EDIT)
    made: WorkNote = add(
        actor,
        WorkNote(
            patient=patient, text=text, due_on=due_on, owner=owner, recorded_by_id=actor.staff_member_id
        ),
        patient,
    )
    return made


@transaction.atomic
def note_done(*, actor: Actor, patient: Patient, note: WorkNote) -> list[str]:
    """The action is done."""
    actor.require(Permission.CHART_EDIT)
    return change(actor, note, patient, {"done_at": timezone.now()}) if note.done_at is None else []


@transaction.atomic
def alert_raise(*, actor: Actor, patient: Patient, kind: str, reason: str, raised_on: date) -> Alert:
    """Raise a safety alert or a wish to discuss the patient."""
    actor.require(Permission.CHART_EDIT)
    made: Alert = add(
        actor,
        Alert(patient=patient, kind=kind, reason=reason, raised_on=raised_on, raised_by_id=actor.user_id),
        patient,
        kind=str(kind),
    )
    return made


@transaction.atomic
def alert_close(
    *, actor: Actor, patient: Patient, alert: Alert, action: str, by_protocol: bool = False
) -> list[str]:
    """Close an alert, in one's own name, with what was done.

    A safety alert is closed by an action of the protocol's only (`measures.alerts.alert_finish`, which calls this).
    """
    if alert.kind == Alert.Kind.SAFETY and not by_protocol:
        raise ValidationError(
            {
                "action": "a safety alert is closed with what was done and who was reached: open it under Alerts"
            }
        )
    actor.require(Permission.ALERT_CLOSE if by_protocol else Permission.CHART_EDIT)
    if alert.closed_at is not None:
        raise ValidationError("somebody has closed it already")
    if len(action.strip()) < 3:
        raise ValidationError({"action": "say what was done; an alert is not closed without it"})
    return _close(actor, patient, alert, action.strip())


def _close(actor: Actor, patient: Patient, alert: Alert, action: str) -> list[str]:
    values = {"closed_at": timezone.now(), "closed_by_id": actor.user_id, "action": action}
    return change(actor, alert, patient, values)
