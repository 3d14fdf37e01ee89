"""The trail on pages: search it, take it out as a file, verify it."""

from __future__ import annotations

import json
from typing import Final
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from cocm.server.access.needs import needs
from cocm.server.access.permissions import ROLE_WORDS, MemberRole, Permission
from cocm.server.access.throttle_limits import Limit
from cocm.server.audit.forms import TrailForm
from cocm.server.audit.models import AuditEvent
from cocm.server.audit.selectors import events, first_broken_event, found_events
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import SENTENCES, Verb
from cocm.server.files import CSV, XLSX, attachment, csv_bytes, workbook_bytes
from cocm.server.look.html import attribute, joined, safe
from cocm.server.look.parts import Pages
from cocm.server.look.tables import Column, Row, Table, table_query

EVENTS_PER_PAGE: Final = 100
EVENTS_PER_FILE_MAX: Final = 100_000
FILE_COLUMNS: Final = (
    "number",
    "at_utc",
    "person",
    "role",
    "verb",
    "what",
    "object_type",
    "object_id",
    "patient_id",
    "reason",
    "details",
    "request_id",
    "previous_hash",
    "row_hash",
)


@needs(Permission.AUDIT_VIEW)
def trail_page(request: HttpRequest) -> HttpResponse:
    """Who did what, the last first."""
    actor = request.actor
    form = TrailForm(request.GET, actor=actor)
    is_valid = form.is_valid()
    found = found_events(actor=actor, search=form.search) if is_valid else events(actor=actor).none()
    pages = Paginator(found, EVENTS_PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    query = table_query(request.GET)
    asked = urlencode({name: values for name, values in query.items() if any(values)}, doseq=True)
    context = {
        "form": form,
        "table": _table(list(page.object_list), form.people, asked),
        "pages": Pages(page.number, pages.num_pages, pages.count, query),
        "count": pages.count,
        "files": [
            (label, f"{reverse('audit:export')}?{urlencode({'format': kind})}&{asked}".rstrip("&"))
            for kind, label in (("csv", "CSV"), ("xlsx", "XLSX"))
        ]
        if pages.count
        else [],
        "is_asked": bool(asked),
    }
    return TemplateResponse(request, "audit/trail.html", context, status=200 if is_valid else 422)


def _table(shown: list[AuditEvent], people: dict[object, str], asked: str) -> Table:
    return Table(
        "Events",
        (
            Column("When", "date"),
            Column("Who"),
            Column("What"),
            Column("Record"),
            Column("Patient"),
            Column("Reason"),
            Column("Number", "number"),
        ),
        [_row(event, people) for event in shown],
        key="trail",
        layout="cards",
        empty="Nothing fits." if asked else "Nothing was done yet.",
        caption_hidden=True,
    )


def _row(event: AuditEvent, people: dict[object, str]) -> Row:
    return Row(
        (
            f"{timezone.localtime(event.at):%Y-%m-%d %H:%M:%S}",
            joined(
                f"<span>{safe(_who(event, people))}<br>"
                f'<small class="text-body-secondary">{safe(_role_words(event))}</small></span>'
            ),
            SENTENCES.get(Verb(event.verb), event.verb),
            joined(
                f"<span>{safe(event.object_type)}<br><small><code>{safe(event.object_id)}</code></small></span>"
            ),
            _patients(event),
            event.reason,
            event.number,
        ),
        tone="attention" if event.verb in (Verb.GLASS_BROKEN, Verb.REFUSED) else "",
    )


def _patients(event: AuditEvent) -> str:
    named = event.details.get("patients", ())
    count = event.details.get("patients_listed") or len(named)
    patient_id = event.patient_id or (named[0] if count == 1 else None)
    if patient_id is None:
        return f"{count} patients" if count else ""
    address = f"?{urlencode({'patient': str(patient_id)})}"
    name = f"what happened to patient {patient_id}"
    return joined(
        f"<a{attribute('href', address)}{attribute('aria-label', name)}><code>{safe(str(patient_id)[:8])}</code></a>"
    )


def _who(event: AuditEvent, people: dict[object, str]) -> str:
    return people.get(event.user_id, str(event.user_id)) if event.user_id else "The system"


def _role_words(event: AuditEvent) -> str:
    return ROLE_WORDS[MemberRole(event.role)] if event.role in set(MemberRole) else ""


@needs(Permission.AUDIT_VIEW, is_guarded_anew=True)
def export_file(request: HttpRequest) -> HttpResponse:
    """The events that a search finds, as a file with their hashes, so that the chain can be followed elsewhere."""
    actor = request.actor
    form = TrailForm(request.GET, actor=actor)
    back = f"{reverse('audit:trail')}?{urlencode(table_query(request.GET, without=('format',)), doseq=True)}"
    if not form.is_valid():
        return HttpResponseRedirect(back)
    found = found_events(actor=actor, search=form.search)
    count = found.count()
    if count > EVENTS_PER_FILE_MAX:
        messages.error(
            request,
            f"{count:,} events are too many for one file (at most {EVENTS_PER_FILE_MAX:,}): choose days.",
        )
        return HttpResponseRedirect(back)
    kind = "xlsx" if request.GET.get("format") == "xlsx" else "csv"
    rows = [_file_row(event, form.people) for event in found.order_by("number").iterator(chunk_size=2_000)]
    record(
        actor,
        Verb.EXPORTED,
        object_type="audit_trail",
        object_id=kind,
        details={
            "rows": len(rows),
            "asked": sorted(key for key in form.cleaned_data if form.cleaned_data[key]),
        },
    )
    name = f"trail-{timezone.localdate()}.{kind}"
    if kind == "xlsx":
        return attachment(workbook_bytes("Trail", FILE_COLUMNS, rows), name=name, content_type=XLSX)
    return attachment(csv_bytes(FILE_COLUMNS, rows), name=name, content_type=CSV)


def _file_row(event: AuditEvent, people: dict[object, str]) -> tuple[object, ...]:
    return (
        event.number,
        event.at.isoformat(timespec="microseconds"),
        _who(event, people),
        event.role,
        str(event.verb),
        SENTENCES.get(Verb(event.verb), ""),
        event.object_type,
        event.object_id,
        str(event.patient_id or ""),
        event.reason,
        json.dumps(event.details, sort_keys=True),
        event.request_id,
        event.previous_hash,
        event.row_hash,
    )


@needs(Permission.AUDIT_VIEW, limit=Limit.VERIFICATION)
def verification_page(request: HttpRequest) -> HttpResponse:
    """Follows the organization's chain from its first event and says whether it is whole."""
    actor = request.actor
    last = events(actor=actor).first()
    context = {
        "broken": first_broken_event(actor=actor),
        "count": last.number if last else 0,
        "last_hash": last.row_hash if last else "",
        "at": timezone.localtime(),
    }
    return TemplateResponse(request, "audit/verification.html", context)
