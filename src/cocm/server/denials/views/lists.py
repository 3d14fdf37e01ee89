"""The worklist by money, days left and chance; and the inbox of requests for records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from cocm.basics.money import dollars
from cocm.basics.months import Month
from cocm.receivables.worklist import WorkKind
from cocm.server.access.actor import Actor
from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.accounts.selectors import payer_names
from cocm.server.claims.words import STATES
from cocm.server.denials.forms import MINE, NOBODYS, FilterForm
from cocm.server.denials.selectors import (
    KIND_TONES,
    KIND_WORDS,
    RecordsRequest,
    WorkRow,
    records_requests,
    work_rows,
)
from cocm.server.denials.tabs import denials_tabs
from cocm.server.look.badges import badge
from cocm.server.look.html import joined, safe
from cocm.server.look.parts import Pages
from cocm.server.look.tables import Column, Row, Table, table_query
from cocm.server.set_up_first import set_up_first

ROWS_PER_PAGE: Final = 100
SOON_DAYS: Final = 14
"""From here on a day is marked."""
SORTS: Final = ("worth", "money", "days", "chance", "payer", "owner")
FAR: Final = 100_000


@needs(Permission.BILLING_VIEW)
@set_up_first
def worklist_page(request: HttpRequest) -> HttpResponse:
    """What waits, the most worthwhile first."""
    actor, today = request.actor, timezone.localdate()
    rows = work_rows(actor=actor, today=today)
    form = FilterForm(request.GET, actor=actor, payers=payer_names(actor))
    chosen = filtered(rows, form, actor) if form.is_valid() else rows
    sort = request.GET.get("sort", "")
    chosen = in_order(chosen, sort, today)
    pages = Paginator(chosen, ROWS_PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    due = [left for row in rows if (left := row.item.days_left(today)) is not None and 0 <= left <= SOON_DAYS]
    context = {
        "tabs": denials_tabs("denials:worklist"),
        "form": form,
        "stats": {
            "items": len(rows),
            "money": dollars(sum(row.item.cents for row in rows if row.item.kind is not WorkKind.OVERPAID)),
            "expected": dollars(
                sum(
                    row.item.cents * row.item.chance_percent // 100
                    for row in rows
                    if row.item.kind is not WorkKind.OVERPAID
                )
            ),
            "due": len(due),
            "nobodys": sum(row.owner_id is None for row in rows),
        },
        "soon_words": f"{SOON_DAYS} days",
        "table": worklist_table(list(page.object_list), today, sort, request),
        "pages": Pages(
            page.number, pages.num_pages, pages.count, table_query(request.GET, without=("page",))
        ),
    }
    return TemplateResponse(request, "denials/worklist.html", context)


def filtered(rows: Sequence[WorkRow], form: FilterForm, actor: Actor) -> list[WorkRow]:
    """The rows of a kind, a payer, an owner."""
    kind, payer, owner = (form.cleaned_data.get(name, "") for name in ("kind", "payer", "owner"))
    if owner == MINE:
        owner = str(actor.user_id)
    return [
        row
        for row in rows
        if (not kind or row.item.kind == kind)
        and (not payer or row.item.payer_id == payer)
        and (not owner or (row.owner_id is None if owner == NOBODYS else str(row.owner_id) == owner))
    ]


def in_order(rows: list[WorkRow], sort: str, today: date) -> list[WorkRow]:
    """By a column; the core's order where none is asked for."""
    keys = {
        "worth": lambda row: row.item.score(today),
        "money": lambda row: row.item.cents,
        "days": lambda row: FAR if row.item.days_left(today) is None else row.item.days_left(today),
        "chance": lambda row: row.item.chance_percent,
        "payer": lambda row: row.payer,
        "owner": lambda row: row.owner,
    }
    name = sort.removeprefix("-")
    return sorted(rows, key=keys[name], reverse=sort.startswith("-")) if name in keys else rows


def worklist_table(rows: Sequence[WorkRow], today: date, sort: str, request: HttpRequest) -> Table:
    """The worklist as a table."""
    return Table(
        "What waits",
        (
            Column("Claim"),
            Column("Patient and payer", sort="payer"),
            Column("Cause"),
            Column("Do"),
            Column("Money", "number", sort="money"),
            Column("Days left", "number", sort="days"),
            Column("Chance", "number", sort="chance", help="The playbook's judgement, no measurement"),
            Column("Owner", sort="owner"),
        ),
        [_row(row, today, number) for number, row in enumerate(rows)],
        key="worklist",
        layout="cards",
        sort=sort,
        query=table_query(request.GET),
        empty="Nothing waits.",
        caption_hidden=True,
    )


def _row(row: WorkRow, today: date, number: int) -> Row:
    item = row.item
    href = (
        reverse("denials:claim", kwargs={"patient_id": row.patient.pk, "claim_id": item.claim_id})
        if row.patient is not None
        else ""
    )
    left = item.days_left(today)
    step = (
        item.action.replace("_", " ")
        if item.action != "review"
        else (item.steps[0] if item.steps else "review")
    )
    return Row(
        (
            joined(
                f'<span class="denial-two">{safe(item.claim_id)}<small class="quiet">{item.month}</small></span>'
            ),
            joined(
                f'<span class="denial-two">{safe(row.patient.name if row.patient else row.patient_id)}'
                f'<small class="quiet">{safe(row.payer)}</small></span>'
            ),
            joined(
                '<span class="denial-cause">',
                badge(KIND_WORDS[item.kind], KIND_TONES.get(item.kind, "neutral")),
                f" {safe(item.label)}</span>"
                if item.label.lower() != KIND_WORDS[item.kind].lower()
                else "</span>",
            ),
            step[:1].upper() + step[1:],
            dollars(item.cents),
            days_badge(left, item.deadline.why),
            f"{item.chance_percent} %",
            row.owner or joined('<span class="quiet">nobody</span>'),
        ),
        href=href,
        tone="danger" if left is not None and 0 <= left <= SOON_DAYS else "",
    )


def days_badge(left: int | None, why: str = "") -> str:
    """Days left, marked where they are few."""
    if left is None:
        return joined(f'<span class="quiet" title="{escape(why)}">not known</span>')
    if left < 0:
        return badge("too late", "neutral", "clock-history")
    if left <= SOON_DAYS:
        return badge(str(left), "danger" if left <= SOON_DAYS // 2 else "attention", "clock")
    return joined(str(left))


@needs(Permission.BILLING_VIEW)
@set_up_first
def requests_page(request: HttpRequest) -> HttpResponse:
    """Requests for records by their clock, and those answered."""
    today = timezone.localdate()
    found = records_requests(actor=request.actor, today=today)
    waiting = [one for one in found if one.answered_on is None]
    answered = [one for one in found if one.answered_on is not None]
    context = {
        "tabs": denials_tabs("denials:requests"),
        "waiting": _requests_table(f"Waiting, {len(waiting)}", "waiting", waiting, today),
        "answered": _answered_table(answered) if answered else None,
        "late": sum((one.days_left(today) or 0) < 0 for one in waiting),
    }
    return TemplateResponse(request, "denials/requests.html", context)


def _packet_href(one: RecordsRequest) -> str:
    if one.patient is None:
        return ""
    claim_id = one.standing.rows.claim.claim_id
    return reverse("denials:packet", kwargs={"patient_id": one.patient.pk, "claim_id": claim_id})


def _requests_table(caption: str, key: str, rows: Sequence[RecordsRequest], today: date) -> Table:
    return Table(
        caption,
        (
            Column("Claim"),
            Column("Patient"),
            Column("Payer"),
            Column("Month", "date"),
            Column("Asked on", "date"),
            Column("Asked for"),
            Column("Open", "number"),
            Column("Answer by", "date"),
            Column("Days left", "number"),
        ),
        [
            Row(
                (
                    one.standing.rows.claim.claim_id,
                    one.patient.name if one.patient is not None else one.standing.rows.claim.patient_id,
                    one.payer,
                    str(Month.from_index(one.standing.rows.claim.month_index)),
                    one.event.day,
                    ", ".join(one.asked_for) or "the month's documentation",
                    dollars(one.standing.account.balance.open_cents),
                    one.event.due or "",
                    _request_days(one.days_left(today)),
                ),
                href=_packet_href(one),
                tone="danger" if (one.days_left(today) or FAR) <= SOON_DAYS // 2 else "",
            )
            for one in rows
        ],
        key=key,
        layout="cards",
        empty="No payer waits for records.",
    )


def _request_days(left: int | None) -> str:
    if left is not None and left < 0:
        return badge(f"{-left} day{'s' if left != -1 else ''} late", "danger", "exclamation-octagon")
    return days_badge(left, "the payer's request names no day: ask")


def _answered_table(rows: Sequence[RecordsRequest]) -> Table:
    return Table(
        f"Answered, {len(rows)}",
        (
            Column("Claim"),
            Column("Patient"),
            Column("Payer"),
            Column("Month", "date"),
            Column("Asked on", "date"),
            Column("Answered on", "date"),
            Column("Stands at"),
        ),
        [
            Row(
                (
                    one.standing.rows.claim.claim_id,
                    one.patient.name if one.patient is not None else one.standing.rows.claim.patient_id,
                    one.payer,
                    str(Month.from_index(one.standing.rows.claim.month_index)),
                    one.event.day,
                    one.answered_on,
                    STATES[one.standing.timeline.state].label,
                ),
                href=(
                    reverse(
                        "denials:claim",
                        kwargs={
                            "patient_id": one.patient.pk,
                            "claim_id": one.standing.rows.claim.claim_id,
                        },
                    )
                    if one.patient is not None
                    else ""
                ),
            )
            for one in rows
        ],
        key="answered",
        layout="cards",
    )
