"""Money that goes back: to payers by their clocks, and to patients; paid months scored again."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from cocm.basics.counted import counted
from cocm.basics.errors import CocmError
from cocm.basics.money import dollars
from cocm.basics.months import Month
from cocm.receivables.refund_case import known_case, what_goes_back
from cocm.receivables.self_audit import SAMPLE_MONTHS
from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.look.badges import badge
from cocm.server.look.html import joined
from cocm.server.look.tables import Column, Row, Table
from cocm.server.money.forms import ReturnedForm
from cocm.server.money.selectors import DueBack, account_of_patient, due_back
from cocm.server.money.services import overpayment_returned, paid_months_scored, plain_words
from cocm.server.money.tabs import money_tabs
from cocm.server.set_up_first import set_up_first


@needs(Permission.BILLING_VIEW)
@set_up_first
def refunds_page(request: HttpRequest) -> HttpResponse:
    """What goes back, the nearest clock first."""
    today = timezone.localdate()
    found = due_back(actor=request.actor, today=today)
    context = {
        "tabs": money_tabs("money:refunds"),
        "to_payers": dollars(sum(one.case.cents for one in found if one.case is not None)),
        "to_patients": dollars(
            sum(one.patient_cents + (one.case.patient_cents if one.case else 0) for one in found)
        ),
        "late": sum((one.days_left(today) or 0) < 0 for one in found),
        "table": _table(request, found),
        "sample": SAMPLE_MONTHS,
    }
    return TemplateResponse(request, "money/refunds.html", context)


def _table(request: HttpRequest, found: list[DueBack]) -> Table:
    return Table(
        f"Money that goes back, {len(found)}",
        (
            Column("Claim"),
            Column("Patient"),
            Column("Month"),
            Column("To the payer", "number"),
            Column("To the patient", "number"),
            Column("By"),
            Column("Why"),
            Column("Do", "action", label_hidden=True),
        ),
        [_row(request, one) for one in found],
        key="refunds",
        layout="cards",
        empty="Nothing goes back.",
    )


def _row(request: HttpRequest, one: DueBack) -> Row:
    claim, today = one.standing.rows.claim, timezone.localdate()
    left = one.days_left(today)
    href = action = ""
    if one.patient is not None:
        arguments = {"patient_id": one.patient.pk, "claim_id": claim.claim_id}
        href = reverse("denials:claim", kwargs=arguments)
        if request.actor.may(Permission.BILLING_EDIT):
            name = "money:returned" if one.case is not None else "money:settle"
            action = joined(
                f'<a class="btn btn-outline-primary btn-sm" href="{reverse(name, kwargs=arguments)}">Record return'
                f'<span class="visually-hidden"> of {claim.claim_id}</span></a>'
            )
    return Row(
        (
            claim.claim_id,
            one.patient.name if one.patient is not None else claim.patient_id,
            str(Month.from_index(claim.month_index)),
            dollars(one.case.cents) if one.case is not None else "",
            dollars(one.patient_cents + (one.case.patient_cents if one.case is not None else 0)),
            _clock(one, left),
            one.case.why if one.case is not None else "paid above the share that stands",
            action,
        ),
        href=href,
        tone="danger" if left is not None and left < 0 else "",
    )


def _clock(one: DueBack, left: int | None) -> object:
    if one.case is None:
        return ""
    if left is None:
        return joined('<span title="', _attribute(one.case.deadline.why), '">not known: ask the payer</span>')
    if left < 0:
        return badge(f"{-left} days late", "danger", "exclamation-octagon")
    return joined(
        f"{one.case.deadline.day} ", badge(f"{left} days", "attention" if left <= 14 else "neutral")
    )


def _attribute(text: str) -> str:
    from django.utils.html import escape

    return str(escape(text))


@needs(Permission.BILLING_EDIT, methods=("GET", "POST"))
@set_up_first
def score_page(request: HttpRequest) -> HttpResponse:
    """Score paid months again, after a question."""
    back = reverse("money:refunds")
    if request.method == "POST":
        audit = paid_months_scored(actor=request.actor, today=timezone.localdate())
        opened = sum(one.refund is not None and not one.refund.is_known for one in audit.audited)
        messages.success(
            request,
            f"{counted(len(audit.audited), 'month')} of {audit.paid_months} scored; "
            f"{counted(opened, 'refund case')} opened.",
        )
        return HttpResponseRedirect(back)
    context = {
        "href": request.path,
        "label": "Score again",
        "question": "Score paid months again?",
        "tone": "primary",
        "detail": f"Up to {SAMPLE_MONTHS} paid months, half of them the riskiest, against their records as they are "
        "today. What was paid above them opens a refund case, and its payer's clock starts.",
        "key": "score",
        "back_href": back,
    }
    return TemplateResponse(request, "look/confirm_page.html", context)


@needs(Permission.BILLING_EDIT, patient="patient_id", methods=("GET", "POST"))
@set_up_first
def returned_page(request: HttpRequest, patient_id: UUID, claim_id: str) -> HttpResponse:
    """Record that an overpayment went back."""
    today = timezone.localdate()
    account = account_of_patient(actor=request.actor, today=today, patient=request.chart)
    one = next((found for found in account.standings if found.rows.claim.claim_id == claim_id), None)
    back = reverse("money:refunds")
    if one is None:
        raise Http404
    event = one.timeline.open_overpayment
    if event is None:
        messages.info(request, "No overpayment of this claim is open.")
        return HttpResponseRedirect(back)
    form = ReturnedForm(request.POST if request.method == "POST" else None, initial={"day": today})
    if form.is_bound and form.is_valid():
        try:
            overpayment_returned(
                actor=request.actor, patient=request.chart, claim_id=claim_id, **form.cleaned_data
            )
            messages.success(request, "The return is recorded; the clock has stopped.")
            return HttpResponseRedirect(back)
        except CocmError as problem:
            form.add_error(None, plain_words(problem))
    case = known_case(claim_id, event)
    context = {
        "form": form,
        "patient": request.chart,
        "claim_id": claim_id,
        "month": str(Month.from_index(one.rows.claim.month_index)),
        "case": case,
        "what": what_goes_back(case),
    }
    return TemplateResponse(request, "money/returned.html", context, status=422 if form.is_bound else 200)
