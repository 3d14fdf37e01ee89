"""A run's sign of life: a thread that writes, beside the work, how far it is and that it is still there."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Final

from django.db import connections
from django.db.utils import Error
from django.utils import timezone

from cocm.server.access.actor import Actor, acting_for
from cocm.server.runs.models import Run, RunState

EVERY_SECONDS: Final = 1.0
_log = logging.getLogger(__name__)


class Pulse:
    """Written in a connection of its own: the work's own transaction is not over yet. `told` says how far it is."""

    def __init__(self, actor: Actor, run: Run, told: Callable[[], Mapping[str, Any]]) -> None:
        self._actor, self._run, self._told = actor, run, told
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"pulse-{run.pk}", daemon=True)

    def __enter__(self) -> Pulse:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Before the work is recorded: what is said of it then is said there."""
        self._stop.set()
        self._thread.join()

    def _beat(self) -> None:
        try:
            while not self._stop.wait(EVERY_SECONDS):
                try:
                    self._write()
                except Error as problem:  # a page had the database a little longer; the next beat says it
                    _log.warning("no sign of run %s: %s", self._run.pk, type(problem).__name__)
        finally:
            connections["default"].close()

    def _write(self) -> None:
        with acting_for(self._actor):
            type(self._run).objects.of(self._actor).filter(
                pk=self._run.pk, attempt=self._run.attempt, state=RunState.RUNNING
            ).update(heartbeat_at=timezone.now(), **self._told())
