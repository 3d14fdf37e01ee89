"""The list of months, a month's board, and its freeze."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from cocm.basics.money import dollars
from cocm.basics.months import Month
from cocm.letters.words import month_words
from cocm.server.access.needs import needs
from cocm.server.access.permissions import ROLE_WORDS, MemberRole, Permission
from cocm.server.accounts.selectors import payer_names
from cocm.server.contacts.words import ROLE_WORDS as STAFF_WORDS
from cocm.server.look.badges import badge
from cocm.server.look.html import joined
from cocm.server.look.tables import Column, Row, Table
from cocm.server.months.board import Board
from cocm.server.months.freezing import month_freeze_all
from cocm.server.months.runs import run_refresh
from cocm.server.months.selectors import attestations, listed_months, month_to_work
from cocm.server.months.views.runs import run_words
from cocm.server.months.words import two_lines

RUNS_SHOWN: Final = 6


@needs(Permission.MONTH_VIEW)
def months_page(request: HttpRequest) -> HttpResponse:
    """The months, the latest first; the one to work on is marked."""
    today = timezone.localdate()
    current = month_to_work(actor=request.actor, today=today)
    rows = []
    for one in listed_months(actor=request.actor, today=today):
        figures = one.closed.figures if one.closed is not None else {}
        state = badge("Open", "info") if one.closed_on is None else badge("Closed", "success")
        if one.active is not None:
            state = badge("At work", "info", "hourglass-split")
        elif one.month == Month.of(today):
            state = badge("Runs", "neutral")
        rows.append(
            Row(
                (
                    month_words(one.month),
                    joined(
                        str(state), " ", str(badge("To work on", "attention")) if one.month == current else ""
                    ),
                    figures.get("patient_months", ""),
                    timezone.localtime(one.forecast.finished_at).strftime("%Y-%m-%d %H:%M")
                    if one.forecast
                    else "",
                    one.closed_on or "",
                ),
                href=reverse("months:board", kwargs={"month": one.month}),
            )
        )
    table = Table(
        "Months",
        [
            Column("Month"),
            Column("State"),
            Column("Patients", "number", help="Patient-months of the last close"),
            Column("Forecast", "date"),
            Column("Closed", "date"),
        ],
        rows,
        key="months",
        layout="cards",
        caption_hidden=True,
    )
    return TemplateResponse(request, "months/list.html", {"table": table, "current": current})


@needs(Permission.MONTH_VIEW)
def board_page(request: HttpRequest, month: Month) -> HttpResponse:
    """The month's calendar: what is done, and what is next."""
    today = timezone.localdate()
    board = Board(request.actor, month, today)
    if board.runs.active is not None:
        run_refresh(actor=request.actor, run=board.runs.active)
        board = Board(request.actor, month, today)
    context = {
        "board": board,
        "month": month,
        "month_name": month_words(month),
        "run": board.runs.active or board.runs.failed,
        "progress": run_words(board.runs.active, today) if board.runs.active is not None else None,
        "answered": board.runs.answered,
        "all_href": board.address("patients"),
        "before": month.plus(-1),
        "after": month.plus(1) if month < Month.of(today) else None,
        "owners": _owners(board),
        "signers": _signers(board),
        "asking": list(attestations(actor=request.actor, month=month)),
        "files": _files(board) if board.sent is not None and board.sent.interchanges else None,
        "breadcrumb": [("Months", reverse("months:list")), (str(month), "")],
    }
    return TemplateResponse(request, "months/board.html", context)


def _owners(board: Board) -> Table | None:
    """Whose move it is."""
    rows = [
        Row(
            (
                ROLE_WORDS[owner],
                row["items"],
                row["months"],
                *((dollars(row["cents"]),) if board.sees_all else ()),
            ),
            href=board.address("exceptions", owner=owner.value),
        )
        for owner in MemberRole
        if (row := board.by_owner.get(owner.value))
    ]
    money = (Column("At stake", "number", help="Expected payment, or charges where no rate is known"),)
    columns = [Column("Whose move"), Column("Items", "number"), Column("Patients", "number")]
    if not rows:
        return None
    return Table(
        "Exceptions by owner",
        [*columns, *(money if board.sees_all else ())],
        rows,
        key="owners",
        layout="cards",
        caption_hidden=True,
    )


def _signers(board: Board) -> Table | None:
    rows = []
    for one in board.signers:
        if one.is_done:
            state = badge("Signed", "success", "check-circle")
        elif one.changed:
            state = badge(f"{one.changed} changed since", "attention", "exclamation-triangle")
        elif one.signed:
            state = badge(f"{one.signed} of {one.patients}", "info")
        else:
            state = badge("Not yet", "neutral")
        at = timezone.localtime(one.last_signed_at).strftime("%Y-%m-%d %H:%M") if one.last_signed_at else ""
        role = STAFF_WORDS.get(one.staff_member.role, one.staff_member.role)
        rows.append(
            Row(
                (
                    two_lines(one.staff_member.full_name, role.capitalize()),
                    one.patients,
                    f"{one.seconds // 60:,}",
                    state,
                    at,
                )
            )
        )
    if not rows:
        return None
    columns = [
        Column("Who"),
        Column("Patients", "number"),
        Column("Minutes", "number"),
        Column("State"),
        Column("Signed", "date"),
    ]
    return Table("Sign-off", columns, rows, key="sign-off-table", layout="cards", caption_hidden=True)


def _files(board: Board) -> Table:
    payers = payer_names(board.actor)
    rows = []
    for batch in board.batches:
        one = batch.written
        state = badge("Handed over", "info")
        if batch.rejected:
            state = badge(f"{batch.rejected} refused", "danger")
        elif batch.is_answered:
            state = badge("Taken", "success")
        elif batch.waits:
            state = badge("To be handed over", "attention")
        cells = (
            one.file_name,
            payers.get(one.payer_id, one.payer_id),
            one.as_of_date,
            one.claim_count,
            dollars(one.charge_amount_cents),
            state,
        )
        may = board.actor.may(Permission.DATA_EXPORT)
        rows.append(Row(cells, href=reverse("claims:batch_file", args=[one.control_number]) if may else ""))
    columns = [
        Column("File"),
        Column("Payer"),
        Column("Written", "date"),
        Column("Claims", "number"),
        Column("Charged", "number"),
        Column("State"),
    ]
    return Table("Files of claims", columns, rows, key="file-table", layout="cards", caption_hidden=True)


@needs(Permission.BILLING_EDIT, methods=("GET", "POST"))
def freeze_page(request: HttpRequest, month: Month) -> HttpResponse:
    """Freeze everybody's minutes of the month, after a question."""
    back = reverse("months:board", kwargs={"month": month})
    today = timezone.localdate()
    if request.method == "POST":
        if today <= month.last_day:
            messages.error(request, f"{month} is not over.")
        else:
            count = month_freeze_all(actor=request.actor, month=month)
            messages.success(request, f"{month} is frozen, {count} patients anew.")
        return HttpResponseRedirect(back)
    context = {
        "href": request.path, "label": "Freeze",
        "question": f"Freeze the minutes of {month_words(month)} for everybody?",
        "tone": "primary", "detail": "Nothing is added or corrected then, until billing opens a patient's month again "
        "and says why. Months that are open again are frozen once more.",
        "key": "freeze", "back_href": back,
    }  # fmt: skip
    return TemplateResponse(request, "look/confirm_page.html", context)
