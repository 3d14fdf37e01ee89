"""What the last run answered (who is at risk, exceptions, proposals), and one patient's month as it stands now."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from cocm.basics.errors import TableError
from cocm.basics.money import dollars
from cocm.basics.months import Month
from cocm.care.records import DecisionKind
from cocm.close.decide import MonthDecision
from cocm.close.worklist import Status, WorkItem
from cocm.coding.records import Gap
from cocm.letters.words import month_words
from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.accounts.selectors import payer_names
from cocm.server.contacts.minutes import days_left
from cocm.server.look.badges import badge
from cocm.server.look.html import joined, safe
from cocm.server.look.parts import Pages, Tab
from cocm.server.look.tables import Column, Row, Table, table_query
from cocm.server.months.board import Board
from cocm.server.months.decisions import WHOLE_MONTH, decide, decisions_of, take_back
from cocm.server.months.forms import ExceptionFilter, ProposalFilter
from cocm.server.months.models import MonthItem, PatientMonth
from cocm.server.months.one_month import citations, decided_now
from cocm.server.months.owners import mending_link, mending_of, owner_words
from cocm.server.months.selectors import (
    month_items,
    near_misses,
    patient_months,
    runs_of,
    sees_all,
    unverified,
)
from cocm.server.months.words import (
    GRADE_TONES,
    KIND_WORDS,
    STATUS_TONES,
    STATUS_WORDS,
    item_words,
    sentence,
    two_lines,
)
from cocm.server.registry.models import Patient

ROWS_A_PAGE: Final = 50
NEAR: Final = "near"
LOOKS: Final = (
    (NEAR, "Near a code", ()),
    (Gap.CONSENT.value, "Consent", (Gap.CONSENT, Gap.CONSENT_FORM)),
    (Gap.SCALE.value, "Scale", (Gap.SCALE,)),
    (Gap.PATIENT_REVIEW.value, "Review", (Gap.PATIENT_REVIEW, Gap.CASELOAD_REVIEW)),
    ("short", "Short of a first code", ()),
)


def _page(request: HttpRequest, rows: QuerySet) -> tuple[Pages, list[Any]]:
    total = rows.count()
    count = max(1, -(-total // ROWS_A_PAGE))
    given = request.GET.get("page", "1")
    number = min(max(1, int(given)), count) if given.isdecimal() and len(given) < 6 else 1
    query = table_query(request.GET, without=("page",))
    return Pages(number, count, total, query), list(rows[(number - 1) * ROWS_A_PAGE : number * ROWS_A_PAGE])


def _frame(request: HttpRequest, month: Month, here: str) -> dict[str, Any]:
    """What every page of a month's answers has."""
    back = reverse("months:board", kwargs={"month": month})
    return {
        "month": month,
        "month_name": month_words(month),
        "back_href": back,
        "answered": runs_of(actor=request.actor, month=month).answered,  # type: ignore[attr-defined]  # the guard has set it
        "breadcrumb": [("Months", reverse("months:list")), (str(month), back), (here, "")],
    }


def _name(patient: Patient, href: str) -> str:
    first = patient.preferred_name or patient.first_name
    return joined(f'<a class="row-link" href="{safe(href)}">{safe(patient.last_name)}, {safe(first)}</a>')


def _month_href(month: Month, patient_pk: UUID) -> str:
    return reverse("months:patient", kwargs={"month": month, "patient_id": patient_pk})


@needs(Permission.MONTH_VIEW)
def at_risk_page(request: HttpRequest, month: Month) -> HttpResponse:
    """Who is near a code, or lacks what the month needs, while it can still be mended."""
    actor, today = request.actor, timezone.localdate()
    board = Board(actor, month, today)
    look = request.GET.get("look", NEAR)
    if look not in {key for key, _, _ in LOOKS}:
        look = NEAR
    near = near_misses(actor=actor, month=month, minutes_max=board.minutes_near)
    short = (
        patient_months(actor=actor, month=month)
        .filter(status=Status.CARE_DUE)
        .order_by(F("minutes_short").asc(nulls_last=True), "pk")
    )
    items = month_items(actor=actor, month=month).filter(patient_month__isnull=False)
    tabs = []
    for key, label, gaps in LOOKS:
        rows = (
            near
            if key == NEAR
            else short
            if key == "short"
            else items.filter(item__in=[gap.value for gap in gaps])
        )
        tabs.append(Tab(label, f"?look={key}", key == look, rows.count()))
    gaps = next(gaps for key, _, gaps in LOOKS if key == look)
    if gaps:
        listed = items.filter(item__in=[gap.value for gap in gaps]).select_related("patient", "patient_month")
        pages, rows = _page(request, listed.order_by("patient__last_name", "patient__first_name", "pk"))
        table = _lacking_table(request, month, rows)
    else:
        pages, rows = _page(request, (near if look == NEAR else short).select_related("patient"))
        table = _near_table(request, month, rows)
    context = _frame(request, month, "At risk") | {
        "tabs": tabs,
        "table": table,
        "pages": pages,
        "days_left": days_left(month, today),
        "changes": board.changes,
    }
    return TemplateResponse(request, "months/at_risk.html", context)


def _near_table(request: HttpRequest, month: Month, rows: list[PatientMonth]) -> Table:
    due = _care_due(request, month, rows)
    made = []
    for row in rows:
        label, href = mending_link(request.actor, "care_due", row.patient_id, month)  # type: ignore[attr-defined]  # as above
        made.append(
            Row(
                (
                    _name(row.patient, _month_href(month, row.patient_id)),
                    row.minutes_counted,
                    row.codes or "none",
                    row.minutes_short if row.minutes_short is not None else "",
                    row.next_tier,
                    due.get(row.pk, ""),
                    joined(f'<a href="{safe(href)}">{safe(label)}</a>'),
                )
            )
        )
    columns = [
        Column("Patient"),
        Column("Minutes", "number", help="Counted for this payer"),
        Column("Earned"),
        Column("Short", "number", help="Minutes short of the next code"),
        Column("Next code"),
        Column("Care due"),
        Column("Open", "action", label_hidden=True),
    ]
    return Table(
        "Near a code",
        columns,
        made,
        key="near",
        layout="cards",
        empty="Nobody is near the next code.",
        caption_hidden=True,
    )


def _care_due(request: HttpRequest, month: Month, rows: list[PatientMonth]) -> dict[UUID, str]:
    """The care that is due for the patients shown, in the core's words: never a count of minutes."""
    items = MonthItem.objects.of(request.actor).filter(patient_month__in=rows)  # type: ignore[attr-defined]  # as above
    words: dict[UUID, list[str]] = {}
    for pk, item, action, why in items.values_list("patient_month_id", "item", "action", "why"):
        if item == "care_due":
            words[pk] = [action]
        elif item in (Gap.SCALE.value, Gap.PATIENT_REVIEW.value, Gap.CASELOAD_REVIEW.value):
            words.setdefault(pk, []).append(why)
    return {pk: sentence("; ".join(dict.fromkeys(parts))) for pk, parts in words.items()}


def _lacking_table(request: HttpRequest, month: Month, rows: list[MonthItem]) -> Table:
    made = []
    for row in rows:
        label, href = mending_link(request.actor, row.item, row.patient_id, month)  # type: ignore[attr-defined]  # as above
        made.append(
            Row(
                (
                    _name(row.patient, _month_href(month, row.patient_id)),
                    badge(row.grade, GRADE_TONES.get(row.grade, "neutral")),
                    sentence(row.why),
                    sentence(row.action),
                    row.patient_month.minutes_counted,
                    owner_words(row.owner),
                    joined(f'<a href="{safe(href)}">{safe(label)}</a>') if href else "",
                )
            )
        )
    columns = [
        Column("Patient"),
        Column("Grade"),
        Column("What is missing"),
        Column("What to do"),
        Column("Minutes", "number"),
        Column("Whose move"),
        Column("Mend", "action", label_hidden=True),
    ]
    return Table(
        "Missing", columns, made, key="missing", layout="cards", empty="Nobody lacks it.", caption_hidden=True
    )


@needs(Permission.MONTH_VIEW)
def exceptions_page(request: HttpRequest, month: Month) -> HttpResponse:
    """What holds claims, the most money first: whose move, what to do, and where."""
    actor = request.actor
    rows = month_items(actor=actor, month=month).filter(holds=True)
    form = ExceptionFilter(request.GET, rows=rows, payers=payer_names(actor))
    listed = form.chosen(rows).select_related("patient", "patient_month")
    pages, shown = _page(
        request, listed.order_by("-cents_at_stake", "patient__last_name", "patient__first_name", "item", "pk")
    )
    payers = payer_names(actor)
    all_of_them = sees_all(actor)
    made = []
    for row in shown:
        claim_id = row.patient_month.claim_id if row.patient_month is not None else ""
        label, href = mending_link(actor, row.item, row.patient_id, month, claim_id)
        links = [f'<a href="{safe(href)}">{safe(label)}</a>'] if href else []
        if row.can_be_released and actor.may(Permission.BILLING_EDIT) and row.patient_id:
            address = reverse("months:decide", kwargs={"month": month, "patient_id": row.patient_id})
            links.append(f'<a href="{safe(address)}?kind=release&amp;item={safe(row.item)}">Release</a>')
        first = (
            _name(row.patient, _month_href(month, row.patient_id))
            if row.patient is not None
            else "no longer on file"
        )
        under = payers.get(row.payer_id, row.payer_id) or "no cover"
        made.append(
            Row(
                (
                    two_lines(first, under),
                    two_lines(
                        badge(item_words(row.item), GRADE_TONES.get(row.grade, "neutral")),
                        sentence(row.grade),
                    ),
                    two_lines(sentence(row.why), sentence(row.action)),
                    owner_words(row.owner),
                    *((dollars(row.cents_at_stake),) if all_of_them else ()),
                    joined('<span class="links">', *links, "</span>"),
                )
            )
        )
    columns = [
        Column("Patient"),
        Column("Reason"),
        Column("Why, and what to do"),
        Column("Whose move"),
        *((Column("At stake", "number"),) if all_of_them else ()),
        Column("Mend", "action", label_hidden=True),
    ]
    table = Table(
        "Exceptions",
        columns,
        made,
        key="exceptions",
        layout="cards",
        empty="Nothing fits." if form.is_valid() and any(form.cleaned_data.values()) else "Nothing is held.",
        caption_hidden=True,
    )
    context = _frame(request, month, "Exceptions") | {
        "filter_form": form,
        "is_filtered": any(request.GET.get(name) for name in form.fields),
        "table": table,
        "pages": pages,
        "changes": Board(actor, month, timezone.localdate()).changes,
    }
    return TemplateResponse(request, "months/exceptions.html", context)


@needs(Permission.MONTH_VIEW)
def patients_page(request: HttpRequest, month: Month) -> HttpResponse:
    """Every patient's month: minutes, codes, where it stands."""
    actor = request.actor
    rows = patient_months(actor=actor, month=month)
    payers = payer_names(actor)
    form = ProposalFilter(request.GET, rows=rows, payers=payers)
    pages, shown = _page(
        request,
        form.chosen(rows)
        .select_related("patient")
        .order_by("patient__last_name", "patient__first_name", "pk"),
    )
    all_of_them = sees_all(actor)
    made = [
        Row(
            (
                f"{row.patient.last_name}, {row.patient.preferred_name or row.patient.first_name}",
                payers.get(row.payer_id, "no cover"),
                row.minutes_counted,
                row.codes,
                badge(STATUS_WORDS.get(row.status, row.status), STATUS_TONES.get(row.status, "neutral")),
                *((_money(row),) if all_of_them else ()),
                f"{row.minutes_short} min to {row.next_tier}" if row.minutes_short is not None else "",
            ),
            href=_month_href(month, row.patient_id),
            tone="attention" if row.status == Status.HELD else "",
        )
        for row in shown
    ]
    columns = [
        Column("Patient"),
        Column("Payer"),
        Column("Minutes", "number", help="Counted for this payer"),
        Column("Codes"),
        Column("Stands at"),
        *((Column("Expected", "number", help="What the payer is expected to allow"),) if all_of_them else ()),
        Column("Next code"),
    ]
    table = Table(
        "Proposals",
        columns,
        made,
        key="proposals",
        layout="cards",
        empty="No patient's month fits these filters. Take one away, or forecast the month again on its board.",
        caption_hidden=True,
    )
    context = _frame(request, month, "Proposals") | {
        "filter_form": form,
        "is_filtered": any(request.GET.get(name) for name in form.fields),
        "table": table,
        "pages": pages,
        "changes": Board(actor, month, timezone.localdate()).changes,
    }
    return TemplateResponse(request, "months/patients.html", context)


def _money(row: PatientMonth) -> str:
    """What is expected; the charge where no rate is known."""
    if row.cents_expected is not None:
        return dollars(row.cents_expected)
    if row.cents_charged is not None:
        return f"charge {dollars(row.cents_charged)}"
    return "no rate known" if row.codes else ""


@needs(Permission.BILLING_VIEW)
def eligibility_page(request: HttpRequest, month: Month) -> HttpResponse:
    """Policies that nobody has checked since the month began."""
    actor = request.actor
    pages, shown = _page(request, unverified(actor=actor, month=month))
    may = actor.may(Permission.COVER_EDIT)
    made = []
    for row in shown:
        change = reverse(
            "registry:cover_row",
            kwargs={"patient_id": row.patient_id, "part": "coverage_change", "row_id": row.pk},
        )
        made.append(
            Row(
                (
                    _name(row.patient, _month_href(month, row.patient_id)),
                    row.payer.name,
                    row.member_id,
                    row.verified_on or "never",
                    row.coverage_to or "",
                    joined(f'<a href="{safe(change)}">Enter the check</a>') if may else "",
                )
            )
        )
    columns = [
        Column("Patient"),
        Column("Payer"),
        Column("Member id"),
        Column("Last checked", "date"),
        Column("Ends", "date"),
        Column("Enter", "action", label_hidden=True),
    ]
    table = Table(
        "Policies to check",
        columns,
        made,
        key="policies",
        layout="cards",
        empty="Every policy was checked.",
        caption_hidden=True,
    )
    return TemplateResponse(
        request,
        "months/eligibility.html",
        _frame(request, month, "Eligibility")
        | {"table": table, "pages": pages, "desk_href": reverse("claims:eligibility")},
    )


# -- one patient -------------------------------------------------------------------------------------------------------


@needs(Permission.MONTH_VIEW, patient="patient_id")
def patient_page(request: HttpRequest, month: Month, patient_id: UUID) -> HttpResponse:
    """One patient's month as a close made now would decide it, with every reason."""
    actor, patient, today = request.actor, request.chart, timezone.localdate()
    try:
        decisions = decided_now(actor=actor, patient=patient, month=month, today=today)
        problem = ""
    except TableError as fault:
        decisions, problem = [], str(fault)
    context = _frame(request, month, patient.full_name) | {
        "patient": patient,
        "problem": problem,
        "months": [_month_parts(request, month, decision) for decision in decisions],
        "made": decisions_of(actor=actor, patient=patient, month=month),
        "decide_href": reverse("months:decide", kwargs={"month": month, "patient_id": patient_id}),
        "minutes_href": reverse("contacts:month", kwargs={"month": month, "patient_id": patient_id}),
        "chart_href": reverse("registry:chart", kwargs={"patient_id": patient_id}),
        "whole_month": WHOLE_MONTH,
        "sees_money": sees_all(actor),
        "kinds": {kind.name: kind.value for kind in DecisionKind},
    }
    return TemplateResponse(request, "months/patient.html", context)


def _month_parts(request: HttpRequest, month: Month, decision: MonthDecision) -> dict[str, Any]:
    """A decision in the parts that the page shows."""
    proposal, case = decision.proposal, decision.case
    held = set(map(id, decision.held))
    ledger = proposal.ledger
    return {
        "status": badge(
            STATUS_WORDS.get(decision.status.value, decision.status.value),
            STATUS_TONES.get(decision.status.value, "neutral"),
        ),
        "is_held": decision.status is Status.HELD,
        "is_open": decision.status in (Status.CLAIM, Status.HELD),
        "payer": case.payer.name if case.payer is not None else "no cover on record",
        "pack": proposal.pack_id,
        "kind": KIND_WORDS[proposal.month_kind.value],
        "kind_why": proposal.month_kind_reason.text,
        "why_rules": citations(
            *(rule for reason in (*proposal.reasons, proposal.month_kind_reason) for rule in reason.rules),
            *(line.code_rule for line in proposal.lines),
        ),
        "lines": [(line.hcpcs_code, line.units) for line in proposal.lines],
        "charged": dollars(decision.claim.charge_amount_cents) if decision.claim is not None else "",
        "expected": dollars(proposal.expected_payment_cents)
        if proposal.expected_payment_cents is not None
        else "",
        "expected_basis": proposal.expected_basis,
        "claim_id": decision.claim.claim_id if decision.claim is not None else "",
        "claim_href": _claim_href(request, decision),
        "submission": decision.submission.why if decision.submission is not None else "",
        "counted": ledger.minutes_counted,
        "logged": ledger.logged_seconds // 60,
        "next_tier": proposal.next_tier,
        "care_due": [due.words for due in proposal.care_due],
        "reasons": [sentence(reason.text) for reason in proposal.reasons],
        "rejected": [
            (
                other.hcpcs_code,
                other.units,
                other.reason.text,
                citations(*other.reason.rules),
                other.is_offered,
            )
            for other in proposal.rejected
        ],
        "holding": [
            _item_parts(request, month, decision, item) for item in decision.items if id(item) in held
        ],
        "noted": [
            _item_parts(request, month, decision, item) for item in decision.items if id(item) not in held
        ],
    }


def _claim_href(request: HttpRequest, decision: MonthDecision) -> str:
    """The claim's page, once it is written."""
    if decision.claim is None or decision.status is not Status.ALREADY_SENT:
        return ""
    if not request.actor.may(Permission.BILLING_VIEW):  # type: ignore[attr-defined]  # as above
        return ""
    return reverse(
        "claims:claim", kwargs={"patient_id": request.chart.pk, "claim_id": decision.claim.claim_id}
    )  # type: ignore[attr-defined]  # as above


def _item_parts(
    request: HttpRequest, month: Month, decision: MonthDecision, item: WorkItem
) -> dict[str, Any]:
    patient_pk = request.chart.pk  # type: ignore[attr-defined]  # the guard has set it
    claim_id = decision.claim.claim_id if decision.claim is not None else ""
    label, href = mending_link(request.actor, item.item, patient_pk, month, claim_id)  # type: ignore[attr-defined]  # as above
    is_here = href == _month_href(month, patient_pk)
    return {
        "item": item.item,
        "title": item_words(item.item),
        "grade": badge(item.grade, GRADE_TONES.get(item.grade, "neutral")),
        "why": sentence(item.why),
        "action": sentence(item.action),
        "owner": owner_words(mending_of(item.item).owner),
        "label": "" if is_here else label,
        "href": "" if is_here else href,
        "can_be_released": item.can_be_released,
        "was_released": not item.holds or any(made.item == item.item for made in decision.decisions),
        "rules": citations(*item.rules),
    }


_QUESTIONS: Final = {
    DecisionKind.RELEASE: ("Release", "Let the claim go in spite of this?"),
    DecisionKind.CHOOSE: ("Take this code", "Bill the offered code instead?"),
    DecisionKind.HOLD: ("Hold", "Hold the claim back?"),
}


@needs(Permission.BILLING_EDIT, patient="patient_id", methods=("GET", "POST"))
def decide_page(request: HttpRequest, month: Month, patient_id: UUID) -> HttpResponse:
    """Release an item, take an offered code, hold the claim, or take such a decision back, with the reason."""
    back = _month_href(month, patient_id)
    try:
        kind = DecisionKind(request.GET.get("kind", DecisionKind.HOLD.value))
    except ValueError:
        kind = DecisionKind.HOLD
    item = request.GET.get("item", WHOLE_MONTH)[:80]
    takes_back = "back" in request.GET
    names = {"actor": request.actor, "patient": request.chart, "month": month, "kind": kind, "item": item}
    if request.method == "POST":
        try:
            if takes_back:
                take_back(**names)
                messages.success(request, "The decision is taken back.")
            else:
                decide(**names, reason=request.POST.get("reason", ""), today=timezone.localdate())
                messages.success(request, "The decision is on record.")
            return HttpResponseRedirect(back)
        except ValueError as refusal:
            messages.error(request, f"{str(refusal).capitalize()}.")
    label, question = _QUESTIONS[kind]
    what = "" if kind is DecisionKind.HOLD else item if kind is DecisionKind.CHOOSE else item_words(item)
    context = {
        "href": request.get_full_path(),
        "label": "Take back" if takes_back else label,
        "question": "Take the decision back?" if takes_back else question,
        "detail": f"{month}{': ' if what else ''}{what}. It stays in the trail with your name.",
        "tone": "primary",
        "asks_reason": not takes_back,
        "key": "decide",
        "back_href": back,
    }
    return TemplateResponse(request, "look/confirm_page.html", context)
