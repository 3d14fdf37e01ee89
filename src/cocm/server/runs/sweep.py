"""Looking after runs whose worker was lost, in every organization."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django_tasks_db.models import DBTaskResult

from cocm.server.access.actor import Actor, acting_for
from cocm.server.runs.models import Run, RunState

_WHY: Final = "the worker was lost"


class WorkerLost(Exception):
    """What a task's row says of a worker that gave no sign any more."""


def sweep(model: type[Run], task_path: str, refresh: Callable[..., Any]) -> int:
    """Take up again, or end, each run of a kind of rows whose worker was lost; how many there were.

    The tasks' own rows stand behind no organization's wall and hold ids only: they say where to look.
    """
    swept = 0
    for lost in DBTaskResult.objects.running().filter(task_path=task_path):
        organization_id, run_id, attempt = lost.args_kwargs["args"]
        actor = Actor.system(UUID(organization_id))
        with acting_for(actor):
            run = model.objects.of(actor).filter(pk=UUID(run_id)).first()
            if run is not None and run.attempt == attempt and run.state == RunState.RUNNING:
                run = refresh(actor=actor, run=run)
            is_over = run is None or run.attempt != attempt or run.state != RunState.RUNNING
            has_ended = run is not None and run.state == RunState.DONE
        if is_over and not has_ended:
            swept += 1
            lost.set_failed(WorkerLost(_WHY))
    return swept


def sweep_background() -> int:
    """The same for background runs."""
    from cocm.server.runs.background import background_refresh
    from cocm.server.runs.models import BackgroundRun
    from cocm.server.runs.tasks import work_background

    return sweep(BackgroundRun, work_background.module_path, background_refresh)
