"""Providers' cases: the list, one case with its log, and the log as the provider gets it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.files import attachment
from cocm.server.look.badges import badge
from cocm.server.look.tables import Column, Row, Table
from cocm.server.plandesk.cases import case_open, case_or_none, cases, entry_add, log_of
from cocm.server.plandesk.forms import CaseForm, EntryForm
from cocm.server.plandesk.models import CaseState, EntryKind, ProviderCase
from cocm.server.plandesk.views import of_a_plan
from cocm.server.plandesk.words import days_left
from cocm.server.rules_in_force import rulebook

STATE_TONES = {CaseState.OPEN: "attention", CaseState.ANSWERED: "info", CaseState.CLOSED: "neutral"}
KIND_ICONS = {
    EntryKind.RECEIVED: "inbox",
    EntryKind.SENT: "send",
    EntryKind.NOTE: "pencil",
    EntryKind.DECISION: "check-circle",
}


def _state(case: ProviderCase) -> Any:
    return badge(CaseState(case.state).label, STATE_TONES[CaseState(case.state)])


@needs(Permission.PLAN_CASES)
@of_a_plan
def cases_page(request: HttpRequest) -> HttpResponse:
    """Every case, those that wait first."""
    state, query = request.GET.get("state", ""), request.GET.get("q", "").strip()[:80]
    state = state if state in CaseState.values else ""
    today = timezone.localdate()
    found = list(cases(actor=request.actor, state=state, query=query))  # type: ignore[attr-defined]  # the guard has set it
    order = {CaseState.OPEN: 0, CaseState.ANSWERED: 1, CaseState.CLOSED: 2}
    found.sort(key=lambda case: order[CaseState(case.state)])
    rows = [
        Row(
            (
                f"No. {case.number}",
                case.provider_name,
                case.subject,
                case.claim_number,
                _state(case),
                case.due_on or "",
                days_left(case.due_on, today) if case.state == CaseState.OPEN else "",
                timezone.localdate(case.opened_at),
            ),
            href=reverse("plandesk:case", args=[case.pk]),
        )
        for case in found
    ]
    table = Table(
        f"{len(rows)} case{'s' if len(rows) != 1 else ''}",
        (
            Column("Case"),
            Column("Provider"),
            Column("Subject"),
            Column("Claim"),
            Column("State"),
            Column("Due", "date"),
            Column("Clock"),
            Column("Opened", "date"),
        ),
        rows,
        key="cases",
        layout="cards",
        empty="No case.",
    )
    context = {
        "table": table, "state": state, "query": query, "states": CaseState.choices, "reset": reverse("plandesk:cases")
    }  # fmt: skip
    return TemplateResponse(request, "plandesk/cases.html", context)


@needs(Permission.PLAN_CASES, methods=("GET", "POST"))
@of_a_plan
def case_new(request: HttpRequest) -> HttpResponse:
    """A provider brings something."""
    given = request.POST if request.method == "POST" else None
    known = {
        name: request.GET.get(name, "")[:60] for name in ("claim_number", "provider_name", "billing_npi")
    }
    form = CaseForm(given, initial=known)
    if given is not None and form.is_valid():
        case = case_open(actor=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]  # as above
        messages.success(request, f"Case {case.number} opened.")
        return HttpResponseRedirect(reverse("plandesk:case", args=[case.pk]))
    return TemplateResponse(
        request, "plandesk/case_new.html", {"form": form}, status=200 if given is None else 422
    )


@needs(Permission.PLAN_CASES, methods=("GET", "POST"))
@of_a_plan
def case_page(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """One case with its log."""
    actor = request.actor  # type: ignore[attr-defined]  # as above
    case = case_or_none(actor=actor, case_id=case_id)
    if case is None:
        raise Http404
    given = request.POST if request.method == "POST" else None
    form = EntryForm(given, rulebook=rulebook(), initial={"state": case.state, "kind": EntryKind.SENT})
    if given is not None and form.is_valid():
        entry_add(actor=actor, case=case, **form.cleaned_data)
        messages.success(request, "Written into the log.")
        return HttpResponseRedirect(reverse("plandesk:case", args=[case.pk]))
    log = [
        {
            "entry": entry,
            "kind": EntryKind(entry.kind).label,
            "icon": KIND_ICONS[EntryKind(entry.kind)],
            "reason": entry.reason.replace("_", " ").capitalize(),
            "state": CaseState(entry.state_after).label,
        }
        for entry in log_of(actor=actor, case=case)
    ]
    context = {
        "case": case,
        "log": log,
        "form": form,
        "state": _state(case),
        "clock": days_left(case.due_on, timezone.localdate()) if case.state == CaseState.OPEN else "",
    }
    return TemplateResponse(request, "plandesk/case.html", context, status=200 if given is None else 422)


@needs(Permission.PLAN_CASES, is_guarded_anew=True)
@of_a_plan
def case_log(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The shared part of the log as a text for the provider."""
    actor = request.actor  # type: ignore[attr-defined]  # as above
    case = case_or_none(actor=actor, case_id=case_id)
    if case is None:
        raise Http404
    lines = [
        f"Case {case.number}: {case.subject}",
        f"Provider: {case.provider_name} {case.billing_npi}".strip(),
    ]
    if case.claim_number:
        lines.append(f"Claim: {case.claim_number}")
    for entry in log_of(actor=actor, case=case, shared_only=True):
        when = timezone.localtime(entry.written_at).strftime("%Y-%m-%d %H:%M")
        reason = f", reason: {entry.reason.replace('_', ' ')}" if entry.reason else ""
        lines += ["", f"{when}  {EntryKind(entry.kind).label}{reason}", entry.text]
    record(actor, Verb.EXPORTED, object_type="provider_case", object_id=case.pk)
    content = ("\n".join(lines) + "\n").encode()
    return attachment(content, name=f"case-{case.number}.txt", content_type="text/plain; charset=utf-8")
