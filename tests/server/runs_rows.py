"""Background runs for tests."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch


def worked_all(actor: Any) -> list[str]:
    """Work the organization's waiting runs in this process, as a worker would; how each ended, with its problem."""
    from cocm.server.access.actor import acting_for
    from cocm.server.runs import pulse
    from cocm.server.runs.background import background_work
    from cocm.server.runs.models import BackgroundRun, RunState

    with acting_for(actor):
        waiting = list(BackgroundRun.objects.of(actor).filter(state=RunState.WAITING).order_by("asked_at"))
    with patch.object(pulse, "EVERY_SECONDS", 3_600):  # the test's transaction is nobody else's to write into
        ended = [background_work(actor.organization_id, run.pk, run.attempt) for run in waiting]
    with acting_for(actor):
        problems = dict(BackgroundRun.objects.of(actor).values_list("pk", "problem"))
    return [f"{how} {problems[run.pk]}".strip() for how, run in zip(ended, waiting, strict=True)]
