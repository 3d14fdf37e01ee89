"""What the month asks of a person today: to sign, to look ahead, to work exceptions, to close."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.urls import reverse

from cocm.basics.money import dollars
from cocm.basics.months import Month
from cocm.close.worklist import Status
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.months.calendar import CALENDAR
from cocm.server.months.models import RunKind
from cocm.server.months.selectors import has_entries, is_closed, month_items, patient_months, runs_of
from cocm.server.months.sign_offs import unsigned_months
from cocm.server.today.items import DayGroup, DayItem

_STEPS = {step.key: step for step in CALENDAR}


def day_items(actor: Actor, today: date) -> Iterator[DayItem]:
    """The lines of the month before this one, once it is over, and of the one that ends soon."""
    if not actor.may(Permission.MONTH_VIEW):
        return
    before = Month.of(today).plus(-1)
    if actor.may(Permission.MONTH_SIGN):
        yield from _to_sign(actor, before)
    if actor.may(Permission.BILLING_EDIT):
        yield from _failed(actor, before)
        yield from _to_close(actor, before, today)
    if actor.role is not None:
        yield from _exceptions(actor, before)


def _address(name: str, month: Month) -> str:
    return reverse(f"months:{name}", kwargs={"month": month})


def _to_sign(actor: Actor, month: Month) -> Iterator[DayItem]:
    for waiting, count in unsigned_months(actor=actor, months=[month]):
        yield DayItem(
            DayGroup.MONTHS,
            f"Sign {waiting}",
            _address("sign", waiting),
            f"own entries of {count} patients",
            _STEPS["sign"].window(waiting)[1],
        )


def _failed(actor: Actor, month: Month) -> Iterator[DayItem]:
    run = runs_of(actor=actor, month=month).failed
    if run is not None:
        yield DayItem(
            DayGroup.MONTHS,
            f"The {run.get_kind_display().lower()} of {month} failed",
            _address("board", month),
            "nothing was recorded; run it again",
            tone="danger",
        )


def _to_close(actor: Actor, month: Month, today: date) -> Iterator[DayItem]:
    """The month to close, or what became ready since it was closed."""
    ready = patient_months(actor=actor, month=month).filter(status=Status.CLAIM, run__kind=RunKind.FORECAST)
    if is_closed(actor, month):
        if count := ready.count():
            yield DayItem(
                DayGroup.MONTHS, f"Close {month} again", _address("board", month), f"{count} more are ready"
            )
        return
    if has_entries(actor, month):
        due = _STEPS["close"].window(month)[1]
        yield DayItem(DayGroup.MONTHS, f"Close {month}", _address("board", month), "not closed yet", due)


def _exceptions(actor: Actor, month: Month) -> Iterator[DayItem]:
    """What holds claims and is this role's to mend."""
    assert actor.role is not None
    mine = month_items(actor=actor, month=month).filter(holds=True, owner=actor.role.value)
    cents = list(mine.values_list("cents_at_stake", flat=True))
    if cents:
        money = f", {dollars(sum(cents))} at stake" if actor.may(Permission.BILLING_VIEW) else ""
        yield DayItem(
            DayGroup.MONTHS,
            f"{len(cents)} exceptions of {month}",
            f"{_address('exceptions', month)}?owner={actor.role.value}",
            f"they hold claims{money}",
            _STEPS["exceptions"].window(month)[1],
            count=len(cents),
        )
