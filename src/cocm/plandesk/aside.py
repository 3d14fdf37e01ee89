"""Work done aside, in a child process that begins with everything the parent holds in memory.

Only what comes of the work goes between the two, and what the child is handed meanwhile. Where processes cannot be
split like that (Windows; macOS, whose own libraries forbid it), the work is done when its result is asked for, with the
same result.
"""

from __future__ import annotations

import gc
import marshal
import mmap
import multiprocessing
import os
import pickle
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, BinaryIO, Final, Generic, TypeVar

from cocm.basics.errors import StateError

Result = TypeVar("Result")

CAN_SPLIT: Final = sys.platform == "linux"


class Aside(Generic[Result]):
    """A piece of work. Use as a context manager: a child that nobody waited for is ended."""

    def __init__(self, work: Callable[[], Result], *, apart: bool) -> None:
        """Begin it in a process of its own where it is to be done apart and that is possible."""
        self._work = work
        self._process: Any = None
        if apart and CAN_SPLIT:
            context = multiprocessing.get_context("fork")
            self._connection, at_child = context.Pipe(duplex=False)
            self._process = context.Process(target=_run, args=(work, at_child), daemon=True)
            gc.freeze()  # what is shared stays shared: the child's collector leaves it alone
            self._process.start()
            gc.unfreeze()
            at_child.close()

    def __enter__(self) -> Aside[Result]:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._connection.close()
            self._process.kill()
            self._process.join()
            self._process = None

    def result(self) -> Result:
        """What came of it, or the error that it ended in. Raises `StateError` where the child broke off."""
        if self._process is None:
            return self._work()
        try:
            is_done, outcome = pickle.loads(self._connection.recv_bytes())
        except EOFError:
            raise StateError(
                "a worker process ended before its work was done (memory?); nothing was written. Run the command again "
                "with --workers 1"
            ) from None
        if not is_done:
            raise outcome
        result: Result = outcome
        return result


class HandedOver:
    """A plain value that work done aside is given after it has begun. Use as a context manager.

    It goes through a file of its own: whoever hands it over waits for nobody.
    """

    def __init__(self, file: BinaryIO) -> None:
        """The file is empty, and closed with this."""
        self._file = file
        self._told, self._telling = (
            os.fdopen(one, mode) for one, mode in zip(os.pipe(), ("rb", "wb"), strict=True)
        )

    def __enter__(self) -> HandedOver:
        return self

    def __exit__(self, *_: object) -> None:
        for one in (self._file, self._told, self._telling):
            one.close()

    def give(self, value: Any) -> None:
        """Hand it over: what `marshal` can write."""
        marshal.dump(value, self._file)
        self._file.flush()
        self._telling.write(b"\n")
        self._telling.flush()

    def taken(self) -> Any:
        """What was handed over, waited for. Raises `EOFError` where whoever should hand it over is gone."""
        self._telling.close()
        if not self._told.read(1):
            raise EOFError("nothing was handed over")
        with mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return marshal.loads(content)


def _run(work: Callable[[], Any], connection: Connection) -> None:
    """In the child: do the work and send what came of it."""
    gc.disable()
    try:
        outcome = (True, work())
    except Exception as problem:
        outcome = (False, problem)
    connection.send_bytes(pickle.dumps(outcome, pickle.HIGHEST_PROTOCOL))
    connection.close()
