"""Where recording begins, and the templates of entries."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from cocm.basics.months import Month
from cocm.server.access.needs import needs, refuse
from cocm.server.access.permissions import Permission
from cocm.server.access.throttle_limits import Limit
from cocm.server.contacts.entry_templates import template_remove, template_save, templates_of
from cocm.server.contacts.forms import TemplateForm
from cocm.server.contacts.minutes import minutes_bar, minutes_of_month
from cocm.server.contacts.timers import NotStaff
from cocm.server.look.html import joined
from cocm.server.look.tables import Column, Row, Table
from cocm.server.registry.selectors import caseload


@needs(Permission.MINUTES_RECORD, methods=("GET", "POST"), limit=Limit.SEARCH)
def start_page(request: HttpRequest) -> HttpResponse:
    """Choose for whom: one's own timers and drafts first, then the caseload by name; no name stands in an address."""
    today = timezone.localdate()
    month = Month.of(today)
    wanted = request.POST.get("q", "").strip()
    episodes = list(caseload(actor=request.actor))
    if wanted:
        folded = wanted.casefold()
        episodes = [
            episode
            for episode in episodes
            if folded in f"{episode.patient.full_name} {episode.patient.patient_id}".casefold()
            or folded in f"{episode.patient.last_name}, {episode.patient.first_name}".casefold()
        ]
    found = minutes_of_month(
        actor=request.actor, patients=[episode.patient_id for episode in episodes], month=month
    )
    rows = []
    for episode in episodes:
        patient, row = episode.patient, found.get((episode.patient_id, episode.episode_id))
        bar = minutes_bar(row, today=today) if row is not None else None
        rows.append(
            Row(
                (
                    f"{patient.last_name}, {patient.first_name}",
                    patient.patient_id,
                    bar.small() if bar is not None else "",
                    f"{bar.following.minutes - bar.minutes_counted} min to {bar.following.label}"
                    if bar is not None and bar.following is not None
                    else "",
                    joined(f'<a href="{_month_address(patient.pk, month)}">Month</a>'),
                ),
                href=reverse("contacts:entry", kwargs={"patient_id": patient.pk}),
            )
        )
    table = Table(
        f"For whom? {len(rows)} in care",
        (
            Column("Patient"),
            Column("Id"),
            Column("Minutes", "number", help=f"Counted in {month}"),
            Column("Next tier"),
            Column("Month", "action", label_hidden=True),
        ),
        rows,
        key="patients",
        layout="cards",
        empty="Nobody of this name is yours to open." if wanted else "No patients in care are yours to open.",
    )
    return TemplateResponse(request, "contacts/start.html", {"table": table, "wanted": wanted})


def _month_address(patient_id: UUID, month: Month) -> str:
    return reverse("contacts:month", kwargs={"patient_id": patient_id, "month": month})


@needs(Permission.MINUTES_RECORD, methods=("GET", "POST"))
def templates_page(request: HttpRequest) -> HttpResponse:
    """One's own templates and the shared ones; a name that exists is replaced."""
    form = TemplateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        try:
            template_save(
                actor=request.actor, name=values.pop("name"), is_shared=values.pop("is_shared"), typed=values
            )
            messages.success(request, "The template is kept.")
            return HttpResponseRedirect(reverse("contacts:templates"))
        except NotStaff as refusal:
            form.add_error(None, str(refusal))
    context = {"form": form, "templates": list(templates_of(actor=request.actor))}
    return TemplateResponse(request, "contacts/templates.html", context)


@needs(Permission.MINUTES_RECORD, methods=("GET", "POST"))
def template_remove_page(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """Remove one's own template, after a question; of another's shared one it is told whose it is."""
    template = templates_of(actor=request.actor).filter(pk=template_id).first()
    if template is None:
        return refuse(request, 404)
    back = reverse("contacts:templates")
    if template.owner_id != request.actor.staff_member_id:
        messages.error(request, f"Only {template.owner.full_name}, who shares this template, removes it.")
        return HttpResponseRedirect(back)
    if request.method == "POST":
        template_remove(actor=request.actor, template_id=template_id)
        messages.success(request, "The template is removed.")
        return HttpResponseRedirect(back)
    context = {
        "href": request.path, "label": "Remove", "question": "Remove this template?", "tone": "danger",
        "detail": "Entries that began from it stay as they are.", "key": "template", "back_href": back,
    }  # fmt: skip
    return TemplateResponse(request, "look/confirm_page.html", context)
