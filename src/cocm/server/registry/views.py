"""Pages of the registry."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.registry.selectors import caseload, episodes_of


@needs(Permission.CASELOAD_VIEW)
def caseload_page(request: HttpRequest) -> HttpResponse:
    """The list of patients in care whose charts are open to the person."""
    return TemplateResponse(
        request, "registry/caseload.html", {"episodes": list(caseload(actor=request.actor))}
    )


@needs(Permission.CHART_VIEW, patient="patient_id")
def chart_page(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """One patient's case file."""
    context = {
        "patient": request.chart,
        "episodes": list(episodes_of(actor=request.actor, patient=request.chart)),
    }
    return TemplateResponse(request, "registry/chart.html", context)
