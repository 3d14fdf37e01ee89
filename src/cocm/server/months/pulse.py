"""A run's sign of life: a thread that writes, beside the work, how far it is and that it is still there."""

from __future__ import annotations

import logging
import threading
from types import TracebackType
from typing import Final
from uuid import UUID

from django.db import connections
from django.db.utils import Error
from django.utils import timezone

from cocm.server.access.actor import Actor, acting_for
from cocm.server.months.models import MonthRun, RunState

EVERY_SECONDS: Final = 1.0
_log = logging.getLogger(__name__)


class Pulse:
    """Counts for the page, written in a connection of its own: the work's own transaction is not over yet."""

    def __init__(self, actor: Actor, run_id: UUID, attempt: int) -> None:
        self._actor, self._run_id, self._attempt = actor, run_id, attempt
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"pulse-{run_id}", daemon=True)
        self.total = self.read = self.done = 0

    def __enter__(self) -> Pulse:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def again(self) -> None:
        """The work begins anew."""
        self.read = self.done = 0

    def stop(self) -> None:
        """Before the work is recorded: what is said of it then is said there."""
        self._stop.set()
        self._thread.join()

    def _beat(self) -> None:
        try:
            while not self._stop.wait(EVERY_SECONDS):
                try:
                    self._write()
                except Error as problem:  # a page had the database a little longer; the next beat says it
                    _log.warning("no sign of run %s: %s", self._run_id, type(problem).__name__)
        finally:
            connections["default"].close()

    def _write(self) -> None:
        with acting_for(self._actor):
            MonthRun.objects.of(self._actor).filter(
                pk=self._run_id, attempt=self._attempt, state=RunState.RUNNING
            ).update(
                heartbeat_at=timezone.now(),
                patients_total=self.total,
                patients_read=self.read,
                patients_done=self.done,
            )
