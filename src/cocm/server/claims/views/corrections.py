"""Sending a claim again, and taking one back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from cocm.basics.errors import CocmError
from cocm.basics.money import dollars
from cocm.claims.records import Claim
from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.claims.claim_file import ClaimFile, claim_file
from cocm.server.claims.forms import VoidForm
from cocm.server.claims.sending import Again, correction_rule, look_again, send_again, take_back
from cocm.server.claims.words import state_badge
from cocm.server.look.tables import Column, Row, Table


@needs(Permission.BILLING_EDIT, patient="patient_id", methods=("GET", "POST"))
def again_page(request: HttpRequest, patient_id: str, claim_id: str) -> HttpResponse:
    """What the month supports now, and how it may go out; POST sends it, once."""
    actor, patient = request.actor, request.chart  # type: ignore[attr-defined]  # the guard has set them
    today = timezone.localdate()
    file = claim_file(actor=actor, patient=patient, claim_id=claim_id, today=today)
    refused = ""
    if request.method == "POST":
        try:
            written = send_again(
                actor=actor,
                patient=patient,
                claim_id=claim_id,
                digest=request.POST.get("digest", ""),
                today=today,
            )
        except CocmError as problem:
            refused = str(problem)
        else:
            if written is None:
                messages.info(request, "There is nothing to send: what went out is what the month supports.")
            else:
                messages.success(request, f"Written for the payer: {written.file_name}. Hand it over.")
                return HttpResponseRedirect(reverse("claims:batches"))
            return HttpResponseRedirect(_home(patient.pk, claim_id))
    again = look_again(actor=actor, patient=patient, claim=file.claim, today=today)
    context = _context(request, file) | {
        "again": again,
        "refused": refused,
        "how": _how(again),
        "compared": _compared(file, again),
        "held": [
            (item.item, item.why, item.action, item.can_be_released)
            for item in (again.decision.held if again.decision is not None else ())
        ],
    }
    return TemplateResponse(request, "claims/again.html", context, status=422 if refused else 200)


def _how(again: Again) -> str:
    """How it would go out, in words."""
    if again.is_replacement:
        assert again.decision is not None and again.decision.submission is not None
        return f"as a replacement of the payer's {again.decision.submission.payer_claim_control_number}"
    return "as a new original"


def _context(request: HttpRequest, file: ClaimFile) -> dict[str, Any]:
    patient = request.chart  # type: ignore[attr-defined]  # as above
    return {
        "patient": patient,
        "file": file,
        "state": state_badge(file.life.state),
        "subtitle": f"{patient.full_name}, {file.claim.claim_id}, {file.month}",
        "back": _home(patient.pk, file.claim.claim_id),
    }


def _home(patient_pk: object, claim_id: str) -> str:
    return reverse("claims:claim", kwargs={"patient_id": patient_pk, "claim_id": claim_id})


def _compared(file: ClaimFile, again: Again) -> Table | None:
    """What was sent beside what the month supports now."""
    claim = again.decision.claim if again.decision is not None else None
    if file.sent is None or claim is None:
        return None
    sent = file.sent
    before = {
        "Lines": " + ".join(_line(line.hcpcs_code, int(line.service_unit_quantity)) for line in sent.lines),
        "Charge": dollars(sent.charge_amount_cents),
        "Diagnoses": " ".join(sent.diagnosis_codes),
        "Place of service": sent.place_of_service_code,
        "Member id": sent.member_id,
        "Rendering": sent.rendering.identifier if sent.rendering is not None else "",
        "Authorization": sent.prior_authorization_number,
    }
    now = _now(claim)
    rows = [
        Row((name, before[name], now[name]), tone="attention" if before[name] != now[name] else "")
        for name in before
    ]
    columns = [Column("What"), Column("As sent"), Column("Now")]
    return Table("As sent and now", columns, rows, key="compared", caption_hidden=True)


def _now(claim: Claim) -> dict[str, str]:
    return {
        "Lines": " + ".join(_line(line.hcpcs_code, line.service_unit_quantity) for line in claim.lines),
        "Charge": dollars(claim.charge_amount_cents),
        "Diagnoses": " ".join(code.replace(".", "") for code in claim.diagnosis_codes),
        "Place of service": claim.place_of_service_code,
        "Member id": claim.member_id,
        "Rendering": claim.rendering.npi if claim.rendering is not None else "",
        "Authorization": claim.prior_authorization_number,
    }


def _line(code: str, units: int) -> str:
    return f"{code} x{units}" if units != 1 else code


@needs(Permission.BILLING_EDIT, patient="patient_id", methods=("GET", "POST"))
def void_page(request: HttpRequest, patient_id: str, claim_id: str) -> HttpResponse:
    """Take a claim back in the payer's way; POST writes the void, once."""
    actor, patient = request.actor, request.chart  # type: ignore[attr-defined]  # the guard has set them
    today = timezone.localdate()
    file = claim_file(actor=actor, patient=patient, claim_id=claim_id, today=today)
    initial = {"payer_number": file.life.payer_claim_control_number}
    form = VoidForm(request.POST) if request.method == "POST" else VoidForm(initial=initial)
    if form.is_bound and form.is_valid():
        try:
            written = take_back(
                actor=actor,
                patient=patient,
                claim_id=claim_id,
                payer_number=form.cleaned_data["payer_number"],
                reason=form.cleaned_data["reason"],
                today=today,
            )
        except CocmError as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, f"Written for the payer: {written.file_name}. Hand it over.")
            return HttpResponseRedirect(reverse("claims:batches"))
    context = _context(request, file) | {
        "form": form,
        "correction": correction_rule(actor=actor, claim=file.claim),
    }
    return TemplateResponse(request, "claims/void.html", context, status=422 if form.is_bound else 200)
