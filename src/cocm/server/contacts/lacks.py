"""What a patient's month lacks, as the core says, kept beside its minutes until something of the case file changes."""

from __future__ import annotations

from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q

from cocm.basics.months import Month
from cocm.coding.proposal import propose
from cocm.server.access.actor import Actor
from cocm.server.contacts.models import MinutesInputs, MonthMinutes
from cocm.server.practice_port import PracticePort
from cocm.server.registry.models import CaseloadReview
from cocm.server.rules_in_force import policy_for


class Lack(NamedTuple):
    """Something the month lacks: how grave (3 stops the claim), whether it is merely not known, and what to do."""

    severity: int
    is_no_data: bool
    text: str
    action: str


def month_lacks(*, actor: Actor, row: MonthMinutes, bhcm_pk: UUID | None) -> list[Lack]:
    """What the month of a row that `minutes_of_month` gave lacks, the gravest first.

    `bhcm_pk` is the episode's care manager: whether there was a caseload review this month is a matter of theirs.
    """
    stamp = _stamp(actor, row, bhcm_pk)
    if row.lacks_stamp != stamp:
        row.lacks, row.lacks_stamp = [list(lack) for lack in _worked_out(actor, row)], stamp
        kept = MonthMinutes.objects.of(actor).filter(pk=row.pk, stamp=row.stamp)
        kept.update(lacks=row.lacks, lacks_stamp=stamp)
    return [Lack(*lack) for lack in row.lacks]


def _worked_out(actor: Actor, row: MonthMinutes) -> list[Lack]:
    cases = PracticePort(actor).case_files([row.patient_id], Month.from_index(row.month_index))
    for case in cases:
        if case.episode.episode_id == row.episode_id:
            missing = sorted(
                propose(case, policy_for(case)).missing, key=lambda item: (item.is_no_data, -item.severity)
            )
            return [Lack(int(one.severity), one.is_no_data, one.reason.text, one.action) for one in missing]
    return []


def _stamp(actor: Actor, row: MonthMinutes, bhcm_pk: UUID | None) -> str:
    """What an answer that is worked out from now on rests on; asked for before the rows are read, as in `minutes`."""
    month = Month.from_index(row.month_index)
    inputs = MinutesInputs.objects.of(actor).filter(Q(patient__isnull=True) | Q(patient_id=row.patient_id))
    told = {
        patient: (version if patient is None else changes)
        for patient, version, changes in inputs.order_by().values_list(
            "patient_id", "version", "file_changes"
        )
    }
    consultants = CaseloadReview.objects.of(actor).filter(
        bhcm_id=bhcm_pk, reviewed_on__range=(month.first_day, month.last_day)
    )
    held = sorted(
        str(one)
        for one in consultants.order_by().values_list("psychiatric_consultant_id", flat=True).distinct()
    )
    parts = (row.stamp, str(told.get(None)), str(told.get(row.patient_id, 0)), str(bhcm_pk), *held)
    return sha256("|".join(parts).encode()).hexdigest()
