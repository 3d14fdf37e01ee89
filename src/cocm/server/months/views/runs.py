"""Asking for a run, watching it, and what it wrote."""

from __future__ import annotations

import zlib
from datetime import date
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from cocm.basics.errors import UnusableInput
from cocm.basics.money import dollars
from cocm.basics.months import Month
from cocm.close.worklist import Status
from cocm.letters.words import month_words
from cocm.server.access.needs import needs, refuse
from cocm.server.access.permissions import Permission
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.files import attachment
from cocm.server.months.board import Board
from cocm.server.months.forms import CloseForm
from cocm.server.months.models import MonthRun, RunKind, RunReport
from cocm.server.months.runs import active_run, run_refresh, run_start
from cocm.server.months.words import STATUS_WORDS
from cocm.server.runs.models import RunState
from cocm.server.runs.progress import Progress, waiting_words

CONTENT_TYPES: Final = {
    "csv": "text/csv",
    "json": "application/json",
    "html": "text/html",
    "pdf": "application/pdf",
}


def run_words(run: MonthRun, today: date) -> Progress:
    """An active run's progress: reading is two thirds of the work."""
    title = "The close is at work" if run.is_close else "The forecast is at work"
    total = run.patients_total
    if run.state == RunState.WAITING:
        title = "The close waits its turn" if run.is_close else "The forecast waits its turn"
        sentence = waiting_words(run)
    elif not total:
        sentence = "Reading the practice's tables."
    elif run.patients_read < total:
        sentence = f"{run.patients_read:,} of {total:,} patients read."
    elif not run.patients_done:
        sentence = f"{total:,} patients read; deciding and checking."
    else:
        sentence = "Decided; writing the results."
    share = (run.patients_read * 66 + run.patients_done * 30) // total if total else 0
    names = {"run_id": run.pk}
    return Progress(
        title,
        sentence,
        min(share, 99),
        reverse("months:progress", kwargs=names),
        str(run.pk),
        reverse("months:run", kwargs=names),
    )


@needs(Permission.MONTH_VIEW, methods=("POST",))
def forecast_page(request: HttpRequest, month: Month) -> HttpResponse:
    """Look ahead at the month, in the background."""
    run_start(actor=request.actor, month=month, kind=RunKind.FORECAST, today=timezone.localdate())
    return HttpResponseRedirect(reverse("months:board", kwargs={"month": month}))


@needs(Permission.BILLING_EDIT, methods=("GET", "POST"))
def close_page(request: HttpRequest, month: Month) -> HttpResponse:
    """What a close would do now, and the button."""
    today = timezone.localdate()
    back = reverse("months:board", kwargs={"month": month})
    board = Board(request.actor, month, today)
    unsigned = [one for one in board.signers if not one.is_done]
    form = CloseForm(request.POST if request.method == "POST" else None, needs_reason=bool(unsigned))
    if request.method == "POST" and form.is_valid():
        try:
            run_start(
                actor=request.actor,
                month=month,
                kind=RunKind.CLOSE,
                today=today,
                reason=form.cleaned_data.get("reason", ""),
                forms=form.cleaned_data["forms"],
            )
        except UnusableInput as refusal:
            messages.error(request, f"{refusal}.")
        return HttpResponseRedirect(back)
    context = {
        "form": form,
        "board": board,
        "month": month,
        "month_name": month_words(month),
        "unsigned": unsigned,
        "ready": board.count(Status.CLAIM),
        "ready_money": dollars(board.expected(Status.CLAIM)),
        "held": board.count(Status.HELD),
        "held_money": dollars(board.held_cents),
        "sent": board.sent,
        "back_href": back,
        "active": active_run(actor=request.actor, month=month),
        "breadcrumb": [("Months", reverse("months:list")), (str(month), back), ("Close", "")],
    }
    return TemplateResponse(request, "months/close.html", context, status=422 if form.is_bound else 200)


def _run(request: HttpRequest, run_id: UUID) -> MonthRun | None:
    run = MonthRun.objects.of(request.actor).filter(pk=run_id).select_related("asked_by").first()
    return run_refresh(actor=request.actor, run=run) if run is not None else None


@needs(Permission.MONTH_VIEW)
def run_page(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """One run: how far it is or what it did, with its files."""
    run = _run(request, run_id)
    if run is None:
        return refuse(request, 404)
    figures = run.figures
    sees_all = request.actor.may(Permission.BILLING_VIEW)
    context = {
        "run": run,
        "month": run.month,
        "progress": run_words(run, timezone.localdate()) if run.is_active else None,
        "sees_all": sees_all,
        "statuses": [
            (words, figures.get("by_status", {}).get(key, 0), key)
            for key, words in STATUS_WORDS.items()
            if figures.get("by_status", {}).get(key)
        ],
        "codes": sorted(figures.get("by_code", {}).items()),
        "charged": dollars(figures.get("charged_cents_new", 0)),
        "expected": dollars(figures.get("expected_cents", 0)),
        "held": dollars(figures.get("held_cents", 0)),
        "reports": RunReport.objects.of(request.actor).filter(run=run).defer("content").order_by("name")
        if sees_all
        else [],
        "breadcrumb": [
            ("Months", reverse("months:list")),
            (str(run.month), reverse("months:board", kwargs={"month": run.month})),
            (run.get_kind_display(), ""),
        ],
    }
    return TemplateResponse(request, "months/run.html", context)


@needs(Permission.MONTH_VIEW)
def progress_partial(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """A run's progress, asked for again and again; once it is over the page is loaded anew."""
    run = _run(request, run_id)
    if run is None:
        return refuse(request, 404)
    if not run.is_active:
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"
        return response
    context = {"run": run, "progress": run_words(run, timezone.localdate())}
    return TemplateResponse(request, "runs/_progress.html", context)


@needs(Permission.BILLING_VIEW, is_guarded_anew=True)
def report_file(request: HttpRequest, run_id: UUID, name: str) -> HttpResponse:
    """A file that a run wrote: worklist, explained proposals, report."""
    report = (
        RunReport.objects.of(request.actor).filter(run_id=run_id, name=name).select_related("run").first()
    )
    if report is None:
        return refuse(request, 404)
    record(
        request.actor,
        Verb.EXPORTED,
        object_type="run report",
        object_id=report.pk,
        details={"name": report.name, "run": str(run_id)},
    )
    content = zlib.decompress(bytes(report.content))
    kind = CONTENT_TYPES.get(name.rpartition(".")[2], "application/octet-stream")
    return attachment(content, name=f"{report.run.month}-{name}", content_type=kind)
