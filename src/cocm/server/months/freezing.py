"""Freezing a month for the whole practice, and telling how far it is frozen."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from cocm.basics.months import Month
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.chains import START_OF_CHAIN
from cocm.server.contacts.models import ContactHead, FrozenMonth, MonthReopening
from cocm.server.registry.models import Patient


@dataclass(frozen=True, slots=True)
class Frozen:
    """How many patients' months are frozen, of how many in care in the month; those that were opened again."""

    total: int
    frozen: int
    reopened: int

    @property
    def is_whole(self) -> bool:
        return self.total > 0 and self.frozen == self.total


def frozen_of(*, actor: Actor, month: Month) -> Frozen:
    """How far the month is frozen."""
    patients = _patients(actor, month)
    rows = FrozenMonth.objects.of(actor).filter(month_index=month.index, patient__in=patients)
    reopened = _reopened(actor, month).filter(patient__in=patients)
    open_again = reopened.count()
    return Frozen(patients.count(), rows.count() - open_again, open_again)


@transaction.atomic
def month_freeze_all(*, actor: Actor, month: Month) -> int:
    """Freeze the month of everybody in care in it, also where it was opened again; how many became frozen."""
    actor.require(Permission.BILLING_EDIT)
    return freeze(actor, month)


def freeze(actor: Actor, month: Month) -> int:
    """`month_freeze_all` for whom the permission was asked already, inside a transaction."""
    patients = _patients(actor, month)
    wanted: set[UUID] = set(patients.values_list("pk", flat=True))
    # an entry that is being written is in before, or refused after; heads are locked in one order
    headless = wanted - set(ContactHead.objects.of(actor).values_list("patient_id", flat=True))
    ContactHead.objects.bulk_create(
        [
            ContactHead(organization_id=actor.organization_id, patient_id=pk, last_hash=START_OF_CHAIN)
            for pk in sorted(headless, key=str)
        ],
        ignore_conflicts=True,
    )
    list(ContactHead.objects.of(actor).filter(patient__in=patients).order_by("pk").select_for_update())
    there = FrozenMonth.objects.of(actor).filter(month_index=month.index, patient_id__in=patients)
    new = wanted - set(there.values_list("patient_id", flat=True))
    now = timezone.now()
    FrozenMonth.objects.bulk_create(
        [
            FrozenMonth(
                organization_id=actor.organization_id,
                patient_id=pk,
                month_index=month.index,
                frozen_at=now,
                frozen_by_id=actor.user_id,
            )
            for pk in sorted(new, key=str)
        ],
        ignore_conflicts=True,
        batch_size=500,
    )
    opened = _reopened(actor, month).filter(patient__in=patients)
    again = set(opened.values_list("patient_id", flat=True))
    opened.update(closed_at=now)
    changed = new | again
    if changed:
        record(
            actor,
            Verb.FROZEN,
            object_type="month",
            object_id=str(month),
            details={"patients": sorted(str(pk) for pk in changed)},
        )
    return len(changed)


def _patients(actor: Actor, month: Month):  # type: ignore[no-untyped-def]  # a query set of Django's
    """Whoever was in an episode for a day of the month."""
    active = Q(episodes__end_date__isnull=True) | Q(episodes__end_date__gte=month.first_day)
    in_care = Patient.objects.of(actor).filter(active, episodes__start_date__lte=month.last_day)
    return Patient.objects.of(actor).filter(pk__in=in_care.order_by().values("pk"))


def _reopened(actor: Actor, month: Month):  # type: ignore[no-untyped-def]  # as above
    return MonthReopening.objects.of(actor).filter(month_index=month.index, closed_at__isnull=True)
