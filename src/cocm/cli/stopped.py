"""Long work that is ended from outside (SIGTERM, SIGHUP, Ctrl-C) says so in one line, with the usual exit status."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import click

_SIGNALS: Final = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGINT") if hasattr(signal, name)
)


@contextmanager
def told_when_stopped(what: str) -> Iterator[None]:
    """Work inside it that a signal ends leaves with status 128 and the signal's number, and says `what` on stderr.

    An engine that is interrupted in its own code raises an error of its own instead of what the signal raised; that
    error is no fault of the program, so it is not shown.
    """
    caught: list[int] = []

    def stop(number: int, _frame: object) -> None:
        caught.append(number)
        sys.exit(128 + number)

    before: dict[int, Any] = {number: signal.signal(number, stop) for number in _SIGNALS}
    try:
        yield
    except BaseException:
        if not caught:
            raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if caught:  # also where an engine swallowed it and came to its end
        click.echo(f"cocm: {signal.Signals(caught[0]).name}: {what}", err=True)
        sys.exit(128 + caught[0])
