"""The case file, and the small forms that write in it: one view a part (`parts.PARTS`), made from data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from cocm.care.scoring import years_on
from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.registry.case_file import CaseFilePage
from cocm.server.registry.caseload_table import chart_address, flag_tags, status_badge
from cocm.server.registry.parts import PARTS, Part
from cocm.server.registry.services.patients import open_episode_of
from cocm.server.registry.trends import trend_chart


@needs(Permission.CHART_VIEW, patient="patient_id")
def chart_page(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """One patient's case file."""
    page = CaseFilePage(request.actor, request.chart)  # type: ignore[attr-defined]  # the guard has set them
    changes = [(row.changed_on, row.text) for row in page.treatments]
    scores = page.row.course.scores if page.row is not None else {}
    context = {
        "patient": request.chart,  # type: ignore[attr-defined]  # as above
        "file": page,
        "age": years_on(page.patient.birth_date, page.today),
        "status": status_badge(page.row.status if page.row is not None else ""),
        "flags": flag_tags(page.flags, "chart"),
        "charts": [trend_chart(page.watched.scales[name], found, changes) for name, found in scores.items()],
        "route": page.route,
        "claims": [(line, page.code_words(line.hcpcs_code)) for line in page.claims],
        "services": [(row, page.code_words(row.hcpcs_code)) for row in page.services],
    }
    return TemplateResponse(request, "registry/chart.html", context)


def part_view(url_name: str, permission: Permission) -> Callable[..., HttpResponse]:
    """The view of the parts that one permission opens: an empty form, and what becomes of it."""

    @needs(permission, patient="patient_id", methods=("GET", "POST"))
    def view(request: HttpRequest, patient_id: UUID, part: str, row_id: UUID | None = None) -> HttpResponse:
        asked = PARTS.get(part)
        if asked is None or asked.url_name != url_name:
            raise Http404
        return _part_page(request, asked, row_id)

    view.__name__ = view.__qualname__ = f"{url_name}_page"
    return view


def _part_page(request: HttpRequest, part: Part, row_id: UUID | None) -> HttpResponse:
    actor, patient = request.actor, request.chart  # type: ignore[attr-defined]  # the guard has set them
    back = f"{chart_address(patient.pk)}#{part.section}"
    row = None
    if part.row_model is not None:
        row = part.row_model.objects.of(actor).filter(pk=row_id, **{part.row_patient: patient}).first()
        if row is None:
            raise Http404
    episode = open_episode_of(actor=actor, patient=patient)
    if part.needs_episode and episode is None:
        messages.error(request, "The patient has no episode yet; begin one first.")
        return HttpResponseRedirect(back)
    given = request.POST if request.method == "POST" else None
    form = part.form(given, actor=actor, patient=patient, episode=episode, row=row)
    if given is not None and form.is_valid():
        try:
            messages.success(request, form.save())
            return HttpResponseRedirect(back)
        except ValidationError as problem:
            add_errors(form, problem)
    context = {"form": form, "part": part, "patient": patient, "row": row, "back": back}
    return TemplateResponse(request, "registry/part.html", context, status=422 if given is not None else 200)


def add_errors(form: Any, problem: ValidationError) -> None:
    """A service's objections beside their fields; of a field that the form has not, above all."""
    if not hasattr(problem, "error_dict"):
        form.add_error(None, problem)
        return
    for name, errors in problem.message_dict.items():
        form.add_error(name if name in form.fields else None, errors)


PART_VIEWS = {
    part.url_name: part_view(part.url_name, part.permission)
    for part in sorted(PARTS.values(), key=lambda part: part.url_name)
}
