"""The liaison's log: cases by plan, their entries, and who helps at which plan."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.denials.forms import CaseForm, ContactForm, EntryForm
from cocm.server.denials.liaison import (
    CaseLog,
    broken_entry,
    case_log,
    case_open,
    cases,
    contact_save,
    contacts,
    entry_add,
)
from cocm.server.denials.models import EntryKind, LiaisonEntry, PlanContact
from cocm.server.denials.tabs import denials_tabs
from cocm.server.look.badges import badge
from cocm.server.look.parts import TimelineEntry
from cocm.server.look.tables import Column, Row, Table

ICONS = {
    EntryKind.CALL: "telephone",
    EntryKind.MESSAGE: "chat-left-text",
    EntryKind.LETTER: "envelope",
    EntryKind.MEETING: "people",
    EntryKind.PROMISE_KEPT: "check-circle",
    EntryKind.PROMISE_BROKEN: "x-circle",
    EntryKind.OUTCOME: "flag",
    EntryKind.REOPENED: "arrow-clockwise",
}
TONES = {EntryKind.PROMISE_KEPT: "success", EntryKind.PROMISE_BROKEN: "danger", EntryKind.OUTCOME: "info"}


@needs(Permission.BILLING_VIEW)
def liaison_page(request: HttpRequest) -> HttpResponse:
    """Cases, open ones first, and the contacts."""
    today = timezone.localdate()
    found = cases(actor=request.actor)
    people = list(contacts(actor=request.actor))
    context = {
        "tabs": denials_tabs("denials:liaison"),
        "table": _cases_table(found, today),
        "contacts": _contacts_table(people, request.actor.may(Permission.BILLING_EDIT)),
    }
    return TemplateResponse(request, "denials/liaison.html", context)


def _cases_table(found: list[CaseLog], today: Any) -> Table:
    return Table(
        f"Cases, {len(found)}",
        (
            Column("About"),
            Column("Plan"),
            Column("Opened", "date"),
            Column("Entries", "number"),
            Column("Last"),
            Column("Promised by", "date"),
            Column("State"),
        ),
        [_case_row(one, today) for one in found],
        key="cases",
        layout="cards",
        empty="No case yet. A case starts when you write to a plan's provider relations about a claim.",
    )


def _case_row(one: CaseLog, today: Any) -> Row:
    promise = one.promise
    is_late = promise is not None and promise.promised_on is not None and promise.promised_on < today
    last = one.entries[-1] if one.entries else None
    state = badge("Closed", "neutral", "flag") if one.is_closed else badge("Open", "info")
    if is_late and not one.is_closed:
        state = badge("Promise overdue", "danger", "clock")
    return Row(
        (
            one.case.title,
            one.case.payer.name,
            one.case.opened_on,
            len(one.entries),
            f"{last.happened_on} {last.get_kind_display().lower()}" if last is not None else "",
            promise.promised_on if promise is not None and not one.is_closed else "",
            state,
        ),
        href=reverse("denials:case", kwargs={"case_id": one.case.pk}),
        tone="danger" if is_late and not one.is_closed else "",
    )


def _contacts_table(people: list[PlanContact], may_edit: bool) -> Table:
    return Table(
        f"Contacts at plans, {len(people)}",
        (
            Column("Name"),
            Column("Plan"),
            Column("Part"),
            Column("Phone"),
            Column("E-mail"),
            Column("Note"),
        ),
        [
            Row(
                (
                    one.name if one.is_active else f"{one.name} (no longer there)",
                    one.payer.name,
                    one.part,
                    one.phone,
                    one.email,
                    one.note,
                ),
                href=reverse("denials:contact", kwargs={"contact_id": one.pk}) if may_edit else "",
            )
            for one in people
        ],
        key="contacts",
        layout="cards",
        empty="Nobody yet. Add the person at the plan who answers.",
    )


@needs(Permission.BILLING_EDIT, methods=("GET", "POST"))
def case_new_page(request: HttpRequest) -> HttpResponse:
    """A new case with its first entry."""
    given = request.POST if request.method == "POST" else None
    form = CaseForm(
        given,
        actor=request.actor,
        initial={"claim_id": request.GET.get("claim", "")[:60], "kind": EntryKind.CALL},
    )
    if form.is_bound and form.is_valid():
        try:
            case = case_open(actor=request.actor, once_key=_once(request), **form.cleaned_data)
            messages.success(request, "The case is open.")
            return HttpResponseRedirect(reverse("denials:case", kwargs={"case_id": case.pk}))
        except ValidationError as problem:
            form.add_error(None, problem)
    context = {"form": form, "once": _once(request)}
    return TemplateResponse(request, "denials/case_new.html", context, status=422 if form.is_bound else 200)


def _once(request: HttpRequest) -> str:
    return request.POST.get("once", "")[:60] or str(uuid4())


@needs(Permission.BILLING_VIEW, methods=("GET", "POST"))
def case_page(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """A case with its entries; POST adds one."""
    log = case_log(actor=request.actor, case_id=case_id)
    if log is None:
        raise Http404
    if request.method == "POST":
        request.actor.require(Permission.BILLING_EDIT)
    form = EntryForm(
        request.POST if request.method == "POST" else None, actor=request.actor, payer_pk=log.case.payer_id
    )
    if log.is_closed:
        form.fields["kind"].choices = [(EntryKind.REOPENED, EntryKind.REOPENED.label)]
    if form.is_bound and form.is_valid():
        try:
            _, is_new = entry_add(
                actor=request.actor, case_id=case_id, once_key=_once(request), **form.cleaned_data
            )
            messages.success(request, "The entry is kept." if is_new else "It was kept before.")
            return HttpResponseRedirect(request.path)
        except ValidationError as problem:
            form.add_error(None, problem)
    context = {
        "log": log,
        "form": form,
        "once": _once(request),
        "broken": broken_entry(log),
        "entries": [_entry(one) for one in reversed(log.entries)],
        "today": timezone.localdate(),
    }
    return TemplateResponse(request, "denials/case.html", context, status=422 if form.is_bound else 200)


def _entry(one: LiaisonEntry) -> TimelineEntry:
    kind = EntryKind(one.kind)
    told = [
        one.said,
        f"Promised by {one.promised_on}." if one.promised_on else "",
        f"Claim {one.claim_id}." if one.claim_id else "",
        f"Plan's reference {one.reference}." if one.reference else "",
    ]
    with_whom = f" with {one.contact.name}" if one.contact is not None else ""
    return TimelineEntry(
        at=one.happened_on,
        title=f"{kind.label}{with_whom}",
        body=" ".join(part for part in told if part),
        who=one.recorded_by.full_name,
        icon=ICONS[kind],
        tone=TONES.get(kind, "neutral"),
    )


@needs(Permission.BILLING_EDIT, methods=("GET", "POST"))
def contact_page(request: HttpRequest, contact_id: UUID | None = None) -> HttpResponse:
    """A contact at a plan, new or changed."""
    contact = PlanContact(organization_id=request.actor.organization_id)
    if contact_id is not None:
        found = contacts(actor=request.actor).filter(pk=contact_id).first()
        if found is None:
            raise Http404
        contact = found
    form = ContactForm(
        request.POST if request.method == "POST" else None, instance=contact, actor=request.actor
    )
    if form.is_bound and form.is_valid():
        contact_save(actor=request.actor, contact=form.instance)
        messages.success(request, "The contact is kept.")
        return HttpResponseRedirect(reverse("denials:liaison"))
    context = {"form": form, "is_new": contact_id is None}
    return TemplateResponse(request, "denials/contact.html", context, status=422 if form.is_bound else 200)
