"""What other pages show of claims: on the chart, where the month's claim goes."""

from __future__ import annotations

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cocm.basics.months import Month
from cocm.server.claims.eligibility import last_answer
from cocm.server.claims.words import coverage_badge, route_badge
from cocm.server.registry.models import Patient

register = template.Library()


@register.simple_tag(takes_context=True)
def benefit_route(context: template.Context, patient: Patient) -> SafeString:
    """Whether the present month is covered, where its claim goes, and the way to the cost share."""
    month = Month.of(timezone.localdate())
    answer = last_answer(actor=context["request"].actor, patient=patient, month=month)
    told = "not answered yet"
    if answer is not None:
        told = format_html("{} {}", coverage_badge(answer.coverage), route_badge(answer.route))
    return format_html(
        '<p class="benefit-route">{}: {} <a class="edit" href="{}">Cost share</a></p>',
        str(month),
        told,
        reverse("claims:cost_share", kwargs={"patient_id": patient.pk, "month": month}),
    )
