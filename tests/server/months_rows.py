"""Rows of the months for tests."""

from __future__ import annotations

import zlib
from datetime import date
from typing import Any

from cocm.basics.months import Month

MARCH = Month(2026, 3)
IN_APRIL = date(2026, 4, 6)


def a_run(world: Any) -> Any:
    """A close of March with a report, as a run leaves them."""
    from django.utils import timezone

    from cocm.server.months.models import MonthRun, RunKind, RunReport
    from cocm.server.runs.models import RunState

    actor = world.practice
    with world.inside(actor):
        run = MonthRun.objects.create(
            organization_id=actor.organization_id,
            month_index=MARCH.index,
            kind=RunKind.CLOSE,
            state=RunState.DONE,
            as_of_date=IN_APRIL,
            asked_at=timezone.now(),
            finished_at=timezone.now(),
            figures={"patient_months": 12, "claims_new": 0},
        )
        content = b"patient_id,item\r\n"
        RunReport.objects.create(
            organization_id=actor.organization_id,
            run=run,
            name="worklist.csv",
            kind="worklist",
            byte_count=len(content),
            sha256="0" * 64,
            content=zlib.compress(content),
        )
    return run


def worked(
    actor: Any, month: Month = MARCH, kind: str = "forecast", today: date = IN_APRIL, **more: Any
) -> Any:
    """A run asked for and worked in this process, in the transaction at hand if there is one."""
    from cocm.server.access.actor import acting_for
    from cocm.server.months.models import MonthRun, RunKind
    from cocm.server.months.runs import run_start
    from cocm.server.months.work import work

    with acting_for(actor):
        run = run_start(actor=actor, month=month, kind=RunKind(kind), today=today, **more)
    ended = work(actor.organization_id, run.pk, run.attempt)
    with acting_for(actor):
        run = MonthRun.objects.of(actor).get(pk=run.pk)
    assert ended == run.state, run.problem
    return run


def claims_in_books(actor: Any, month: Month = MARCH) -> list[str]:
    """The ids of the month's claims in the books."""
    from cocm.server.access.actor import acting_for
    from cocm.server.books.port import practice_books

    with acting_for(actor), practice_books(actor) as books:
        books.check_events()
        return [claim.claim_id for claim in books.latest_claims_in_order(month)]
