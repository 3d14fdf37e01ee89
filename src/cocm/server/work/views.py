"""Work minutes: what administration costs by cause, the entries, and their correction."""

from __future__ import annotations

from fractions import Fraction
from typing import Final
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from cocm.basics.counted import counted
from cocm.basics.errors import CocmError
from cocm.basics.money import dollars, plain_dollars
from cocm.insight.counted_work import COUNTED_MIN
from cocm.insight.figures import decimal_text
from cocm.insight.overhead import CauseCost, WorkTask
from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.files import CSV, attachment, csv_bytes
from cocm.server.look.badges import badge
from cocm.server.look.html import joined, safe
from cocm.server.look.parts import Pages
from cocm.server.look.tables import Column, Row, Table, table_query
from cocm.server.money.tabs import money_tabs
from cocm.server.set_up_first import set_up_first
from cocm.server.work.features import removed_by
from cocm.server.work.forms import CorrectionForm, WorkForm, cause_words, subject_words
from cocm.server.work.models import WorkEntry
from cocm.server.work.selectors import (
    WorkReport,
    entries_in_force,
    first_broken_entry,
    work_report,
)
from cocm.server.work.services import work_corrected, work_recorded
from cocm.server.work.tasks import tasks

ENTRIES_PER_PAGE: Final = 50
MINUTES_IN_HOUR: Final = 60


@needs(Permission.BILLING_VIEW)
@set_up_first
def report_page(request: HttpRequest) -> HttpResponse:
    """The causes by yearly cost, with what would remove each."""
    today = timezone.localdate()
    report = work_report(actor=request.actor, today=today)
    context = {
        "tabs": money_tabs("work:report"),
        "report": report,
        "cost": dollars(report.cost_cents),
        "hours": _hours(report.minutes),
        "recorded_hours": _hours(Fraction(report.recorded_minutes)),
        "recorded_unit": "hour" if _hours(Fraction(report.recorded_minutes)) == "1" else "hours",
        "recorded_detail": counted(sum(one.times for one in report.recorded.values()), "entry", "entries"),
        "timed_tasks": sum(one.counted.is_enough for one in report.recorded.values()),
        "tasks_of": f"of {len(tasks())}",
        "counted_min": COUNTED_MIN,
        "cost_of_denial": dollars(report.cost_of_denial_cents),
        "volumes": [
            (volume.replace("_", " ").capitalize(), decimal_text(number, 0))
            for volume, number in (report.own.volumes.items() if report.own else ())
        ],
        "causes": [
            (
                rank,
                cause_words(cause.cause),
                dollars(cause.cost_cents),
                _hours(cause.minutes),
                dollars(report.assumed[cause.cause].cost_cents),
                _table(report, cause),
            )
            for rank, cause in enumerate(report.causes, 1)
        ],
    }
    return TemplateResponse(request, "work/report.html", context)


def _hours(minutes: Fraction) -> str:
    return decimal_text(minutes / MINUTES_IN_HOUR, 0)


def _table(report: WorkReport, cause: CauseCost) -> Table:
    return Table(
        f"{cause_words(cause.cause)}: tasks by cost",
        (
            Column("Task"),
            Column("Times a year", "number"),
            Column("Minutes each", "number"),
            Column("Assumed", "number", help="What the rulebook assumes until you have timed it yourselves"),
            Column("Timed here", "number", help="Entries in which somebody said how long it took"),
            Column("Cost a year", "number"),
            Column("Removed or shortened by"),
        ),
        [_row(report, task) for task in cause.tasks if task.cost_cents or task.name in report.recorded],
        key=f"cause-{cause.cause}",
        layout="cards",
        empty="Nothing of this cause.",
        caption_hidden=True,
    )


def _row(report: WorkReport, task: WorkTask) -> Row:
    recorded = report.recorded.get(task.name)
    assumption = tasks().get(task.name)
    return Row(
        (
            joined(
                f'<span>{safe(_capital(task.label))}<br><small class="text-body-secondary">{safe(_basis(report, task))}'
                "</small></span>"
            ),
            decimal_text(task.times, 0),
            decimal_text(task.minutes_each, 1) if task.minutes_each else "",
            decimal_text(assumption.minutes, 1) if assumption is not None else "",
            _timed(report, task) if recorded is not None else "",
            dollars(task.cost_cents),
            removed_by(task.removed_by),
        )
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _basis(report: WorkReport, task: WorkTask) -> str:
    recorded = report.recorded.get(task.name)
    if recorded is not None and recorded.counted.is_enough:
        return "minutes timed here"
    return f"minutes: {task.basis}"


def _timed(report: WorkReport, task: WorkTask) -> str:
    counted = report.recorded[task.name].counted
    mean = counted.minutes_mean
    return "" if mean is None else f"{counted.times} x {decimal_text(mean, 1)}"


@needs(Permission.BILLING_VIEW)
@set_up_first
def report_file(request: HttpRequest) -> HttpResponse:
    """The report as a table; it holds nobody's name and no patient."""
    report = work_report(actor=request.actor, today=timezone.localdate())
    rows = [
        (
            cause_words(cause.cause),
            _capital(task.label),
            decimal_text(task.times, 2).replace(",", ""),
            decimal_text(task.minutes_each, 2).replace(",", ""),
            plain_dollars(task.cost_cents),
            _basis(report, task),
            "; ".join(task.removed_by),
        )
        for cause in report.causes
        for task in cause.tasks
    ]
    record(request.actor, Verb.EXPORTED, object_type="work report", object_id=len(rows))
    headings = ("cause", "task", "times_a_year", "minutes_each", "cost_a_year", "basis", "removed_by")
    return attachment(
        csv_bytes(headings, rows), name=f"work-minutes-{timezone.localdate()}.csv", content_type=CSV
    )


@needs(Permission.BILLING_VIEW)
def entries_page(request: HttpRequest) -> HttpResponse:
    """The entries that hold, the last first: one's own, or everybody's for a manager."""
    pages = Paginator(entries_in_force(actor=request.actor), ENTRIES_PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "tabs": money_tabs("work:report"),
        "table": _entries_table(request, list(page.object_list)),
        "pages": Pages(page.number, pages.num_pages, pages.count, table_query(request.GET)),
        "broken": first_broken_entry(actor=request.actor),
        "is_everybodys": request.actor.may(Permission.FIGURES_VIEW),
    }
    return TemplateResponse(request, "work/entries.html", context)


def _entries_table(request: HttpRequest, entries: list[WorkEntry]) -> Table:
    named = tasks()
    return Table(
        "Entries",
        (
            Column("Work"),
            Column("Day", "date"),
            Column("Cause"),
            Column("About"),
            Column("Minutes", "number"),
            Column("Who"),
            Column("Correct", "action", label_hidden=True),
        ),
        [
            Row(
                (
                    _capital(named[entry.task].label) if entry.task in named else entry.task,
                    entry.worked_on,
                    cause_words(entry.cause),
                    subject_words(entry.subject, entry.subject_id),
                    joined(f"{entry.minutes}", " ", badge("assumed") if entry.is_default else ""),
                    entry.recorded_by.full_name if entry.recorded_by is not None else "",
                    _correct_link(entry),
                )
            )
            for entry in entries
        ],
        key="entries",
        layout="cards",
        empty="Nothing recorded yet.",
        caption_hidden=True,
    )


def _correct_link(entry: WorkEntry) -> SafeString:
    href = reverse("work:correct", kwargs={"entry_id": entry.pk})
    return joined(
        f'<a class="btn btn-quiet btn-sm" href="{href}">'
        f'Correct<span class="visually-hidden"> entry {entry.number}</span></a>'
    )


@needs(Permission.BILLING_VIEW, methods=("GET", "POST"))
def record_page(request: HttpRequest) -> HttpResponse:
    """Minutes of work that no page was there for."""
    form = WorkForm(request.POST) if request.method == "POST" else WorkForm()
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            work_recorded(
                actor=request.actor,
                task=given["task"],
                minutes=given["minutes"],
                claim_id=given["claim_id"],
                once_key=request.POST.get("once", "")[:60],
            )
            messages.success(request, f"{given['minutes']} minutes recorded.")
            return HttpResponseRedirect(reverse("work:entries"))
        except (ValidationError, CocmError) as problem:
            form.add_error(None, problem if isinstance(problem, ValidationError) else str(problem))
    once = request.POST.get("once", "") if form.is_bound else str(uuid4())
    return TemplateResponse(
        request, "work/record.html", {"form": form, "once": once}, status=422 if form.is_bound else 200
    )


@needs(Permission.BILLING_VIEW, methods=("GET", "POST"))
def correct_page(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Other minutes for an entry, and why."""
    entry = entries_in_force(actor=request.actor).filter(pk=entry_id).first()
    if entry is None:
        raise Http404
    given = request.POST if request.method == "POST" else None
    form = CorrectionForm(given, initial={"minutes": entry.minutes})
    if form.is_bound and form.is_valid():
        try:
            work_corrected(actor=request.actor, entry_id=entry.pk, **form.cleaned_data)
            messages.success(request, "The entry is corrected.")
            return HttpResponseRedirect(reverse("work:entries"))
        except ValidationError as problem:
            form.add_error(None, problem)
    named = tasks()
    context = {
        "form": form,
        "entry": entry,
        "about": subject_words(entry.subject, entry.subject_id),
        "task": _capital(named[entry.task].label) if entry.task in named else entry.task,
    }
    return TemplateResponse(request, "work/correct.html", context, status=422 if form.is_bound else 200)
