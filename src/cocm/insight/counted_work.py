"""A practice's own counts of work in place of the assumptions: minutes a task took, and how much there was to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from cocm.insight.figures import decimal_text
from cocm.insight.given import Given, UserInput
from cocm.insight.overhead import WorkCause, WorkVolume

COUNTED_MIN: Final = 5
"""Entries of a task from which on their mean stands in the place of the assumption; our own judgement."""
COUNTED_HERE: Final = "counted here"


@dataclass(frozen=True, slots=True)
class TaskAssumption:
    """A task of administration as the inputs have it: what it is for, its minutes, and where they come from."""

    name: str
    label: str
    cause: WorkCause
    minutes: Fraction
    basis: str
    removed_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CountedTask:
    """How often a task was timed, and the minutes that it took together."""

    name: str
    times: int
    minutes: int

    @property
    def minutes_mean(self) -> Fraction | None:
        """Minutes each; None while nothing was timed."""
        return Fraction(self.minutes, self.times) if self.times else None

    @property
    def is_enough(self) -> bool:
        """Whether the mean is taken in the place of the assumption."""
        return self.times >= COUNTED_MIN


def task_assumptions(given: Given) -> tuple[TaskAssumption, ...]:
    """Every task, in the table's order."""
    about = {one.name: (one.label, one.basis) for one in given.inputs}
    return tuple(
        TaskAssumption(
            name,
            about[f"task.{name}.minutes"][0],
            WorkCause(given.word(f"task.{name}.cause", tuple(WorkCause))),
            given.number(f"task.{name}.minutes", most=10_000),
            about[f"task.{name}.minutes"][1],
            tuple(part.strip() for part in given.text(f"task.{name}.removed_by").split(";") if part.strip()),
        )
        for name in given.members("task")
    )


def with_own_counts(
    given: Given,
    counted: Iterable[CountedTask],
    volumes: Mapping[WorkVolume, Fraction],
    denied_amount_cents: Fraction | None = None,
) -> Given:
    """The inputs with the practice's own means (of tasks timed often enough) and its own yearly volumes."""
    changes = [
        UserInput(COUNTED_HERE, f"volume.{volume}", _text(number)) for volume, number in volumes.items()
    ]
    if denied_amount_cents is not None:
        changes.append(UserInput(COUNTED_HERE, "volume.denied_amount", _text(denied_amount_cents / 100)))
    for task in counted:
        mean = task.minutes_mean
        if mean is not None and task.is_enough:
            changes.append(UserInput(COUNTED_HERE, f"task.{task.name}.minutes", _text(mean)))
    return given.with_inputs(changes)


def _text(number: Fraction) -> str:
    return decimal_text(number, 2).replace(",", "")
