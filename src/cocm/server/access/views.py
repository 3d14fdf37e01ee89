"""Breaking the glass, the review of openings, and what each role may do."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from cocm.server.access.charts import ChartNotFound, relation
from cocm.server.access.forms import OpeningForm, ReviewForm
from cocm.server.access.models import ChartOpening
from cocm.server.access.needs import needs, refuse
from cocm.server.access.permissions import Permission
from cocm.server.access.selectors import openings, patient_names
from cocm.server.access.services import glass_break, opening_review
from cocm.server.look.badges import badge
from cocm.server.look.html import joined, safe
from cocm.server.look.parts import Pages
from cocm.server.look.tables import Column, Row, Table, table_query
from cocm.server.registry.models import Patient

OPENINGS_PER_PAGE = 50


@needs(Permission.BREAK_GLASS, methods=("GET", "POST"))
def break_glass_page(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Open a chart with a reason. Whose it is stands on the chart, not here: nothing is shown before the reason."""
    actor = request.actor
    chart = reverse("registry:chart", kwargs={"patient_id": patient_id})
    if not Patient.objects.of(actor).filter(pk=patient_id).exists():
        return refuse(request, 404)
    if relation(actor, patient_id):
        return HttpResponseRedirect(chart)
    form = OpeningForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            opening = glass_break(
                actor=actor,
                patient_id=patient_id,
                review_address=request.build_absolute_uri(reverse("openings")),
                **form.cleaned_data,
            )
        except ChartNotFound:
            return refuse(request, 404)
        until = timezone.localtime(opening.until)
        messages.warning(
            request, f"The chart is open to you until {until:%Y-%m-%d %H:%M}. Your manager has been told."
        )
        return HttpResponseRedirect(chart)
    context = {"form": form, "minutes": settings.GLASS_MINUTES, "hours": settings.GLASS_MINUTES / 60}
    return TemplateResponse(request, "access/break_glass.html", context, status=422 if form.is_bound else 200)


@needs(Permission.GLASS_REVIEW)
def openings_page(request: HttpRequest) -> HttpResponse:
    """Who opened which chart outside its care team, why, and what the review found."""
    actor = request.actor
    pages = Paginator(openings(actor=actor), OPENINGS_PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    shown = list(page.object_list)
    names = patient_names(actor=actor, openings=shown) if actor.may(Permission.CASELOAD_VIEW) else {}
    table = Table(
        f"Openings, {pages.count}",
        (
            Column("Opened", "date"),
            Column("Who"),
            Column("Patient"),
            Column("Why"),
            Column("Open until", "date"),
            Column("Review"),
        ),
        [_row(opening, names) for opening in shown],
        key="openings",
        layout="cards",
        empty="No chart was opened outside its care team.",
        caption_hidden=True,
    )
    context = {
        "table": table,
        "pages": Pages(page.number, pages.num_pages, pages.count, table_query(request.GET)),
    }
    return TemplateResponse(request, "access/openings.html", context)


def _row(opening: ChartOpening, names: dict[object, str]) -> Row:
    is_open = opening.until > timezone.now()
    if opening.acknowledged_at is None:
        review: str = badge("To review", "attention", "exclamation-circle")
    else:
        assert opening.acknowledged_by is not None
        review = joined(
            badge("Reviewed", "success", "check-circle"),
            f" {safe(opening.acknowledged_by.full_name)}, {_moment(opening.acknowledged_at)}: {safe(opening.finding)}",
        )
    return Row(
        (
            _moment(opening.opened_at),
            opening.user.full_name,
            names.get(opening.patient_id, str(opening.patient_id)),
            f"{opening.get_reason_kind_display()}: {opening.reason}",
            joined(_moment(opening.until), " ", badge("open", "danger", "unlock") if is_open else ""),
            review,
        ),
        href=reverse("opening_review", kwargs={"opening_id": opening.pk}),
        tone="attention" if opening.acknowledged_at is None else "",
    )


def _moment(at: object) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


@needs(Permission.GLASS_REVIEW, methods=("GET", "POST"))
def opening_page(request: HttpRequest, opening_id: UUID) -> HttpResponse:
    """One opening, and the form that reviews it."""
    actor = request.actor
    opening = openings(actor=actor).filter(pk=opening_id).first()
    if opening is None:
        return refuse(request, 404)
    form = ReviewForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            opening_review(actor=actor, opening=opening, **form.cleaned_data)
            messages.success(request, "The review is kept.")
            return HttpResponseRedirect(reverse("openings"))
        except ValidationError as problem:
            form.add_error(None, problem)
    names = patient_names(actor=actor, openings=[opening]) if actor.may(Permission.CASELOAD_VIEW) else {}
    context = {
        "opening": opening,
        "patient": names.get(opening.patient_id, ""),
        "form": form,
        "is_own": opening.user_id == actor.user_id,
        "may_open": bool(relation(actor, opening.patient_id)) and actor.may(Permission.CHART_VIEW),
    }
    return TemplateResponse(request, "access/opening.html", context, status=422 if form.is_bound else 200)
