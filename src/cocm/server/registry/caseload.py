"""The caseload: one row an episode, with its course, its flags and its month, in a fixed number of queries.

Whether a patient needs somebody, and why, says the core (`cocm.care.flags`); how far the month is, `contacts.minutes`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Max, Min, Q
from django.utils import timezone

from cocm.basics.months import Month
from cocm.care.course import REACHING_ACTIVITIES, REACHING_MODALITIES, CareCourse, ScoreOn
from cocm.care.flags import CareFlag, CareState, flags_on, need_order
from cocm.care.records import Activity, Answer, Outcome, Programme
from cocm.rules.care_flags import CareFlags, FlagKind, Threshold, care_flags
from cocm.server.access.actor import Actor
from cocm.server.accounts.models import Organization
from cocm.server.audit.trail import seen
from cocm.server.contacts.minutes import days_left, minutes_of_month
from cocm.server.contacts.models import Contact, MonthMinutes
from cocm.server.records import OrganizationRows
from cocm.server.registry.models import (
    Alert,
    CaseloadReview,
    ClaimHistoryLine,
    Consent,
    Coverage,
    Episode,
    EpisodeStatus,
    InitiatingVisit,
    MeasureResult,
    OtherService,
)
from cocm.server.registry.selectors import caseload
from cocm.server.rules_in_force import rulebook

Status = EpisodeStatus.Status
OPEN_STATUSES: Final = (
    Status.REFERRED,
    Status.PENDING_CONSENT,
    Status.ENROLLED,
    Status.ACTIVE,
    Status.MAINTENANCE,
    Status.PAUSED,
)
IN_CARE: Final = frozenset({Status.ENROLLED, Status.ACTIVE, Status.MAINTENANCE})
"""Only those in care are flagged: nobody is late with a patient who is referred, paused or gone. Alerts always show."""

_COLUMNS: Final = {
    "pk": "pk",
    "episode_id": "episode_id",
    "patient_pk": "patient_id",
    "patient_id": "patient__patient_id",
    "medical_record_number": "patient__medical_record_number",
    "last_name": "patient__last_name",
    "first_name": "patient__first_name",
    "preferred_name": "patient__preferred_name",
    "birth_date": "patient__birth_date",
    "start_date": "start_date",
    "end_date": "end_date",
    "relapse_plan_on": "relapse_plan_on",
    "first_service_date": "first_service_date",
    "site_pk": "site_id",
    "site": "site__name",
    "place_of_service_code": "site__place_of_service_code",
    "zone": "site__time_zone",
    "bhcm_pk": "bhcm_id",
    "bhcm_first": "bhcm__first_name",
    "bhcm_last": "bhcm__last_name",
    "bhcm_credential": "bhcm__credential",
    "consultant_pk": "psychiatric_consultant_id",
    "consultant_first": "psychiatric_consultant__first_name",
    "consultant_last": "psychiatric_consultant__last_name",
    "practitioner_pk": "billing_practitioner_id",
    "practitioner_first": "billing_practitioner__first_name",
    "practitioner_last": "billing_practitioner__last_name",
    "practitioner_npi": "billing_practitioner__npi",
}


@dataclass(frozen=True, slots=True)
class CoverOn:
    """The policy that pays first on a day."""

    payer_pk: UUID
    payer: str
    pack_id: str
    member_id: str
    verified_on: date | None


@dataclass(slots=True)
class CaseloadRow:
    """One episode of the caseload. `values` are the plain columns of `_COLUMNS`."""

    values: dict[str, Any]
    course: CareCourse
    status: str = ""
    status_since: date | None = None
    sessions_total: int = 0
    last_reached_on: date | None = None
    cover: CoverOn | None = None
    consent_date: date | None = None
    consent_form: str = ""
    cost_share_explained: str = ""
    is_consent_revoked: bool = False
    visit_date: date | None = None
    visit_code: str = ""
    last_claim: tuple[date, str] | None = None
    programmes: tuple[str, ...] = ()
    minutes: MonthMinutes | None = None
    flags: tuple[CareFlag, ...] = ()
    need: tuple[int, ...] = field(default=())

    @property
    def listed_name(self) -> str:
        return f"{self.values['last_name']}, {self.values['first_name']}"

    @property
    def bhcm(self) -> str:
        return _name(self.values, "bhcm")

    @property
    def consultant(self) -> str:
        return _name(self.values, "consultant")

    @property
    def practitioner(self) -> str:
        return _name(self.values, "practitioner")

    def scores(self, instrument: str) -> tuple[ScoreOn, ...]:
        """The episode's scores of a scale, by day."""
        return self.course.scores.get(instrument, ())

    @property
    def last_reviewed_on(self) -> date | None:
        return self.course.reviewed_on[-1] if self.course.reviewed_on else None

    @property
    def relapse_plan_date(self) -> date | None:
        return self.values["relapse_plan_on"]


class Caseload:
    """The rows a person may see, with their flags as of a day. Not shared between requests."""

    def __init__(
        self, actor: Actor, today: date, *, ended: bool = False, episodes: OrganizationRows | None = None
    ) -> None:
        self.actor, self.today = actor, today
        self.month = Month.of(today)
        self.watched = care_flags(rulebook())
        shown = caseload(actor=actor, ended=ended) if episodes is None else episodes
        values = shown.values_list(*_COLUMNS.values())
        self.values = [dict(zip(_COLUMNS, row, strict=True)) for row in values]
        self.patients: list[UUID] = sorted({row["patient_pk"] for row in self.values}, key=str)
        self.episodes: list[UUID] = [row["pk"] for row in self.values]
        seen(self.patients)

    @classmethod
    def of_episodes(cls, actor: Actor, today: date, keys: Collection[UUID]) -> Caseload:
        """The rows of some episodes whose charts are open to the person by now (a case file's own row)."""
        return cls(actor, today, episodes=Episode.objects.of(actor).filter(pk__in=keys))

    @cached_property
    def rows(self) -> list[CaseloadRow]:
        """Every row, the most pressing first; equal need by name."""
        if not self.values:
            return []
        courses, sessions, last_reached = self._courses()
        rows = [CaseloadRow(values, courses[values["pk"]]) for values in self.values]
        statuses, alerts, cover = self._statuses(), self._alerts(), self._cover()
        consents, visits = self._consents(), self._visits()
        claims, programmes = self._claims(), self._programmes()
        minutes = minutes_of_month(actor=self.actor, patients=self.patients, month=self.month)
        left = days_left(self.month, self.today)
        for row in rows:
            pk, patient = row.values["pk"], row.values["patient_pk"]
            row.status, row.status_since = statuses.get(pk, ("", None))
            row.sessions_total, row.last_reached_on = sessions.get(pk, 0), last_reached.get(pk)
            row.cover = cover.get(patient)
            if consent := consents.get(pk):
                row.consent_date, row.consent_form, row.cost_share_explained, row.is_consent_revoked = consent
            row.visit_date, row.visit_code = visits.get(pk, (None, ""))
            row.last_claim = claims.get(patient)
            row.programmes = tuple(sorted(programmes.get(patient, ())))
            row.minutes = minutes.get((patient, row.values["episode_id"]))
            row.flags = self._flags(row, alerts.get(patient, {}), left)
            row.need = need_order(row.flags)
        rows.sort(key=lambda row: (row.need, row.values["last_name"], row.values["first_name"]))
        return rows

    def _flags(
        self, row: CaseloadRow, alerts: dict[str, tuple[date, str]], left: int | None
    ) -> tuple[CareFlag, ...]:
        tier = row.minutes.next_tier if row.minutes is not None else None
        safety, discuss = alerts.get(Alert.Kind.SAFETY), alerts.get(Alert.Kind.DISCUSS)
        state = CareState(
            is_maintenance=row.status == Status.MAINTENANCE,
            safety_since=safety[0] if safety else None,
            safety_reason=safety[1] if safety else "",
            discuss_since=discuss[0] if discuss else None,
            discuss_reason=discuss[1] if discuss else "",
            relapse_plan_on=row.relapse_plan_date,
            minutes_short=tier[0] if tier else None,
            tier_code=tier[1] if tier else "",
            days_left=left,
        )
        flags = flags_on(row.course, state, self.watched, self.today)
        if row.status in IN_CARE and row.values["end_date"] is None:
            return flags
        return tuple(flag for flag in flags if flag.kind in (FlagKind.SAFETY, FlagKind.DISCUSS))

    # -- one kind of row after the other ---------------------------------------------------------------------------

    def _courses(self) -> tuple[dict[UUID, CareCourse], dict[UUID, int], dict[UUID, date]]:
        corrected = list(
            Contact.objects.of(self.actor)
            .filter(patient_id__in=self.patients)
            .exclude(corrects_contact_id="")
            .values_list("corrects_contact_id", flat=True)
        )
        contacts = Contact.objects.of(self.actor).filter(
            patient__episodes__in=self.episodes, started_at__gte=F("patient__episodes__start_date")
        )
        if corrected:
            contacts = contacts.exclude(contact_id__in=corrected)
        zones = self._zones()
        reaching = contacts.filter(
            outcome=Outcome.DONE, modality__in=REACHING_MODALITIES, activity__in=REACHING_ACTIVITIES
        )
        sessions: dict[UUID, int] = {}
        reached: dict[UUID, tuple[date, ...]] = {}
        summed = reaching.values("patient__episodes").annotate(
            first=Min("started_at"), last=Max("started_at"), total=Count("pk")
        )
        for pk, first, last, total in summed.values_list("patient__episodes", "first", "last", "total"):
            sessions[pk] = total
            days = {moment.astimezone(zones[pk]).date() for moment in (first, last)}
            reached[pk] = tuple(sorted(days))
        attempts: dict[UUID, list[date]] = defaultdict(list)
        for pk, moment in contacts.filter(outcome=Outcome.ATTEMPT).values_list(
            "patient__episodes", "started_at"
        ):
            attempts[pk].append(moment.astimezone(zones[pk]).date())
        relapse_work = dict(
            contacts.filter(outcome=Outcome.DONE, activity=Activity.RELAPSE_PREVENTION)
            .values("patient__episodes")
            .annotate(last=Max("started_at"))
            .values_list("patient__episodes", "last")
        )
        scores = self._scores()
        reviews: dict[UUID, list[date]] = defaultdict(list)
        reviewed = CaseloadReview.objects.of(self.actor).filter(patient_id__in=self.patients)
        for patient, day in reviewed.order_by("reviewed_on").values_list("patient_id", "reviewed_on"):
            reviews[patient].append(day)
        courses = {}
        since_days = self.watched.thresholds[Threshold.BASELINE_DAYS_BEFORE]
        for values in self.values:
            pk, start, end = values["pk"], values["start_date"], values["end_date"] or date.max
            worked = relapse_work.get(pk)
            courses[pk] = CareCourse(
                start_date=start,
                scores={
                    name: kept
                    for name, given in scores.get(values["patient_pk"], {}).items()
                    if (
                        kept := tuple(
                            [
                                score
                                for score in given
                                if (start - score.taken_on).days <= since_days and score.taken_on <= end
                            ]
                        )
                    )
                },
                reached_on=reached.get(pk, ()),
                attempts_on=tuple(sorted(attempts.get(pk, ()))),
                reviewed_on=tuple(
                    day for day in reviews.get(values["patient_pk"], ()) if start <= day <= end
                ),
                relapse_work_on=worked.astimezone(zones[pk]).date() if worked else None,
            )
        return courses, sessions, {pk: days[-1] for pk, days in reached.items()}

    def _zones(self) -> dict[UUID, ZoneInfo]:
        own = Organization.objects.get(pk=self.actor.organization_id).time_zone
        return {values["pk"]: ZoneInfo(values["zone"] or own) for values in self.values}

    def _scores(self) -> dict[UUID, dict[str, list[ScoreOn]]]:
        found: dict[UUID, dict[str, list[ScoreOn]]] = {}
        measures = (
            MeasureResult.objects.of(self.actor)
            .filter(patient_id__in=self.patients, instrument__in=list(self.watched.scales))
            .order_by("taken_on", "score")
        )
        by_name: dict[str, list[tuple[UUID, ScoreOn]]] = {name: [] for name in self.watched.scales}
        for patient, name, taken_on, score in measures.values_list(
            "patient_id", "instrument", "taken_on", "score"
        ):
            by_name[name].append((patient, ScoreOn(taken_on, score)))
        for name, scores in by_name.items():
            for patient, score in scores:
                found.setdefault(patient, {}).setdefault(name, []).append(score)
        return found

    def _statuses(self) -> dict[UUID, tuple[str, date]]:
        rows = (
            EpisodeStatus.objects.of(self.actor)
            .filter(episode_id__in=self.episodes, from_date__lte=self.today)
            .order_by("from_date", "recorded_at")
        )
        return {
            pk: (status, since) for pk, status, since in rows.values_list("episode_id", "status", "from_date")
        }

    def _alerts(self) -> dict[UUID, dict[str, tuple[date, str]]]:
        found: dict[UUID, dict[str, tuple[date, str]]] = defaultdict(dict)
        rows = (
            Alert.objects.of(self.actor).filter(closed_at__isnull=True).order_by("-raised_on", "-recorded_at")
        )
        for patient, kind, since, reason in rows.values_list("patient_id", "kind", "raised_on", "reason"):
            found[patient][kind] = (since, reason)  # the oldest holds
        return found

    def _cover(self) -> dict[UUID, CoverOn]:
        in_force = (
            Coverage.objects.of(self.actor)
            .filter(
                Q(coverage_to__isnull=True) | Q(coverage_to__gte=self.today), coverage_from__lte=self.today
            )
            .order_by("-rank", "-coverage_from")
        )
        names = ("patient_id", "payer_id", "payer__name", "payer__pack_id", "member_id", "verified_on")
        return {row[0]: CoverOn(*row[1:]) for row in in_force.values_list(*names)}

    def _consents(self) -> dict[UUID, tuple[date | None, str, str, bool]]:
        rows = Consent.objects.of(self.actor).filter(episode_id__in=self.episodes).order_by("recorded_at")
        names = ("episode_id", "given", "consent_date", "form", "cost_share_explained", "revoked_on")
        return {
            pk: (
                day if given == Answer.YES else None,
                form,
                told,
                revoked is not None and revoked <= self.today,
            )
            for pk, given, day, form, told, revoked in rows.values_list(*names)
        }

    def _visits(self) -> dict[UUID, tuple[date | None, str]]:
        rows = InitiatingVisit.objects.of(self.actor).filter(episode_id__in=self.episodes)
        return {
            pk: (day, code) for pk, day, code in rows.values_list("episode_id", "visit_date", "hcpcs_code")
        }

    def _claims(self) -> dict[UUID, tuple[date, str]]:
        """The latest claim line's day and state, of those of the last year."""
        since = self.today.replace(day=1).replace(year=self.today.year - 1)
        rows = ClaimHistoryLine.objects.of(self.actor).filter(
            patient_id__in=self.patients, service_date__gte=since
        )
        latest = rows.values("patient_id").annotate(latest=Max("service_date"))
        days = dict(latest.values_list("patient_id", "latest"))
        found = rows.filter(service_date__in=set(days.values())).values_list(
            "patient_id", "service_date", "status"
        )
        return {patient: (day, status) for patient, day, status in found if days.get(patient) == day}

    def _programmes(self) -> dict[UUID, set[str]]:
        """Other programmes and services of this month and the one before: by contact, and by code."""
        since = Month.from_index(self.month.index - 1).first_day
        found: dict[UUID, set[str]] = defaultdict(set)
        contacts = Contact.objects.of(self.actor).filter(
            patient_id__in=self.patients, started_at__date__gte=since
        )
        for patient, programme in contacts.exclude(programme=Programme.COCM).values_list(
            "patient_id", "programme"
        ):
            found[patient].add(programme.upper())
        services = OtherService.objects.of(self.actor).filter(
            patient_id__in=self.patients, service_date__gte=since
        )
        for patient, code, stay_to in services.values_list("patient_id", "hcpcs_code", "stay_to"):
            found[patient].add(code or ("stay" if stay_to else ""))
        return {patient: names - {""} for patient, names in found.items()}


def _name(values: dict[str, Any], part: str) -> str:
    last, first = values[f"{part}_last"], values[f"{part}_first"]
    return f"{first[:1]}. {last}" if last else ""


def today_of() -> date:
    """Today by the practice's clock, which the request has set."""
    return timezone.localdate()


# -- choosing and ordering ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person asked to see: keys and words from a form, none of them a patient's."""

    bhcm: str = ""
    consultant: str = ""
    practitioner: str = ""
    site: str = ""
    payer: str = ""
    status: str = ""
    flag: str = ""


def chosen(rows: Iterable[CaseloadRow], choice: Choice) -> Iterator[CaseloadRow]:
    """The rows that fit every part of the choice."""
    for row in rows:
        if (
            _fits(choice.bhcm, row.values["bhcm_pk"])
            and _fits(choice.consultant, row.values["consultant_pk"])
            and _fits(choice.practitioner, row.values["practitioner_pk"])
            and _fits(choice.site, row.values["site_pk"])
            and _fits(choice.payer, row.cover.payer_pk if row.cover else None)
            and (choice.status in ("", "ended") or row.status == choice.status)
            and (not choice.flag or _has_flag(row, choice.flag))
        ):
            yield row


def _fits(wanted: str, key: UUID | None) -> bool:
    return not wanted or (key is None if wanted == "none" else str(key) == wanted)


def _has_flag(row: CaseloadRow, wanted: str) -> bool:
    if wanted == "any":
        return bool(row.flags)
    return any(flag.kind == wanted for flag in row.flags)


def flag_counts(rows: Collection[CaseloadRow], watched: CareFlags) -> list[tuple[str, str, int]]:
    """Each flag with its label and how many rows have it, in the order of need."""
    counts: dict[FlagKind, int] = defaultdict(int)
    for row in rows:
        for flag in row.flags:
            counts[flag.kind] += 1
    return [(kind.value, rule.label, counts[kind]) for kind, rule in watched.rules.items()]


def _score_at(instrument: str, place: int) -> Any:
    def key(row: CaseloadRow) -> Any:
        scores = row.scores(instrument)
        return scores[place].score if scores else None

    return key


SORT_KEYS: Final[dict[str, Any]] = {
    "name": lambda row: (row.values["last_name"].casefold(), row.values["first_name"].casefold()),
    "id": lambda row: row.values["patient_id"],
    "status": lambda row: row.status,
    "phq_first": _score_at("phq-9", 0),
    "phq_last": _score_at("phq-9", -1),
    "gad_first": _score_at("gad-7", 0),
    "gad_last": _score_at("gad-7", -1),
    "start": lambda row: row.values["start_date"],
    "contact": lambda row: row.last_reached_on,
    "review": lambda row: row.last_reviewed_on,
    "plan": lambda row: row.relapse_plan_date,
    "sessions": lambda row: row.sessions_total,
    "minutes": lambda row: row.minutes.minutes_counted if row.minutes else None,
    "bhcm": lambda row: row.bhcm,
    "consultant": lambda row: row.consultant,
    "practitioner": lambda row: row.practitioner,
    "site": lambda row: row.values["site"] or "",
    "payer": lambda row: row.cover.payer if row.cover else "",
    "consent": lambda row: row.consent_date,
    "visit": lambda row: row.visit_date,
    "claim": lambda row: row.last_claim[0] if row.last_claim else None,
}
"""By the word in the address; `need` is the order that the rows come in."""


def ordered(rows: Sequence[CaseloadRow], sort: str) -> list[CaseloadRow]:
    """The rows by a column (with `-` before it, descending); rows without a value come last either way."""
    name = sort.removeprefix("-")
    if name not in SORT_KEYS:
        return list(reversed(rows)) if sort == "-need" else list(rows)
    key = SORT_KEYS[name]
    known = [row for row in rows if key(row) is not None]
    unknown = [row for row in rows if key(row) is None]
    return sorted(known, key=key, reverse=sort.startswith("-")) + unknown
