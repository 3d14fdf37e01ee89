"""Audit and reports: what was made, what it came to, its files; and the making of more."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from cocm.basics.counted import counted
from cocm.basics.errors import CocmError
from cocm.basics.money import dollars
from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.access.throttle_limits import Limit
from cocm.server.files import attachment
from cocm.server.look.badges import badge
from cocm.server.look.tables import Column, Row, Table
from cocm.server.plandesk.forms import HistoryForm
from cocm.server.plandesk.models import PlanReport, ReportKind
from cocm.server.plandesk.reports import (
    RUN_KIND,
    Asked,
    file_content,
    files_of,
    month_or_none,
    report_or_none,
    report_start,
    reports,
)
from cocm.server.plandesk.views import OCTETS, in_page_words, of_a_plan
from cocm.server.runs.progress import runs_shown

SIDES: Final = {"plan": ("the plan erred", "danger"), "practice": ("paid too much", "attention")}


@needs(Permission.PLAN_FIGURES)
@of_a_plan
def reports_page(request: HttpRequest) -> HttpResponse:
    """The reports that were made, and those that are being made."""
    actor = request.actor  # type: ignore[attr-defined]  # the guard has set it
    rows = [
        Row(
            (
                ReportKind(one.kind).label,
                ", ".join(one.asked.get("history", ())),
                _months(one),
                _came_to(one),
                timezone.localdate(one.made_at),
                one.made_by.full_name if one.made_by else "",
            ),
            href=reverse("plandesk:report", args=[one.pk]),
        )
        for one in reports(actor=actor)
    ]
    table = Table(
        "Reports made",
        (
            Column("Report"),
            Column("Made of"),
            Column("Months"),
            Column("Came to"),
            Column("On", "date"),
            Column("By"),
        ),
        rows,
        key="reports",
        layout="cards",
        empty="None yet.",
    )
    runs = runs_shown(actor=actor, kind=RUN_KIND)
    context = {"table": table, "form": HistoryForm(), "kinds": KINDS, "runs": runs}
    return TemplateResponse(request, "plandesk/reports.html", context)


KINDS: Final = [
    (
        ReportKind.AUDIT,
        "Improper denials, wrong cost shares, misrouting and over-billing, with the evidence a line.",
    ),
    (ReportKind.DATA_REQUEST, "The BHI data request: by product, region and month; small figures hidden."),
    (ReportKind.SCORECARDS, "Each provider beside all; small figures hidden."),
    (
        ReportKind.PERFORMANCE,
        "How claims were answered: approval, denial and rejection rates, days to pay; small figures hidden.",
    ),
    (
        ReportKind.SB1320,
        "Evidence of the process for integrated behavioral health claims: by its rules, and line by line.",
    ),
    (ReportKind.POLICY, "The policy that runs, for providers and for reviewers."),
]


def _months(one: PlanReport) -> str:
    if one.summary.get("months"):
        return str(one.summary["months"])
    history = one.summary.get("history") or {}
    return f"{history['first_month']} to {history['last_month']}" if history.get("first_month") else ""


def _came_to(one: PlanReport) -> str:
    summary = one.summary
    if one.kind == ReportKind.AUDIT:
        causes = summary.get("causes", ())
        found = sum(cause.get("lines", 0) for cause in causes)
        return f"{counted(found, 'finding')}, {counted(len(causes), 'cause')}"
    if one.kind == ReportKind.DATA_REQUEST:
        return f"{counted(summary['figures'], 'figure')}, {summary['hidden']:,} hidden"
    if one.kind == ReportKind.SCORECARDS:
        return counted(len(summary["providers"]), "provider")
    if one.kind == ReportKind.SB1320:
        return counted(summary["lines"], "line")
    return ""


@needs(Permission.PLAN_FIGURES, methods=("POST",), limit=Limit.EXPORT)
@of_a_plan
def report_new(request: HttpRequest) -> HttpResponse:
    """Ask for a report; the page of reports shows how far it is."""
    form = HistoryForm(request.POST, request.FILES)
    back = reverse("plandesk:reports")
    kind = request.POST.get("kind", "")
    if kind not in ReportKind.values or not form.is_valid():
        wrong = [error for errors in form.errors.values() for error in errors] or ["Choose a report."]
        messages.error(request, "; ".join(wrong))
        return HttpResponseRedirect(back)
    given = form.cleaned_data
    try:
        asked = Asked(
            {one.name: one.read() for one in given["files"]},
            month_or_none(given["first"]),
            month_or_none(given["last"]),
        )
        report_start(actor=request.actor, kind=ReportKind(kind), asked=asked)  # type: ignore[attr-defined]  # as above
    except CocmError as problem:
        messages.error(request, in_page_words(str(problem)))
    return HttpResponseRedirect(back)


@needs(Permission.PLAN_FIGURES)
@of_a_plan
def report_page(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """One report: what it came to, and its files."""
    actor = request.actor  # type: ignore[attr-defined]  # as above
    report = report_or_none(actor=actor, report_id=report_id)
    if report is None:
        raise Http404
    files = Table(
        "Files",
        (Column("File"), Column("Bytes", "number")),
        [
            Row(
                (one.name, f"{one.bytes_total:,}"),
                href=reverse("plandesk:report_file", args=[report.pk, one.name]),
            )
            for one in files_of(actor=actor, report=report)
        ],
        key="files",
        layout="cards",
    )
    context = {
        "report": report,
        "kind": ReportKind(report.kind).label,
        "made_of": ", ".join(report.asked.get("history", ())),
        "months": _months(report),
        "files": files,
        "tables": list(_tables(report)),
        "facts": _facts(report),
    }
    return TemplateResponse(request, "plandesk/report.html", context)


def _facts(report: PlanReport) -> list[tuple[str, str]]:
    summary = report.summary
    if report.kind != ReportKind.AUDIT:
        not_told = summary.get("not_told", "")
        return [("Not told by the history", not_told)] if not_told else []
    history = summary["history"]
    denials = ", ".join(f"{count} {word.replace('_', ' ')}" for word, count in summary["denials"].items())
    missing = ", ".join(one["column"] for one in summary["columns_missing"])
    return [
        ("Lines", f"{history['lines']:,}, of Collaborative Care {history['cocm_lines']:,}"),
        ("Members", f"{history['members']:,}"),
        ("Members harmed", f"{summary['members_harmed']:,}"),
        ("Denied lines", denials or "none"),
        ("Columns missing", missing or "none"),
    ]


def _tables(report: PlanReport) -> Any:
    summary = report.summary
    if report.kind == ReportKind.AUDIT:
        yield _causes(summary)
    if report.kind == ReportKind.DATA_REQUEST:
        yield Table(
            "The whole plan",
            (Column("Measure"), Column("Figure", "number"), Column("Definition")),
            [Row(tuple(one)) for one in summary.get("shown", ())],
            key="figures",
            layout="cards",
        )
    if report.kind == ReportKind.PERFORMANCE:
        yield Table(
            "How claims were answered",
            (Column("Measure"), Column("Figure", "number"), Column("Of")),
            [Row(tuple(one)) for one in summary["shown"]],
            key="rates",
            layout="cards",
        )
    if report.kind == ReportKind.SB1320:
        yield Table(
            "What was done",
            (Column("Question"), Column("Answer"), Column("Lines", "number")),
            [Row((one["question"], one["answer"], one["lines"])) for one in summary["practice"]],
            key="practice",
            layout="cards",
        )


def _causes(summary: Any) -> Table:
    rows = []
    for one in summary["causes"]:
        word, tone = SIDES.get(one.get("side", ""), (one.get("side", ""), "neutral"))
        rows.append(
            Row(
                (
                    one.get("label", one.get("cause", "")),
                    badge(word, tone),
                    one.get("lines", ""),
                    one.get("claims", ""),
                    one.get("members", ""),
                    dollars(one.get("amount_cents", 0)),
                    dollars(one.get("open_amount_cents", 0)),
                )
            )
        )
    return Table(
        f"{len(rows)} causes",
        (
            Column("Cause"),
            Column("Side"),
            Column("Lines", "number"),
            Column("Claims", "number"),
            Column("Members", "number"),
            Column("Money", "number"),
            Column("Still open", "number"),
        ),
        rows,
        key="causes",
        layout="cards",
        empty="Nothing was found, on either side.",
    )


@needs(Permission.PLAN_FIGURES, is_guarded_anew=True)
@of_a_plan
def report_file(request: HttpRequest, report_id: UUID, name: str) -> HttpResponse:
    """A file of a report."""
    actor = request.actor  # type: ignore[attr-defined]  # as above
    report = report_or_none(actor=actor, report_id=report_id)
    content = None if report is None else file_content(actor=actor, report=report, name=name)
    if content is None:
        raise Http404
    return attachment(content, name=name, content_type=OCTETS)
