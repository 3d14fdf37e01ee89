"""Letters and appeals: the draft with what is missing, its files, and that it went out."""

from __future__ import annotations

import re
from typing import Final
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from cocm.basics.errors import CocmError
from cocm.rules.letters import letter_templates
from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.denials.forms import LetterForm, SendForm
from cocm.server.denials.letters import (
    DOCX,
    PDF,
    drafted_letter,
    letter_bytes,
    letter_keep,
    letter_send,
    letter_task,
)
from cocm.server.denials.models import Sending
from cocm.server.denials.views.claims import case_or_404, claim_href
from cocm.server.files import attachment
from cocm.server.money.services import plain_words
from cocm.server.rules_in_force import rulebook
from cocm.server.set_up_first import set_up_first

CONTENT_TYPES: Final = {
    PDF: "application/pdf",
    DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
WAYS: Final = (Sending.Way.FAX, Sending.Way.MAIL, Sending.Way.PORTAL)
_RULE_ID: Final = re.compile(r" \([a-z_]+\.[a-z_.]+\)")
"""A rule named by its id after its label."""


def _template(letter_id: str) -> str:
    if letter_id not in letter_templates(rulebook()):
        raise Http404
    return letter_id


@needs(Permission.BILLING_VIEW, patient="patient_id", methods=("GET", "POST"))
@set_up_first
def letter_page(request: HttpRequest, patient_id: UUID, claim_id: str, letter_id: str) -> HttpResponse:
    """The letter as it stands; POST keeps what a person fills in."""
    actor, patient, today = request.actor, request.chart, timezone.localdate()
    _template(letter_id)
    case = case_or_404(request, claim_id)
    drafted = drafted_letter(
        actor=actor, today=today, patient=patient, claim_id=claim_id, letter_id=letter_id
    )
    typed = {f"fact_{name}": text for name, text in drafted.given.items()}
    form = LetterForm(
        request.POST if request.method == "POST" else None,
        names=drafted.to_fill_in,
        has_spanish=drafted.has_spanish,
        initial={"language": drafted.draft.language, **typed},
    )
    if form.is_bound and form.is_valid():
        language = form.cleaned_data.get("language") or "en"
        letter_keep(
            actor=actor,
            patient=patient,
            claim_id=claim_id,
            letter_id=letter_id,
            given=form.given,
            language=language,
        )
        return HttpResponseRedirect(request.path)
    draft = drafted.draft
    context = {
        "patient": patient,
        "case": case,
        "letter_id": letter_id,
        "draft": draft,
        "missing": [_RULE_ID.sub("", one) for one in draft.missing],
        "form": form,
        "has_fields": bool(form.fields),
        "appeal_level": drafted.appeals + 1 if draft.event == "appealed" else 0,
        "sendings": [one for one in case.sendings if one.name == letter_id],
    }
    return TemplateResponse(request, "denials/letter.html", context, status=422 if form.is_bound else 200)


@needs(Permission.BILLING_EDIT, patient="patient_id", methods=("GET", "POST"))
@set_up_first
def letter_send_page(request: HttpRequest, patient_id: UUID, claim_id: str, letter_id: str) -> HttpResponse:
    """Record that the letter went out."""
    _template(letter_id)
    case = case_or_404(request, claim_id)
    task = letter_task(letter_id)
    form = SendForm(request.POST if request.method == "POST" else None, task=task, ways=WAYS)
    if form.is_bound and form.is_valid():
        try:
            sending, is_new = letter_send(
                actor=request.actor,
                patient=request.chart,
                claim_id=claim_id,
                letter_id=letter_id,
                once_key=request.POST.get("once", "")[:60] or str(uuid4()),
                **form.cleaned_data,
            )
            level = f", appeal {sending.level}" if sending.level else ""
            messages.success(
                request, f"{sending.title}{level}: recorded." if is_new else "It was recorded before."
            )
            return HttpResponseRedirect(claim_href(patient_id, claim_id))
        except CocmError as problem:
            form.add_error(None, plain_words(problem))
    drafted = drafted_letter(
        actor=request.actor,
        today=timezone.localdate(),
        patient=request.chart,
        claim_id=claim_id,
        letter_id=letter_id,
    )
    context = {
        "form": form,
        "patient": request.chart,
        "case": case,
        "draft": drafted.draft,
        "letter_id": letter_id,
        "once": request.POST.get("once", "")[:60] or str(uuid4()),
        "back": reverse(
            "denials:letter",
            kwargs={"patient_id": patient_id, "claim_id": claim_id, "letter_id": letter_id},
        ),
    }
    return TemplateResponse(
        request, "denials/letter_send.html", context, status=422 if form.is_bound else 200
    )


@needs(Permission.BILLING_VIEW, patient="patient_id", is_guarded_anew=True)
@set_up_first
def letter_file(
    request: HttpRequest, patient_id: UUID, claim_id: str, letter_id: str, kind: str
) -> HttpResponse:
    """The letter as DOCX (to finish and sign) or PDF."""
    _template(letter_id)
    if kind not in CONTENT_TYPES:
        raise Http404
    case_or_404(request, claim_id)
    content = letter_bytes(
        actor=request.actor,
        today=timezone.localdate(),
        patient=request.chart,
        claim_id=claim_id,
        letter_id=letter_id,
        kind=kind,
    )
    return attachment(content, name=f"{letter_id}-{claim_id}.{kind}", content_type=CONTENT_TYPES[kind])
