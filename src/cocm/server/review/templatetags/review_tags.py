"""Recommendations and trends on other pages.

{% load review_tags %}{% chart_advice patient %}     a case file's panel
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django import template
from django.utils.safestring import SafeString

from cocm.care.recommendations import AdviceState
from cocm.care.score_trend import ScoreTrend
from cocm.server.access.permissions import Permission
from cocm.server.look.badges import badge
from cocm.server.registry.caseload import CaseloadRow
from cocm.server.registry.models import Patient
from cocm.server.review.models import Recommendation
from cocm.server.review.selectors import recommendations_about
from cocm.server.review.sparks import score_spark, trend_words

register = template.Library()
ON_A_CHART: Final = 6
STATE_WORDS: Final = {
    AdviceState.WAITING: ("to answer", "attention"),
    AdviceState.TO_DO: ("to carry out", "info"),
    AdviceState.DONE: ("carried out", "success"),
    AdviceState.NOT_DONE: ("not carried out", "neutral"),
    AdviceState.DECLINED: ("declined", "neutral"),
}


@register.simple_tag
def advice_badge(row: Recommendation) -> SafeString:
    """Where a recommendation stands."""
    word, tone = STATE_WORDS[row.state]
    answer = row.last_answer
    modified = row.state in (AdviceState.TO_DO, AdviceState.DONE) and answer is not None and answer.instead
    return badge(f"{word}, modified" if modified else word, tone)


@register.simple_tag
def advice_words(row: Recommendation) -> str:
    """The same as a word on paper."""
    return STATE_WORDS[row.state][0]


@register.simple_tag
def trend_told(trend: ScoreTrend) -> SafeString:
    """A trend in words."""
    return trend_words(trend)


@register.simple_tag
def spark(trend: ScoreTrend, row: CaseloadRow) -> SafeString:
    """A scale's scores as a small line."""
    return score_spark(trend.scale, row.scores(trend.scale.instrument))


@register.simple_tag
def days_ago(day: date, today: date) -> str:
    """How long it has waited."""
    days = (today - day).days
    return "today" if days <= 0 else f"{days} day{'' if days == 1 else 's'} ago"


@register.inclusion_tag("review/chart_part.html", takes_context=True)
def chart_advice(context: template.Context, patient: Patient) -> dict[str, Any]:
    """A patient's recommendations with what can be done about each."""
    actor = context["actor"]
    return {
        "patient": patient,
        "rows": recommendations_about(actor=actor, patient=patient)[:ON_A_CHART],
        "may_edit": actor.may(Permission.CHART_EDIT),
        "may_review": actor.may(Permission.REVIEW_RECORD),
        "csrf_token": context.get("csrf_token"),
    }
