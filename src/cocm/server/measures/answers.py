"""Saving what was filled in: the answers, the score that flags and trends are made of, and the alert, at one stroke."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cocm.basics.errors import UnusableInput
from cocm.care.scoring import Answers, Scored, age_objection, score_answers, score_total, years_on
from cocm.rules.instruments import Instrument, instruments
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.guardians.models import ConfidentialMark
from cocm.server.guardians.selectors import minority_of
from cocm.server.guardians.services import confidential_mark
from cocm.server.measures.alerts import alert_of_response
from cocm.server.measures.models import MeasureLink, QuestionnaireResponse
from cocm.server.registry.models import Alert, MeasureResult, Patient
from cocm.server.registry.services.changes import add, change
from cocm.server.rules_in_force import rulebook


@dataclass(frozen=True, slots=True)
class Saved:
    """What was saved, and the safety alert it raised."""

    response: QuestionnaireResponse
    alert: Alert | None


def usable(instrument_id: str, patient: Patient, day: date) -> Instrument:
    """An instrument that may be given to the patient on a day. Raises `ValidationError` saying why not."""
    known = instruments(rulebook())
    found = known.get(instrument_id)
    if found is None:
        raise ValidationError({"instrument": f"there is no instrument {instrument_id!r}"})
    if not found.in_force(day):
        raise ValidationError({"taken_on": f"{found.label} is not in use on {day}"})
    labels = {name: instrument.label for name, instrument in known.items()}
    objection = age_objection(found, years_on(patient.birth_date, day), labels)
    if objection:
        raise ValidationError({"instrument": objection})
    return found


@transaction.atomic
def response_add(
    *,
    actor: Actor,
    patient: Patient,
    instrument_id: str,
    answers: Answers,
    taken_on: date,
    language: str,
    filled_by: str,
    link: MeasureLink | None = None,
) -> Saved:
    """Save the answers by item; one that tells of suicide risk raises its alert here. Raises `ValidationError`."""
    actor.require(Permission.CHART_EDIT)
    instrument = usable(instrument_id, patient, taken_on)
    given = {item.item_id: answers.get(item.item_id) for item in instrument.items}
    text = instrument.texts.get(language)
    return _save(
        actor,
        patient,
        instrument,
        _scored(lambda: score_answers(instrument, given, sex=patient.sex)),
        answers=given,
        version=text.version if text is not None else instrument.label,
        language=language if text is not None else "",
        taken_on=taken_on,
        filled_by=filled_by,
        link=link,
    )


@transaction.atomic
def total_add(
    *,
    actor: Actor,
    patient: Patient,
    instrument_id: str,
    total: int,
    self_harm_value: int | None,
    taken_on: date,
    filled_by: str,
) -> Saved:
    """Save a total that was worked out elsewhere, with the item about self-harm where it is known."""
    actor.require(Permission.CHART_EDIT)
    instrument = usable(instrument_id, patient, taken_on)
    scored = _scored(
        lambda: score_total(instrument, total, self_harm_value=self_harm_value, sex=patient.sex), "total"
    )
    return _save(
        actor,
        patient,
        instrument,
        scored,
        answers={},
        version=instrument.label,
        language="",
        taken_on=taken_on,
        filled_by=filled_by,
        link=None,
    )


def _scored(score: Any, field: str = "__all__") -> Scored:
    try:
        found: Scored = score()
    except UnusableInput as problem:
        raise ValidationError({field: str(problem)}) from None
    return found


def _save(actor: Actor, patient: Patient, instrument: Instrument, scored: Scored, **values: Any) -> Saved:
    measure = _measure(actor, patient, instrument, scored, values["taken_on"])
    response: QuestionnaireResponse = add(
        actor,
        QuestionnaireResponse(
            patient=patient,
            instrument=instrument.instrument_id,
            measure=measure,
            recorded_at=timezone.now(),
            recorded_by_id=actor.user_id,
            **_worked_out(scored),
            **values,
        ),
        patient,
        filled_by=str(values["filled_by"]),
    )
    if measure is not None:
        _keep_from_proxies(actor, patient, instrument, measure, values["taken_on"])
    alert = alert_of_response(
        actor=actor, patient=patient, response=response, instrument=instrument, scored=scored
    )
    return Saved(response, alert)


def _worked_out(scored: Scored) -> dict[str, Any]:
    return {
        "score": scored.score,
        "band": scored.band.label if scored.band is not None else "",
        "is_positive": scored.is_positive,
        "is_estimated": scored.is_estimated,
        "missing": list(dict.fromkeys([*scored.missing, *scored.alarm_items_missing])),
        "alarms": [
            {"item": raised.item_id, "words": raised.alarm.words, "is_acute": raised.alarm.is_acute}
            for raised in scored.alarms
        ],
        "rulebook_hash": rulebook().content_hash,
    }


def _measure(
    actor: Actor, patient: Patient, instrument: Instrument, scored: Scored, taken_on: date
) -> MeasureResult | None:
    """The registry's row, where there is a score."""
    if scored.score is None:
        return None
    made: MeasureResult = add(
        actor,
        MeasureResult(
            patient=patient,
            instrument=instrument.instrument_id,
            taken_on=taken_on,
            score=scored.score,
            self_harm_score=scored.self_harm_value,
        ),
        patient,
    )
    return made


def _keep_from_proxies(
    actor: Actor, patient: Patient, instrument: Instrument, measure: MeasureResult, day: date
) -> None:
    """A minor's confidential instrument is marked as such from the start."""
    if instrument.is_confidential_for_minors and minority_of(actor=actor, patient=patient, day=day).is_minor:
        confidential_mark(
            actor=actor, patient=patient, kind=ConfidentialMark.Kind.MEASURE, object_id=measure.pk
        )


@transaction.atomic
def response_correct(
    *,
    actor: Actor,
    patient: Patient,
    response: QuestionnaireResponse,
    answers: Answers,
    taken_on: date,
    reason: str,
) -> Saved:
    """Correct answers that were entered wrongly; what stood there is kept with the reason.

    An alarm that was not there before raises its alert; alerts that are open stay open until a person closes them.
    """
    actor.require(Permission.CHART_EDIT)
    if not reason.strip():
        raise ValidationError({"reason": "say why it is corrected"})
    instrument = usable(response.instrument, patient, taken_on)
    given = {item.item_id: answers.get(item.item_id) for item in instrument.items}
    scored = _scored(lambda: score_answers(instrument, given, sex=patient.sex))
    before = {alarm["item"] for alarm in response.alarms}
    measure = response.measure
    if measure is not None and scored.score is None:
        raise ValidationError(
            "with so many items missing there is no score; leave the entry, and add a new one"
        )
    if measure is None:
        measure = _measure(actor, patient, instrument, scored, taken_on)
        if measure is not None:
            _keep_from_proxies(actor, patient, instrument, measure, taken_on)
    else:
        kept = {"taken_on": taken_on, "score": scored.score, "self_harm_score": scored.self_harm_value}
        change(actor, measure, patient, kept, reason.strip())
    values: Mapping[str, Any] = {
        "answers": given,
        "taken_on": taken_on,
        "measure": measure,
        **_worked_out(scored),
    }
    change(actor, response, patient, dict(values), reason.strip())
    alert = None
    if {raised.item_id for raised in scored.alarms} - before:
        alert = alert_of_response(
            actor=actor, patient=patient, response=response, instrument=instrument, scored=scored
        )
    return Saved(response, alert)
