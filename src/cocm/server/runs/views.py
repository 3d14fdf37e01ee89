"""A background run's progress."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from cocm.server.access.needs import needs, refuse
from cocm.server.access.permissions import Permission
from cocm.server.runs.background import background_refresh
from cocm.server.runs.kinds import kinds
from cocm.server.runs.models import BackgroundRun
from cocm.server.runs.progress import progress_of


@needs(Permission.OWN_ACCOUNT)
def progress_partial(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """A run's progress, asked for again and again; once it is over the page is loaded anew."""
    actor = request.actor  # type: ignore[attr-defined]  # the guard has set it
    run = BackgroundRun.objects.of(actor).filter(pk=run_id).first()
    if run is None or not actor.may(kinds()[run.kind].permission):
        return refuse(request, 404)
    run = background_refresh(actor=actor, run=run)
    if not run.is_active:
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"
        return response
    return TemplateResponse(request, "runs/_progress.html", {"progress": progress_of(run)})
