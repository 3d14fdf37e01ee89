"""The plan's tables: what is in force, since when and by whom; new ones looked at before they are taken."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst

from cocm.basics.errors import CocmError
from cocm.intake.problems import RowProblem
from cocm.plandesk.tables import OPTIONAL, PLAN_TABLES
from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.files import attachment
from cocm.server.look.badges import badge
from cocm.server.look.parts import RowFault
from cocm.server.look.tables import Column, Row, Table
from cocm.server.plandesk.forms import TablesForm
from cocm.server.plandesk.models import PlanTable
from cocm.server.plandesk.tables import current_tables, look_at, tables_save, template_files
from cocm.server.plandesk.views import desk_tabs, of_a_plan

ROWS_SHOWN_MAX: Final = 200
FAULTS_SHOWN_MAX: Final = 100


@needs(Permission.PLAN_TABLES, methods=("GET", "POST"))
@of_a_plan
def tables_page(request: HttpRequest) -> HttpResponse:
    """The tables in force; new ones are put in force where every row that matters can be read."""
    actor = request.actor  # type: ignore[attr-defined]  # the guard has set it
    form = TablesForm()
    context: dict[str, Any] = {}
    status = 200
    if request.method == "POST":
        form = TablesForm(request.POST, request.FILES)
        status = 422
        if form.is_valid():
            uploaded = {Path(one.name).stem.lower(): one.read() for one in form.cleaned_data["files"]}
            looked = look_at(actor=actor, uploaded=uploaded)
            if looked.may_be_taken:
                try:
                    tables_save(actor=actor, uploaded=uploaded)
                except CocmError as problem:
                    form.add_error("files", str(problem))
                else:
                    soft = (
                        f" {len(looked.problems)} rows of members wait to be mended."
                        if looked.problems
                        else ""
                    )
                    messages.success(request, f"{', '.join(sorted(uploaded))} in force.{soft}")
                    return HttpResponseRedirect(reverse("plandesk:tables"))
            elif looked.refusal:
                form.add_error("files", looked.refusal)
            context = {"faults": _faults(looked.problems), "faults_total": len(looked.problems)}
    found = current_tables(actor=actor)
    rows = [
        Row(
            (
                capfirst(table.name),
                table.grain,
                badge("in force", "success", "check-circle")
                if table.name in found
                else badge("none", "neutral")
                if table.name in OPTIONAL
                else badge("missing", "danger", "exclamation-octagon"),
                found[table.name].rows_total if table.name in found else "",
                timezone.localdate(found[table.name].uploaded_at) if table.name in found else "",
                _who(found[table.name]) if table.name in found else "",
            ),
            href=reverse("plandesk:table", args=[table.name]),
        )
        for table in PLAN_TABLES.values()
    ]
    context |= {
        "tabs": desk_tabs(request),
        "form": form,
        "missing": sorted(set(PLAN_TABLES) - OPTIONAL - set(found)),
        "table": Table(
            "Tables",
            (
                Column("Table"),
                Column("A row is"),
                Column("State"),
                Column("Rows", "number"),
                Column("Since", "date"),
                Column("By"),
            ),
            rows,
            key="tables",
            layout="cards",
            caption_hidden=True,
        ),
    }
    return TemplateResponse(request, "plandesk/tables.html", context, status=status)


def _who(table: PlanTable) -> str:
    return table.uploaded_by.full_name if table.uploaded_by else ""


def _faults(problems: tuple[RowProblem, ...]) -> list[tuple[str, list[RowFault]]]:
    by_file: dict[str, list[RowFault]] = defaultdict(list)
    for one in problems[:FAULTS_SHOWN_MAX]:
        by_file[one.file].append(
            RowFault(one.row_number, one.column, one.found, f"Expected {one.expectation}.")
        )
    return list(by_file.items())


@needs(Permission.PLAN_TABLES)
@of_a_plan
def table_page(request: HttpRequest, name: str) -> HttpResponse:
    """One table: its columns, the rows in force, and its former versions."""
    contract = PLAN_TABLES.get(name)
    if contract is None:
        raise Http404
    actor = request.actor  # type: ignore[attr-defined]  # as above
    versions = list(
        PlanTable.objects.of(actor)
        .filter(name=name)
        .order_by("-uploaded_at")
        .defer("content")
        .select_related("uploaded_by")
    )
    current = PlanTable.objects.of(actor).filter(name=name, is_current=True).first()
    lines = (
        list(csv.reader(io.StringIO(zlib.decompress(current.content).decode("utf-8-sig")))) if current else []
    )
    hides = {column.name for column in contract.columns if column.identifying}
    if len(lines) > 1 and hides & set(lines[0]):
        record(
            actor,
            Verb.PATIENTS_SEEN,
            object_type="plan_table",
            object_id=name,
            details={"rows": len(lines) - 1},
        )
    width = len(lines[0]) if lines else 0
    more = f", the first {ROWS_SHOWN_MAX} shown" if len(lines) > ROWS_SHOWN_MAX + 1 else ""
    total = max(0, len(lines) - 1)
    rows = Table(
        f"{total} row{'s' if total != 1 else ''}{more}",
        [Column(capfirst(head.replace("_", " "))) for head in lines[0]],
        [Row((line + [""] * width)[:width]) for line in lines[1 : ROWS_SHOWN_MAX + 1]],
        key="rows",
        layout="pane",
        empty="No row.",
    ) if lines else None  # fmt: skip
    columns = Table(
        "Columns",
        (Column("Column"), Column("Holds"), Column("Needed"), Column("Meaning"), Column("Example")),
        [
            Row(
                (
                    column.name,
                    str(column.form),
                    "yes" if column.required else "",
                    column.meaning,
                    column.example,
                )
            )
            for column in contract.columns
        ],
        key="columns",
        layout="cards",
    )
    context = {
        "contract": contract,
        "title": capfirst(name),
        "rows": rows,
        "columns": columns,
        "versions": versions,
    }
    return TemplateResponse(request, "plandesk/table.html", context)


@needs(Permission.PLAN_TABLES)
@of_a_plan
def template(request: HttpRequest) -> HttpResponse:
    """The empty tables with their README."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in template_files().items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content)
    return attachment(packed.getvalue(), name="plan-tables.zip", content_type="application/zip")
