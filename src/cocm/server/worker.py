"""The worker of background jobs beside the site: `python -m cocm.server.worker`, started and watched by `cocm serve`.

It is the worker of `cocm manage db_worker`, and takes up runs again whose worker was lost. It ends with the process
that started it.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from types import TracebackType
from typing import Final

EVERY_SECONDS: Final = 1.0
SWEEP_EVERY_SECONDS: Final = 10.0
PAUSE_SECONDS: Final = 2.0
"""Before a worker that ended by itself is started again."""
_log = logging.getLogger(__name__)


def run(parent: int) -> None:
    """Work until told to stop, or until the process `parent` is gone."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cocm.server.settings")
    import django

    django.setup()
    from django.utils.crypto import get_random_string
    from django_tasks import DEFAULT_TASK_BACKEND_ALIAS, DEFAULT_TASK_QUEUE_NAME
    from django_tasks_db.management.commands.db_worker import Worker

    worker = Worker(
        queue_names=[DEFAULT_TASK_QUEUE_NAME],
        interval=EVERY_SECONDS,
        batch=False,
        backend_name=DEFAULT_TASK_BACKEND_ALIAS,
        startup_delay=False,
        max_tasks=None,
        worker_id=get_random_string(32),
        excluded_queue_names=[],
    )
    worker.configure_signals()
    threading.Thread(target=_watch, args=(parent,), name="sweep", daemon=True).start()
    worker.run()


def _watch(parent: int) -> None:
    """Take up what was lost; end with the parent, which could not say so."""
    from django.db import connections
    from django.db.utils import Error

    from cocm.server.contacts.ahead import minutes_ahead
    from cocm.server.measures.sweep import alerts_sweep
    from cocm.server.months.sweep import sweep
    from cocm.server.runs.sweep import sweep_background

    swept_at = 0.0
    while True:
        time.sleep(EVERY_SECONDS)
        if os.getppid() != parent:
            os._exit(0)  # what was at work is taken up again by the next worker
        if time.monotonic() - swept_at >= SWEEP_EVERY_SECONDS:
            swept_at = time.monotonic()
            try:
                sweep()
                sweep_background()
                alerts_sweep()
                minutes_ahead()
            except Error as problem:  # the database is away or busy; the next round asks again
                _log.warning("no sweep: %s", type(problem).__name__)
            finally:
                connections["default"].close()


class Beside:
    """Workers beside the site: started with it, started again when they end, ended with it."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._is_over = threading.Event()
        self._threads: list[threading.Thread] = []
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()

    def __enter__(self) -> Beside:
        for number in range(self._count):
            thread = threading.Thread(target=self._keep, name=f"worker-{number}", daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._is_over.set()
            for process in self._running:
                process.terminate()
        for thread in self._threads:
            thread.join()

    def _keep(self) -> None:
        while True:
            with self._lock:
                if self._is_over.is_set():
                    return
                process = subprocess.Popen([sys.executable, "-m", "cocm.server.worker", str(os.getpid())])
                self._running.add(process)
            process.wait()
            with self._lock:
                self._running.discard(process)
            if self._is_over.wait(PAUSE_SECONDS):
                return


if __name__ == "__main__":
    run(int(sys.argv[1]))
