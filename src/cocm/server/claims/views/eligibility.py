"""Eligibility: ask about a month's patients, see what payers answered, tell the patient the cost share."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from cocm.basics.errors import CocmError
from cocm.basics.money import dollars
from cocm.basics.months import Month
from cocm.benefits.estimate_page import Sender, estimate_page
from cocm.benefits.explain import share_in_words
from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.accounts.models import Organization
from cocm.server.accounts.selectors import payer_names
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.claims.eligibility import (
    Cover,
    Told,
    ask,
    benefits_of,
    cost_share_tell,
    covers,
    request_content,
)
from cocm.server.claims.forms import AskForm, ToldForm
from cocm.server.claims.models import EligibilityRequest
from cocm.server.claims.selectors import waiting_counts
from cocm.server.claims.tabs import claims_tabs
from cocm.server.claims.views.batches import X12
from cocm.server.claims.words import coverage_badge, route_badge
from cocm.server.files import attachment
from cocm.server.look.badges import badge
from cocm.server.look.tables import Column, Row, Table

MONTHS_AROUND = 120


def month_asked(request: HttpRequest) -> Month:
    """The month of the address, where it lies within some years, else the present one."""
    now = Month.of(timezone.localdate())
    try:
        asked = Month.parse(request.GET.get("month", ""))
    except ValueError:
        return now
    return asked if abs(asked.index - now.index) <= MONTHS_AROUND else now


@needs(Permission.BILLING_VIEW)
def eligibility_page(request: HttpRequest) -> HttpResponse:
    """Whoever is in care in a month: asked, answered, told."""
    actor = request.actor  # type: ignore[attr-defined]  # the guard has set it
    month = month_asked(request)
    payers = payer_names(actor)
    found = covers(actor=actor, month=month)
    requests = EligibilityRequest.objects.of(actor).filter(month_index=month.index).defer("packed")
    by_payer = Counter(one.payer_id for one in found if one.payer_id)
    unanswered = Counter(one.payer_id for one in found if one.payer_id and one.answer is None)
    context = {
        "tabs": claims_tabs("claims:eligibility", waiting_counts(actor=actor)),
        "month": month,
        "previous": month.plus(-1),
        "following": month.plus(1),
        "tiles": [
            ("Patients", len(found), ""),
            ("Answered", sum(one.answer is not None for one in found), ""),
            ("Clear", sum(one.answer is not None and one.answer.is_clear for one in found), ""),
            ("Told the cost", sum(one.told is not None for one in found), ""),
            ("Without cover", sum(not one.payer_id for one in found), ""),
        ],
        "asking": [
            (payer_id, payers.get(payer_id, payer_id), count, unanswered[payer_id])
            for payer_id, count in sorted(by_payer.items())
        ],
        "requests": [(one, payers.get(one.payer_id, one.payer_id)) for one in requests.order_by("-number")],
        "payers": payers,
        "may_ask": actor.may(Permission.BILLING_EDIT),
        "may_take": actor.may(Permission.DATA_EXPORT),
        "table": _table(found, payers, month),
    }
    return TemplateResponse(request, "claims/eligibility.html", context)


def _table(found: list[Cover], payers: dict[str, str], month: Month) -> Table:
    columns = [
        Column("Patient"),
        Column("Payer"),
        Column("Member id"),
        Column("Asked", "date"),
        Column("Covered"),
        Column("Claim goes to"),
        Column("Told", "date"),
    ]
    rows = []
    for one in found:
        answer = one.answer
        rows.append(
            Row(
                (
                    one.name,
                    payers.get(one.payer_id, one.payer_id) if one.payer_id else badge("No cover", "danger"),
                    one.member_id,
                    one.request.asked_on.isoformat() if one.request is not None else "",
                    coverage_badge(answer.coverage) if answer is not None else "",
                    route_badge(answer.route) if answer is not None else "",
                    one.told.told_on.isoformat() if one.told is not None else "",
                ),
                href=reverse("claims:cost_share", kwargs={"patient_id": one.pk, "month": month}),
                tone="attention" if answer is not None and not answer.is_clear else "",
            )
        )
    return Table(
        "Patients in care",
        columns,
        rows,
        key="covers",
        layout="cards",
        empty="Nobody is in care in this month.",
        caption_hidden=True,
    )


@needs(Permission.BILLING_EDIT, methods=("POST",))
def ask_page(request: HttpRequest, month: Month) -> HttpResponse:
    """Write the request of a month and payer."""
    form = AskForm(request.POST)
    back = f"{reverse('claims:eligibility')}?month={month}"
    if not form.is_valid():
        messages.error(request, "Choose a payer.")
        return HttpResponseRedirect(back)
    try:
        made = ask(
            actor=request.actor,  # type: ignore[attr-defined]  # the guard has set it
            month=month,
            payer_id=form.cleaned_data["payer"],
            today=timezone.localdate(),
        )
    except CocmError as problem:
        messages.error(request, str(problem))
    else:
        where = "It lies in the payer's folder." if made.put_into_folder_at else "Take it along below."
        messages.success(request, f"{made.file_name}: {made.patient_count} patients. {where}")
    return HttpResponseRedirect(back)


@needs(Permission.BILLING_VIEW, is_guarded_anew=True)
def request_file(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """A request as a file (270)."""
    name, content = request_content(actor=request.actor, request_id=request_id)  # type: ignore[attr-defined]
    return attachment(content, name=name, content_type=X12)


@needs(Permission.CHART_VIEW, patient="patient_id", methods=("GET", "POST"))
def cost_share_page(request: HttpRequest, patient_id: str, month: Month) -> HttpResponse:
    """What a payer says of a patient's month, and what it may cost them; POST records that they were told."""
    actor, patient = request.actor, request.chart  # type: ignore[attr-defined]  # the guard has set them
    today = timezone.localdate()
    form = ToldForm(request.POST, today=today) if request.method == "POST" else ToldForm(today=today)
    if form.is_bound:
        actor.require(Permission.CHART_EDIT)
        if form.is_valid():
            try:
                cost_share_tell(actor=actor, patient=patient, month=month, **form.cleaned_data)
            except CocmError as problem:
                form.add_error(None, str(problem))
            else:
                messages.success(request, "Recorded; the consent says that the cost share was explained.")
                return HttpResponseRedirect(request.path)
    found = benefits_of(actor=actor, patient=patient, month=month)
    context = {
        "patient": patient,
        "subtitle": f"Benefits and cost share, {month}",
        "month": month,
        "found": found,
        "form": form,
        "may_tell": actor.may(Permission.CHART_EDIT),
        **(_told(found) if found is not None else {}),
    }
    return TemplateResponse(request, "claims/cost_share.html", context, status=422 if form.is_bound else 200)


def _told(found: Told) -> dict[str, Any]:
    benefits = found.benefits
    rows = []
    for kind in found.estimate.months:
        share = kind.share
        text = "not known"
        if share is not None:
            text = dollars(share.low_cents)
            if kind.is_open_above:
                text = f"at least {text}"
            elif not share.is_exact:
                text = f"{text} to {dollars(share.high_cents)}"
        allowed = "" if kind.allowed_cents is None else dollars(kind.allowed_cents)
        rows.append(Row((kind.kind.capitalize(), " + ".join(kind.hcpcs_codes), allowed, text)))
    columns = [
        Column("Month"),
        Column("Codes"),
        Column("Allowed", "number"),
        Column("Patient's share", "number"),
    ]
    return {
        "coverage": coverage_badge(benefits.coverage.state.value),
        "route": route_badge(benefits.route.kind.value),
        "share": share_in_words(benefits.in_network),
        "table": Table(
            "What a month may cost the patient", columns, rows, key="estimate", caption_hidden=True
        ),
    }


@needs(Permission.CHART_VIEW, patient="patient_id", is_guarded_anew=True, also=Permission.DATA_EXPORT)
def cost_share_letter(request: HttpRequest, patient_id: str, month: Month) -> HttpResponse:
    """The patient's page in English and Spanish, as a file that prints on one sheet."""
    actor, patient = request.actor, request.chart  # type: ignore[attr-defined]  # the guard has set them
    found = benefits_of(actor=actor, patient=patient, month=month)
    if found is None or found.benefits.is_refused:
        raise Http404
    practice = Organization.objects.get(pk=actor.organization_id)
    page = estimate_page(
        found.benefits, found.estimate, Sender(practice.name, practice.phone), timezone.localdate()
    )
    record(actor, Verb.EXPORTED, object_type="cost_share_letter", object_id=patient.pk, patient_id=patient.pk)
    return attachment(page.encode(), name=f"cost-share-{month}.html", content_type="text/html; charset=utf-8")
