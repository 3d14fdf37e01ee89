"""The consultants' hours of a month, and their statement as a file."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from cocm.basics.months import Month
from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.files import CSV, XLSX, attachment, csv_bytes, workbook_bytes
from cocm.server.look.tables import Column, Row, Table
from cocm.server.registry.caseload import today_of
from cocm.server.review.hours import HEADINGS, clock, hours_of, totals
from cocm.server.review.views.sessions import review_tabs

MONTHS_OFFERED = 12


def _month(text: str) -> Month:
    try:
        return Month.parse(text) if text else Month.of(today_of())
    except ValueError:
        return Month.of(today_of())


@needs(Permission.HOURS_VIEW)
def hours_page(request: HttpRequest) -> HttpResponse:
    """A consultant's own hours; with the practice's figures everybody's."""
    month = _month(request.GET.get("month", ""))
    lines = hours_of(actor=request.actor, month=month)  # type: ignore[attr-defined]  # the guard has set it
    this = Month.of(today_of())
    sums = totals(lines)
    table = Table(
        f"Consultants' hours of {month}",
        [
            Column("Consultant"),
            Column("Day", "date"),
            Column("Patients", "number"),
            Column("Review", "number", help="Minutes of caseload review, by the ledger"),
            Column("Other", "number", help="Minutes of other work on patients, by the ledger"),
            Column("General", "number", help="Minutes about no single patient"),
            Column("In all", "number", help="Hours and minutes"),
        ],
        [
            Row(
                (
                    line.consultant,
                    line.day,
                    len(line.patients),
                    line.review_seconds // 60,
                    line.other_seconds // 60,
                    line.general_minutes or "",
                    clock(line.seconds),
                )
            )
            for line in lines
        ],
        key="hours",
        layout="cards",
        foot=("In all", "", "", "", "", "", clock(sum(sums.values()))) if lines else (),
        empty=f"No consultant's minutes in {month}.",
    )
    context = {
        "tabs": review_tabs(request, "review:hours"),
        "month": month,
        "months": [(this.plus(-back), f"?month={this.plus(-back)}") for back in range(MONTHS_OFFERED)],
        "sums": [(name, clock(seconds)) for name, seconds in sums.items()],
        "table": table,
        "files": [(name, reverse("review:hours_file", args=(month, name))) for name in ("xlsx", "csv")],
    }
    return TemplateResponse(request, "review/hours.html", context)


@needs(Permission.HOURS_VIEW, is_guarded_anew=True)
def hours_file(request: HttpRequest, month: str, form: str) -> HttpResponse:
    """The statement as a workbook or as CSV; it names no patient."""
    try:
        wanted = Month.parse(month)
    except ValueError as problem:
        raise Http404 from problem
    if form not in ("xlsx", "csv"):
        raise Http404
    actor = request.actor  # type: ignore[attr-defined]  # the guard has set it
    rows = [line.cells for line in hours_of(actor=actor, month=wanted)]
    record(
        actor,
        Verb.EXPORTED,
        object_type="consultanthours",
        object_id=str(wanted),
        details={"rows": len(rows)},
    )
    name = f"consultant-hours-{wanted}.{form}"
    if form == "csv":
        return attachment(csv_bytes(HEADINGS, rows), name=name, content_type=CSV)
    return attachment(workbook_bytes(f"Hours {wanted}", HEADINGS, rows), name=name, content_type=XLSX)
