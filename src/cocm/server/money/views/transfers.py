"""What psychiatric consultants are paid for a month: the statement, its approval, its journal, and the agreements."""

from __future__ import annotations

import re
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from cocm.basics.errors import CocmError
from cocm.basics.money import dollars, plain_dollars
from cocm.basics.months import Month
from cocm.receivables.transfers import TransferStatement, beancount_text
from cocm.remits.transfers import PROGRAMME_COST, PSYCHIATRY, TransferModel
from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.accounts.selectors import organization_of
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.files import CSV, attachment, csv_bytes
from cocm.server.look.tables import Column, Row, Table
from cocm.server.money.forms import AgreementForm, ApproveForm
from cocm.server.money.models import MODEL_WORDS, ConsultantAgreement
from cocm.server.money.tabs import money_tabs
from cocm.server.money.transfers import (
    MonthTransfers,
    agreement_save,
    agreements,
    approved_statement,
    digest_of,
    month_transfers,
    transfer_approve,
)
from cocm.server.set_up_first import set_up_first

_SUM: Final = re.compile(r"^\d+\.\d\d(?= (?:an? |collected|programme cost))")

BEANCOUNT: Final = "text/plain; charset=utf-8"


@needs(Permission.BILLING_VIEW)
@set_up_first
def transfers_page(request: HttpRequest) -> HttpResponse:
    """A month's statement: what each consultant did, by which agreement, and what is owed."""
    actor, today = request.actor, timezone.localdate()
    month = _month(request.GET.get("month", ""), Month.of(today).plus(-1))
    stands = month_transfers(actor=actor, month=month, today=today)
    approval = stands.approval
    context = {
        "tabs": money_tabs("money:transfers"),
        "month": month,
        "before": month.plus(-1),
        "after": month.plus(1) if month < Month.of(today) else None,
        "stands": stands,
        "table": _statement_table(stands) if stands.statement is not None else None,
        "digest": digest_of(month, stands.statement.lines) if stands.statement is not None else "",
        "is_over": today > month.last_day,
        "approval": approval,
        "approved_total": dollars(approval.total_cents) if approval is not None else "",
        "difference": dollars(stands.difference_cents),
        "agreements": _agreements_table(
            list(agreements(actor=actor)), actor.may(Permission.TRANSFERS_APPROVE)
        ),
    }
    return TemplateResponse(request, "money/transfers.html", context)


def _month(text: str, otherwise: Month) -> Month:
    try:
        return Month.parse(text) if text else otherwise
    except ValueError:
        return otherwise


def in_dollars(text: str) -> str:
    """A rate or a quantity of the core ("1200.00 a month") with its sum as money is written on pages."""
    return _SUM.sub(lambda found: dollars(int(found[0].replace(".", ""))), text)


def _statement_table(stands: MonthTransfers) -> Table:
    assert stands.statement is not None
    rows = []
    for line in stands.statement.lines:
        did = stands.statement.activity.get(line.psychiatric_consultant_id)
        rows.append(
            Row(
                (
                    stands.names.get(line.psychiatric_consultant_id, line.psychiatric_consultant_id),
                    line.agreement_id,
                    MODEL_WORDS[line.model],
                    (did.logged_seconds // 60) if did else 0,
                    did.reviews if did else 0,
                    in_dollars(line.quantity),
                    in_dollars(line.rate),
                    dollars(line.amount_cents),
                )
            )
        )
    return Table(
        f"Statement of {stands.month}",
        (
            Column("Consultant"),
            Column("Agreement"),
            Column("Model"),
            Column("Minutes logged", "number"),
            Column("Reviews", "number"),
            Column("Quantity"),
            Column("Rate"),
            Column("Owed", "number"),
        ),
        rows,
        key="statement",
        layout="cards",
        foot=("Total", "", "", "", "", "", "", dollars(stands.statement.total_cents)) if rows else (),
        empty="No agreement holds in this month.",
    )


def _agreements_table(found: list[ConsultantAgreement], may_edit: bool) -> Table:
    return Table(
        f"Agreements, {len(found)}",
        (
            Column("Agreement"),
            Column("Consultant"),
            Column("Model"),
            Column("Amount", "number"),
            Column("Percent", "number"),
            Column("Hours a week", "number"),
            Column("From", "date"),
            Column("Until", "date"),
        ),
        [
            Row(
                (
                    one.agreement_id,
                    one.consultant.full_name,
                    MODEL_WORDS[TransferModel(one.model)],
                    dollars(one.amount_cents) if one.amount_cents is not None else "",
                    "" if one.percent is None else f"{one.percent:g}",
                    "" if one.hours_per_week is None else f"{one.hours_per_week:g}",
                    one.effective_from,
                    one.effective_to or "",
                ),
                href=reverse("money:agreement", kwargs={"agreement_id": one.pk}) if may_edit else "",
            )
            for one in found
        ],
        key="agreements",
        layout="cards",
        empty="No agreement yet: without one there is no statement.",
    )


@needs(Permission.TRANSFERS_APPROVE, methods=("GET", "POST"))
@set_up_first
def approve_page(request: HttpRequest, month: Month) -> HttpResponse:
    """Approve the month's statement as it is shown here."""
    actor, today = request.actor, timezone.localdate()
    stands = month_transfers(actor=actor, month=month, today=today)
    back = f"{reverse('money:transfers')}?month={month}"
    form = ApproveForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            approval, is_new = transfer_approve(actor=actor, month=month, today=today, **form.cleaned_data)
            amount = dollars(approval.total_cents)
            messages.success(request, f"{month}: {amount} approved." if is_new else "It was approved before.")
            return HttpResponseRedirect(back)
        except ValidationError as problem:
            form.add_error(None, problem)
    digest = digest_of(month, stands.statement.lines) if stands.statement is not None else ""
    context = {
        "month": month,
        "stands": stands,
        "form": form,
        "digest": digest,
        "table": _statement_table(stands) if stands.statement is not None else None,
        "total": dollars(stands.statement.total_cents) if stands.statement is not None else "",
        "is_over": today > month.last_day,
        "back": back,
    }
    return TemplateResponse(request, "money/approve.html", context, status=422 if form.is_bound else 200)


@needs(Permission.BILLING_VIEW, is_guarded_anew=True)
@set_up_first
def journal_file(request: HttpRequest, month: Month, kind: str) -> HttpResponse:
    """The approved statement's journal: the programme's cost against what psychiatry is owed."""
    if kind not in ("csv", "beancount"):
        raise Http404
    stands = month_transfers(actor=request.actor, month=month, today=timezone.localdate())
    if stands.approval is None:
        messages.error(request, f"The statement of {month} is not approved yet: only then it has a journal.")
        return HttpResponseRedirect(f"{reverse('money:transfers')}?month={month}")
    statement = approved_statement(stands.approval)
    record(
        request.actor,
        Verb.EXPORTED,
        object_type="transfer journal",
        object_id=stands.approval.pk,
        details={"month": str(month), "format": kind},
    )
    name = f"transfers-{month}"
    if kind == "beancount":
        key = organization_of(actor=request.actor).key
        return attachment(
            beancount_text(statement, key).encode(), name=f"{name}.beancount", content_type=BEANCOUNT
        )
    return attachment(journal_csv(statement), name=f"{name}.csv", content_type=CSV)


def journal_csv(statement: TransferStatement) -> bytes:
    """The journal as a table: two rows a line, debits equal to credits."""
    rows = []
    for line in statement.lines:
        told = (statement.month.last_day, line.agreement_id, f"{line.model}: {line.quantity} at {line.rate}")
        amount = plain_dollars(line.amount_cents)
        rows.append((*told, PROGRAMME_COST, amount, ""))
        rows.append((*told, PSYCHIATRY, "", amount))
    return csv_bytes(("date", "agreement_id", "what", "account", "debit", "credit"), rows)


@needs(Permission.TRANSFERS_APPROVE, methods=("GET", "POST"))
def agreement_page(request: HttpRequest, agreement_id: UUID | None = None) -> HttpResponse:
    """A new agreement, or a change of one."""
    actor = request.actor
    agreement = ConsultantAgreement(organization_id=actor.organization_id)
    if agreement_id is not None:
        found = agreements(actor=actor).filter(pk=agreement_id).first()
        if found is None:
            raise Http404
        agreement = found
    form = AgreementForm(request.POST if request.method == "POST" else None, instance=agreement, actor=actor)
    if form.is_bound and form.is_valid():
        try:
            agreement_save(actor=actor, agreement=form.instance)
            messages.success(request, "The agreement is kept.")
            return HttpResponseRedirect(reverse("money:transfers"))
        except (ValidationError, CocmError) as problem:
            form.add_error(None, problem if isinstance(problem, ValidationError) else str(problem))
    context = {"form": form, "is_new": agreement_id is None, "name": agreement.agreement_id}
    return TemplateResponse(request, "money/agreement.html", context, status=422 if form.is_bound else 200)
