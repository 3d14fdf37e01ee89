"""A caseload's minutes at once: the core's answer for each patient-month, kept until something it rests on changes.

For lists (the caseload, the consultant's agenda, the start page):

    found = minutes_of_month(actor=actor, patients=pks, month=month)      # {(patient pk, episode_id): MonthMinutes}
    row = found.get((episode.patient_id, episode.episode_id))             # None: not active in the month
    row.minutes_counted, row.minutes_excluded, row.next_tier              # next_tier: (minutes short, code, units)
    minutes_bar(row, today=timezone.localdate()).small()                  # the component of the look

500 patients are one query for the stamps and one for the rows; whoever has no valid row is worked out by the core there
and then, and saved. So the answer is always the core's, never an old one. Writers:

    minutes_refresh(actor=actor, patients=[pk], month=month)    contact services call it
    inputs_changed(actor, [pk])       after QuerySet.update() or bulk_create() on consent, cover, episodes, other
                                      services or claim history (`save` and `delete` tell by themselves:
                                      `contacts.signals`)
    inputs_changed(actor)             the same for sites, staff, payer products, the practice's clock: all patients
    minutes_rebuild(actor=actor, month=month)       `cocm manage rebuild_minutes` (nightly: the first look of a month)

How a row is known to be valid: its stamp names the number of the last ledger entry, the number of changes to the
patient's and to the practice's inputs, and the rulebook. The stamp is read before the data, so a row can be older than
its data, never newer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F, Q

from cocm.basics.errors import TableError
from cocm.basics.months import Month
from cocm.care.casefile import CaseFile
from cocm.coding.ladder import month_ladder
from cocm.coding.proposal import propose
from cocm.server.access.actor import Actor
from cocm.server.audit.trail import seen
from cocm.server.contacts.models import ContactHead, MinutesInputs, MonthMinutes
from cocm.server.look.minutes import MinutesBar, Tier
from cocm.server.practice_port import PracticePort
from cocm.server.records import OrganizationRows
from cocm.server.registry.models import Patient
from cocm.server.rules_in_force import policy_for, rulebook

PATIENTS_AT_ONCE: Final = 400
"""SQLite takes a limited number of values in one statement."""
TIERS_SHOWN_AHEAD: Final = 2
"""Tiers that a bar marks beyond the one that is reached."""

MinutesByEpisode = dict[tuple[UUID, str], MonthMinutes]


def minutes_of_month(*, actor: Actor, patients: Collection[UUID], month: Month) -> MinutesByEpisode:
    """The month's minutes by (patient's key, episode_id), for the episodes that are active in the month."""
    pks = sorted(set(patients))
    seen(pks)
    found: MinutesByEpisode = {}
    stamps = _stamps(actor, pks)
    valid: set[UUID] = set()
    for row in _of(MonthMinutes.objects.of(actor).filter(month_index=month.index), pks):
        if row.stamp == stamps.get(row.patient_id):
            valid.add(row.patient_id)
            if row.episode_id:
                found[(row.patient_id, row.episode_id)] = row
    missing = [pk for pk in pks if pk not in valid]
    if missing:
        rows_made = minutes_refresh(actor=actor, patients=missing, month=month)
        found |= {(row.patient_id, row.episode_id): row for row in rows_made if row.episode_id}
    return found


@transaction.atomic
def minutes_refresh(*, actor: Actor, patients: Collection[UUID], month: Month) -> list[MonthMinutes]:
    """Ask the core again and save its answers; also the rows of patients without an active episode."""
    made: list[MonthMinutes] = []
    port = PracticePort(actor)
    if not is_set_up(port):
        return made
    for block in _blocks(sorted(set(patients), key=str)):
        stamps = _stamps(actor, block)
        keys = dict(
            Patient.objects.of(actor).filter(pk__in=block).order_by("pk").values_list("patient_id", "pk")
        )
        rows = [
            _row(actor, keys[case.patient.patient_id], case, stamps)
            for case in port.case_files(list(keys.values()), month)
        ]
        without = set(keys.values()) - {row.patient_id for row in rows}
        rows += [
            MonthMinutes(
                organization_id=actor.organization_id,
                patient_id=pk,
                month_index=month.index,
                stamp=stamps[pk],
            )
            for pk in sorted(without, key=str)
        ]
        MonthMinutes.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=("patient", "month_index", "episode_id"),
            update_fields=("stamp", *MonthMinutes.ANSWER),
        )
        made += rows
    return made


def is_set_up(port: PracticePort) -> bool:
    """Whether the practice's own row can be read; before that, nothing can be counted and nothing is claimed."""
    try:
        return port.small_reference is not None
    except TableError:
        return False


@transaction.atomic
def minutes_rebuild(*, actor: Actor, month: Month) -> int:
    """Forget a month's rows and work them all out; how many there are."""
    MonthMinutes.objects.of(actor).filter(month_index=month.index).delete()
    pks = list(Patient.objects.of(actor).order_by("pk").values_list("pk", flat=True))
    return sum(1 for row in minutes_refresh(actor=actor, patients=pks, month=month) if row.episode_id)


def inputs_changed(actor: Actor, patients: Iterable[UUID] | None = None) -> None:
    """Note that something beside the contacts changed, on which minutes rest: of patients, or of the practice."""
    for pk in [None] if patients is None else sorted(set(patients), key=str):
        note_change(actor.organization_id, pk)


def note_change(organization_id: UUID, patient_pk: UUID | None) -> None:
    """Count one change to a patient's inputs, or (None) to the practice's; in the transaction at hand."""
    told = {"changes": F("changes") + 1}
    _note(organization_id, patient_pk, told if patient_pk is not None else told | {"version": uuid4()})


def note_file_change(organization_id: UUID, patient_pk: UUID) -> None:
    """Count one change to the rest of a patient's case file: scores, reviews, diagnoses, visit, decisions."""
    _note(organization_id, patient_pk, {"file_changes": F("file_changes") + 1})


def reference_changed(organization_id: UUID) -> None:
    """One of the small tables changed: whoever keeps them reads them anew. It alone makes no minutes old."""
    _note(organization_id, None, {"version": uuid4()})


def _note(organization_id: UUID, patient_pk: UUID | None, told: dict[str, Any]) -> None:
    counted = MinutesInputs.objects.filter(organization_id=organization_id, patient_id=patient_pk)
    if counted.update(**told):
        return
    MinutesInputs.objects.bulk_create(
        [MinutesInputs(organization_id=organization_id, patient_id=patient_pk)], ignore_conflicts=True
    )
    counted.update(**told)


def minutes_bar(row: MonthMinutes, *, today: date) -> MinutesBar:
    """The row as the look's bar: the tiers reached, and the next ones; days left in a month that is not over."""
    month = Month.from_index(row.month_index)
    ahead = [tier for tier in row.tiers if tier[0] > row.minutes_counted]
    shown = [tier for tier in row.tiers if tier[0] <= row.minutes_counted] + ahead[:TIERS_SHOWN_AHEAD]
    base = next((code for _, code, units in row.tiers), "")
    return MinutesBar(
        minutes_counted=row.minutes_counted,
        tiers=[Tier(minutes, code if units == 1 else f"{code} × {units}") for minutes, code, units in shown],
        days_left=days_left(month, today),
        minutes_excluded=row.minutes_excluded,
        label=f"Minutes of {month}" if base else f"Minutes of {month}, no tiers known",
    )


def days_left(month: Month, today: date) -> int | None:
    """Days of the month after today, today included as long as it runs; None once it is over."""
    return None if today > month.last_day else (month.last_day - max(today, month.first_day)).days + 1


def _row(actor: Actor, patient_pk: UUID, case: CaseFile, stamps: dict[UUID, str]) -> MonthMinutes:
    policy = policy_for(case)
    proposal = propose(case, policy)
    ledger = proposal.ledger
    return MonthMinutes(
        organization_id=actor.organization_id,
        patient_id=patient_pk,
        month_index=case.month.index,
        episode_id=case.episode.episode_id,
        stamp=stamps[patient_pk],
        seconds_counted=ledger.counted_seconds,
        seconds_excluded=ledger.excluded_seconds,
        seconds_undecided=ledger.undecided_seconds,
        seconds_note=ledger.note_seconds,
        entries_total=len(ledger.entries),
        pack_id=policy.payer_id,
        month_kind=proposal.month_kind.value,
        earned=[[line.hcpcs_code, line.units] for line in proposal.lines],
        tiers=[
            [tier.minutes_needed, tier.hcpcs_code, tier.units]
            for tier in month_ladder(proposal.month_kind, policy)
        ],
        has_no_data=proposal.has_no_data,
    )


def _stamps(actor: Actor, pks: Collection[UUID]) -> dict[UUID, str]:
    """By patient: what an answer that is worked out from now on rests on."""
    entries = dict(_of(ContactHead.objects.of(actor), pks).values_list("patient_id", "last_number"))
    inputs = MinutesInputs.objects.of(actor)
    if len(pks) <= PATIENTS_AT_ONCE:
        inputs = inputs.filter(Q(patient_id__in=pks) | Q(patient__isnull=True))
    own = dict(inputs.order_by().values_list("patient_id", "changes"))
    practice = own.pop(None, 0)
    rules = rulebook().content_hash[:16]
    return {pk: f"{entries.get(pk, 0)}.{own.get(pk, 0)}.{practice}.{rules}" for pk in pks}


def _of(rows: OrganizationRows, pks: Collection[UUID]) -> OrganizationRows:
    """The rows of these patients, or of all where there are too many to name them in one statement."""
    return rows.filter(patient_id__in=pks) if len(pks) <= PATIENTS_AT_ONCE else rows


def _blocks(pks: list[UUID]) -> Iterator[list[UUID]]:
    for start in range(0, len(pks), PATIENTS_AT_ONCE):
        yield pks[start : start + PATIENTS_AT_ONCE]
