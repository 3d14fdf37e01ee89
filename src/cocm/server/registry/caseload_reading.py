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

from django.db.models import CharField, Count, Max, Min, Q
from django.db.models.functions import Cast

from cocm.basics.months import Month
from cocm.care.course import REACHING_ACTIVITIES, REACHING_MODALITIES, CareCourse, ScoreOn
from cocm.care.records import Answer, Outcome, Programme
from cocm.server.access.actor import Actor
from cocm.server.accounts.models import Organization
from cocm.server.contacts.models import Contact
from cocm.server.records import OrganizationRows
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

Scores = dict[str, list[ScoreOn]]


def plain_key(name: str) -> Cast:
    """A key, or a day, as text."""
    return Cast(name, CharField())


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
        reached, attempts = self._contacts()
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
            days = reached.get(key)
            courses[key] = CareCourse(
                start_date=start,
                scores={name: found for name, found in kept.items() if found},
                reached_on=tuple(sorted(set(days[:2]))) if days else (),
                attempts_on=tuple(sorted(attempts.get(key, ()))),
                reviewed_on=tuple(
                    [day for day in reviews.get(values["patient_key"], ()) if start <= day <= end]
                ),
            )
        return courses, {key: (last, total) for key, (_, last, total) in reached.items()}

    def _contacts(self) -> tuple[dict[str, tuple[date, date, int]], dict[str, list[date]]]:
        """By episode: first and last day reached with their number; days of the attempts since then.

        Summed by patient, which needs no join; only for those who were in care before, row by row.
        """
        own = Organization.objects.get(pk=self.actor.organization_id).time_zone
        zones = {values["key"]: ZoneInfo(values["zone"] or own) for values in self.values}
        tomorrow = datetime.combine(self.today + timedelta(days=1), time(), ZoneInfo(own))
        contacts = Contact.objects.of(self.actor).filter(patient__in=self.patients, started_at__lt=tomorrow)
        corrected = list(
            contacts.exclude(corrects_contact_id="").values_list("corrects_contact_id", flat=True)
        )
        if corrected:
            contacts = contacts.exclude(contact_id__in=corrected)
        reaching = Q(outcome=Outcome.DONE, modality__in=REACHING_MODALITIES, activity__in=REACHING_ACTIVITIES)
        attempted = Q(outcome=Outcome.ATTEMPT)
        summed = contacts.values("patient_id").annotate(
            first=Min("started_at", filter=reaching),
            last=Max("started_at", filter=reaching),
            total=Count("pk", filter=reaching),
            tried=Max("started_at", filter=attempted),
        )
        names = ("patient_id", "first", "last", "total", "tried")
        found = {row[0]: row[1:] for row in summed.values_list(*names)}
        unreached = [pk for pk, (_, last, _, late) in found.items() if late and (last is None or late > last)]
        tried: dict[UUID, list[datetime]] = defaultdict(list)
        if unreached:
            late_ones = contacts.filter(attempted, patient_id__in=unreached)
            for patient, moment in late_ones.values_list("patient_id", "started_at"):
                tried[patient].append(moment)
        reached: dict[str, tuple[date, date, int]] = {}
        attempts: dict[str, list[date]] = {}
        for values in self.values:
            key, patient, zone = values["key"], values["patient_pk"], zones[values["key"]]
            start, end = values["start_date"], values["end_date"] or date.max
            known = found.get(patient)
            if known is not None and known[0] is not None:
                first, last = known[0].astimezone(zone).date(), known[1].astimezone(zone).date()
                if start <= first and last <= end:
                    reached[key] = (first, last, known[2])
                else:
                    moments = contacts.filter(reaching, patient_id=patient).values_list(
                        "started_at", flat=True
                    )
                    days = sorted(
                        day for moment in moments if start <= (day := moment.astimezone(zone).date()) <= end
                    )
                    if days:
                        reached[key] = (days[0], days[-1], len(days))
            since = max(start, reached[key][1]) if key in reached else start
            late = [moment.astimezone(zone).date() for moment in tried.get(patient, ())]
            attempts[key] = [day for day in late if since <= day <= end]
        return reached, attempts

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
