"""One claim after it was sent: what the payer said, the likeliest cause, the rule against it, and what may be done."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from cocm.basics.errors import CocmError
from cocm.basics.money import dollars
from cocm.claims.lifecycle import ClaimEventKind
from cocm.claims.lifecycle import TimelineEntry as LifeEntry
from cocm.receivables.worklist import WorkItem
from cocm.rules import RuleValue, Severity
from cocm.rules.values import show_value
from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.claims.words import EVENTS, STATES, note_words
from cocm.server.denials.forms import DONE, DoneForm, OwnerForm
from cocm.server.denials.selectors import KIND_TONES, KIND_WORDS, ClaimCase, claim_case
from cocm.server.denials.services import claim_event, owner_set
from cocm.server.denials.views.lists import days_badge
from cocm.server.look.badges import badge
from cocm.server.look.parts import Citation, TimelineEntry
from cocm.server.money.services import plain_words
from cocm.server.rulebook.links import edit_url
from cocm.server.set_up_first import set_up_first
from cocm.server.work.features import removed_by
from cocm.server.work.services import work_recorded

EVENT_TONES = {
    ClaimEventKind.DENIED: "danger",
    ClaimEventKind.REJECTED: "danger",
    ClaimEventKind.FILE_REJECTED: "danger",
    ClaimEventKind.REVERSED: "attention",
    ClaimEventKind.RECORDS_REQUESTED: "attention",
    ClaimEventKind.PARTLY_PAID: "attention",
    ClaimEventKind.OVERPAYMENT_FOUND: "attention",
    ClaimEventKind.PAID: "success",
}
EVENT_ICONS = {
    ClaimEventKind.SENT: "send",
    ClaimEventKind.DENIED: "x-circle",
    ClaimEventKind.REJECTED: "x-circle",
    ClaimEventKind.FILE_REJECTED: "x-circle",
    ClaimEventKind.RECORDS_REQUESTED: "inbox",
    ClaimEventKind.RECORDS_SENT: "file-earmark-check",
    ClaimEventKind.PAID: "cash-coin",
    ClaimEventKind.PARTLY_PAID: "cash-coin",
    ClaimEventKind.APPEALED: "envelope",
    ClaimEventKind.ESCALATED: "telephone",
}


def case_or_404(request: HttpRequest, claim_id: str) -> ClaimCase:
    """The claim of the chart at hand."""
    found = claim_case(
        actor=request.actor, today=timezone.localdate(), patient=request.chart, claim_id=claim_id
    )
    if found is None:
        raise Http404
    return found


def claim_href(patient_id: UUID, claim_id: str) -> str:
    """The page of a claim."""
    return reverse("denials:claim", kwargs={"patient_id": patient_id, "claim_id": claim_id})


@needs(Permission.BILLING_VIEW, patient="patient_id")
@set_up_first
def claim_page(request: HttpRequest, patient_id: UUID, claim_id: str) -> HttpResponse:
    """The claim with everything that speaks for and against what the payer decided."""
    case = case_or_404(request, claim_id)
    today = timezone.localdate()
    balance = case.standing.account.balance
    context: dict[str, Any] = {
        "patient": request.chart,
        "case": case,
        "state": STATES[case.standing.timeline.state].label,
        "file_href": _file_href(patient_id, claim_id),
        "items": [_item(item, today) for item in case.items],
        "said": [
            (
                said.line.hcpcs_code or "the whole claim",
                dollars(said.line.at_stake_cents),
                said.said,
            )
            for said in case.said
        ],
        "cause_rules": [citation(value) for value in case.rules],
        "findings": [
            (edit_url(one.edit_id), one.title, one.explanation, one.severity is Severity.BLOCK)
            for one in case.findings
            if not one.is_no_data
        ],
        "prevented": removed_by(case.cause.prevented_by) if case.cause is not None else "",
        "money": [
            (label, dollars(cents))
            for label, cents in (
                ("Charge", balance.charge_cents),
                ("Paid", balance.paid_cents),
                (
                    "Settled",
                    balance.contractual_cents + balance.sequestration_cents + balance.protected_cents,
                ),
                ("Given up", balance.written_off_cents),
                ("Patient's share", balance.patient_cents),
                ("Share in dispute", balance.disputed_cents),
                ("Open with the payer", balance.open_cents),
            )
            if cents or label in ("Charge", "Paid", "Open with the payer")
        ],
        "timeline": [_life(entry) for entry in reversed(case.standing.timeline.entries)],
        "suggested": {item.letter for item in case.items if item.letter},
        "owner_form": OwnerForm(
            actor=request.actor, initial={"owner": str(case.owner.owner_id) if case.owner else ""}
        ),
        "wants_records": case.standing.timeline.open_request is not None,
    }
    return TemplateResponse(request, "denials/claim.html", context)


def _item(item: WorkItem, today: Any) -> dict[str, Any]:
    return {
        "label": item.label,
        "kind": badge(KIND_WORDS[item.kind], KIND_TONES.get(item.kind, "neutral")),
        "cents": dollars(item.cents),
        "days": days_badge(item.days_left(today), item.deadline.why),
        "deadline": item.deadline,
        "chance": item.chance_percent,
        "action": item.action.replace("_", " "),
        "who": item.who,
        "steps": item.steps,
        "because": item.because,
        "letter": item.letter,
    }


def citation(value: RuleValue) -> Citation:
    """A rule's value with its source, for the page."""
    return Citation(
        rule=value.rule_id,
        label=value.label,
        value=show_value(value.value),
        effective_from=value.effective_from,
        effective_to=value.effective_to,
        source=value.source.title if value.source is not None else "",
        source_url=(
            value.source.url if value.source is not None and value.source.url.startswith("https://") else ""
        ),
        confidence=value.confidence.value,
    )


def _life(entry: LifeEntry) -> TimelineEntry:
    event = entry.event
    told = dict(event.detail)
    parts = [
        note_words(told.get("note", "")),
        f"payer's code {told['status']}" if "status" in told else "",
        f"payer's number {event.reference}" if event.reference else "",
        f"answer by {event.due}" if event.due else "",
        told.get("why", ""),
    ]
    return TimelineEntry(
        at=event.day,
        title=EVENTS[event.kind].label,
        body=", ".join(part for part in parts if part),
        who=told.get("by", ""),
        icon=EVENT_ICONS.get(event.kind, "clock"),
        tone=EVENT_TONES.get(event.kind, "neutral"),
    )


def _file_href(patient_id: UUID, claim_id: str) -> str:
    """The claim's own page in the area of claims, where the site has it."""
    try:
        return reverse("claims:claim", kwargs={"patient_id": patient_id, "claim_id": claim_id})
    except NoReverseMatch:
        return ""


@needs(Permission.BILLING_EDIT, patient="patient_id", methods=("GET", "POST"))
@set_up_first
def owner_post(request: HttpRequest, patient_id: UUID, claim_id: str) -> HttpResponse:
    """Say who works on the claim; a GET leads to its page."""
    back = claim_href(patient_id, claim_id)
    case_or_404(request, claim_id)
    if request.method == "POST":
        form = OwnerForm(request.POST, actor=request.actor)
        if form.is_valid():
            try:
                owner_id = form.cleaned_data["owner"]
                owner_set(
                    actor=request.actor,
                    patient=request.chart,
                    claim_id=claim_id,
                    owner_id=UUID(owner_id) if owner_id else None,
                )
                messages.success(request, "The owner is kept.")
            except ValidationError as problem:
                messages.error(request, " ".join(problem.messages))
        else:
            messages.error(request, "Choose somebody of billing.")
    return HttpResponseRedirect(back)


@needs(Permission.BILLING_EDIT, patient="patient_id", methods=("GET", "POST"))
@set_up_first
def done_page(request: HttpRequest, patient_id: UUID, claim_id: str) -> HttpResponse:
    """Note what was done about the claim."""
    case = case_or_404(request, claim_id)
    back = claim_href(patient_id, claim_id)
    form = DoneForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        words, kind, task = DONE[given["what"]]
        try:
            if kind is None:
                work_recorded(
                    actor=request.actor,
                    task=task,
                    minutes=given["work_minutes"],
                    claim_id=claim_id,
                    payer_id=case.standing.rows.claim.payer_id,
                    worked_on=given["day"],
                    once_key=request.POST.get("once", "")[:60],
                )
            else:
                claim_event(
                    actor=request.actor,
                    patient=request.chart,
                    claim_id=claim_id,
                    kind=kind,
                    day=given["day"],
                    note=given["note"],
                    task=task,
                    work_minutes=given["work_minutes"],
                )
            messages.success(request, f"{words}: noted.")
            return HttpResponseRedirect(back)
        except CocmError as problem:
            form.add_error(None, plain_words(problem))
    context = {"form": form, "case": case, "patient": request.chart, "once": once_of(request)}
    return TemplateResponse(request, "denials/done.html", context, status=422 if form.is_bound else 200)


def once_of(request: HttpRequest) -> str:
    """The key of the form at hand: a second click has the same."""
    from uuid import uuid4

    return request.POST.get("once", "")[:60] or str(uuid4())
