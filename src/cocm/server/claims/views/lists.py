"""The list of claims."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from cocm.basics.money import dollars
from cocm.claims.lifecycle import ClaimState
from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.accounts.selectors import payer_names
from cocm.server.claims.forms import ClaimFilterForm
from cocm.server.claims.listing import ClaimRow, chosen, claim_rows, totals
from cocm.server.claims.selectors import waiting_counts
from cocm.server.claims.tabs import claims_tabs
from cocm.server.claims.words import FREQUENCIES, STATES, state_badge
from cocm.server.look.parts import Pages
from cocm.server.look.tables import Column, Row, Table, table_query
from cocm.server.people_named import NamedPatient, patients_named

ROWS_A_PAGE: Final = 50
FIRST_SORT: Final = "-month"


@needs(Permission.BILLING_VIEW)
def list_page(request: HttpRequest) -> HttpResponse:
    """Every claim with where it stands; narrowed by month, payer, state and money."""
    actor = request.actor  # type: ignore[attr-defined]  # the guard has set it
    rows = claim_rows(actor=actor, today=timezone.localdate())
    payers = payer_names(actor)
    form = ClaimFilterForm(request.GET or None, rows=rows, payers=payers)
    sort = request.GET.get("sort", FIRST_SORT)
    found = chosen(rows, form.wanted, sort)
    pages = _pages(request, len(found))
    shown = found[(pages.number - 1) * ROWS_A_PAGE : pages.number * ROWS_A_PAGE]
    names = patients_named(actor=actor, patient_ids=[row.patient_id for row in shown])
    sums = totals(found)
    context = {
        "tabs": claims_tabs("claims:list", waiting_counts(actor=actor)),
        "form": form,
        "is_filtered": bool(form.is_bound and form.changed_data),
        "has_claims": bool(rows),
        "sums": sums,
        "tiles": [
            ("Charged", dollars(sums.charge_cents), "", ""),
            ("Paid", dollars(sums.paid_cents), "success" if sums.paid_cents else "", ""),
            ("Patients' share", dollars(sums.patient_cents), "", "Undisputed shares"),
            ("Open with payers", dollars(sums.open_cents), "", "Charges that nothing accounts for yet"),
        ],
        "states": [(STATES[state].label, state.value, count) for state, count in sums.by_state.most_common()],
        "rejected": sums.by_state[ClaimState.REJECTED],
        "table": _table(shown, names, payers, sort, request),
        "pages": pages,
    }
    return TemplateResponse(request, "claims/list.html", context)


def _pages(request: HttpRequest, rows_total: int) -> Pages:
    count = max(1, -(-rows_total // ROWS_A_PAGE))
    asked = request.GET.get("page", "1")
    number = min(max(int(asked), 1), count) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1
    return Pages(number, count, rows_total, table_query(request.GET, without=("page",)))


def _table(
    rows: list[ClaimRow],
    names: dict[str, NamedPatient],
    payers: dict[str, str],
    sort: str,
    request: HttpRequest,
) -> Table:
    columns = [
        Column("Patient", sort="patient"),
        Column("Month", sort="month"),
        Column("Payer", sort="payer"),
        Column("Codes"),
        Column("Stands", sort="state"),
        Column("Since", "date", sort="since"),
        Column("Charge", "number", sort="charge"),
        Column("Paid", "number", sort="paid"),
        Column("Patient's", "number", help="The patient's undisputed share"),
        Column("Open", "number", sort="open", help="Open with the payer"),
    ]
    made = []
    for row in rows:
        patient = names.get(row.patient_id)
        href = ""
        if patient is not None:
            href = reverse("claims:claim", kwargs={"patient_id": patient.pk, "claim_id": row.claim_id})
        made.append(
            Row(
                (
                    patient.name if patient is not None else row.patient_id,
                    str(row.month),
                    payers.get(row.payer_id, row.payer_id),
                    row.codes or FREQUENCIES.get(row.frequency_code, ""),
                    state_badge(row.state),
                    row.state_day.isoformat() if row.state_day is not None else "",
                    dollars(row.charge_cents),
                    dollars(row.paid_cents) if row.paid_cents else "",
                    dollars(row.patient_cents) if row.patient_cents else "",
                    dollars(row.open_cents) if row.open_cents else "",
                ),
                href=href,
                tone="danger" if row.is_flagged else "",
            )
        )
    return Table(
        "Claims",
        columns,
        made,
        key="claims",
        layout="cards",
        sort=sort,
        query=table_query(request.GET),
        empty="No claim like this.",
        caption_hidden=True,
    )
