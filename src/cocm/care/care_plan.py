"""A care plan's version, and what changed between two of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from cocm.care.course import ScoreOn


class ProblemState(StrEnum):
    """Where a problem of the plan stands."""

    OPEN = "open"
    MET = "met"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class PlanProblem:
    """One problem with its goal, its target on a scale, and what is done about it.

    `number` stays the problem's own from version to version. `target_at_most`: the score to reach, by `target_by`.
    """

    number: int
    problem: str
    goal: str
    interventions: str
    instrument: str = ""
    target_at_most: int | None = None
    target_by: date | None = None
    state: ProblemState = ProblemState.OPEN

    def is_reached(self, latest: ScoreOn | None) -> bool | None:
        """Whether the latest score is at the target; None without a target or a score."""
        if self.target_at_most is None or latest is None:
            return None
        return latest.score <= self.target_at_most

    def is_late(self, latest: ScoreOn | None, as_of_date: date) -> bool:
        """Whether the target's day is over and the target not reached."""
        return (
            self.state is ProblemState.OPEN
            and self.target_by is not None
            and self.target_by < as_of_date
            and self.is_reached(latest) is not True
        )


@dataclass(frozen=True, slots=True)
class PlanVersion:
    """A plan as it was written on a day. `review_on`: by when it is to be looked at again."""

    number: int
    written_on: date
    guideline: str
    owner: str
    review_on: date | None
    problems: tuple[PlanProblem, ...]
    patient_goal: str = ""


class PlanField(StrEnum):
    """What may differ; the words are told as they stand."""

    GUIDELINE = "guideline"
    OWNER = "owner"
    REVIEW_ON = "next review"
    PATIENT_GOAL = "the patient's own goal"
    PROBLEM = "problem"
    GOAL = "goal"
    TARGET = "target"
    INTERVENTIONS = "interventions"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class PlanChange:
    """One difference; `problem_number` 0 is the plan itself. An empty `before`: it was added; `after`: taken out."""

    problem_number: int
    field: PlanField
    before: str
    after: str


def plan_changes(before: PlanVersion, after: PlanVersion) -> tuple[PlanChange, ...]:
    """Every difference from one version to another: of the plan, then problem by problem."""
    changes = _differences(0, _plan_fields(before), _plan_fields(after))
    olds = {problem.number: problem for problem in before.problems}
    news = {problem.number: problem for problem in after.problems}
    for number in sorted(olds.keys() | news.keys()):
        changes += _differences(number, _fields(olds.get(number)), _fields(news.get(number)))
    return tuple(changes)


def next_problem_number(problems: Sequence[PlanProblem]) -> int:
    """A number that no problem has."""
    return max((problem.number for problem in problems), default=0) + 1


def _plan_fields(version: PlanVersion) -> dict[PlanField, str]:
    return {
        PlanField.PATIENT_GOAL: version.patient_goal,
        PlanField.GUIDELINE: version.guideline,
        PlanField.OWNER: version.owner,
        PlanField.REVIEW_ON: str(version.review_on or ""),
    }


def _fields(problem: PlanProblem | None) -> dict[PlanField, str]:
    if problem is None:
        return {}
    return {
        PlanField.PROBLEM: problem.problem,
        PlanField.GOAL: problem.goal,
        PlanField.TARGET: target_words(problem),
        PlanField.INTERVENTIONS: problem.interventions,
        PlanField.STATE: problem.state.value,
    }


def target_words(problem: PlanProblem) -> str:
    """The target in words: the scale, the score to reach, and by when."""
    if problem.target_at_most is None:
        return ""
    until = f" by {problem.target_by}" if problem.target_by else ""
    return f"{problem.instrument.upper()} {problem.target_at_most} or less{until}"


def _differences(number: int, before: dict[PlanField, str], after: dict[PlanField, str]) -> list[PlanChange]:
    return [
        PlanChange(number, field, before.get(field, ""), after.get(field, ""))
        for field in PlanField
        if before.get(field, "") != after.get(field, "")
    ]
