"""A scale's scores as a line no taller than a word, beside the figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.utils.html import escape
from django.utils.safestring import SafeString

from cocm.care.course import ScoreOn
from cocm.care.score_trend import Course, ScoreTrend
from cocm.rules.care_flags import FollowedScale
from cocm.server.look.badges import badge
from cocm.server.look.html import joined

WIDTH: Final = 60
HEIGHT: Final = 20
_EDGE: Final = 3

COURSE_TONES: Final = {
    Course.ONE_SCORE: "neutral",
    Course.REMISSION: "success",
    Course.RESPONSE: "success",
    Course.IMPROVED: "success",
    Course.NOT_IMPROVED: "attention",
    Course.WORSE: "danger",
}


def score_spark(scale: FollowedScale, scores: Sequence[ScoreOn]) -> SafeString:
    """The scores by day from 0 to the scale's highest; nothing where there is one only."""
    if len(scores) < 2:
        return joined("")
    begin, end = scores[0].taken_on, scores[-1].taken_on
    days = max(1, (end - begin).days)
    points = [
        (
            _EDGE + (WIDTH - 2 * _EDGE) * (score.taken_on - begin).days / days,
            HEIGHT - _EDGE - (HEIGHT - 2 * _EDGE) * score.score / scale.score_max,
        )
        for score in scores
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    target = HEIGHT - _EDGE - (HEIGHT - 2 * _EDGE) * (scale.remission_below - 1) / scale.score_max
    last_x, last_y = points[-1]
    told = ", ".join(str(score.score) for score in scores)
    return joined(
        f'<svg class="spark" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(scale.label)}: {told}">'
        f'<line class="spark-target" x1="0" x2="{WIDTH}" y1="{target:.1f}" y2="{target:.1f}"/>'
        f'<polyline class="spark-line" points="{line}"/>'
        f'<circle class="spark-end" cx="{last_x:.1f}" cy="{last_y:.1f}" r="2"/></svg>'
    )


def _signed(percent: int) -> str:
    return f"{percent:+d}" if percent else "0"


def trend_figures(trend: ScoreTrend) -> SafeString:
    """From where to where."""
    if trend.before is None:
        return joined(f"{escape(trend.scale.label)} <b>{trend.latest.score}</b>")
    change = (
        "" if trend.change_percent is None else f" {_signed(trend.change_percent)} %".replace("-", "\u2212")
    )
    return joined(
        f"{escape(trend.scale.label)} {trend.first.score} → <b>{trend.latest.score}</b>"
        f'<span class="quiet">{change}</span>'
    )


def trend_words(trend: ScoreTrend) -> SafeString:
    """The same with what it amounts to."""
    return joined(trend_figures(trend), " ", badge(trend.course.value, COURSE_TONES[trend.course]))
