"""The desk: what waits, every claim, one claim with its checklist and the decision of a person, files and answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst

from cocm.basics.errors import CocmError
from cocm.basics.money import dollars
from cocm.plan.checklist import Checked
from cocm.plan.decision import Answer
from cocm.plandesk.decide import Action
from cocm.plandesk.desk_tables import KeptClaim
from cocm.plandesk.desk_view import ClaimView
from cocm.plandesk.member_file import root_of
from cocm.rules.review_reasons import review_reasons
from cocm.server.access.actor import Actor
from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.accounts.models.organizations import OrganizationKind
from cocm.server.accounts.selectors import organization_of
from cocm.server.claims.words import FREQUENCIES
from cocm.server.files import attachment
from cocm.server.look.badges import badge
from cocm.server.look.html import joined, safe
from cocm.server.look.parts import Pages, Tab
from cocm.server.look.tables import Column, Row, Table, table_query
from cocm.server.plandesk import selectors
from cocm.server.plandesk.deciding import claim_decide, claims_take_in, records_take_in
from cocm.server.plandesk.desk import Desk, open_desk
from cocm.server.plandesk.forms import AttachmentForm, ClaimFileForm, DecideForm, RecordsForm
from cocm.server.plandesk.tables import PlanNotSetUp
from cocm.server.plandesk.words import (
    adjustment_text,
    answer_badge,
    checked_badge,
    days_left,
    facts_text,
    step_words,
    waits_text,
)
from cocm.server.rulebook.links import label_of, linked

View = Callable[..., HttpResponse]
OCTETS = "application/octet-stream"
ACTION_WORDS = {
    "accept": "Accepted",
    "deny": "Denied",
    "readjudicate": "Decided again",
    "correct": "Corrected in bulk",
}


def of_a_plan(view: View) -> View:
    """The page is a health plan's: at another organization there is none; a plan without tables is told so."""

    @wraps(view)
    def at_a_plan(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        actor: Actor = request.actor  # type: ignore[attr-defined]  # the guard has set it
        if organization_of(actor=actor).kind != OrganizationKind.HEALTH_PLAN:
            if actor.may(Permission.PLAN_CASES) or (kwargs and not actor.may(Permission.PLAN_TABLES)):
                raise Http404
            messages.warning(request, "This organization is no health plan.")
            return HttpResponseRedirect(reverse("home"))
        try:
            return view(request, *args, **kwargs)
        except PlanNotSetUp as problem:
            return TemplateResponse(request, "plandesk/not_set_up.html", {"problem": str(problem)})

    return at_a_plan


def desk_tabs(request: HttpRequest, waiting: int | None = None) -> list[Tab]:
    """The desk's pages."""
    here = request.resolver_match.url_name if request.resolver_match else ""
    places = [
        ("Waiting", "queue", ("claim",), Permission.PLAN_CASES, waiting),
        ("All claims", "claims", (), Permission.PLAN_CASES, None),
        ("Files", "files", ("file", "take_in", "attachment"), Permission.PLAN_CASES, None),
        ("Correct in bulk", "bulk", (), Permission.PLAN_DESK, None),
        ("Benefits", "benefits", (), Permission.PLAN_CASES, None),
        ("Sample", "sample", (), Permission.PLAN_DESK, None),
        ("Tables", "tables", ("table",), Permission.PLAN_TABLES, None),
    ]
    actor = request.actor  # type: ignore[attr-defined]  # as above
    return [
        Tab(label, reverse(f"plandesk:{name}"), here in (name, *others), count)
        for label, name, others, permission, count in places
        if actor.may(permission)
    ]


@needs(Permission.PLAN_CASES)
@of_a_plan
def queue_page(request: HttpRequest) -> HttpResponse:
    """What waits for a person, by the payer's clock."""
    actor = request.actor  # type: ignore[attr-defined]  # as above
    with open_desk(actor) as desk:
        found = selectors.queue_seen(desk)
        rows = []
        for one in found.claims:
            asked = one.request
            records: object = ""
            if one.documents:
                records = badge(f"{len(one.documents)} came in", "info", "inbox")
            elif asked is not None:
                records = joined("asked, ", safe(days_left(asked.due_date, desk.today)) or "no day")
            claim = desk.file.find(one.claim_number)
            sent = desk.file.record(claim)
            rows.append(
                Row(
                    (
                        one.claim_number,
                        sent.billing.last_or_organization_name,
                        one.received_date,
                        one.due_date or "",
                        days_left(one.due_date, desk.today),
                        dollars(sent.charge_amount_cents),
                        records,
                        waits_text(one.waits_for),
                    ),
                    href=reverse("plandesk:claim", args=[root_of(one.claim_number)]),
                )
            )
        context = {
            "tabs": desk_tabs(request, len(rows)),
            "table": Table(
                f"{len(rows)} claim{'s' if len(rows) != 1 else ''} to decide",
                (
                    Column("Claim"),
                    Column("Provider"),
                    Column("Received", "date"),
                    Column("Pay or contest by", "date"),
                    Column("Clock"),
                    Column("Charge", "number"),
                    Column("Records"),
                    Column("Waits for"),
                ),
                rows,
                key="queue",
                layout="cards",
                empty="Nothing waits.",
            ),
            "asked": found.record_requests,
            "taken_in": found.claims_taken_in,
            "problems": desk.problems,
            "plan": desk.book.profile,
        }
    return TemplateResponse(request, "plandesk/queue.html", context)


@needs(Permission.PLAN_CASES)
@of_a_plan
def claims_page(request: HttpRequest) -> HttpResponse:
    """Every claim that stands, searched by number, claim id, member id or NPI."""
    actor = request.actor  # type: ignore[attr-defined]  # as above
    query, answer = request.GET.get("q", "").strip()[:80], request.GET.get("answer", "")
    answer = answer if answer in set(Answer) else ""
    with open_desk(actor) as desk:
        found = selectors.standing_claims(desk, query=query, answer=answer)
        number = _page_number(request, len(found))
        start = (number - 1) * selectors.CLAIMS_A_PAGE
        shown = selectors.claims_seen(desk, found[start : start + selectors.CLAIMS_A_PAGE])
        context = {
            "tabs": desk_tabs(request),
            "table": claims_table(desk, shown, f"{len(found)} claim{'s' if len(found) != 1 else ''}"),
            "pages": Pages(
                number,
                max(1, -(-len(found) // selectors.CLAIMS_A_PAGE)),
                len(found),
                table_query(request.GET, without=("page",)),
            ),
            "query": query,
            "answer": answer,
            "answers": [(one.value, one.value.capitalize()) for one in Answer],
            "reset": reverse("plandesk:claims"),
        }
    return TemplateResponse(request, "plandesk/claims.html", context)


def _page_number(request: HttpRequest, total: int) -> int:
    last = max(1, -(-total // selectors.CLAIMS_A_PAGE))
    given = request.GET.get("page", "1")
    return min(last, max(1, int(given))) if given.isdecimal() and len(given) < 9 else 1


def claims_table(desk: Desk, claims: list[KeptClaim], caption: str) -> Table:
    """Claims with what came of them."""
    rows = []
    desk.file.load(claims)
    for claim in claims:
        sent, trace = desk.file.record(claim), desk.file.trace(claim)
        rows.append(
            Row(
                (
                    claim.claim_number,
                    claim.claim_id,
                    sent.billing.last_or_organization_name,
                    max(line.service_to_date for line in sent.lines),
                    ", ".join(dict.fromkeys(line.hcpcs_code for line in sent.lines)),
                    answer_badge(claim.answer),
                    dollars(sent.charge_amount_cents),
                    dollars(trace.get("paid_amount_cents", 0)),
                    dollars(trace.get("member_share_cents", 0)),
                    desk.file.decided_date(claim),
                ),
                href=reverse("plandesk:claim", args=[root_of(claim.claim_number)]),
            )
        )
    return Table(
        caption,
        (
            Column("Claim"),
            Column("Sender's id"),
            Column("Provider"),
            Column("Service", "date"),
            Column("Codes"),
            Column("Answer"),
            Column("Charge", "number"),
            Column("Paid", "number"),
            Column("Member", "number", help="The member's share"),
            Column("Decided", "date"),
        ),
        rows,
        key="claims",
        layout="cards",
        empty="No claim.",
    )


@needs(Permission.PLAN_CASES)
@of_a_plan
def claim_page(request: HttpRequest, claim_number: str) -> HttpResponse:
    """One claim: checklist, what stands beside it, the decision traces, records, and the form to decide it."""
    actor = request.actor  # type: ignore[attr-defined]  # as above
    with open_desk(actor) as desk:
        return _claim_page(request, desk, claim_number, None)


def _claim_page(
    request: HttpRequest, desk: Desk, claim_number: str, form: DecideForm | None, status: int = 200
) -> HttpResponse:
    shown = selectors.claim_seen(desk, claim_number)
    if shown is None:
        raise Http404
    claim, sent = shown.claim, desk.file.record(shown.claim)
    day = sent.lines[0].service_to_date
    pack_id = desk.book.profile.pack_id
    trace = desk.file.trace(claim)
    root = root_of(claim.claim_number)
    context = {
        "root": root,
        "claim": claim,
        "sent": sent,
        "day": day,
        "patient": f"{sent.patient.first_name} {sent.patient.last_or_organization_name}".strip(),
        "answer": answer_badge(claim.answer),
        "today_answer": answer_badge(shown.today.answer),
        "is_other_today": shown.today.answer is not claim.answer,
        "waiting": shown.waiting,
        "waits_for": waits_text(shown.waiting.waits_for),
        "clock": days_left(shown.waiting.due_date, desk.today) if claim.answer is Answer.PENDED else "",
        "records_clock": _records_clock(shown, desk.today),
        "charge": dollars(sent.charge_amount_cents),
        "kind": FREQUENCIES.get(sent.frequency_code, sent.frequency_code),
        "diagnoses": ", ".join(sent.diagnosis_codes),
        "checklist": _checklist(shown, pack_id, day),
        "beside": _beside(shown),
        "decided": _lines_table(trace, claim.claim_number),
        "reasons": _reasons(trace, pack_id, day),
        "today_trace": _reasons(_today_json(shown), pack_id, day),
        "route": [linked(one, pack_id=pack_id, on=day) for one in _routes(trace)],
        "lineage": [
            (
                one,
                answer_badge(one.claim.answer),
                ACTION_WORDS.get(one.action, one.action).lower(),
                label_of(one.reason).replace("_", " "),
            )
            for one in selectors.lineage_of(desk, claim)
        ],
        "may_decide": desk.actor.may(Permission.PLAN_DESK)
        and claim.answer not in (Answer.FORWARDED, Answer.REVERSED),
        "form": form or _decide_form(shown, desk),
        "records_form": RecordsForm(initial={"received": desk.today}),
        "no_reasons": [
            (name.replace("_", " ").capitalize(), capfirst(one.note))
            for name, one in review_reasons(desk.rulebook).items()
            if not one.is_permitted
        ],
    }
    return TemplateResponse(request, "plandesk/claim.html", context, status=status)


def _records_clock(shown: ClaimView, today: date) -> object:
    asked = shown.waiting.request
    return "" if asked is None or shown.waiting.documents else days_left(asked.due_date, today)


def _today_json(shown: ClaimView) -> dict[str, Any]:
    found: dict[str, Any] = shown.as_json()["decided_today"]
    return found


def _decide_form(shown: ClaimView, desk: Desk, given: Any = None) -> DecideForm:
    failing = [
        point.what
        for answer in shown.checklist
        for point in answer.points
        if point.state is Checked.NO and "." in point.what
    ]
    numbers = [line.claim_line_number for line in shown.today.record.lines]
    return DecideForm(given, rulebook=desk.rulebook, failing=dict.fromkeys(failing), line_numbers=numbers)


def _checklist(shown: ClaimView, pack_id: str, day: date) -> list[dict[str, Any]]:
    return [
        {
            "label": answer.item.label,
            "state": checked_badge(answer.state),
            "is_against": answer.state is Checked.NO,
            "points": [_point(point, pack_id, day) for point in answer.points],
            "notes": [_point(point, pack_id, day) for point in answer.notes],
        }
        for answer in shown.checklist
    ]


def _point(point: Any, pack_id: str, day: date) -> dict[str, Any]:
    return {
        "state": checked_badge(point.state),
        "what": linked(point.what, pack_id=pack_id, on=day),
        "text": point.text,
        "facts": facts_text(point.facts),
        "cites": [linked(cite, pack_id=pack_id, on=day) for cite in point.cites],
    }


def _beside(shown: ClaimView) -> list[dict[str, Any]]:
    """Both claims of each pair of lines beside each other."""
    found = []
    for place, pair in enumerate(shown.beside):
        verdict = pair.comparison
        rows = [
            Row(
                (
                    one.name,
                    one.this or "-",
                    one.other or "-",
                    {True: badge("same"), False: badge("differs", "attention"), None: "not told"}[
                        one.is_same
                    ],
                )
            )
            for one in pair.fields
        ]
        table = Table(
            f"Line {pair.claim_line_number} beside line {verdict.other_line_number} of {verdict.other_claim_number}",
            (Column("Field"), Column("This claim"), Column("The other"), Column("Compared")),
            rows,
            key=f"beside-{place}",
            layout="page",
        )
        found.append(
            {
                "table": table,
                "verdict": badge(
                    verdict.combination.value.replace("_", " "),
                    "danger" if "duplicate" in verdict.combination.value else "success",
                ),
                "why": verdict.why,
                "other": root_of(verdict.other_claim_number),
                "rule": linked(verdict.rule.cite) if verdict.rule is not None else "",
            }
        )
    return found


def _lines_table(trace: dict[str, Any], claim_number: str) -> Table:
    rows = [
        Row(
            (
                line["claim_line_number"],
                line["hcpcs_code"],
                line["service_date"],
                line["service_unit_quantity"],
                answer_badge(line["answer"]),
                dollars(line["charge_amount_cents"]),
                dollars(line["allowed_amount_cents"]),
                dollars(line["deductible_cents"] + line["copayment_cents"] + line["coinsurance_cents"]),
                dollars(line["paid_amount_cents"]),
                adjustment_text(line),
            )
        )
        for line in trace.get("lines", ())
    ]
    return Table(
        f"As decided, {claim_number}",
        (
            Column("Line", "number"),
            Column("Code"),
            Column("Service", "date"),
            Column("Units", "number"),
            Column("Answer"),
            Column("Charge", "number"),
            Column("Allowed", "number"),
            Column("Member", "number", help="The member's share"),
            Column("Paid", "number"),
            Column("Adjustments"),
        ),
        rows,
        key="lines",
        layout="cards",
        empty="No line was decided.",
    )


def _reasons(trace: dict[str, Any], pack_id: str, day: date) -> list[dict[str, Any]]:
    return [
        {
            "line": line["claim_line_number"],
            "code": line["hcpcs_code"],
            "step": linked(step_words(reason["step"]), pack_id=pack_id, on=day),
            "text": linked(reason["text"], pack_id=pack_id, on=day),
            "facts": facts_text(reason["facts"]),
            "codes": reason["codes"] or "",
            "cites": [linked(cite, pack_id=pack_id, on=day) for cite in reason["citations"]],
        }
        for line in trace.get("lines", ())
        for reason in line["reasons"]
    ]


def _routes(trace: dict[str, Any]) -> list[str]:
    told = (line["route"] for line in trace.get("lines", ()) if line["route"])
    return list(dict.fromkeys(one["reason"].rpartition("cocm: ")[2] for one in told))


@needs(Permission.PLAN_DESK, methods=("POST",))
@of_a_plan
def decide(request: HttpRequest, claim_number: str) -> HttpResponse:
    """A person's decision; what the core does not let stand is told beside the form."""
    actor = request.actor  # type: ignore[attr-defined]  # as above
    with open_desk(actor) as desk:
        shown = selectors.claim_seen(desk, claim_number)
        if shown is None:
            raise Http404
        form = _decide_form(shown, desk, request.POST)
        if not form.is_valid():
            return _claim_page(request, desk, claim_number, form, status=422).render()
    given = form.cleaned_data
    action = Action(given["action"])
    try:
        made = claim_decide(
            actor=actor,
            claim=root_of(claim_number),
            action=action,
            reason=given["reason"] if action is Action.DENY else "",
            line_numbers=[int(one) for one in given.get("lines") or ()],
            note=given["note"],
            read=form.read,
        )
    except CocmError as problem:
        form.add_error(None, in_page_words(str(problem)))
        with open_desk(actor) as desk:
            return _claim_page(request, desk, claim_number, form, status=422).render()
    summary = made.summary
    told = f"{summary['claim_number']}: {summary['answer']}. Paid {dollars(summary['paid_cents'])}"
    told += f", the member's share {dollars(summary['member_share_cents'])}."
    if summary["refunds_cents"]:
        told += f" {dollars(summary['refunds_cents'])} to be given back to the member."
    if summary["letters"]:
        told += f" {summary['letters']} letters are ready."
    if made.decided_before is not None:
        messages.info(request, f"Decided so before, on {made.decided_before}; nothing was changed.")
    else:
        messages.success(request, told)
    return HttpResponseRedirect(reverse("plandesk:claim", args=[root_of(claim_number)]))


_OPTIONS = (
    ("say with --note", "write under What you saw"),
    ("--as-of ", ""),
    ("--reviewer: ", ""),
    ("--note: ", "what you saw: "),
)


def in_page_words(text: str) -> str:
    """A message of the core with a page's words for its options."""
    for option, words in _OPTIONS:
        text = text.replace(option, words)
    return text[:1].upper() + text[1:]


@needs(Permission.PLAN_DESK, methods=("POST",))
@of_a_plan
def records(request: HttpRequest, claim_number: str) -> HttpResponse:
    """Records that came in about one claim."""
    actor = request.actor  # type: ignore[attr-defined]  # as above
    root = root_of(claim_number)
    with open_desk(actor) as desk:
        if selectors.claim_seen(desk, claim_number) is None:
            raise Http404
    form = RecordsForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, "; ".join(error for errors in form.errors.values() for error in errors))
        return HttpResponseRedirect(reverse("plandesk:claim", args=[root]))
    documents = {one.name: one.read() for one in form.cleaned_data["files"]}
    try:
        taken = records_take_in(
            actor=actor, claim=root, documents=documents, received_date=form.cleaned_data["received"]
        )
    except CocmError as problem:
        messages.error(request, in_page_words(str(problem)))
    else:
        late = " They came after the day they were asked for." if taken.late else ""
        known = f", {taken.known_before} known before" if taken.known_before else ""
        messages.success(request, f"{taken.documents} documents taken in{known}.{late}")
    return HttpResponseRedirect(f"{reverse('plandesk:claim', args=[root])}#records")


@needs(Permission.PLAN_DESK, is_guarded_anew=True)
@of_a_plan
def document(request: HttpRequest, claim_number: str, sha256: str) -> HttpResponse:
    """A document as it came in."""
    with open_desk(request.actor) as desk:  # type: ignore[attr-defined]  # as above
        found = selectors.document_of(desk, claim_number, sha256)
    if found is None:
        raise Http404
    kept, content = found
    return attachment(content, name=kept.file_name, content_type=OCTETS)


@needs(Permission.PLAN_CASES)
@of_a_plan
def files_page(request: HttpRequest) -> HttpResponse:
    """Every file that came in and every decision of the desk, with what came of them."""
    actor = request.actor  # type: ignore[attr-defined]  # as above
    with open_desk(actor) as desk:
        rows = [
            Row(
                (
                    one.number,
                    _what(one),
                    one.received_date if not one.is_run else "",
                    one.decided_date,
                    one.summary.get("claims", one.summary.get("claims_changed", "")),
                    one.summary.get("claims_paid", ""),
                    one.summary.get("claims_denied", ""),
                    one.summary.get("claims_pended", ""),
                    dollars(one.summary.get("paid_amount_cents", one.summary.get("payment_cents", 0))),
                ),
                href=reverse("plandesk:file", args=[one.sha256]),
            )
            for one in selectors.claim_files(desk)
        ]
    table = Table(
        f"{len(rows)} files and decisions",
        (
            Column("No.", "number"),
            Column("What"),
            Column("Received", "date"),
            Column("Decided", "date"),
            Column("Claims", "number"),
            Column("Paid", "number"),
            Column("Denied", "number"),
            Column("Waiting", "number"),
            Column("Payment", "number"),
        ),
        rows,
        key="files",
        layout="cards",
        empty="Nothing came in yet.",
    )
    context = {
        "tabs": desk_tabs(request),
        "table": table,
        "form": ClaimFileForm(initial={"received": timezone.localdate()}),
        "attachment_form": AttachmentForm(initial={"received": timezone.localdate()}),
    }
    return TemplateResponse(request, "plandesk/files.html", context)


def _what(one: selectors.ClaimFile) -> str:
    if not one.is_run:
        return "Claim file"
    action = str(one.summary["action"])
    about = one.summary.get("claim_number") or one.summary.get("rule", "")
    return f"{ACTION_WORDS.get(action, action)}: {about}, {one.summary.get('reviewer', '')}"


@needs(Permission.PLAN_DESK, methods=("POST",))
@of_a_plan
def take_in(request: HttpRequest) -> HttpResponse:
    """A claim file comes in and is decided."""
    form = ClaimFileForm(request.POST, request.FILES)
    back = reverse("plandesk:files")
    if not form.is_valid():
        messages.error(request, "; ".join(error for errors in form.errors.values() for error in errors))
        return HttpResponseRedirect(back)
    try:
        made = claims_take_in(
            actor=request.actor,  # type: ignore[attr-defined]  # as above
            content=form.cleaned_data["file"].read(),
            received_date=form.cleaned_data["received"],
        )
    except CocmError as problem:
        messages.error(request, in_page_words(str(problem).rpartition(".837: ")[2]))
        return HttpResponseRedirect(back)
    summary = made.summary
    if made.decided_before is not None:
        messages.info(
            request, f"This file was taken in before, on {made.decided_before}; nothing was decided twice."
        )
    else:
        messages.success(
            request,
            f"{summary['claims']} claims: {summary['claims_paid']} paid, {summary['claims_denied']} denied, "
            f"{summary['claims_pended']} waiting, {summary['claims_rejected']} rejected.",
        )
    return HttpResponseRedirect(reverse("plandesk:file", args=[summary["sha256"]]))


@needs(Permission.PLAN_DESK, methods=("POST",))
@of_a_plan
def attachment_take_in(request: HttpRequest) -> HttpResponse:
    """A 275 comes in; its documents go to the claims that it names."""
    form = AttachmentForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, "; ".join(error for errors in form.errors.values() for error in errors))
        return HttpResponseRedirect(reverse("plandesk:files"))
    upload = form.cleaned_data["file"]
    try:
        taken = records_take_in(
            actor=request.actor,  # type: ignore[attr-defined]  # as above
            claim="",
            documents={upload.name: upload.read()},
            received_date=form.cleaned_data["received"],
        )
    except CocmError as problem:
        messages.error(request, in_page_words(str(problem)))
    else:
        missed = f" {len(taken.unmatched)} belong to no claim on file." if taken.unmatched else ""
        messages.success(
            request, f"{taken.documents} documents for {len(taken.claims)} claims taken in.{missed}"
        )
    return HttpResponseRedirect(reverse("plandesk:queue"))


FILE_WORDS = {
    "remittance": "Remittance (835)",
    "requests": "Requests for records (277)",
    "status": "Claim status (277)",
    "trace": "Decision trace",
    "summary": "Totals",
    "pended": "What waits",
    "changes": "What changed, claim by claim",
    "forward": "Claims that go on to another entity",
    "letter": "Letter",
}


@needs(Permission.PLAN_CASES)
@of_a_plan
def file_page(request: HttpRequest, sha256: str) -> HttpResponse:
    """One file or decision: its totals, its claims, its answers to take along."""
    actor = request.actor  # type: ignore[attr-defined]  # as above
    with open_desk(actor) as desk:
        found = selectors.claim_file(desk, sha256)
        if found is None:
            raise Http404
        claims = selectors.claims_seen(
            desk, selectors.standing_claims(desk, sha256=sha256)[: selectors.CLAIMS_A_PAGE]
        )
        answers = Table(
            "Answers",
            (Column("File"), Column("What it is"), Column("Bytes", "number")),
            [
                Row(
                    (name, _file_words(name), f"{size:,}"),
                    href=reverse("plandesk:answer", args=[sha256, name]),
                )
                for name, size in found.files
                if size
            ],
            key="answers",
            layout="cards",
        )
        context = {
            "tabs": desk_tabs(request),
            "found": found,
            "what": _what(found),
            "totals": _totals(found),
            "answers": answers,
            "claims": claims_table(desk, claims, "Claims that stand as decided here"),
            "may_take_along": actor.may(Permission.PLAN_DESK),
        }
    return TemplateResponse(request, "plandesk/file.html", context)


def _file_words(name: str) -> str:
    for start, words in FILE_WORDS.items():
        if name.startswith(start):
            return words
    if name.endswith("-999.x12"):
        return "Acknowledgment (999)"
    if name.endswith("-ta1.x12"):
        return "Acknowledgment of the interchange (TA1)"
    return "Claim acknowledgment (277CA)" if "277ca" in name else "Answer"


def _totals(found: selectors.ClaimFile) -> list[tuple[str, str]]:
    """The totals of a summary that say something."""
    counts = (
        ("interchanges_refused", "Refused for its form (TA1)"),
        ("transactions_refused", "Transactions refused for their form (999)"),
        ("claims", "Claims"), ("claims_rejected", "Rejected"),
        ("claims_addressed_elsewhere", "of them addressed to another payer"), ("claims_unreadable", "Not readable"),
        ("claims_changed", "Changed"), ("claims_restated_for_share", "Restated for the member's share"),
        ("claims_paid", "Claims paid"), ("claims_denied", "Claims denied"), ("claims_pended", "Claims waiting"),
        ("claims_forwarded", "Handed on"), ("record_requests", "Records asked for"), ("letters", "Letters"),
        ("refunds", "Refunds to members"),
    )  # fmt: skip
    money = (
        ("paid_amount_cents", "Paid"), ("payment_cents", "Payment"), ("interest_cents", "of it interest"),
        ("member_share_cents", "Members' share"), ("refunds_cents", "To be given back to members"),
        ("taken_back_cents", "Taken back"),
    )  # fmt: skip
    summary = found.summary
    told = [(label, str(summary[name])) for name, label in counts if summary.get(name)]
    return told + [(label, dollars(summary[name])) for name, label in money if summary.get(name)]


@needs(Permission.PLAN_DESK, is_guarded_anew=True)
@of_a_plan
def answer(request: HttpRequest, sha256: str, name: str) -> HttpResponse:
    """An answer as it was written."""
    with open_desk(request.actor) as desk:  # type: ignore[attr-defined]  # as above
        content = selectors.answer_file(desk, sha256, name)
    if content is None:
        raise Http404
    return attachment(content, name=f"{sha256[:8]}-{name}", content_type=OCTETS)
