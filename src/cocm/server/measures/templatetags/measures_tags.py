"""`{% load measures_tags %}`: the part of the case file that measures own."""

from __future__ import annotations

from typing import Any

from django import template

from cocm.server.measures.alerts import open_alerts
from cocm.server.measures.selectors import links_out, minority

register = template.Library()


@register.inclusion_tag("measures/chart_part.html", takes_context=True)
def measures_part(context: Any, patient: Any) -> dict[str, Any]:
    """Open safety alerts with their level, and links that are out, at the head of the case file."""
    actor = context["actor"]
    return {
        "patient": patient,
        "may": context["may"],
        "alerts": open_alerts(actor=actor, patients=[patient.pk]),
        "links": links_out(actor=actor, patient=patient),
        "minority": minority(actor=actor, patient=patient),
    }
