"""A consultant's recommendation and what became of it: the practitioner's answer, then whether it was carried out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class AdviceAnswer(StrEnum):
    """What the treating practitioner said to it."""

    ACCEPTED = "accepted"
    MODIFIED = "modified"
    DECLINED = "declined"


class AdviceState(StrEnum):
    """Where a recommendation stands."""

    WAITING = "waiting"
    TO_DO = "to_do"
    DONE = "done"
    NOT_DONE = "not_done"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Advice:
    """One recommendation. `is_carried_out` is None as long as nobody said whether it was."""

    given_on: date
    answer: AdviceAnswer | None = None
    answered_on: date | None = None
    is_carried_out: bool | None = None
    carried_out_on: date | None = None

    @property
    def state(self) -> AdviceState:
        """What is declined is over; what is accepted or modified waits to be carried out."""
        if self.answer is None:
            return AdviceState.WAITING
        if self.answer is AdviceAnswer.DECLINED:
            return AdviceState.DECLINED
        if self.is_carried_out is None:
            return AdviceState.TO_DO
        return AdviceState.DONE if self.is_carried_out else AdviceState.NOT_DONE


def waiting_since(advice: Iterable[Advice]) -> date | None:
    """The day of the oldest recommendation without an answer; None where all are answered."""
    return min((item.given_on for item in advice if item.state is AdviceState.WAITING), default=None)
