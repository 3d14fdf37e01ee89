"""What several rooms' tests share: one real PostgreSQL a test process, and what a second is worth here."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from embedded_postgresql import embedded_postgresql


@pytest.fixture(scope="session")
def postgresql_uri() -> Iterator[str]:
    """A real PostgreSQL, one a test process. It does not wait for the disk: tests kill programs, never the machine."""
    with embedded_postgresql(syncs=False) as uri:
        yield uri


YARDSTICK_ROUNDS = 200_000
YARDSTICK_SECONDS = 0.02  # what the rounds take on a quiet core of 3 GHz


@pytest.fixture
def seconds_here() -> Callable[[float], float]:
    """Turns a limit in seconds on a quiet core of 3 GHz into seconds on this machine as it is now, never fewer.

    A limit that a slow or busy machine breaks by itself would tell nothing about the code. The yardstick is the same
    piece of plain Python work each time, the slowest of three; what is left for chance is a factor of two.
    """

    def limit(seconds: float) -> float:
        taken = max(_yardstick() for _ in range(3))
        return seconds * 2 * max(1.0, taken / YARDSTICK_SECONDS)

    return limit


def _yardstick() -> float:
    start = time.perf_counter()
    total = 0
    for number in range(YARDSTICK_ROUNDS):
        total += number * number % 7
    return time.perf_counter() - start
