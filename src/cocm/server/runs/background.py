"""Asking for a background run, and working it.

run = background_start(actor=actor, kind="plan_report", about=..., asked={...}, inputs={name: bytes})
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from cocm.basics.errors import CocmError
from cocm.server.access.actor import Actor, acting_for
from cocm.server.runs import lives
from cocm.server.runs.kinds import Steps, kinds
from cocm.server.runs.models import ACTIVE, BackgroundRun, RunInput, RunState
from cocm.server.runs.pulse import Pulse
from cocm.server.runs.reading import reading_for

_log = logging.getLogger(__name__)


@transaction.atomic
def background_start(
    *,
    actor: Actor,
    kind: str,
    about: str = "",
    asked: Mapping[str, Any] | None = None,
    inputs: Mapping[str, bytes] | None = None,
) -> BackgroundRun:
    """Ask for a run. Where one of the kind about the same is active, that one is given back."""
    actor.require(kinds()[kind].permission)
    active = _active(actor, kind, about)
    if active is not None:
        return background_refresh(actor=actor, run=active)
    run = BackgroundRun(
        organization_id=actor.organization_id,
        kind=kind,
        about=about,
        asked=dict(asked or {}),
        asked_at=timezone.now(),
        asked_by_id=actor.user_id,
    )
    try:
        with transaction.atomic():
            run.save(force_insert=True)
    except IntegrityError:  # the other click was first
        found = _active(actor, kind, about)
        if found is None:
            raise
        return found
    for name, content in (inputs or {}).items():
        RunInput.objects.create(
            organization_id=actor.organization_id, run=run, name=name, content=zlib.compress(content, 1)
        )
    _enqueue(run)
    return run


def _active(actor: Actor, kind: str, about: str) -> BackgroundRun | None:
    return BackgroundRun.objects.of(actor).filter(kind=kind, about=about, state__in=ACTIVE).first()


def background_refresh(*, actor: Actor, run: BackgroundRun) -> BackgroundRun:
    """The run as it stands; one whose worker was lost is given to another."""
    return lives.run_refresh(actor=actor, run=run, enqueue=_enqueue)


def runs_to_show(*, actor: Actor, kind: str) -> tuple[list[BackgroundRun], list[BackgroundRun]]:
    """Active runs of a kind, and the last one where that failed."""
    found = BackgroundRun.objects.of(actor).filter(kind=kind).select_related("asked_by").order_by("-asked_at")
    active = [background_refresh(actor=actor, run=one) for one in found.filter(state__in=ACTIVE)]
    last = found.exclude(state__in=ACTIVE).first()
    failed = [last] if last is not None and last.state == RunState.FAILED else []
    return active, failed


def last_done(*, actor: Actor, kind: str, about: str = "") -> BackgroundRun | None:
    """The last run that came to something."""
    found = BackgroundRun.objects.of(actor).filter(kind=kind, about=about, state=RunState.DONE)
    return found.select_related("asked_by").order_by("-finished_at").first()


def inputs_of(actor: Actor, run: BackgroundRun) -> dict[str, bytes]:
    """The files that the run was asked with."""
    found = RunInput.objects.of(actor).filter(run=run).order_by("name")
    return {one.name: zlib.decompress(bytes(one.content)) for one in found}


def _enqueue(run: BackgroundRun) -> None:
    from cocm.server.runs.tasks import work_background  # it imports the work, which is below

    work_background.enqueue(str(run.organization_id), str(run.pk), run.attempt)


# -- in the worker -----------------------------------------------------------------------------------------------------


def background_work(organization_id: UUID, run_id: UUID, attempt: int) -> str:
    """Work the run, if it still waits for this attempt; how it ended, for the task's row."""
    run = lives.run_taken_up(BackgroundRun, organization_id, run_id, attempt)
    if run is None:
        return "not ours"
    actor = lives.worker_of(run)
    try:
        _worked(actor, run)
    except lives.Overtaken:
        return "overtaken"
    except CocmError as problem:
        lives.run_failed(actor, run, str(problem))
        return "failed"
    except Exception:
        _log.exception("run %s failed", run.pk)
        lives.run_failed(actor, run, f"something went wrong in the program; the log names run {run.pk}")
        raise
    return "done"


def _worked(actor: Actor, run: BackgroundRun) -> None:
    kind, steps = kinds()[run.kind], Steps()
    with Pulse(actor, run, steps.told), reading_for(actor):
        decided = kind.decide(actor, run, steps)
    with acting_for(actor):
        locked = lives.run_locked(actor, run)
        locked.result = kind.kept(actor, locked, decided)
        locked.state, locked.finished_at = RunState.DONE, timezone.now()
        locked.heartbeat_at = locked.finished_at
        locked.step, locked.steps_done, locked.steps_total = "", steps.done, steps.total
        locked.save()
        locked.let_go()
