"""Reading the ledger of work minutes, and what the year's administration costs by cause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

from django.db.models import Count, Q, Sum

from cocm.basics.months import Month
from cocm.insight.counted_work import CountedTask, with_own_counts
from cocm.insight.overhead import CauseCost, WorkVolume, cost_of_one_denial, overhead
from cocm.insight.payers import PayerClaim, payer_performance
from cocm.receivables.timelines import standings
from cocm.remits.account import Balance
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.chains import Break, Link, first_break
from cocm.server.contacts.models import MonthMinutes
from cocm.server.open_books import open_books_of
from cocm.server.records import OrganizationRows
from cocm.server.work.models import WorkEntry, WorkHead
from cocm.server.work.tasks import overhead_inputs

MONTHS_IN_YEAR: Final = 12


@dataclass(frozen=True, slots=True)
class RecordedTask:
    """What was recorded of a task in the year: all of it, and what somebody timed or said."""

    times: int
    minutes: int
    counted: CountedTask


@dataclass(frozen=True, slots=True)
class OwnVolumes:
    """How much there is to do in a year, from the practice's own books; `months` of them are known."""

    months: int
    volumes: Mapping[WorkVolume, Fraction]
    denied_amount_cents: Fraction


@dataclass(frozen=True, slots=True)
class WorkReport:
    """The causes by yearly cost with the practice's own counts, the same by assumption alone, and what was recorded."""

    causes: tuple[CauseCost, ...]
    assumed: Mapping[str, CauseCost]
    recorded: Mapping[str, RecordedTask]
    own: OwnVolumes | None
    cost_of_denial_cents: int

    @property
    def cost_cents(self) -> int:
        return sum(one.cost_cents for one in self.causes)

    @property
    def minutes(self) -> Fraction:
        return sum((one.minutes for one in self.causes), Fraction(0))

    @property
    def recorded_minutes(self) -> int:
        return sum(one.minutes for one in self.recorded.values())


def entries_in_force(*, actor: Actor) -> OrganizationRows:
    """The entries that no later one replaces, the last first; one's own, or everybody's for a manager."""
    entries = WorkEntry.objects.of(actor).filter(corrected_by__isnull=True)
    if not actor.may(Permission.FIGURES_VIEW):
        entries = entries.filter(recorded_by_id=actor.user_id)
    return entries.select_related("recorded_by").order_by("-number")


def recorded_tasks(*, actor: Actor, since: date) -> dict[str, RecordedTask]:
    """What was recorded since a day, by task."""
    rows = (
        WorkEntry.objects.of(actor)
        .filter(corrected_by__isnull=True, worked_on__gte=since, minutes__gt=0)
        .values("task")
        .annotate(
            times=Count("pk"),
            total=Sum("minutes"),
            said_times=Count("pk", filter=Q(is_default=False)),
            said_total=Sum("minutes", filter=Q(is_default=False)),
        )
    )
    return {
        row["task"]: RecordedTask(
            row["times"],
            row["total"],
            CountedTask(row["task"], row["said_times"], row["said_total"] or 0),
        )
        for row in rows
    }


def own_volumes(*, actor: Actor, today: date) -> OwnVolumes | None:
    """The last twelve months' work in the books, as of a whole year; None where nothing was sent yet."""
    first = Month.of(today).plus(1 - MONTHS_IN_YEAR)
    with open_books_of(actor, today=today) as books:
        found = [one for one in standings(books) if one.rows.claim.month_index >= first.index]
    if not found:
        return None
    claims = [
        PayerClaim(
            one.rows.claim.payer_id,
            tuple(entry.event for life in (*one.earlier, one.timeline) for entry in life.entries),
            one.account.balance,
        )
        for one in found
    ]
    *_, every = payer_performance(claims, Fraction(0))
    denied = [claim for claim in claims if payer_performance([claim], Fraction(0))[-1].denied_at_first]
    months = Month.of(today).index - min(one.rows.claim.month_index for one in found) + 1
    known = min(max(months, 1), MONTHS_IN_YEAR)
    worked = MonthMinutes.objects.of(actor).filter(
        month_index__gte=first.index, month_index__lte=Month.of(today).index, entries_total__gt=0
    )
    patient_months = max(worked.count(), len(found))
    scale = Fraction(MONTHS_IN_YEAR, known)
    return OwnVolumes(
        known,
        {
            WorkVolume.PATIENTS: Fraction(len({one.rows.claim.patient_id for one in found})),
            WorkVolume.PATIENT_MONTHS: patient_months * scale,
            WorkVolume.CLAIMS: every.sent * scale,
            WorkVolume.DENIALS: every.denied_at_first * scale,
        },
        sum((_charge(claim.balance) for claim in denied), 0) * scale,
    )


def _charge(balance: Balance) -> int:
    return balance.charge_cents


def work_report(*, actor: Actor, today: date) -> WorkReport:
    """What administration costs in a year by cause, the dearest first, as far as the practice's own counts go."""
    inputs = overhead_inputs()
    recorded = recorded_tasks(actor=actor, since=today.replace(year=today.year - 1, day=min(today.day, 28)))
    own = own_volumes(actor=actor, today=today)
    volumes = own.volumes if own is not None else {}
    amount = own.denied_amount_cents if own is not None else None
    assumed = with_own_counts(inputs, (), volumes, amount)
    counted = with_own_counts(inputs, (one.counted for one in recorded.values()), volumes, amount)
    return WorkReport(
        overhead(counted),
        {one.cause: one for one in overhead(assumed)},
        recorded,
        own,
        round(cost_of_one_denial(counted)),
    )


def first_broken_entry(*, actor: Actor) -> Break | None:
    """Where the ledger of work was tampered with first; None for a sound one."""
    entries = list(WorkEntry.objects.of(actor).order_by("number"))
    found = first_break(_links(entries))
    head = WorkHead.objects.of(actor).first()
    last_number = head.last_number if head is not None else 0
    if found is None and len(entries) != last_number:
        return Break(len(entries) + 1, f"row {len(entries) + 1} is missing (the last one was {last_number})")
    return found


def _links(entries: list[WorkEntry]) -> Iterator[Link]:
    for entry in entries:
        yield Link(entry.number, entry.content(), entry.previous_hash, entry.row_hash)
