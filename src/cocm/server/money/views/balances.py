"""What patients owe, statements (held while a share is in dispute), and what people do about an account."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from cocm.basics.errors import CocmError
from cocm.basics.money import dollars
from cocm.basics.months import Month
from cocm.letters.words import phone_text, postal_text
from cocm.receivables.timelines import ClaimStanding
from cocm.remits.account import ActionKind
from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.accounts.selectors import organization_of
from cocm.server.look.badges import badge
from cocm.server.look.html import joined
from cocm.server.look.parts import Pages
from cocm.server.look.tables import Column, Row, Table, table_query
from cocm.server.money.forms import ACTION_WORDS, GivenForm, SettleForm
from cocm.server.money.models import PatientStatement
from cocm.server.money.selectors import (
    PatientAccount,
    account_of_patient,
    patient_accounts,
    totals,
)
from cocm.server.money.services import money_settle, plain_words, statement_given
from cocm.server.money.statement_words import LANGUAGES, words_for
from cocm.server.money.tabs import money_tabs
from cocm.server.people_named import NamedPatient, patients_named
from cocm.server.set_up_first import set_up_first

PATIENTS_PER_PAGE: Final = 50
SHOWN: Final = ("held", "ready", "all")


@needs(Permission.BILLING_VIEW)
@set_up_first
def balances_page(request: HttpRequest) -> HttpResponse:
    """Each patient with a share: what is owed, in dispute, paid; and whether a statement may go out."""
    actor, today = request.actor, timezone.localdate()
    accounts = patient_accounts(actor=actor, today=today)
    named = patients_named(actor=actor, patient_ids=(one.patient_id for one in accounts))
    shown = request.GET.get("show", "all")
    chosen = [
        one
        for one in accounts
        if shown not in SHOWN or shown == "all" or (one.is_held if shown == "held" else one.is_ready)
    ]
    sums = totals(accounts)
    pages = Paginator(chosen, PATIENTS_PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "tabs": money_tabs("money:balances"),
        "owes": dollars(sum(one.owes_cents for one in accounts)),
        "disputed": dollars(sums.disputed_cents),
        "paid": dollars(sums.patient_paid_cents),
        "held": sum(one.is_held for one in accounts),
        "ready": sum(one.is_ready for one in accounts),
        "shown": shown,
        "table": _balances_table(list(page.object_list), named, len(chosen)),
        "pages": Pages(page.number, pages.num_pages, pages.count, table_query(request.GET)),
    }
    return TemplateResponse(request, "money/balances.html", context)


def _balances_table(accounts: list[PatientAccount], named: dict[str, NamedPatient], total: int) -> Table:
    rows = []
    for one in accounts:
        patient = named.get(one.patient_id)
        rows.append(
            Row(
                (
                    patient.name if patient is not None else one.patient_id,
                    dollars(one.owes_cents),
                    dollars(one.disputed_cents) if one.disputed_cents else "",
                    dollars(one.paid_cents) if one.paid_cents else "",
                    dollars(one.refund_due_cents) if one.refund_due_cents else "",
                    statement_state(one),
                ),
                href=reverse("money:account", kwargs={"patient_id": patient.pk}) if patient else "",
                tone="attention" if one.is_held else "",
            )
        )
    return Table(
        f"Patients with a share, {total}",
        (
            Column("Patient"),
            Column("Owes", "number"),
            Column("In dispute", "number", help="On no statement until somebody has looked at it"),
            Column("Has paid", "number"),
            Column("Gets back", "number"),
            Column("Statement"),
        ),
        rows,
        key="balances",
        layout="cards",
        empty="No patient has a share.",
    )


def statement_state(account: PatientAccount) -> str:
    """Whether a statement may go out, as a badge."""
    if account.is_held:
        return badge("Held: share in dispute", "attention", "pause-circle")
    if account.is_ready:
        return badge("May go out", "info", "envelope")
    return badge("Nothing due", "neutral")


@needs(Permission.BILLING_VIEW, patient="patient_id")
@set_up_first
def account_page(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """One patient's accounts, claim by claim, with what may be done about each."""
    account = account_of_patient(actor=request.actor, today=timezone.localdate(), patient=request.chart)
    statements = PatientStatement.objects.of(request.actor).filter(patient=request.chart)
    context = {
        "patient": request.chart,
        "account": account,
        "owes": dollars(account.owes_cents),
        "disputed": dollars(account.disputed_cents),
        "paid": dollars(account.paid_cents),
        "refund": dollars(account.refund_due_cents),
        "state": statement_state(account),
        "table": _claims_table(request, account),
        "statements": [
            (one.given_on, dollars(one.amount_cents), one.get_way_display(), one.given_by.full_name)
            for one in statements.select_related("given_by").order_by("-given_on")
        ],
    }
    return TemplateResponse(request, "money/account.html", context)


def _claims_table(request: HttpRequest, account: PatientAccount) -> Table:
    may_edit = request.actor.may(Permission.BILLING_EDIT)
    return Table(
        f"Claims, {len(account.standings)}",
        (
            Column("Claim"),
            Column("Month"),
            Column("Charge", "number"),
            Column("Payer paid", "number"),
            Column("Settled", "number", help="By contract or law, or given up"),
            Column("Open with payer", "number"),
            Column("Patient's share", "number"),
            Column("In dispute", "number"),
            Column("Patient paid", "number"),
            Column("Do", "action", label_hidden=True),
        ),
        [_claim_row(request, one, may_edit) for one in account.standings],
        key="claims",
        layout="cards",
        empty="No claim was sent for this patient.",
    )


def _claim_row(request: HttpRequest, one: ClaimStanding, may_edit: bool) -> Row:
    balance, claim = one.account.balance, one.rows.claim
    settled = (
        balance.contractual_cents
        + balance.sequestration_cents
        + balance.protected_cents
        + balance.written_off_cents
    )
    arguments = {"patient_id": request.chart.pk, "claim_id": claim.claim_id}
    action = (
        f'<a class="btn btn-outline-primary btn-sm" href="{reverse("money:settle", kwargs=arguments)}">Record'
        f'<span class="visually-hidden"> for {claim.claim_id}</span></a>'
    )
    return Row(
        (
            claim.claim_id,
            str(Month.from_index(claim.month_index)),
            dollars(balance.charge_cents),
            dollars(balance.paid_cents),
            dollars(settled),
            dollars(balance.open_cents),
            dollars(balance.patient_cents),
            dollars(balance.disputed_cents),
            dollars(balance.patient_paid_cents),
            joined(action) if may_edit else "",
        ),
        href=reverse("denials:claim", kwargs=arguments),
        tone="attention" if balance.disputed_cents else "",
    )


@needs(Permission.BILLING_VIEW, patient="patient_id")
@set_up_first
def statement_page(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The patient's statement, to be printed; while a share is in dispute it says why there is none."""
    actor = request.actor
    account = account_of_patient(actor=actor, today=timezone.localdate(), patient=request.chart)
    practice, words = (
        organization_of(actor=actor),
        words_for(request.chart.language, request.GET.get("in", "")),
    )
    lines = [
        {
            "month": words.month_text(Month.from_index(one.rows.claim.month_index)),
            "claim_id": one.rows.claim.claim_id,
            "charge": dollars(one.account.balance.charge_cents),
            "insurance": dollars(one.account.balance.paid_cents),
            "adjusted": dollars(
                one.account.balance.contractual_cents
                + one.account.balance.sequestration_cents
                + one.account.balance.protected_cents
                + one.account.balance.written_off_cents
            ),
            "share": dollars(one.account.balance.patient_cents),
            "paid": dollars(one.account.balance.patient_paid_cents),
            "owes": dollars(one.account.balance.patient_owes_cents),
        }
        for one in account.standings
        if one.account.balance.patient_cents
    ]
    context = {
        "patient": request.chart,
        "practice": practice,
        "words": words,
        "ask": words.ask(phone_text(practice.phone)),
        "phone": phone_text(practice.phone),
        "practice_postal": postal_text(practice.postal_code),
        "patient_postal": postal_text(request.chart.postal_code),
        "others": [one for one in LANGUAGES if one is not words],
        "account": account,
        "owes": dollars(account.owes_cents),
        "disputed": dollars(account.disputed_cents),
        "today": timezone.localdate(),
        "lines": lines,
    }
    return TemplateResponse(request, "money/statement.html", context)


@needs(Permission.BILLING_EDIT, patient="patient_id", methods=("GET", "POST"))
@set_up_first
def given_page(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Record that the statement reached the patient."""
    back = reverse("money:account", kwargs={"patient_id": patient_id})
    form = GivenForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            statement, is_new = statement_given(
                actor=request.actor, patient=request.chart, **form.cleaned_data
            )
            amount = dollars(statement.amount_cents)
            messages.success(
                request, f"Statement of {amount} recorded." if is_new else "It was recorded before."
            )
            return HttpResponseRedirect(back)
        except ValidationError as problem:
            form.add_error(None, problem)
    account = account_of_patient(actor=request.actor, today=timezone.localdate(), patient=request.chart)
    context: dict[str, Any] = {
        "form": form,
        "patient": request.chart,
        "account": account,
        "owes": dollars(account.owes_cents),
    }
    return TemplateResponse(request, "money/given.html", context, status=422 if form.is_bound else 200)


@needs(Permission.BILLING_EDIT, patient="patient_id", methods=("GET", "POST"))
@set_up_first
def settle_page(request: HttpRequest, patient_id: UUID, claim_id: str) -> HttpResponse:
    """Record what was decided or done about one claim's money."""
    actor, patient = request.actor, request.chart
    account = account_of_patient(actor=actor, today=timezone.localdate(), patient=patient)
    one = next(
        (found for found in account.standings if claim_id in {claim.claim_id for claim in found.rows.claims}),
        None,
    )
    if one is None:
        raise Http404
    back = reverse("money:account", kwargs={"patient_id": patient_id})
    form = SettleForm(request.POST if request.method == "POST" else None, balance=one.account.balance)
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        kind = ActionKind(given["kind"])
        try:
            money_settle(
                actor=actor,
                patient=patient,
                claim_id=one.rows.claim.claim_id,
                kind=kind,
                amount_cents=given["amount"],
                day=given["day"],
                reason=given["reason"],
                work_minutes=given["work_minutes"],
            )
            messages.success(request, f"{ACTION_WORDS[kind]}: {dollars(given['amount'])}, recorded.")
            return HttpResponseRedirect(back)
        except CocmError as problem:
            form.add_error(None, plain_words(problem))
    balance = one.account.balance
    context = {
        "form": form,
        "patient": patient,
        "claim": one.rows.claim,
        "month": str(Month.from_index(one.rows.claim.month_index)),
        "facts": [
            (label, dollars(cents))
            for label, cents in (
                ("Charge", balance.charge_cents),
                ("Payer paid", balance.paid_cents),
                ("Open with the payer", balance.open_cents),
                ("Patient's share", balance.patient_cents),
                ("In dispute", balance.disputed_cents),
                ("Patient paid", balance.patient_paid_cents),
            )
        ],
    }
    return TemplateResponse(request, "money/settle.html", context, status=422 if form.is_bound else 200)
