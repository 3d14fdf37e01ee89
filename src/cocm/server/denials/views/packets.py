"""The packet: what it holds, which documents, its files, its sending; and what went out."""

from __future__ import annotations

import zlib
from typing import Final
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from cocm.basics.errors import CocmError
from cocm.receivables.packet_content import Presence
from cocm.rules.document_kinds import document_kinds
from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.claims.exchange import partner_of
from cocm.server.denials.forms import DocumentForm, SendForm
from cocm.server.denials.models import PatientDocument, Sending
from cocm.server.denials.packets import (
    ATTACHMENT,
    CDA,
    PACKET_TASK,
    PDF,
    PacketPreview,
    packet_bytes,
    packet_choose,
    packet_preview,
    packet_send,
)
from cocm.server.denials.services import document_add, document_remove
from cocm.server.denials.views.claims import case_or_404, claim_href
from cocm.server.files import attachment
from cocm.server.look.badges import badge
from cocm.server.look.tables import Column, Row, Table
from cocm.server.money.services import plain_words
from cocm.server.rules_in_force import rulebook
from cocm.server.set_up_first import set_up_first

CONTENT_TYPES: Final = {
    PDF: "application/pdf",
    CDA: "application/xml",
    ATTACHMENT: "application/edi-x12",
    "txt": "text/plain; charset=utf-8",
}
PRESENCE: Final = {
    Presence.FOUND: ("success", "check-circle"),
    Presence.MISSING: ("danger", "x-circle"),
    Presence.NOT_RECORDED: ("attention", "question-circle"),
}


def packet_href(patient_id: UUID, claim_id: str) -> str:
    """The page of a claim's packet."""
    return reverse("denials:packet", kwargs={"patient_id": patient_id, "claim_id": claim_id})


@needs(Permission.BILLING_VIEW, patient="patient_id", methods=("GET", "POST"))
@set_up_first
def packet_page(request: HttpRequest, patient_id: UUID, claim_id: str) -> HttpResponse:
    """What the packet would hold; POST sends it."""
    actor, patient, today = request.actor, request.chart, timezone.localdate()
    case = case_or_404(request, claim_id)
    form = SendForm(request.POST if request.method == "POST" else None, task=PACKET_TASK)
    if form.is_bound and form.is_valid():
        try:
            sending, is_new = packet_send(
                actor=actor,
                patient=patient,
                claim_id=claim_id,
                once_key=request.POST.get("once", "")[:60] or str(uuid4()),
                **form.cleaned_data,
            )
            messages.success(
                request, f"{sending.get_way_display()}: recorded." if is_new else "It was recorded before."
            )
            return HttpResponseRedirect(claim_href(patient_id, claim_id))
        except CocmError as problem:
            form.add_error(None, plain_words(problem))
    problem_text = ""
    preview: PacketPreview | None = None
    try:
        preview = packet_preview(actor=actor, today=today, patient=patient, claim_id=claim_id)
    except CocmError as problem:
        problem_text = plain_words(problem)
    context = {
        "patient": patient,
        "case": case,
        "month": case.month,
        "form": form,
        "problem": problem_text,
        "preview": preview,
        "items": _items_table(preview) if preview is not None else None,
        "documents": _documents(preview) if preview is not None else [],
        "asked_for": _asked(preview) if preview is not None else "",
        "completeness": preview.made.content.completeness_percent if preview is not None else 0,
        "withheld": len(preview.made.content.withheld) if preview is not None else 0,
        "once": request.POST.get("once", "")[:60] or str(uuid4()),
        "has_folder": partner_of(actor, case.standing.rows.claim.payer_id) is not None,
        "sendings": [one for one in case.sendings if one.kind == Sending.Kind.PACKET],
    }
    return TemplateResponse(request, "denials/packet.html", context, status=422 if form.is_bound else 200)


def _items_table(preview: PacketPreview) -> Table:
    return Table(
        "What it holds",
        (Column("Part"), Column("State"), Column("Entries", "number")),
        [
            Row(
                (
                    item.title,
                    badge(item.presence.value.capitalize(), *PRESENCE[item.presence]),
                    len(item.rows) or "",
                )
            )
            for item in preview.made.content.items
        ],
        key="items",
        caption_hidden=True,
    )


def _documents(preview: PacketPreview) -> list[dict[str, object]]:
    kinds = document_kinds(rulebook())
    withheld = dict(preview.made.content.withheld)
    kept = {document.document_id for document, _ in preview.made.content.documents}
    rows = []
    for one, is_chosen in preview.documents:
        key = str(one.pk)
        if key in withheld:
            state = withheld[key]
        elif key in kept or not is_chosen:
            state = ""
        else:
            state = "of another month"
        rows.append(
            {
                "row": one,
                "kind": kinds[one.kind].label if one.kind in kinds else one.kind,
                "is_chosen": is_chosen and key not in withheld,
                "may_go": key not in withheld,
                "is_asked": one.kind in preview.asked_kinds,
                "state": state,
            }
        )
    return rows


def _asked(preview: PacketPreview) -> str:
    kinds = document_kinds(rulebook())
    return ", ".join(dict.fromkeys(kinds[name].label for name in sorted(preview.asked_kinds)))


@needs(Permission.BILLING_EDIT, patient="patient_id", methods=("GET", "POST"))
@set_up_first
def packet_choose_post(request: HttpRequest, patient_id: UUID, claim_id: str) -> HttpResponse:
    """Say which documents go in; a GET leads to the packet."""
    case_or_404(request, claim_id)
    if request.method == "POST":
        chosen = []
        for text in request.POST.getlist("documents"):
            try:
                chosen.append(UUID(text))
            except ValueError:
                continue
        left_out = packet_choose(actor=request.actor, patient=request.chart, claim_id=claim_id, chosen=chosen)
        messages.success(request, f"{len(left_out)} left out." if left_out else "All documents go in.")
    return HttpResponseRedirect(packet_href(patient_id, claim_id))


@needs(Permission.BILLING_VIEW, patient="patient_id", is_guarded_anew=True)
@set_up_first
def packet_file(request: HttpRequest, patient_id: UUID, claim_id: str, kind: str) -> HttpResponse:
    """The packet as it would go out today: PDF, C-CDA or the attachment."""
    if kind not in (PDF, CDA, ATTACHMENT):
        raise Http404
    try:
        content = packet_bytes(
            actor=request.actor,
            today=timezone.localdate(),
            patient=request.chart,
            claim_id=claim_id,
            kind=kind,
        )
    except CocmError as problem:
        messages.error(request, plain_words(problem))
        return HttpResponseRedirect(packet_href(patient_id, claim_id))
    return attachment(content, name=f"packet-{claim_id}.{kind}", content_type=CONTENT_TYPES[kind])


@needs(Permission.BILLING_EDIT, patient="patient_id", methods=("GET", "POST"))
@set_up_first
def document_new_page(request: HttpRequest, patient_id: UUID, claim_id: str) -> HttpResponse:
    """Put a document beside the patient's records, for packets."""
    case = case_or_404(request, claim_id)
    form = (
        DocumentForm(request.POST, request.FILES)
        if request.method == "POST"
        else DocumentForm(initial={"service_date": min(case.month.last_day, timezone.localdate())})
    )
    if form.is_bound and form.is_valid():
        given = dict(form.cleaned_data)
        try:
            upload = given.pop("file")
            _, is_new = document_add(
                actor=request.actor, patient=request.chart, content=upload.read(), **given
            )
            messages.success(
                request, "The document is here." if is_new else "This document was here already."
            )
            return HttpResponseRedirect(packet_href(patient_id, claim_id))
        except ValidationError as problem:
            form.add_error(None, problem)
    context = {"form": form, "patient": request.chart, "case": case}
    return TemplateResponse(request, "denials/document.html", context, status=422 if form.is_bound else 200)


@needs(Permission.BILLING_EDIT, patient="patient_id", methods=("GET", "POST"))
@set_up_first
def document_remove_page(
    request: HttpRequest, patient_id: UUID, claim_id: str, document_id: UUID
) -> HttpResponse:
    """Take a document away, after a question."""
    back = packet_href(patient_id, claim_id)
    found = PatientDocument.objects.of(request.actor).filter(patient=request.chart, pk=document_id)
    document = found.defer("content").first()
    if document is None:
        return HttpResponseRedirect(back)
    if request.method == "POST":
        document_remove(actor=request.actor, patient=request.chart, document_id=document_id)
        messages.success(request, "The document is gone.")
        return HttpResponseRedirect(back)
    context = {
        "href": request.path,
        "label": "Take away",
        "question": f"Take {document.title} away?",
        "tone": "danger",
        "detail": "For one that was put here by mistake. To keep it out of this packet only, do not choose it.",
        "key": "document",
        "back_href": back,
    }
    return TemplateResponse(request, "look/confirm_page.html", context)


@needs(Permission.BILLING_VIEW, patient="patient_id", is_guarded_anew=True)
@set_up_first
def sending_file(request: HttpRequest, patient_id: UUID, sending_id: UUID) -> HttpResponse:
    """The very bytes that went out."""
    sending = Sending.objects.of(request.actor).filter(patient=request.chart, pk=sending_id).first()
    if sending is None:
        raise Http404
    record(
        request.actor,
        Verb.EXPORTED,
        object_type="sent copy",
        object_id=sending.pk,
        patient_id=request.chart.pk,
    )
    return attachment(
        zlib.decompress(bytes(sending.content)),
        name=f"{sending.kind}-{sending.claim_id}-{sending.sent_on}.{sending.ending}",
        content_type=CONTENT_TYPES[sending.ending],
    )
