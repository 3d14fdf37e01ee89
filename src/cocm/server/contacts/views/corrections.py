"""Correcting one's own entry: a new entry with the reason; the first one stays."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from cocm.server.access.needs import needs, refuse
from cocm.server.access.permissions import Permission
from cocm.server.contacts.clocks import month_of, zone_of
from cocm.server.contacts.entries import NeedsConfirmation, entry_correct
from cocm.server.contacts.forms import CorrectionForm
from cocm.server.contacts.models import Contact
from cocm.server.contacts.services import MonthFrozen
from cocm.server.contacts.timers import NotStaff


@needs(Permission.MINUTES_RECORD, patient="patient_id", methods=("GET", "POST"))
def correct_page(request: HttpRequest, patient_id: UUID, entry_id: UUID) -> HttpResponse:
    """Say what an entry should have said, and why."""
    actor, patient = request.actor, request.chart
    contact = (
        Contact.objects.of(actor)
        .filter(pk=entry_id, patient=patient)
        .select_related("patient", "staff_member")
        .first()
    )
    if contact is None:
        return refuse(request, 404)
    month = month_of(actor, patient, contact.started_at)
    back = reverse("contacts:month", kwargs={"patient_id": patient_id, "month": month})
    form = CorrectionForm(
        request.POST or None, initial=_typed(request, contact), actor=actor, patient=patient
    )
    found: tuple[Any, ...] = ()
    if request.method == "POST" and form.is_valid():
        try:
            fields = form.entry_fields()
            if fields["service_seconds"] == contact.service_seconds // 60 * 60:
                fields["service_seconds"] = contact.service_seconds  # the seconds of an imported entry stay
            made = entry_correct(
                actor=actor,
                contact=contact,
                reason=form.cleaned_data["reason"],
                confirmed=frozenset(request.POST.getlist("confirmed")),
                **fields,
            )
            messages.success(request, f"Corrected: entry {made.number} replaces entry {contact.number}.")
            there = month_of(actor, patient, made.started_at)
            address = reverse("contacts:month", kwargs={"patient_id": patient_id, "month": there})
            return HttpResponseRedirect(f"{address}#entry-{made.number}")
        except NeedsConfirmation as doubtful:
            found = doubtful.found
        except (MonthFrozen, NotStaff, ValueError) as refusal:
            form.add_error(None, str(refusal))
        except ValidationError as refusal:
            form.add_error(None, refusal.messages)
    context = {
        "patient": patient, "contact": contact, "form": form, "doubts": found, "back": back,
        "month": month, "is_mine": contact.staff_member_id == actor.staff_member_id,
    }  # fmt: skip
    return TemplateResponse(request, "contacts/correct.html", context)


def _typed(request: HttpRequest, contact: Contact) -> dict[str, Any]:
    begun = contact.started_at.astimezone(zone_of(request.actor, request.chart, contact.started_at))
    return {
        "day": begun.date(),
        "at": f"{begun:%H:%M}",
        "activity": contact.activity,
        "modality": contact.modality,
        "with_whom": contact.with_whom,
        "outcome": contact.outcome,
        "attempts": contact.attempts or None,
        "service_minutes": contact.service_seconds // 60,
        "note_minutes": contact.note_minutes or None,
        "split_minutes": contact.billed_elsewhere_minutes,
        "split_code": contact.billed_elsewhere_code,
        "programme": contact.programme,
        "acting_as_bhcm": contact.acting_as_bhcm,
        "note_text": contact.note_text,
    }
