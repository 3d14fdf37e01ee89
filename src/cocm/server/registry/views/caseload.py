"""The caseload: the list, its views, its file, the search, a new patient."""

from __future__ import annotations

import uuid
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse

from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.access.throttle_limits import Limit
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.look.parts import Pages
from cocm.server.look.tables import table_query
from cocm.server.registry.aims import aims_workbook
from cocm.server.registry.caseload import (
    BILLING_SORTS,
    Caseload,
    CaseloadRow,
    chosen,
    flag_counts,
    ordered,
    today_of,
)
from cocm.server.registry.caseload_table import CARE, COLUMN_SETS, caseload_table, chart_address
from cocm.server.registry.forms.caseload_forms import FILTERS, FilterForm, SearchForm, ViewForm
from cocm.server.registry.forms.entry_forms import NewPatientForm
from cocm.server.registry.models import SavedView
from cocm.server.registry.selectors import found_patients
from cocm.server.registry.services.views import view_remove, view_save
from cocm.server.registry.views.case_file import add_errors

ROWS_A_PAGE: Final = (50, 100, 500)
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _asked(
    query: QueryDict, request: HttpRequest, *, with_billing: bool
) -> tuple[Caseload, FilterForm, list[CaseloadRow], str]:
    """The caseload, the filters, the rows that fit in the order asked for, and that order."""
    form = FilterForm(query, actor=request.actor)  # type: ignore[attr-defined]  # the guard has set it
    choice = form.choice
    sort = query.get("sort", "need")
    load = Caseload(
        request.actor,  # type: ignore[attr-defined]  # as above
        today_of(),
        ended=choice.status == "ended",
        with_billing=with_billing or sort.removeprefix("-") in BILLING_SORTS,
    )
    rows = ordered(list(chosen(load.rows, choice)), sort)
    form.label_flags(flag_counts(load.rows, load.watched))
    return load, form, rows, sort


@needs(Permission.CASELOAD_VIEW)
def caseload_page(request: HttpRequest) -> HttpResponse:
    """The patients whose charts are open to the person, the most pressing first."""
    views = list(SavedView.objects.of(request.actor).filter(user_id=request.actor.user_id).order_by("name"))
    if not request.GET:
        default = next((view for view in views if view.is_default and view.query), None)
        if default is not None:
            return HttpResponseRedirect(f"{reverse('registry:caseload')}?{default.query}")
    columns = request.GET.get("columns", CARE)
    if columns not in dict(COLUMN_SETS):
        columns = CARE
    load, form, rows, sort = _asked(request.GET, request, with_billing=columns != CARE)
    pages, shown = _page(request, rows)
    query = table_query(request.GET)
    is_filtered = any(request.GET.get(name) for name in FILTERS)
    current = request.GET.urlencode()
    context = {
        "table": caseload_table(
            shown,
            today=load.today,
            columns=columns,
            sort=sort,
            query=query,
            caption=f"Caseload on {load.today}",
            empty="Nobody fits these filters." if is_filtered else "No patients in care are yours to open.",
        ),
        "filter_form": form,
        "is_filtered": is_filtered,
        "pages": pages,
        "rows_total": len(load.rows),
        "rows_shown": len(rows),
        "needing": sum(
            1 for row in load.rows if row.flags and row.flags[0].rule.tone in ("danger", "attention")
        ),
        "today": load.today,
        "month": load.month,
        "rules": list(load.watched.rules.values()),
        "is_by_need": sort == "need",
        "by_need": "?" + urlencode(query, doseq=True),
        "column_sets": [
            (label, "?" + urlencode({**_plain(request.GET), "columns": name}, doseq=True), name == columns)
            for name, label in COLUMN_SETS
        ],
        "views": [(view, view.query == current) for view in views],
        "view_form": ViewForm(initial={"query": current}, auto_id="view-%s"),
        "query": current,
        "columns": columns,
    }
    return TemplateResponse(request, "registry/caseload.html", context)


def _plain(query: QueryDict) -> dict[str, list[str]]:
    return table_query(query, without=("page", "columns"))


def _page(request: HttpRequest, rows: list[CaseloadRow]) -> tuple[Pages, list[CaseloadRow]]:
    size = int(request.GET["rows"]) if request.GET.get("rows") in map(str, ROWS_A_PAGE) else ROWS_A_PAGE[1]
    count = max(1, -(-len(rows) // size))
    given = request.GET.get("page", "1")
    number = min(max(1, int(given)), count) if given.isdecimal() and len(given) < 6 else 1
    query = table_query(request.GET, without=("page",))
    return Pages(number, count, len(rows), query), rows[(number - 1) * size : number * size]


@needs(Permission.DATA_EXPORT, is_guarded_anew=True)
def export_file(request: HttpRequest) -> HttpResponse:
    """The rows that the page shows, as a workbook with the AIMS spreadsheet's columns.

    The person proves once more who it is before it is handed out.
    """
    query = QueryDict(request.GET.get("query", ""))
    load, _, rows, _ = _asked(query, request, with_billing=True)
    record(
        request.actor,
        Verb.EXPORTED,
        object_type="caseload",
        object_id=str(load.today),
        details={
            "rows": len(rows),
            "patients": sorted({str(row.values["patient_pk"]) for row in rows}),
        },
    )
    response = HttpResponse(aims_workbook(rows, load.today), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="caseload-{load.today}.xlsx"'
    return response


@needs(Permission.CASELOAD_VIEW, methods=("POST",))
def view_keep(request: HttpRequest) -> HttpResponse:
    """Keep the filters and the order under a name."""
    form = ViewForm(request.POST)
    query = request.POST.get("query", "")
    if form.is_valid():
        try:
            view = view_save(actor=request.actor, **form.cleaned_data)
            messages.success(request, f"The view {view.name} is kept.")
            query = view.query
        except ValidationError as problem:
            messages.error(request, " ".join(problem.messages))
    else:
        messages.error(request, "Give the view a name of at most 40 letters.")
    return HttpResponseRedirect(f"{reverse('registry:caseload')}?{QueryDict(query).urlencode()}")


@needs(Permission.CASELOAD_VIEW, methods=("POST",))
def view_forget(request: HttpRequest) -> HttpResponse:
    """Remove a view of one's own."""
    try:
        view_remove(actor=request.actor, view_id=uuid.UUID(request.POST.get("view", "")))
        messages.success(request, "The view is removed.")
    except ValueError:
        messages.error(request, "There is no such view.")
    return HttpResponseRedirect(f"{reverse('registry:caseload')}?sort=need")


@needs(Permission.CASELOAD_VIEW, methods=("GET", "POST"), limit=Limit.SEARCH)
def search_page(request: HttpRequest) -> HttpResponse:
    """Find a patient by name, id or medical record number. What was typed stands in no address."""
    form = SearchForm(request.POST if request.method == "POST" else None, auto_id="find-%s")
    found: list[Any] = []
    asked = form.is_bound and form.is_valid()
    if asked:
        found = found_patients(actor=request.actor, text=form.cleaned_data["q"])
        if len(found) == 1 and found[0].is_open:
            return HttpResponseRedirect(chart_address(found[0].patient.pk))
    status = 422 if form.is_bound and not form.is_valid() else 200
    return TemplateResponse(
        request, "registry/search.html", {"form": form, "found": found, "asked": asked}, status=status
    )


@needs(Permission.CHART_EDIT, methods=("GET", "POST"))
def new_patient_page(request: HttpRequest) -> HttpResponse:
    """A new patient with the first episode."""
    given = request.POST if request.method == "POST" else None
    form = NewPatientForm(given, actor=request.actor, patient=None, episode=None)
    if given is not None and form.is_valid():
        try:
            messages.success(request, form.save())
            return HttpResponseRedirect(chart_address(form.patient.pk))
        except ValidationError as problem:
            add_errors(form, problem)
    return TemplateResponse(
        request, "registry/new_patient.html", {"form": form}, status=422 if given is not None else 200
    )
