"""The tasks of administration as the rulebook has them: their words, causes and assumed minutes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from cocm.basics.errors import UnusableInput
from cocm.insight.counted_work import TaskAssumption, task_assumptions
from cocm.insight.given import Given, given
from cocm.rules import Rulebook
from cocm.rules.insight_tables import overhead_defaults
from cocm.server.rules_in_force import rulebook

MINUTES_MAX: Final = 600
"""Of one piece of work: nobody works on one thing for longer in a day."""


def overhead_inputs() -> Given:
    """The inputs of administrative cost with the rulebook's assumptions."""
    return _inputs(rulebook())


@lru_cache(maxsize=4)
def _inputs(book: Rulebook) -> Given:
    return given(overhead_defaults(book))


@lru_cache(maxsize=4)
def _tasks(book: Rulebook) -> Mapping[str, TaskAssumption]:
    return {one.name: one for one in task_assumptions(_inputs(book))}


def tasks() -> Mapping[str, TaskAssumption]:
    """Every task by its name."""
    return _tasks(rulebook())


def task_named(name: str) -> TaskAssumption:
    """A task. Raises `UnusableInput` with the names there are."""
    found = tasks().get(name)
    if found is None:
        raise UnusableInput(f"no task {name!r} in the table of work; there are {', '.join(tasks())}")
    return found


def assumed_words(task: TaskAssumption) -> str:
    """The assumed minutes and where they come from: `15 min, assumption`."""
    return f"{float(task.minutes):g} min, {task.basis}"
