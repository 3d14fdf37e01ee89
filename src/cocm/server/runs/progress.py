"""How far a run is, in words and as a share of 100, for `runs/_progress.html`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.urls import reverse
from django.utils import timezone

from cocm.server.access.actor import Actor
from cocm.server.runs.background import runs_to_show
from cocm.server.runs.kinds import kinds
from cocm.server.runs.models import BackgroundRun, Run, RunState

WAITS_LONG: Final = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Progress:
    """`href` is asked for the next word; `run_href` is the run's own page, if it has one."""

    title: str
    sentence: str
    percent: int
    href: str
    key: str
    run_href: str = ""


def waiting_words(run: Run) -> str:
    """What a run that waits waits for."""
    if run.attempt > 1:
        return f"Its worker was lost; it is taken up again (attempt {run.attempt})."
    if timezone.now() - run.asked_at > WAITS_LONG:
        return "No worker has taken it up yet: is cocm serve or cocm manage db_worker running?"
    return "It begins as soon as the worker is free."


def progress_of(run: BackgroundRun) -> Progress:
    """An active background run's progress."""
    what = kinds()[run.kind].title
    is_waiting = run.state == RunState.WAITING
    sentence = waiting_words(run) if is_waiting else run.step or "It has begun."
    if run.steps_total > 1 and not is_waiting:
        sentence = f"{sentence} ({run.steps_done + 1} of {run.steps_total})"
    share = 100 * run.steps_done // run.steps_total if run.steps_total else 0
    return Progress(
        f"{what} waits its turn" if is_waiting else f"{what} is at work",
        sentence,
        min(share, 99),
        reverse("runs:progress", args=[run.pk]),
        str(run.pk),
    )


@dataclass(frozen=True, slots=True)
class RunsShown:
    """What `runs/_runs.html` shows: the progress of those at work, and the last one where it failed."""

    at_work: tuple[Progress, ...]
    failed: tuple[BackgroundRun, ...]


def runs_shown(*, actor: Actor, kind: str) -> RunsShown:
    """The runs of a kind for the page that waits for them."""
    active, failed = runs_to_show(actor=actor, kind=kind)
    return RunsShown(tuple(progress_of(one) for one in active if one.is_active), tuple(failed))
