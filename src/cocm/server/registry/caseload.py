"""The caseload: one row an episode, with its course, its flags and its month, in a fixed number of queries.

Whether a patient needs somebody, and why, says the core (`cocm.care.flags`); how far the month is, `contacts.minutes`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.utils import timezone
from django.utils.functional import cached_property

from cocm.basics.months import Month
from cocm.care.course import CareCourse, ScoreOn
from cocm.care.flags import CareFlag, CareState, flags_on, need_order
from cocm.rules.care_flags import CareFlags, FlagKind, Threshold, care_flags
from cocm.server.access.actor import Actor
from cocm.server.audit.trail import seen
from cocm.server.contacts.minutes import days_left, minutes_of_month
from cocm.server.contacts.models import MonthMinutes
from cocm.server.records import OrganizationRows
from cocm.server.registry.caseload_reading import CaseloadReading, CoverOn, plain_key
from cocm.server.registry.models import (
    Alert,
    Episode,
    EpisodeStatus,
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
    "key": plain_key("pk"),
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
    "site_pk": plain_key("site_id"),
    "site": "site__name",
    "place_of_service_code": "site__place_of_service_code",
    "zone": "site__time_zone",
    "bhcm_pk": plain_key("bhcm_id"),
    "bhcm_first": "bhcm__first_name",
    "bhcm_last": "bhcm__last_name",
    "bhcm_credential": "bhcm__credential",
    "consultant_pk": plain_key("psychiatric_consultant_id"),
    "consultant_first": "psychiatric_consultant__first_name",
    "consultant_last": "psychiatric_consultant__last_name",
    "practitioner_pk": plain_key("billing_practitioner_id"),
    "practitioner_first": "billing_practitioner__first_name",
    "practitioner_last": "billing_practitioner__last_name",
    "practitioner_npi": "billing_practitioner__npi",
}


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
    advice_unanswered_since: date | None = None
    plan_revised_on: date | None = None
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
        self,
        actor: Actor,
        today: date,
        *,
        ended: bool = False,
        with_billing: bool = True,
        episodes: OrganizationRows | None = None,
    ) -> None:
        self.actor, self.today, self.with_billing = actor, today, with_billing
        self.month = Month.of(today)
        self.watched = care_flags(rulebook())
        shown = caseload(actor=actor, ended=ended) if episodes is None else episodes
        values = shown.values_list(*_COLUMNS.values(), plain_key("patient_id"))
        names = (*_COLUMNS, "patient_key")
        self.values = [dict(zip(names, row, strict=True)) for row in values]
        self.patients: list[UUID] = sorted({row["patient_pk"] for row in self.values}, key=str)
        self.episodes = shown.order_by().values("pk")
        self.of_patients = shown.order_by().values("patient_id")
        seen(self.patients)

    @classmethod
    def of_episodes(
        cls, actor: Actor, today: date, keys: Collection[UUID], *, with_billing: bool = True
    ) -> Caseload:
        """The rows of some episodes whose charts are open to the person by now (a case file's own row)."""
        found = Episode.objects.of(actor).filter(pk__in=keys)
        return cls(actor, today, episodes=found, with_billing=with_billing)

    @cached_property
    def rows(self) -> list[CaseloadRow]:
        """Every row, the most pressing first; equal need by name."""
        if not self.values:
            return []
        read = CaseloadReading(self.actor, self.today, self.values, self.episodes, self.of_patients)
        scales = self.watched.scales
        days_before = self.watched.thresholds[Threshold.BASELINE_DAYS_BEFORE]
        courses, contacts = read.courses(list(scales), days_before)
        rows = [CaseloadRow(values, courses[values["key"]]) for values in self.values]
        statuses, alerts, cover = read.statuses(), read.alerts(), read.cover()
        minutes = minutes_of_month(actor=self.actor, patients=self.patients, month=self.month)
        unanswered, plans = read.unanswered_advice(), read.care_plans()
        for row in rows:
            key, patient = row.values["key"], row.values["patient_key"]
            row.status, row.status_since = statuses.get(key, ("", None))
            row.last_reached_on, row.sessions_total = contacts.get(key, (None, 0))
            row.cover = cover.get(patient)
            row.minutes = minutes.get((row.values["patient_pk"], row.values["episode_id"]))
            row.advice_unanswered_since, row.plan_revised_on = unanswered.get(key), plans.get(key)
        if self.with_billing:
            self._add_billing(rows, read)
        self._flag(rows, alerts)
        rows.sort(key=lambda row: (row.need, row.values["last_name"], row.values["first_name"]))
        return rows

    def _add_billing(self, rows: list[CaseloadRow], read: CaseloadReading) -> None:
        """What only the billing columns and the file show."""
        consents, visits, claims, programmes = (
            read.consents(),
            read.visits(),
            read.claims(),
            read.programmes(self.month),
        )
        for row in rows:
            key, patient = row.values["key"], row.values["patient_key"]
            if consent := consents.get(key):
                row.consent_date, row.consent_form, row.cost_share_explained, row.is_consent_revoked = consent
            row.visit_date, row.visit_code = visits.get(key, (None, ""))
            row.last_claim = claims.get(patient)
            row.programmes = tuple(sorted(programmes.get(patient, ())))

    def _flag(self, rows: list[CaseloadRow], alerts: dict[str, dict[str, tuple[date, str]]]) -> None:
        left = days_left(self.month, self.today)
        for row in rows:
            row.flags = self._flags(row, alerts.get(row.values["patient_key"], {}), left)
            row.need = need_order(row.flags)

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
            recommendation_since=row.advice_unanswered_since,
            relapse_plan_on=row.relapse_plan_date,
            has_plans=True,
            plan_revised_on=row.plan_revised_on,
            minutes_short=tier[0] if tier else None,
            has_earned=bool(row.minutes is not None and row.minutes.earned),
            tier_code=tier[1] if tier else "",
            days_left=left,
        )
        flags = flags_on(row.course, state, self.watched, self.today)
        if row.status in IN_CARE and row.values["end_date"] is None:
            return flags
        return tuple(flag for flag in flags if flag.kind in (FlagKind.SAFETY, FlagKind.DISCUSS))


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


def _fits(wanted: str, key: UUID | str | None) -> bool:
    """Keys are told with or without dashes, as the database has them."""
    if not wanted or wanted == "none":
        return not wanted or key is None
    return str(key).replace("-", "") == wanted.replace("-", "")


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


BILLING_SORTS: Final = frozenset({"consent", "visit", "claim"})
"""Those whose columns are read for the billing columns only."""


def ordered(rows: Sequence[CaseloadRow], sort: str) -> list[CaseloadRow]:
    """The rows by a column (with `-` before it, descending); rows without a value come last either way."""
    name = sort.removeprefix("-")
    if name not in SORT_KEYS:
        return list(reversed(rows)) if sort == "-need" else list(rows)
    key = SORT_KEYS[name]
    known = [row for row in rows if key(row) is not None]
    unknown = [row for row in rows if key(row) is None]
    return sorted(known, key=key, reverse=sort.startswith("-")) + unknown


_read_once: ContextVar[dict[tuple[Actor, date], Caseload] | None] = ContextVar(
    "caseload_read_once", default=None
)


@contextmanager
def caseload_read_once() -> Iterator[None]:
    """Within it, whoever asks `caseload_of` for the same person's caseload gets the one that was read first."""
    token = _read_once.set({})
    try:
        yield
    finally:
        _read_once.reset(token)


def caseload_of(actor: Actor, today: date) -> Caseload:
    """A person's caseload without its billing columns, for lists of what waits."""
    kept = _read_once.get()
    if kept is None:
        return Caseload(actor, today, with_billing=False)
    found = kept.get((actor, today))
    if found is None:
        found = kept[actor, today] = Caseload(actor, today, with_billing=False)
    else:
        seen(found.patients)
    return found
