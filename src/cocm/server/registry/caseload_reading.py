"""The rows beside the episodes of a caseload, one query a kind, in plain values.

Keys are the database's own text (`plain_key`) and days its ISO text: to make UUIDs and dates of thousands of them
one by one would take longest.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from cocm.basics.months import Month
from cocm.care.course import CareCourse, ScoreOn
from cocm.care.records import Answer, Programme
from cocm.server.access.actor import Actor
from cocm.server.accounts.models import Organization
from cocm.server.contacts.models import Contact
from cocm.server.records import OrganizationRows, plain_key
from cocm.server.registry.models import (
    Alert,
    CaseloadReview,
    ClaimHistoryLine,
    Consent,
    Coverage,
    EpisodeStatus,
    InitiatingVisit,
    MeasureResult,
    OtherService,
)
from cocm.server.registry.reached import NO_ENTRIES, Reached, ledgers, reached

Scores = dict[str, list[ScoreOn]]


@dataclass(frozen=True, slots=True)
class CoverOn:
    """The policy that pays first on a day."""

    payer_pk: UUID
    payer: str
    pack_id: str
    member_id: str
    verified_on: date | None


class CaseloadReading:
    """Reads for the episodes at hand. `episodes` and `patients` are queries of their keys, for the database alone."""

    def __init__(
        self,
        actor: Actor,
        today: date,
        values: list[dict[str, Any]],
        episodes: OrganizationRows,
        patients: OrganizationRows,
    ) -> None:
        self.actor, self.today, self.values = actor, today, values
        self.episodes, self.patients = episodes, patients

    def courses(
        self, instruments: list[str], days_before: int
    ) -> tuple[dict[str, CareCourse], dict[str, tuple[date, int]]]:
        """Each episode's course, and its last contact that reached the patient with the number of them.

        Of the contacts a course holds the first and the last day on which the patient was reached, and the attempts
        since: no flag of today rests on the others.
        """
        told = self._reached()
        scores, reviews = self._scores(instruments), self._reviews()
        courses: dict[str, CareCourse] = {}
        for values in self.values:
            key, start, end = values["key"], values["start_date"], values["end_date"] or date.max
            first_score_day = start - timedelta(days=days_before)
            of_patient = scores.get(values["patient_key"], {})
            kept = {
                name: tuple([score for score in of_patient[name] if first_score_day <= score.taken_on <= end])
                for name in instruments
                if name in of_patient
            }
            of_episode = told[key]
            courses[key] = CareCourse(
                start_date=start,
                scores={name: found for name, found in kept.items() if found},
                reached_on=tuple(sorted({day for day in (of_episode.first, of_episode.last) if day})),
                attempts_on=of_episode.attempts,
                reviewed_on=tuple(
                    [day for day in reviews.get(values["patient_key"], ()) if start <= day <= end]
                ),
            )
        return courses, {key: (found.last, found.total) for key, found in told.items() if found.last}

    def _reached(self) -> dict[str, Reached]:
        """By episode: when the patient was reached, by the clock of the episode's site."""
        own = Organization.objects.get(pk=self.actor.organization_id).time_zone
        tomorrow = datetime.combine(self.today + timedelta(days=1), time(), ZoneInfo(own))
        of_patients = ledgers(self.actor, self.patients)
        return {
            values["key"]: reached(
                of_patients.get(values["patient_key"], NO_ENTRIES),
                ZoneInfo(values["zone"] or own),
                values["start_date"],
                values["end_date"] or date.max,
                tomorrow,
            )
            for values in self.values
        }

    def _scores(self, instruments: list[str]) -> dict[str, Scores]:
        found: dict[str, Scores] = {}
        rows = (
            MeasureResult.objects.of(self.actor)
            .filter(patient__in=self.patients, instrument__in=instruments)
            .order_by("taken_on", "score")
            .values_list(plain_key("patient_id"), "instrument", plain_key("taken_on"), "score")
        )
        day = date.fromisoformat
        for patient, name, taken_on, score in rows:
            found.setdefault(patient, {}).setdefault(name, []).append(ScoreOn(day(taken_on), score))
        return found

    def _reviews(self) -> dict[str, list[date]]:
        found: dict[str, list[date]] = defaultdict(list)
        rows = CaseloadReview.objects.of(self.actor).filter(patient__in=self.patients).order_by("reviewed_on")
        for patient, day in rows.values_list(plain_key("patient_id"), plain_key("reviewed_on")):
            found[patient].append(date.fromisoformat(day))
        return found

    def statuses(self) -> dict[str, tuple[str, date]]:
        """By episode: the status that holds today, and since when."""
        rows = (
            EpisodeStatus.objects.of(self.actor)
            .filter(episode__in=self.episodes, from_date__lte=self.today)
            .order_by("from_date", "recorded_at")
        )
        found = rows.values_list(plain_key("episode_id"), "status", plain_key("from_date"))
        return {key: (status, date.fromisoformat(since)) for key, status, since in found}

    def alerts(self) -> dict[str, dict[str, tuple[date, str]]]:
        """By patient and kind: the oldest open alert's day and reason."""
        found: dict[str, dict[str, tuple[date, str]]] = defaultdict(dict)
        rows = (
            Alert.objects.of(self.actor).filter(closed_at__isnull=True).order_by("-raised_on", "-recorded_at")
        )
        for patient, kind, since, reason in rows.values_list(
            plain_key("patient_id"), "kind", "raised_on", "reason"
        ):
            found[patient][kind] = (since, reason)
        return found

    def unanswered_advice(self) -> dict[str, date]:
        """By episode: since when the oldest recommendation waits for an answer."""
        from cocm.server.review.selectors import unanswered_since  # stands above: it shows the caseload

        return unanswered_since(actor=self.actor, episodes=self.episodes)

    def care_plans(self) -> dict[str, date]:
        """By episode: the day of the care plan's last version."""
        from cocm.server.careplans.selectors import revised_on  # stands above: its plans are an episode's

        return revised_on(actor=self.actor, episodes=self.episodes)

    def cover(self) -> dict[str, CoverOn]:
        """By patient: the policy that pays first today."""
        is_open = Q(coverage_to__isnull=True) | Q(coverage_to__gte=self.today)
        rows = (
            Coverage.objects.of(self.actor)
            .filter(is_open, patient__in=self.patients, coverage_from__lte=self.today)
            .order_by("-rank", "coverage_from")
        )
        names = ("payer_id", "payer__name", "payer__pack_id", "member_id", "verified_on")
        return {row[0]: CoverOn(*row[1:]) for row in rows.values_list(plain_key("patient_id"), *names)}

    def consents(self) -> dict[str, tuple[date | None, str, str, bool]]:
        """By episode: day and form of the consent that holds, whether the share was told, whether it is revoked."""
        rows = Consent.objects.of(self.actor).filter(episode__in=self.episodes).order_by("recorded_at")
        names = ("given", "consent_date", "form", "cost_share_explained", "revoked_on")
        return {
            key: (
                day if given == Answer.YES else None,
                form,
                told,
                revoked is not None and revoked <= self.today,
            )
            for key, given, day, form, told, revoked in rows.values_list(plain_key("episode_id"), *names)
        }

    def visits(self) -> dict[str, tuple[date | None, str]]:
        """By episode: the initiating visit's day and code."""
        rows = InitiatingVisit.objects.of(self.actor).filter(episode__in=self.episodes)
        found = rows.values_list(plain_key("episode_id"), "visit_date", "hcpcs_code")
        return {key: (day, code) for key, day, code in found}

    def claims(self) -> dict[str, tuple[date, str]]:
        """By patient: day and state of the latest claim line of the last year."""
        since = self.today.replace(day=1, year=self.today.year - 1)
        rows = ClaimHistoryLine.objects.of(self.actor).filter(
            patient__in=self.patients, service_date__gte=since
        )
        found = rows.order_by("service_date", "claim_id", "claim_line_number").values_list(
            plain_key("patient_id"), plain_key("service_date"), "status"
        )
        latest = {patient: (day, status) for patient, day, status in found}
        return {patient: (date.fromisoformat(day), status) for patient, (day, status) in latest.items()}

    def programmes(self, month: Month) -> dict[str, set[str]]:
        """By patient: other programmes and services of the month and the one before, by contact and by code."""
        since = Month.from_index(month.index - 1).first_day
        found: dict[str, set[str]] = defaultdict(set)
        contacts = (
            Contact.objects.of(self.actor)
            .filter(patient__in=self.patients, started_at__gte=datetime.combine(since, time(), UTC))
            .exclude(programme=Programme.COCM)
        )
        for patient, programme in contacts.values_list(plain_key("patient_id"), "programme"):
            found[patient].add(programme.upper())
        services = OtherService.objects.of(self.actor).filter(
            patient__in=self.patients, service_date__gte=since
        )
        for patient, code, stay_to in services.values_list(plain_key("patient_id"), "hcpcs_code", "stay_to"):
            if code or stay_to:
                found[patient].add(code or "stay")
        return found
