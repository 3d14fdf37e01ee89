"""Reading a month: the runs, the answers of the last one, what changed since, policies to check, payers that ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Max, OuterRef, Q, Subquery, Sum
from django.utils import timezone

from cocm.basics.months import Month
from cocm.server.access.actor import Actor, entered
from cocm.server.access.permissions import Permission
from cocm.server.accounts.models import PayerProduct
from cocm.server.audit.models import AuditEvent
from cocm.server.audit.verbs import Verb
from cocm.server.contacts.models import Contact
from cocm.server.months.claims_sent import months_written
from cocm.server.months.models import MonthItem, MonthRun, PatientMonth, RunKind
from cocm.server.records import OrganizationRows
from cocm.server.registry.models import Coverage, Patient
from cocm.server.registry.selectors import open_patients
from cocm.server.rules_in_force import rulebook
from cocm.server.runs.models import RunState

CHANGING: Final = (
    Verb.ADDED,
    Verb.CHANGED,
    Verb.REMOVED,
    Verb.CORRECTED,
    Verb.REOPENED,
    Verb.IMPORTED,
    Verb.DECIDED,
)
SET_UP: Final = ("practice", "sites", "staff", "payers", "charges", "contract_rates", "tables")
ATTESTATION: Final = "enrollment.attestation"
MONTHS_LISTED: Final = 15


def sees_all(actor: Actor) -> bool:
    """Whether the person works the whole practice's months, and sees their money."""
    return actor.may(Permission.BILLING_VIEW)


def patient_months(*, actor: Actor, month: Month) -> OrganizationRows:
    """The month's answers that the person may see: all of them, or those of their own patients."""
    rows = PatientMonth.objects.of(actor).filter(month_index=month.index)
    return rows if sees_all(actor) else rows.filter(patient_id__in=_own_patients(actor))


def month_items(*, actor: Actor, month: Month) -> OrganizationRows:
    """The month's reasons that the person may see."""
    rows = MonthItem.objects.of(actor).filter(month_index=month.index)
    return rows if sees_all(actor) else rows.filter(patient_id__in=_own_patients(actor))


def _own_patients(actor: Actor) -> list[UUID]:
    """Whose charts are the person's to open: asked once a page, for SQLite asks anew for each row else."""
    here = entered()
    kept = here.kept if here is not None else {}
    name = f"own patients of {actor.staff_member_id}"
    if name not in kept:
        kept[name] = list(open_patients(actor=actor).order_by().values_list("pk", flat=True))
    found: list[UUID] = kept[name]
    return found


# -- runs --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Runs:
    """A month's runs. `answered` is the last that is done, whose answers the pages show."""

    active: MonthRun | None
    failed: MonthRun | None
    answered: MonthRun | None
    forecast: MonthRun | None
    closed: MonthRun | None


def runs_of(*, actor: Actor, month: Month) -> Runs:
    """The month's runs that matter now; a failed one only until another is done."""
    rows = list(
        MonthRun.objects.of(actor)
        .filter(month_index=month.index)
        .select_related("asked_by")
        .order_by("-asked_at")
    )
    done = [run for run in rows if run.state == RunState.DONE]
    latest = rows[0] if rows else None
    return Runs(
        next((run for run in rows if run.is_active), None),
        latest if latest is not None and latest.state == RunState.FAILED else None,
        done[0] if done else None,
        next((run for run in done if run.kind == RunKind.FORECAST), None),
        next((run for run in done if run.is_close), None),
    )


@dataclass(frozen=True, slots=True)
class Changes:
    """What was written since a run read its data: about how many patients, and whether the set-up or the rules."""

    patients: int = 0
    set_up: int = 0
    rules: bool = False

    def __bool__(self) -> bool:
        return bool(self.patients or self.set_up or self.rules)


def changes_since(*, actor: Actor, run: MonthRun) -> Changes:
    """What was written after the run's data were read, as the trail tells."""
    later = AuditEvent.objects.of(actor).filter(number__gt=run.trail_number, verb__in=CHANGING)
    counted = later.aggregate(
        patients=Count("patient_id", distinct=True),
        set_up=Count("pk", filter=Q(patient_id__isnull=True, object_type__in=SET_UP)),
    )
    return Changes(counted["patients"], counted["set_up"], run.rulebook_hash != rulebook().content_hash)


@dataclass(frozen=True, slots=True)
class ListedMonth:
    """A month in the list of months."""

    month: Month
    closed: MonthRun | None
    forecast: MonthRun | None
    active: MonthRun | None
    closed_on: date | None


def listed_months(*, actor: Actor, today: date) -> list[ListedMonth]:
    """The month that runs and those before it back to the first entry, the latest first; no more than a year or so."""
    this = Month.of(today)
    begun = Contact.objects.of(actor).order_by("started_at").values_list("started_at", flat=True).first()
    oldest = Month.of(timezone.localtime(begun).date()) if begun is not None else this
    first = max(oldest.index, this.index - MONTHS_LISTED + 1)
    runs = MonthRun.objects.of(actor).filter(month_index__gte=first).order_by("asked_at")
    closed = {run.month_index: run for run in runs if run.is_close and run.state == RunState.DONE}
    forecast = {run.month_index: run for run in runs if not run.is_close and run.state == RunState.DONE}
    active = {run.month_index: run for run in runs if run.is_active}
    written = months_written(actor=actor)

    def closed_on(index: int) -> date | None:
        run = closed.get(index)
        return timezone.localdate(run.finished_at) if run is not None else written.get(index)

    return [
        ListedMonth(
            Month.from_index(index),
            closed.get(index),
            forecast.get(index),
            active.get(index),
            closed_on(index),
        )
        for index in range(this.index, first - 1, -1)
    ]


def month_to_work(*, actor: Actor, today: date) -> Month:
    """The month before this one while it is not closed, else this one."""
    before = Month.of(today).plus(-1)
    if is_closed(actor, before) or not has_entries(actor, before):
        return Month.of(today)
    return before


def is_closed(actor: Actor, month: Month) -> bool:
    """Whether the month was closed: by a run here, or so that its claims are in the books."""
    runs = MonthRun.objects.of(actor).filter(month_index=month.index, kind=RunKind.CLOSE, state=RunState.DONE)
    return runs.exists() or month.index in months_written(actor=actor)


def has_entries(actor: Actor, month: Month) -> bool:
    """Whether anything was recorded for the month, by the practice's clock."""
    first = timezone.make_aware(datetime.combine(month.first_day, time()))
    last = timezone.make_aware(datetime.combine(month.plus(1).first_day, time()))
    return Contact.objects.of(actor).filter(started_at__gte=first, started_at__lt=last).exists()


# -- figures of the answers --------------------------------------------------------------------------------------------


def status_figures(*, actor: Actor, month: Month) -> dict[str, dict[str, int]]:
    """By status: patient-months, cents expected (or charged where no rate is known)."""
    rows = patient_months(actor=actor, month=month).order_by().values("status")
    found = rows.annotate(count=Count("pk"), expected=Sum("cents_expected"), charged=Sum("cents_charged"))
    return {
        row["status"]: {
            "count": row["count"],
            "expected": row["expected"] or 0,
            "charged": row["charged"] or 0,
        }
        for row in found
    }


def held_cents(*, actor: Actor, month: Month) -> int:
    """What the held months are worth, each counted once."""
    rows = month_items(actor=actor, month=month).filter(holds=True, patient_month__isnull=False)
    largest = rows.order_by().values("patient_month").annotate(cents=Max("cents_at_stake"))
    return sum(row["cents"] for row in largest)


def owner_figures(*, actor: Actor, month: Month) -> dict[str, dict[str, int]]:
    """By whose move it is: reasons that hold a claim, and the patient-months they hold."""
    rows = month_items(actor=actor, month=month).filter(holds=True).order_by().values("owner")
    found = rows.annotate(
        items=Count("pk"), months=Count("patient_month", distinct=True), cents=Sum("cents_at_stake")
    )
    return {row["owner"]: row for row in found}


def item_figures(*, actor: Actor, month: Month) -> dict[str, int]:
    """By item: how many patient-months have it, whether or not it holds them."""
    rows = month_items(actor=actor, month=month).order_by().values("item")
    return {row["item"]: row["count"] for row in rows.annotate(count=Count("patient_month", distinct=True))}


def near_misses(*, actor: Actor, month: Month, minutes_max: int) -> OrganizationRows:
    """Patient-months that are some minutes short of a further code, the nearest first."""
    rows = patient_months(actor=actor, month=month).filter(
        minutes_short__lte=minutes_max, minutes_counted__gt=0
    )
    return rows.order_by("minutes_short", "patient__last_name", "pk")


# -- policies and payers -----------------------------------------------------------------------------------------------


def policies_of(*, actor: Actor, month: Month) -> OrganizationRows:
    """The policies in force in the month that pay first for somebody whose month earns a code or is held."""
    months = PatientMonth.objects.of(actor).filter(
        month_index=month.index, status__in=("claim", "held", "already_sent")
    )
    in_force = Coverage.objects.of(actor).filter(
        Q(coverage_to__isnull=True) | Q(coverage_to__gte=month.first_day), coverage_from__lte=month.last_day
    )
    first = (
        in_force.filter(patient=OuterRef("patient")).order_by("rank", "coverage_from", "pk").values("pk")[:1]
    )
    return in_force.filter(pk=Subquery(first), patient__in=months.values("patient"))


def unverified(*, actor: Actor, month: Month) -> OrganizationRows:
    """Those of the policies that nobody has checked since the month began, by payer and name."""
    rows = policies_of(actor=actor, month=month).filter(
        Q(verified_on__isnull=True) | Q(verified_on__lt=month.first_day)
    )
    return rows.select_related("patient", "payer").order_by("payer__name", "patient__last_name", "pk")


@dataclass(frozen=True, slots=True)
class Asking:
    """A payer that asks for an attestation or approval before it takes a claim."""

    payer: PayerProduct
    what: str
    label: str
    cite: str
    stands: bool


def attestations(*, actor: Actor, month: Month) -> Iterator[Asking]:
    """The practice's payers that ask for one by the rulebook, and whether it stands by the month's end."""
    for payer in PayerProduct.objects.of(actor).order_by("name"):
        if payer.pack_id not in rulebook().payer_ids:
            continue
        rule = rulebook().pack(payer.pack_id).on(month.last_day).value(ATTESTATION)
        if rule.is_known and rule.text is not None:
            stands = payer.attested_from is not None and payer.attested_from <= month.last_day
            yield Asking(payer, rule.text.replace("_", " "), rule.label, rule.cite, stands)


def patients_of(actor: Actor, keys: set[Any]) -> dict[Any, Patient]:
    """Patients by key; the trail is told."""
    return Patient.objects.of(actor).in_bulk(list(keys))
