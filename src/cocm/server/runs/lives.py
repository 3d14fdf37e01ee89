"""A run's life, whatever it does: taken up by a worker, taken up again where that was lost, over.

run_taken_up(Model, organization_id, run_id, attempt)      # the worker: the run, or None where it is not ours
run_refresh(actor=actor, run=run, enqueue=...)             # the page: again, or failed, where its worker is lost
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final, TypeVar
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from cocm.server.access.actor import Actor, acting_for
from cocm.server.runs.models import Run, RunState

ATTEMPTS_MAX: Final = 3
SILENT_SECONDS_MAX: Final = 30
"""A worker that gave no sign for so long is taken for lost; whatever it still does is not recorded."""
AnyRun = TypeVar("AnyRun", bound=Run)


class Overtaken(Exception):
    """The run is another worker's by now."""


def is_lost(run: Run) -> bool:
    """Whether the run's worker gave no sign for too long."""
    last = run.heartbeat_at or run.started_at
    return (
        run.state == RunState.RUNNING
        and last is not None
        and timezone.now() - last > timedelta(seconds=SILENT_SECONDS_MAX)
    )


@transaction.atomic
def run_refresh(*, actor: Actor, run: AnyRun, enqueue: Callable[[AnyRun], None]) -> AnyRun:
    """The run as it stands: one whose worker was lost is given to another, or ends as failed after some attempts."""
    if not is_lost(run):
        return run
    locked: AnyRun = type(run).objects.of(actor).select_for_update().get(pk=run.pk)
    if not is_lost(locked):
        return locked
    if locked.attempt >= ATTEMPTS_MAX:
        fail(locked, f"its worker was lost {ATTEMPTS_MAX} times; nothing was recorded")
        return locked
    locked.attempt += 1
    locked.state, locked.started_at, locked.heartbeat_at = RunState.WAITING, None, None
    locked.start_over()
    locked.save()
    enqueue(locked)
    return locked


def fail(run: Run, problem: str) -> None:
    """End a run that recorded nothing, with what is to be known."""
    run.state, run.finished_at = RunState.FAILED, timezone.now()
    run.problem = problem[: run._meta.get_field("problem").max_length]
    run.save()
    run.let_go()


# -- in the worker -----------------------------------------------------------------------------------------------------


def run_taken_up(model: type[AnyRun], organization_id: UUID, run_id: UUID, attempt: int) -> AnyRun | None:
    """The run, if it still waits for this attempt: it is at work from now on."""
    system = Actor.system(organization_id)
    with acting_for(system):
        run: AnyRun | None = model.objects.of(system).select_for_update().filter(pk=run_id).first()
        if run is None or run.attempt != attempt or run.state != RunState.WAITING:
            return None
        run.state = RunState.RUNNING
        run.started_at = run.heartbeat_at = timezone.now()
        run.save()
    return run


def worker_of(run: Run) -> Actor:
    """Who acts while the run is worked: the system, in the name of the person that asked."""
    return Actor(run.organization_id, run.asked_by_id, None, None, None, run.pk.hex)


def run_locked(actor: Actor, run: AnyRun) -> AnyRun:
    """The run under its lock, to record it in the transaction at hand. Raises `Overtaken`."""
    locked: AnyRun = type(run).objects.of(actor).select_for_update().get(pk=run.pk)
    if locked.attempt != run.attempt or locked.state != RunState.RUNNING:
        raise Overtaken
    return locked


def run_failed(actor: Actor, run: Run, problem: str) -> None:
    """End the run as failed, unless it is another worker's by now."""
    with acting_for(actor):
        try:
            fail(run_locked(actor, run), problem)
        except Overtaken:
            return
