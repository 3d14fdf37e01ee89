"""The course of one episode, told from its case file: scores, contacts that reached the patient, caseload reviews.

The flags of a day rest on it (`care.flags`). Of the contacts a registry of hundreds may give the last days only: what
came before the last day on which the patient was reached changes no flag of today.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from cocm.care.casefile import CaseFile
from cocm.care.exclusions import NEVER_SERVICE
from cocm.care.records import Activity, Contact, Modality, Outcome
from cocm.rules.care_flags import CareFlags, Threshold

REACHING_MODALITIES: Final = tuple(item for item in Modality if item is not Modality.NONE)
REACHING_ACTIVITIES: Final = tuple(item for item in Activity if item not in NEVER_SERVICE)
"""A contact that is done, in such a way and for such work, reached the patient."""


@dataclass(frozen=True, slots=True)
class ScoreOn:
    """A scale's score on a day."""

    taken_on: date
    score: int


@dataclass(frozen=True, slots=True)
class CareCourse:
    """What the flags of an episode rest on.

    `scores` hold each followed scale's scores of the episode by day; `reached_on` the days on which the patient was
    reached, `attempts_on` those of unanswered attempts, `reviewed_on` those of caseload reviews: each in order.
    """

    start_date: date
    scores: Mapping[str, tuple[ScoreOn, ...]]
    reached_on: tuple[date, ...]
    attempts_on: tuple[date, ...]
    reviewed_on: tuple[date, ...]


def care_course(case: CaseFile, watched: CareFlags) -> CareCourse:
    """The course of a case file's episode; its case file holds all contacts, measures and reviews of the patient."""
    episode = case.episode
    last_day = episode.end_date or date.max
    first_score_day = episode.start_date - timedelta(days=watched.thresholds[Threshold.BASELINE_DAYS_BEFORE])
    scores: dict[str, list[ScoreOn]] = {}
    for measure in sorted(case.measures, key=lambda measure: (measure.taken_on, measure.score)):
        if measure.instrument in watched.scales and first_score_day <= measure.taken_on <= last_day:
            scores.setdefault(measure.instrument, []).append(ScoreOn(measure.taken_on, measure.score))
    reached, attempts = _days_of_contacts(case.contacts, episode.start_date, last_day)
    reviews = {review.reviewed_on for review in case.reviews if review.patient_id}
    return CareCourse(
        start_date=episode.start_date,
        scores={name: tuple(scores[name]) for name in watched.scales if name in scores},
        reached_on=tuple(reached),
        attempts_on=tuple(attempts),
        reviewed_on=tuple(sorted(day for day in reviews if episode.start_date <= day <= last_day)),
    )


def _days_of_contacts(
    contacts: Sequence[Contact], first_day: date, last_day: date
) -> tuple[list[date], list[date]]:
    """Days on which the patient was reached, and days of unanswered attempts (one for each attempt)."""
    corrected = {contact.corrects_contact_id for contact in contacts if contact.corrects_contact_id}
    reached: set[date] = set()
    attempts: list[date] = []
    for contact in contacts:
        day = contact.service_date
        if contact.contact_id in corrected or not first_day <= day <= last_day:
            continue
        if contact.outcome is Outcome.ATTEMPT:
            attempts.append(day)
        elif contact.modality in REACHING_MODALITIES and contact.activity in REACHING_ACTIVITIES:
            reached.add(day)
    return sorted(reached), sorted(attempts)
