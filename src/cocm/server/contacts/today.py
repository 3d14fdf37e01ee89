"""What the ledger has for My day: entries that were begun and not recorded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils import timezone

from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.contacts.drafts import drafts_of
from cocm.server.contacts.timers import timers_of
from cocm.server.registry.selectors import open_patients
from cocm.server.today.items import DayGroup, DayItem


def day_items(actor: Actor, today: date) -> Iterator[DayItem]:
    """One's own drafts, and timers that stand since before today."""
    if actor.staff_member_id is None or not actor.may(Permission.MINUTES_RECORD):
        return
    drafts, timers = list(drafts_of(actor=actor)), list(timers_of(actor=actor))
    mine = open_patients(actor=actor).filter(pk__in={item.patient_id for item in (*drafts, *timers)})
    is_open = set(mine.values_list("pk", flat=True))  # a team that one has left keeps its charts
    for draft in drafts:
        if draft.patient_id in is_open:
            saved = timezone.localtime(draft.saved_at)
            yield DayItem(
                DayGroup.DRAFTS,
                draft.patient.listed_name,
                f"{reverse('contacts:entry', kwargs={'patient_id': draft.patient_id})}?draft={draft.pk}",
                reason=f"draft kept {saved:%Y-%m-%d %H:%M}",
                due_on=saved.date(),
                patient_pk=draft.patient_id,
            )
    for timer in timers:
        began = timezone.localdate(timer.began_at)
        if timer.patient_id in is_open and began < today:
            yield DayItem(
                DayGroup.DRAFTS,
                timer.patient.listed_name,
                reverse("contacts:entry", kwargs={"patient_id": timer.patient_id}),
                reason=f"a timer begun on {began} is not recorded",
                due_on=began,
                patient_pk=timer.patient_id,
            )
