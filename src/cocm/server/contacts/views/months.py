"""A patient-month: its entries and minutes; freezing it, and opening it again with a reason."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from cocm.basics.months import Month
from cocm.letters.words import month_words
from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.contacts import month_page as pages
from cocm.server.contacts.services import month_freeze, month_reopen


@needs(Permission.CHART_VIEW, patient="patient_id")
def month_page(request: HttpRequest, patient_id: UUID, month: Month) -> HttpResponse:
    """Every entry of the month, counted or not and why; the total, the next tier, the chain."""
    actor, patient = request.actor, request.chart
    today = timezone.localdate()
    page = pages.month_page(actor=actor, patient=patient, month=month, today=today)

    def address(other: Month) -> str:
        return reverse("contacts:month", kwargs={"patient_id": patient_id, "month": other})

    context = {
        "patient": patient,
        "page": page,
        "month": month,
        "before": (month.plus(-1), address(month.plus(-1))),
        "after": (month.plus(1), address(month.plus(1))) if month < Month.of(today) else None,
        "printed_at": timezone.now(),
        "breadcrumb": [
            ("Caseload", reverse("registry:caseload")),
            (patient.full_name, reverse("registry:chart", kwargs={"patient_id": patient_id})),
            (f"Minutes of {month}", ""),
        ],
    }
    return TemplateResponse(request, "contacts/month.html", context)


@needs(Permission.BILLING_EDIT, patient="patient_id", methods=("GET", "POST"))
def freeze_page(request: HttpRequest, patient_id: UUID, month: Month) -> HttpResponse:
    """Freeze the month's minutes, after a question."""
    back = reverse("contacts:month", kwargs={"patient_id": patient_id, "month": month})
    if request.method == "POST":
        month_freeze(actor=request.actor, patient=request.chart, month=month)
        messages.success(request, f"The minutes of {month} are frozen.")
        return HttpResponseRedirect(back)
    context = {
        "href": request.path, "label": "Freeze", "tone": "primary",
        "question": f"Freeze the minutes of {month_words(month)}?",
        "detail": "Nothing is added or corrected then, until somebody opens the month again and says why.",
        "key": "freeze", "back_href": back,
    }  # fmt: skip
    return TemplateResponse(request, "look/confirm_page.html", context)


@needs(Permission.BILLING_EDIT, patient="patient_id", methods=("GET", "POST"))
def reopen_page(request: HttpRequest, patient_id: UUID, month: Month) -> HttpResponse:
    """Open a frozen month again, with the reason."""
    back = reverse("contacts:month", kwargs={"patient_id": patient_id, "month": month})
    if request.method == "POST":
        try:
            month_reopen(
                actor=request.actor,
                patient=request.chart,
                month=month,
                reason=request.POST.get("reason", "")[:300],
            )
            messages.success(
                request, f"{month} takes entries and corrections again. Freeze it when they are made."
            )
            return HttpResponseRedirect(back)
        except ValueError as refusal:
            messages.error(request, f"{refusal}.")
    context = {
        "href": request.path, "label": "Open again", "question": f"Open {month} again?", "tone": "danger",
        "detail": "For a late entry or a correction. A claim that was sent is not changed by this; what the month "
        "earns with it is looked at again before anything is corrected.",
        "asks_reason": True, "key": "reopen", "back_href": back,
    }  # fmt: skip
    return TemplateResponse(request, "look/confirm_page.html", context)
