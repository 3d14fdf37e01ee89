"""Episodes as the quality metrics read them, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from cocm.care.course import REACHING_ACTIVITIES, REACHING_MODALITIES, CareCourse, ScoreOn
from cocm.care.quality_records import CareEpisode
from cocm.care.records import Outcome
from cocm.rules.care_flags import CareFlags, Threshold
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.accounts.models import Organization
from cocm.server.careplans.selectors import revisions_by_episode
from cocm.server.contacts.entries import standing_entries
from cocm.server.registry.caseload import IN_CARE
from cocm.server.registry.models import (
    CaseloadReview,
    Diagnosis,
    Episode,
    EpisodeStatus,
    MeasureResult,
    Patient,
    TreatmentChange,
)
from cocm.server.registry.selectors import open_patients
from cocm.server.review.selectors import advice_by_episode


@dataclass(frozen=True, slots=True)
class Read:
    """The episodes, and whose each is (by the key that comes back in the results)."""

    episodes: list[CareEpisode]
    patient_of: dict[str, UUID]
    is_whole_practice: bool


def read_episodes(*, actor: Actor, watched: CareFlags) -> Read:
    """Every episode that was ever in care: the practice's with its figures, else those of one's own patients."""
    is_whole = actor.may(Permission.FIGURES_VIEW)
    patients = Patient.objects.of(actor) if is_whole else open_patients(actor=actor)
    rows = list(
        Episode.objects.of(actor)
        .filter(patient__in=patients)
        .order_by("start_date", "pk")
        .values(
            "pk",
            "patient_id",
            "patient__birth_date",
            "start_date",
            "end_date",
            "relapse_plan_on",
            "bhcm__staff_id",
            "site__time_zone",
        )
    )
    of_patients = patients.values("pk")
    reading = _Reading(actor, watched, of_patients)
    statuses, diagnoses = reading.statuses(), reading.diagnoses()
    contacts, scores, reviews, treatments = (
        reading.contacts(),
        reading.scores(),
        reading.reviews(),
        reading.treatments(),
    )
    advice, revisions = advice_by_episode(actor=actor), revisions_by_episode(actor=actor)
    episodes = []
    patient_of: dict[str, UUID] = {}
    for row in rows:
        pk, patient = row["pk"], row["patient_id"]
        told = statuses.get(pk, [])
        if told and not any(status in EVER_IN_CARE for status, _ in told):
            continue
        first, last = row["start_date"], row["end_date"] or date.max
        zone = row["site__time_zone"] or reading.own_zone
        first_score = first - timedelta(days=watched.thresholds[Threshold.BASELINE_DAYS_BEFORE])
        course = CareCourse(
            start_date=first,
            scores={
                name: kept
                for name in watched.scales
                if (
                    kept := tuple(
                        score
                        for score in scores.get((patient, name), ())
                        if first_score <= score.taken_on <= last
                    )
                )
            },
            reached_on=tuple(sorted(_within(contacts.get((patient, zone), ()), first, last))),
            attempts_on=(),
            reviewed_on=tuple(sorted(_within(reviews.get(patient, ()), first, last))),
        )
        key = str(pk)
        patient_of[key] = patient
        episodes.append(
            CareEpisode(
                key,
                course,
                row["patient__birth_date"],
                end_date=row["end_date"],
                is_graduated=any(status == EpisodeStatus.Status.GRADUATED for status, _ in told),
                care_manager=row["bhcm__staff_id"] or "",
                diagnosis_codes=tuple(diagnoses.get(pk, ())),
                maintenance_from=_maintenance_from(told),
                treatment_changed_on=tuple(sorted(_within(treatments.get(patient, ()), first, last))),
                plan_revised_on=tuple(revisions.get(pk, ())),
                relapse_plan_on=row["relapse_plan_on"],
                advice=tuple(advice.get(pk, ())),
            )
        )
    return Read(episodes, patient_of, is_whole)


EVER_IN_CARE = IN_CARE | {EpisodeStatus.Status.GRADUATED, EpisodeStatus.Status.ENDED}
"""States that only an episode has that came as far as care."""


def _maintenance_from(told: list[tuple[str, date]]) -> date | None:
    """Since when in relapse prevention without a return to active treatment."""
    since = None
    for status, day in told:
        if status == EpisodeStatus.Status.MAINTENANCE:
            since = since or day
        elif status in (EpisodeStatus.Status.ACTIVE, EpisodeStatus.Status.ENROLLED):
            since = None
    return since


def _within(days: object, first: date, last: date) -> set[date]:
    return {day for day in days if first <= day <= last}  # type: ignore[attr-defined]  # days of any collection


class _Reading:
    """One query a kind."""

    def __init__(self, actor: Actor, watched: CareFlags, patients: object) -> None:
        self.actor, self.watched, self.patients = actor, watched, patients
        self.own_zone: str = Organization.objects.values_list("time_zone", flat=True).get(
            pk=actor.organization_id
        )

    def statuses(self) -> dict[UUID, list[tuple[str, date]]]:
        found: dict[UUID, list[tuple[str, date]]] = defaultdict(list)
        rows = EpisodeStatus.objects.of(self.actor).order_by("from_date", "recorded_at")
        for episode, status, day in rows.values_list("episode_id", "status", "from_date"):
            found[episode].append((status, day))
        return found

    def diagnoses(self) -> dict[UUID, list[str]]:
        found: dict[UUID, list[str]] = defaultdict(list)
        rows = Diagnosis.objects.of(self.actor).filter(to_date__isnull=True).order_by("position")
        for episode, code in rows.values_list("episode_id", "diagnosis_code"):
            found[episode].append(code)
        return found

    def contacts(self) -> _ReachedDays:
        rows = standing_entries(actor=self.actor).filter(
            patient__in=self.patients,
            outcome=Outcome.DONE,
            modality__in=REACHING_MODALITIES,
            activity__in=REACHING_ACTIVITIES,
        )
        found: dict[UUID, list[object]] = defaultdict(list)
        for patient, moment in rows.values_list("patient_id", "started_at"):
            found[patient].append(moment)
        return _ReachedDays(found)

    def scores(self) -> dict[tuple[UUID, str], list[ScoreOn]]:
        found: dict[tuple[UUID, str], list[ScoreOn]] = defaultdict(list)
        rows = MeasureResult.objects.of(self.actor).filter(
            patient__in=self.patients, instrument__in=list(self.watched.scales)
        )
        values = rows.order_by("taken_on", "score").values_list(
            "patient_id", "instrument", "taken_on", "score"
        )
        for patient, name, day, score in values:
            found[(patient, name)].append(ScoreOn(day, score))
        return found

    def reviews(self) -> dict[UUID, list[date]]:
        return self._days(CaseloadReview, "reviewed_on")

    def treatments(self) -> dict[UUID, list[date]]:
        return self._days(TreatmentChange, "changed_on")

    def _days(self, model: type[CaseloadReview] | type[TreatmentChange], name: str) -> dict[UUID, list[date]]:
        found: dict[UUID, list[date]] = defaultdict(list)
        rows = model.objects.of(self.actor).filter(patient__in=self.patients)
        for patient, day in rows.values_list("patient_id", name):
            found[patient].append(day)
        return found


class _ReachedDays:
    """The days on which each patient was reached, by the clock of the site asked for."""

    def __init__(self, moments: dict[UUID, list[object]]) -> None:
        self._moments = moments

    def get(self, asked: tuple[UUID, str], otherwise: object) -> set[date]:
        patient, zone = asked
        clock = ZoneInfo(zone)
        return {moment.astimezone(clock).date() for moment in self._moments.get(patient, ())}  # type: ignore[attr-defined]  # moments
