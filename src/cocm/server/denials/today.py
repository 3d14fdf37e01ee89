"""What waits of denials in My day: those whose day is near, requests for records, promises of plans."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from django.urls import reverse

from cocm.basics.money import dollars
from cocm.receivables.worklist import WorkKind
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.denials.liaison import cases
from cocm.server.denials.selectors import KIND_WORDS, WorkRow, work_of_the_day
from cocm.server.today.items import DayGroup, DayItem

NEAR_DAYS: Final = 14
SHOWN_MAX: Final = 5
"""Lines of claims; the others are one line."""
NEAREST: Final = 3
"""Where nothing is near, so many lines with the nearest days."""
ELSEWHERE: Final = (WorkKind.DISPUTED_SHARE, WorkKind.REFUND_DUE, WorkKind.OVERPAID, WorkKind.REJECTED)
"""They stand under Money and under Claims."""


def day_items(actor: Actor, today: date) -> Iterator[DayItem]:
    """Claims by their nearest day, then how many wait besides, then promises that are due."""
    if not actor.may(Permission.BILLING_EDIT):
        return
    rows = [row for row in work_of_the_day(actor=actor, today=today) if row.item.kind not in ELSEWHERE]
    rows = [row for row in rows if (row.item.days_left(today) or 0) >= 0 or row.item.kind is WorkKind.RECORDS]
    dated = [row for row in rows if row.patient is not None and row.owner_id in (None, actor.user_id)]
    dated = [row for row in dated if row.item.deadline.day is not None]
    dated.sort(key=lambda row: (row.item.deadline.day or date.max, -row.item.score(today)))
    near = [row for row in dated if _is_near(row, today)]
    shown = near[:SHOWN_MAX] or dated[:NEAREST]
    for row in shown:
        yield _item(row)
    others = len(rows) - len(shown)
    if others:
        money = sum(row.item.cents for row in rows) - sum(row.item.cents for row in shown)
        yield DayItem(
            DayGroup.DENIALS,
            f"{others} more after the claim",
            reverse("denials:worklist"),
            reason=f"{dollars(money)} in them",
            order=90,
            count=others,
        )
    for log in cases(actor=actor):
        promise = None if log.is_closed else log.promise
        if promise is not None and promise.promised_on is not None and promise.promised_on <= today:
            yield DayItem(
                DayGroup.DENIALS,
                log.case.title,
                reverse("denials:case", kwargs={"case_id": log.case.pk}),
                reason=f"{log.case.payer.name} promised it by {promise.promised_on}",
                due_on=promise.promised_on,
            )


def _is_near(row: WorkRow, today: date) -> bool:
    day = row.item.deadline.day
    return day is not None and day <= today + timedelta(days=NEAR_DAYS)


def _item(row: WorkRow) -> DayItem:
    assert row.patient is not None
    name = "denials:packet" if row.item.kind is WorkKind.RECORDS else "denials:claim"
    return DayItem(
        DayGroup.DENIALS,
        f"{row.patient.name}, {row.item.month}",
        reverse(name, kwargs={"patient_id": row.patient.pk, "claim_id": row.item.claim_id}),
        reason=f"{KIND_WORDS[row.item.kind]}: {row.item.label}, {dollars(row.item.cents)}",
        due_on=row.item.deadline.day,
        order=50 - min(row.item.chance_percent, 100) // 2,
        patient_pk=row.patient.pk,
        tone="danger" if row.item.kind is WorkKind.RECORDS else "",
    )
