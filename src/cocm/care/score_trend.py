"""How a scale's scores have gone in an episode: first, before, latest, and what that amounts to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from cocm.care.course import ScoreOn
from cocm.rules.care_flags import FollowedScale


class Course(StrEnum):
    """What the latest score says beside the first; the words are told as they stand."""

    ONE_SCORE = "one score"
    REMISSION = "remission"
    RESPONSE = "response"
    IMPROVED = "improved"
    NOT_IMPROVED = "not improved"
    WORSE = "worse"


@dataclass(frozen=True, slots=True)
class ScoreTrend:
    """`before` is the score before the latest (None with fewer than two)."""

    scale: FollowedScale
    first: ScoreOn
    before: ScoreOn | None
    latest: ScoreOn
    course: Course

    @property
    def change_percent(self) -> int | None:
        """Since the first score, rounded. None with one score, or where the first one was 0."""
        if self.before is None or not self.first.score:
            return None
        return round(100 * (self.latest.score - self.first.score) / self.first.score)


def score_trend(scale: FollowedScale, scores: Sequence[ScoreOn]) -> ScoreTrend | None:
    """The trend of a scale's scores by day; None without a score."""
    if not scores:
        return None
    first, latest = scores[0], scores[-1]
    before = scores[-2] if len(scores) > 1 else None
    return ScoreTrend(scale, first, before, latest, _course(scale, first.score, before, latest.score))


def _course(scale: FollowedScale, first: int, before: ScoreOn | None, latest: int) -> Course:
    if before is None:
        return Course.ONE_SCORE
    if max(latest - before.score, latest - first) >= scale.worse_points:
        return Course.WORSE
    if scale.is_in_remission(latest):
        return Course.REMISSION
    if scale.has_responded(first, latest):
        return Course.RESPONSE
    return Course.IMPROVED if scale.has_improved(first, latest) else Course.NOT_IMPROVED
