"""Saving what a tracker's sheet changes, by the services that the case file's own pages call."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Final

from cocm.server.access.actor import Actor
from cocm.server.registry.models import CaseloadReview, Episode, Patient
from cocm.server.registry.services.changes import add, change
from cocm.server.registry.services.entries import measure_add
from cocm.server.registry.services.episodes import relapse_plan_set, status_change
from cocm.server.registry.services.patients import patient_add
from cocm.server.setup.aims_reading import AimsReading, RowChange

REASON: Final = "brought in with a caseload sheet"


def save_sheet(actor: Actor, reading: AimsReading, today: date) -> None:
    """Save every change, in the transaction at hand. The caller has asked for the permission to import."""
    # an administrator imports charts that they may not open: the system acts for the person who asked
    system = replace(actor, role=None, staff_member_id=None)
    known = {change.episode.values["patient_pk"] for change in reading.changes if change.episode is not None}
    patients = Patient.objects.of(actor).in_bulk(list(known))
    for item in reading.changes:
        if item.is_empty:
            continue
        patient = _new(system, item) if item.episode is None else patients[item.episode.values["patient_pk"]]
        episodes = Episode.objects.of(actor)
        episode = (
            episodes.get(patient=patient)
            if item.episode is None
            else episodes.get(pk=item.episode.values["key"])
        )
        _save(system, item, patient, episode, today)


def _new(actor: Actor, item: RowChange) -> Patient:
    values = item.row.values
    person = {
        **item.person,
        "patient_id": values["patient_id"],
        "birth_date": values["birth_date"],
        "sex": values["sex"],
    }
    return patient_add(
        actor=actor,
        person=person,
        start_date=values["i/a"],
        status=item.status,
        reason=REASON,
        **item.team,
    )


def _save(actor: Actor, item: RowChange, patient: Patient, episode: Episode, today: date) -> None:
    if item.episode is not None:
        change(actor, patient, patient, dict[str, Any](item.person), REASON)
    for instrument, taken_on, score in item.scores:
        measure_add(actor=actor, patient=patient, instrument=instrument, taken_on=taken_on, score=score)
    if item.review is not None:
        review = CaseloadReview(
            patient=patient,
            reviewed_on=item.review,
            bhcm_id=episode.bhcm_id,
            psychiatric_consultant_id=episode.psychiatric_consultant_id,
        )
        add(actor, review, patient)
    if item.relapse_plan is not None:
        relapse_plan_set(actor=actor, patient=patient, episode=episode, relapse_plan_on=item.relapse_plan)
    if item.episode is not None and item.status:
        status_change(
            actor=actor,
            patient=patient,
            episode=episode,
            status=item.status,
            from_date=max(today, episode.start_date),
            reason=REASON,
        )
