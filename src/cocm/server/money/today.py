"""What waits of money in My day: payments held, decisions without a claim, statements held, refunds, transfers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.urls import reverse

from cocm.basics.counted import counted
from cocm.basics.money import dollars
from cocm.receivables.worklist import WorkKind
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.denials.selectors import work_of_the_day
from cocm.server.money.selectors import posting_waits
from cocm.server.money.transfers import months_waiting
from cocm.server.today.items import DayGroup, DayItem


def day_items(actor: Actor, today: date) -> Iterator[DayItem]:
    """Lines for billing, and the statements that wait for whoever approves them."""
    if actor.may(Permission.TRANSFERS_APPROVE):
        for one in months_waiting(actor=actor, today=today):
            assert one.statement is not None
            yield DayItem(
                DayGroup.MONEY,
                f"Transfer statement of {one.month}",
                f"{reverse('money:transfers')}?month={one.month}",
                reason=f"{dollars(one.statement.total_cents)} to approve",
            )
    if not actor.may(Permission.BILLING_EDIT):
        return
    held, unmatched = posting_waits(actor=actor, today=today)
    if held + unmatched:
        yield DayItem(
            DayGroup.MONEY,
            "Posting to review",
            reverse("money:posting"),
            reason=" and ".join(
                words
                for count, words in (
                    (held, f"{counted(held, 'payment')} held"),
                    (unmatched, f"{counted(unmatched, 'decision')} without a claim"),
                )
                if count
            ),
            count=held + unmatched,
        )
    rows = work_of_the_day(actor=actor, today=today)
    disputed = [row for row in rows if row.item.kind is WorkKind.DISPUTED_SHARE]
    if disputed:
        yield DayItem(
            DayGroup.MONEY,
            "Statements held",
            f"{reverse('money:balances')}?show=held",
            reason=f"{dollars(sum(row.item.cents for row in disputed))} of shares in dispute",
            count=len({row.patient_id for row in disputed}),
        )
    back = [row for row in rows if row.item.kind in (WorkKind.REFUND_DUE, WorkKind.OVERPAID)]
    if back:
        yield DayItem(
            DayGroup.MONEY,
            "Money that goes back",
            reverse("money:refunds"),
            reason=dollars(sum(row.item.cents for row in back)),
            due_on=min((row.item.deadline.day for row in back if row.item.deadline.day), default=None),
            count=len(back),
        )
