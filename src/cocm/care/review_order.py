"""Who is discussed at a caseload review, in which order and why: from the flags that call for the consultant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from cocm.care.flags import CareFlag, need_order
from cocm.rules.care_flags import CareFlags, Threshold

_Key = TypeVar("_Key")


@dataclass(frozen=True, slots=True)
class ReviewPlace(Generic[_Key]):
    """A patient's place: the flags that brought them here, the most pressing first."""

    key: _Key
    flags: tuple[CareFlag, ...]


def review_order(flagged: Iterable[tuple[_Key, Sequence[CareFlag]]]) -> tuple[ReviewPlace[_Key], ...]:
    """Those with a flag that calls for a review, in the order of need; equal need keeps the order given."""
    places = [
        ReviewPlace(key, tuple(flag for flag in flags if flag.rule.is_for_review)) for key, flags in flagged
    ]
    return tuple(
        sorted((place for place in places if place.flags), key=lambda place: need_order(place.flags))
    )


def patients_a_session(watched: CareFlags) -> int:
    """How many patients a session has time for."""
    limits = watched.thresholds
    return max(1, limits[Threshold.REVIEW_SESSION_MINUTES] // limits[Threshold.REVIEW_MINUTES_EACH])
