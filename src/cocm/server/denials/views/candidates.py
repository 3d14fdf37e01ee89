"""Rule candidates that denials speak for, with their back-tests, for the manager to accept or decline."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.denials.candidates import (
    RUN_KIND,
    Offered,
    back_test_words,
    candidate_decide,
    decisions,
    tried,
    try_start,
)
from cocm.server.denials.forms import DeclineForm
from cocm.server.denials.models import CandidateDecision
from cocm.server.denials.tabs import denials_tabs
from cocm.server.look.badges import badge
from cocm.server.look.tables import Column, Row, Table
from cocm.server.rulebook.links import label_of, pack_label, rule_url
from cocm.server.runs.progress import runs_shown
from cocm.server.set_up_first import set_up_first


@needs(Permission.BILLING_VIEW)
@set_up_first
def candidates_page(request: HttpRequest) -> HttpResponse:
    """What the denials would teach, the most denials first, as last tried; and what was decided."""
    last = tried(actor=request.actor)
    past = list(decisions(actor=request.actor))
    context = {
        "tabs": denials_tabs("denials:candidates"),
        "last": last,
        "runs": runs_shown(actor=request.actor, kind=RUN_KIND),
        "table": _table(last.offered) if last.on is not None else None,
        "past": _past_table(past) if past else None,
    }
    return TemplateResponse(request, "denials/candidates.html", context)


@needs(Permission.BILLING_VIEW, methods=("POST",))
@set_up_first
def try_page(request: HttpRequest) -> HttpResponse:
    """Look for candidates, in the background."""
    try_start(actor=request.actor)
    return HttpResponseRedirect(reverse("denials:candidates"))


def _table(found: Sequence[Offered]) -> Table:
    return Table(
        f"Candidates, {len(found)}",
        (
            Column("Rule"),
            Column("Payer's rules"),
            Column("Says now"),
            Column("Would say"),
            Column("From", "date"),
            Column("Denials", "number"),
            Column("Would hold", "number", help="Claims sent so far that it would have held back"),
            Column("Paid ones held", "number", help="Each a mistake of the candidate"),
            Column("State"),
        ),
        [
            Row(
                (
                    one.label,
                    pack_label(one.pack_id),
                    one.was,
                    one.value,
                    one.effective_from,
                    len(one.claim_ids),
                    one.held,
                    one.held_paid,
                    _state(one.decision),
                ),
                href=reverse("denials:candidate", kwargs={"candidate_id": one.candidate_id}),
            )
            for one in found
        ],
        key="candidates",
        layout="cards",
        empty="No denial on file speaks for another rule.",
    )


def _state(decision: CandidateDecision | None) -> str:
    if decision is None:
        return badge("To decide", "attention")
    tone = "success" if decision.verdict == CandidateDecision.Verdict.ACCEPTED else "neutral"
    return badge(decision.get_verdict_display(), tone)


def _candidate_words(candidate_id: str) -> tuple[str, str]:
    """The rule and whose rules it is among, of a candidate that may not be offered any more."""
    pack_id, _, rule_id = candidate_id.partition(":")
    return label_of(rule_id), pack_label(pack_id)


def _past_table(past: list[CandidateDecision]) -> Table:
    return Table(
        f"Decided, {len(past)}",
        (
            Column("Rule"),
            Column("Payer's rules"),
            Column("Would say"),
            Column("From", "date"),
            Column("Decided"),
            Column("Held", "number"),
            Column("Paid ones held", "number"),
            Column("Who"),
            Column("Why"),
        ),
        [
            Row(
                (
                    *_candidate_words(one.candidate_id),
                    one.value,
                    one.effective_from,
                    _state(one),
                    one.held,
                    one.held_paid,
                    f"{one.decided_by.full_name}, {timezone.localtime(one.decided_at):%Y-%m-%d}",
                    one.reason,
                )
            )
            for one in past
        ],
        key="decided",
        layout="cards",
    )


@needs(Permission.BILLING_VIEW, methods=("GET", "POST"))
@set_up_first
def candidate_page(request: HttpRequest, candidate_id: str) -> HttpResponse:
    """One candidate with its back-test; POST decides it."""
    actor, today = request.actor, timezone.localdate()
    one = next((found for found in tried(actor=actor).offered if found.candidate_id == candidate_id), None)
    back = reverse("denials:candidates")
    if one is None:
        if request.method == "POST" or decisions(actor=actor).filter(candidate_id=candidate_id).exists():
            return HttpResponseRedirect(back)
        raise Http404
    form = DeclineForm()
    if request.method == "POST":
        is_accepted = request.POST.get("verdict") == "accept"
        form = DeclineForm(request.POST if not is_accepted else {"reason": "accepted"})
        if form.is_valid():
            try:
                _, is_new = candidate_decide(
                    actor=actor,
                    today=today,
                    candidate_id=candidate_id,
                    value=request.POST.get("value", ""),
                    is_accepted=is_accepted,
                    reason="" if is_accepted else form.cleaned_data["reason"],
                )
                words = "It stands in the draft of your own rules." if is_accepted else "Declined."
                messages.success(request, words if is_new else "It was decided before.")
                return HttpResponseRedirect(back)
            except ValidationError as problem:
                form.add_error(None, problem)
    context = {
        "one": one,
        "form": form,
        "back_test": back_test_words(one),
        "pack": pack_label(one.pack_id),
        "rule_href": rule_url(one.rule_id, pack_id=one.pack_id, on=one.effective_from),
        "state": _state(one.decision),
    }
    return TemplateResponse(
        request, "denials/candidate.html", context, status=422 if request.method == "POST" else 200
    )
