"""Bringing tables in: choose files, look at what they would do and at every row that cannot be taken, confirm."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from cocm.basics.errors import CocmError
from cocm.intake.tables import TABLES
from cocm.intake.template import write_template
from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.files import CSV, XLSX, attachment, csv_bytes
from cocm.server.look.parts import RowFault
from cocm.server.look.tables import Column, Row, Table
from cocm.server.setup.aims_reading import AimsReading
from cocm.server.setup.importing import import_confirm, read_import
from cocm.server.setup.models import StagedImport
from cocm.server.setup.overlay import Overlay
from cocm.server.setup.staging import KEPT_FOR, UPLOAD_BYTES_MAX, discard, stage, staged_or_none, waiting

FAULTS_SHOWN_MAX: Final = 200
"""Of one file on the page; all of them are in the file to take along."""


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files."""

    widget = FilesInput(attrs={"accept": ".csv,.tsv,.xlsx"})

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(one, initial) for one in given]


class UploadForm(forms.Form):
    use_required_attribute = True
    files = FilesField(
        label="Files",
        help_text="One workbook with a sheet a table, CSV files named after their tables, or a caseload sheet with the "
        "AIMS columns; some of the tables are enough.",
    )


@needs(Permission.DATA_IMPORT, methods=("GET", "POST"))
def import_page(request: HttpRequest) -> HttpResponse:
    """Choose the files; what is uploaded waits to be looked at."""
    actor = request.actor  # type: ignore[attr-defined]  # the guard has set it
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_bound and form.is_valid():
        try:
            staged = stage(actor=actor, uploads=form.cleaned_data["files"])
            return HttpResponseRedirect(reverse("setup:import_preview", kwargs={"staged_id": staged.pk}))
        except CocmError as problem:
            form.add_error("files", str(problem))
    context = {
        "form": form,
        "waiting": waiting(actor=actor),
        "tables": [(table.name, table.grain, table.is_optional) for table in TABLES.values()],
        "megabytes": UPLOAD_BYTES_MAX // 1024**2,
        "hours": KEPT_FOR.total_seconds() // 3600,
    }
    return TemplateResponse(request, "setup/import.html", context, status=422 if form.is_bound else 200)


@needs(Permission.DATA_IMPORT)
def import_template(request: HttpRequest) -> HttpResponse:
    """An empty workbook with every table."""
    with tempfile.TemporaryDirectory(prefix="cocm-") as folder:
        [path, *_] = [
            made for made in write_template(Path(folder), as_workbook=True) if made.suffix == ".xlsx"
        ]
        return attachment(path.read_bytes(), name="practice-tables.xlsx", content_type=XLSX)


def _staged(request: HttpRequest, staged_id: UUID, *, for_update: bool = False) -> StagedImport:
    found = staged_or_none(actor=request.actor, staged_id=staged_id, for_update=for_update)  # type: ignore[attr-defined]
    if found is None:
        raise Http404
    return found


@needs(Permission.DATA_IMPORT, methods=("GET", "POST"))
def import_preview(request: HttpRequest, staged_id: UUID) -> HttpResponse:
    """What the upload would do; POST does it, all of it or nothing."""
    actor = request.actor  # type: ignore[attr-defined]  # the guard has set it
    staged = _staged(request, staged_id, for_update=request.method == "POST")
    today = timezone.localdate()
    refused = ""
    if request.method == "POST":
        try:
            counts = import_confirm(actor=actor, staged=staged, today=today)
            rows = sum(count["new"] + count["changed"] for count in counts.values())
            messages.success(request, f"Brought in: {rows} rows." if rows else "Everything was here already.")
            return HttpResponseRedirect(reverse("setup:start"))
        except CocmError as problem:
            refused = str(problem)
        except ValidationError as problem:
            refused = "A value that the site cannot keep: " + "; ".join(problem.messages)
    context: dict[str, Any] = {"staged": staged, "refused": refused, "overlay": None}
    try:
        overlay = read_import(actor=actor, staged=staged, today=today)
    except CocmError as problem:
        context["unreadable"] = str(problem).partition(". `cocm tables`")[0]
    else:
        context |= {
            "overlay": overlay,
            "table": _tables(overlay),
            "faults": _faults(overlay),
            "rows_new": sum(table.new for table in overlay.tables.values()),
            "rows_changed": sum(table.changed for table in overlay.tables.values()),
            "notes": _notes(overlay),
        }
    return TemplateResponse(request, "setup/import_preview.html", context, status=422 if refused else 200)


@needs(Permission.DATA_IMPORT)
def import_faults(request: HttpRequest, staged_id: UUID) -> HttpResponse:
    """Every row that cannot be taken as a file, to mend the tables by. Ids and places only."""
    overlay = read_import(
        actor=request.actor,  # type: ignore[attr-defined]  # as above
        staged=_staged(request, staged_id),
        today=timezone.localdate(),
    )
    rows = [
        (problem.file, problem.row_number, problem.column, problem.found, problem.expectation)
        for problem in overlay.problems
    ]
    content = csv_bytes(("file", "row", "field", "found", "expected"), rows)
    return attachment(content, name="rows-to-mend.csv", content_type=CSV)


@needs(Permission.DATA_IMPORT, methods=("POST",))
def import_discard(request: HttpRequest, staged_id: UUID) -> HttpResponse:
    """Throw an upload away."""
    discard(actor=request.actor, staged=_staged(request, staged_id))  # type: ignore[attr-defined]  # as above
    messages.success(request, "The upload is thrown away; nothing of it was saved.")
    return HttpResponseRedirect(reverse("setup:import"))


def _tables(overlay: Overlay | AimsReading) -> Table:
    columns = [
        Column("Table"),
        Column("File"),
        Column("Rows read", "number"),
        Column("New", "number"),
        Column("Changed", "number"),
        Column("Unchanged", "number"),
        Column("Cannot be taken", "number"),
    ]
    rows = [
        Row(
            (table.name, table.file, table.rows, table.new, table.changed, table.unchanged, table.rejected),
            tone="danger" if table.rejected else "",
        )
        for table in overlay.tables.values()
    ]
    return Table("What the tables say", columns, rows, key="tables", layout="cards", caption_hidden=True)


def _faults(overlay: Overlay | AimsReading) -> list[dict[str, Any]]:
    """By file: its faults, as many as a page bears."""
    by_file: dict[tuple[str, str], list[RowFault]] = defaultdict(list)
    for problem in overlay.problems:
        fault = RowFault(
            problem.row_number or None, problem.column, problem.found, f"expected: {problem.expectation}"
        )
        by_file[(problem.file, problem.table)].append(fault)
    return [
        {
            "file": file,
            "key": f"faults-{table}",
            "faults": found[:FAULTS_SHOWN_MAX],
            "more": max(0, len(found) - FAULTS_SHOWN_MAX),
        }
        for (file, table), found in by_file.items()
    ]


def _notes(overlay: Overlay | AimsReading) -> list[str]:
    """What was read in its own way, each kind once."""
    told = [] if isinstance(overlay, AimsReading) else [str(note) for note in overlay.source.notes]
    kinds: dict[tuple[str, str, str], int] = defaultdict(int)
    for note in overlay.notes:
        kinds[(note.file, note.column, note.text)] += 1
    told += [f"{file}, column {column}: {text} ({rows} rows)" for (file, column, text), rows in kinds.items()]
    return told
