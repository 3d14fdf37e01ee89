"""What waits at a health plan, for My day: claims by their clock, records that came in, cases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.urls import reverse

from cocm.basics.errors import CocmError
from cocm.plan.decision import Answer
from cocm.plandesk.desk_tables import kept_claims
from cocm.plandesk.desk_view import WaitingClaim, queue
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.accounts.models.organizations import OrganizationKind
from cocm.server.accounts.selectors import organization_of
from cocm.server.plandesk.desk import Desk, open_desk
from cocm.server.plandesk.models import CaseState, ProviderCase
from cocm.server.today.items import DayGroup, DayItem

QUEUE_READ_MAX = 500
"""Of a longer queue only the number is told: My day must be quick."""


def day_items(actor: Actor, today: date) -> Iterator[DayItem]:
    """What waits."""
    if not actor.may(Permission.PLAN_CASES):
        return
    if organization_of(actor=actor).kind != OrganizationKind.HEALTH_PLAN:
        return
    yield from _cases(actor)
    if actor.may(Permission.PLAN_DESK):
        try:
            with open_desk(actor, today=today) as desk:
                yield from list(_claims(desk, today))
        except CocmError as problem:
            yield DayItem(DayGroup.PLAN_DESK, "The plan's tables", reverse("plandesk:tables"), str(problem))


def _cases(actor: Actor) -> Iterator[DayItem]:
    found = ProviderCase.objects.of(actor).filter(state=CaseState.OPEN).order_by("due_on", "number")
    for case in found[:50]:
        yield DayItem(
            DayGroup.PLAN_DESK,
            f"Case {case.number}, {case.provider_name}",
            reverse("plandesk:case", args=[case.pk]),
            reason=case.subject,
            due_on=case.due_on,
        )


def _claims(desk: Desk, today: date) -> Iterator[DayItem]:
    pended = sum(one.answer is Answer.PENDED and not one.is_taken_back for one in kept_claims(desk.state))
    if pended > QUEUE_READ_MAX:
        yield _line(f"{pended} claims to decide", pended, "", None)
        return
    waiting = queue(desk.file).claims
    came = [one for one in waiting if one.documents]
    silent = [one for one in waiting if not one.documents and _is_overdue(one, today)]
    others = [one for one in waiting if one not in came and one not in silent]
    for found, what in (
        (came, "with records that came in"),
        (silent, "whose records did not come"),
        (others, "to decide"),
    ):
        if found:
            due = min((one.due_date for one in found if one.due_date), default=None)
            word = "claim" if len(found) == 1 else "claims"
            first = f"first to be paid or contested by {due}" if due else ""
            yield _line(f"{len(found)} {word} {what}", len(found), first, due)


def _is_overdue(one: WaitingClaim, today: date) -> bool:
    return one.request is not None and one.request.is_overdue(today)


def _line(title: str, count: int, reason: str, due: date | None) -> DayItem:
    return DayItem(
        DayGroup.PLAN_DESK, title, reverse("plandesk:queue"), reason=reason, due_on=due, count=count
    )
