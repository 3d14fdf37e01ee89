"""Batches: what was written for payers, taken along as a file or put into the payer's folder."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from cocm.basics.errors import CocmError
from cocm.basics.money import dollars
from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.accounts.selectors import payer_names
from cocm.server.claims.exchange import Batch, batches, hand_over_as_file, put_into_folder
from cocm.server.claims.models import Way
from cocm.server.claims.selectors import waiting_counts
from cocm.server.claims.tabs import claims_tabs
from cocm.server.files import attachment
from cocm.server.look.badges import badge
from cocm.server.look.html import icon
from cocm.server.look.tables import Column, Row, Table

X12: str = "application/edi-x12"


@needs(Permission.BILLING_VIEW)
def batches_page(request: HttpRequest) -> HttpResponse:
    """Every batch, whether it was handed over, and what the payer said of its form."""
    actor = request.actor  # type: ignore[attr-defined]  # the guard has set it
    payers = payer_names(actor)
    found = batches(actor=actor)
    waiting = [one for one in found if one.waits]
    may_put = actor.may(Permission.BILLING_EDIT)
    context = {
        "tabs": claims_tabs("claims:batches", waiting_counts(actor=actor)),
        "waiting": [
            (
                one,
                payers.get(one.written.payer_id, one.written.payer_id),
                dollars(one.written.charge_amount_cents),
            )
            for one in waiting
        ],
        "may_put": may_put,
        "may_take": actor.may(Permission.DATA_EXPORT),
        "table": _table(found, payers, may_take=actor.may(Permission.DATA_EXPORT)),
        "batches_total": len(found),
    }
    return TemplateResponse(request, "claims/batches.html", context)


def _table(found: list[Batch], payers: dict[str, str], *, may_take: bool) -> Table:
    columns = [
        Column("Batch"),
        Column("Month", "date"),
        Column("Payer"),
        Column("Written", "date"),
        Column("Claims", "number"),
        Column("Charged", "number"),
        Column("Handed over"),
        Column("Form"),
        Column("File", "action", label_hidden=True),
    ]
    rows = []
    for one in found:
        written = one.written
        address = reverse("claims:batch_file", kwargs={"control_number": written.control_number})
        link = (
            format_html(
                '<a class="btn btn-sm btn-quiet" href="{}" aria-label="837P of batch {}">{}837P</a>',
                address,
                f"{written.control_number:09d}",
                icon("download"),
            )
            if may_take
            else ""
        )
        rows.append(
            Row(
                (
                    f"{written.control_number:09d}",
                    str(one.month),
                    payers.get(written.payer_id, written.payer_id),
                    written.as_of_date.isoformat(),
                    written.claim_count,
                    dollars(written.charge_amount_cents),
                    _handed_over(one),
                    _form(one),
                    link,
                ),
                tone="attention" if one.waits else "",
            )
        )
    return Table(
        "Batches",
        columns,
        rows,
        key="batches",
        layout="cards",
        empty="No month was closed yet.",
        caption_hidden=True,
    )


def _handed_over(one: Batch) -> object:
    if one.put_at is not None:
        return badge(f"In the folder since {timezone.localdate(one.put_at)}", "success")
    if one.handovers:
        return badge(f"Downloaded {timezone.localdate(one.handovers[-1].handed_over_at)}", "info")
    return badge("Reached the payer", "info") if one.is_answered else badge("Not yet", "attention")


def _form(one: Batch) -> object:
    if one.rejected:
        return badge(f"{one.rejected} refused", "danger")
    return badge("Accepted", "success") if one.accepted else badge("No answer")


@needs(Permission.BILLING_VIEW, is_guarded_anew=True)
def batch_file(request: HttpRequest, control_number: int) -> HttpResponse:
    """A batch as a file to take to the payer or clearinghouse."""
    name, content = hand_over_as_file(actor=request.actor, control_number=control_number)  # type: ignore[attr-defined]
    return attachment(content, name=name, content_type=X12)


@needs(Permission.BILLING_EDIT, methods=("POST",))
def batch_put(request: HttpRequest, control_number: int) -> HttpResponse:
    """Put a batch into the payer's folder, once."""
    try:
        handover = put_into_folder(actor=request.actor, control_number=control_number)  # type: ignore[attr-defined]
    except CocmError as problem:
        messages.error(request, str(problem))
    else:
        assert handover.way == Way.FOLDER
        messages.success(request, f"{handover.file_name} lies in the payer's folder.")
    return HttpResponseRedirect(reverse("claims:batches"))
