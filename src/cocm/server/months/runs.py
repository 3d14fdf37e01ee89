"""Asking for a run, and what becomes of it: one at a time for a month, taken up again where its worker was lost.

run = run_start(actor=actor, month=month, kind=RunKind.CLOSE, today=today)     # the active one, if there is one
run_refresh(actor=actor, run=run)      # takes it up again, or ends it, where its worker gave no sign for a while
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from cocm.basics.errors import UnusableInput
from cocm.basics.months import Month
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.months.models import MonthRun, RunKind
from cocm.server.runs import lives
from cocm.server.runs.models import ACTIVE

NEEDED: Final = {RunKind.FORECAST: Permission.MONTH_VIEW, RunKind.CLOSE: Permission.BILLING_EDIT}


@transaction.atomic
def run_start(
    *, actor: Actor, month: Month, kind: RunKind, today: date, reason: str = "", forms: Sequence[str] = ()
) -> MonthRun:
    """Ask for a run of the month. Where one is active, that one is given back and nothing is asked for.

    `reason` says why a month is closed although somebody has not signed. Raises `UnusableInput` for a close of a month
    that is not over.
    """
    actor.require(NEEDED[kind])
    if kind is RunKind.CLOSE and today < month.last_day:
        raise UnusableInput(f"{month} is not over: care may still come. Close it from {month.last_day} on")
    active = active_run(actor=actor, month=month)
    if active is not None:
        return run_refresh(actor=actor, run=active)
    run = MonthRun(
        organization_id=actor.organization_id,
        month_index=month.index,
        kind=kind,
        as_of_date=today,
        reason=" ".join(reason.split())[:300],
        forms=sorted(forms),
        asked_at=timezone.now(),
        asked_by_id=actor.user_id,
    )
    try:
        with transaction.atomic():
            run.save(force_insert=True)
    except IntegrityError:  # the other click was first
        found = active_run(actor=actor, month=month)
        if found is None:
            raise
        return found
    _enqueue(run)
    return run


def active_run(*, actor: Actor, month: Month) -> MonthRun | None:
    """The month's run that waits or is at work."""
    return MonthRun.objects.of(actor).filter(month_index=month.index, state__in=ACTIVE).first()


def run_refresh(*, actor: Actor, run: MonthRun) -> MonthRun:
    """The run as it stands: one whose worker was lost is given to another, or ends as failed after some attempts."""
    return lives.run_refresh(actor=actor, run=run, enqueue=_enqueue)


def _enqueue(run: MonthRun) -> None:
    from cocm.server.months.tasks import work_run  # it imports the work, which imports this

    work_run.enqueue(str(run.organization_id), str(run.pk), run.attempt)
