"""Payers' files: bring them in, and see what each brought."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from cocm.basics.money import dollars
from cocm.server.access.actor import Actor
from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.claims.forms import FilesForm
from cocm.server.claims.listing import claim_rows
from cocm.server.claims.models import Arrival, ReceivedFile
from cocm.server.claims.receiving import Incoming, bytes_max, looked_at, receive
from cocm.server.claims.selectors import waiting_counts
from cocm.server.claims.tabs import claims_tabs
from cocm.server.claims.words import state_badge
from cocm.server.look.badges import badge
from cocm.server.look.parts import Pages, RowFault
from cocm.server.look.tables import Column, Row, Table
from cocm.server.people_named import patients_named

FILES_A_PAGE: Final = 30
_VERSIONS: Final = (
    ("005010X214", "277CA"),
    ("005010X213", "277 request"),
    ("006020X313", "277 request"),
    ("005010X212", "277"),
)


@needs(Permission.BILLING_VIEW, methods=("GET", "POST"))
def files_page(request: HttpRequest) -> HttpResponse:
    """The files that came in, the newest first; POST brings further ones in."""
    actor = request.actor  # type: ignore[attr-defined]  # the guard has set it
    form = FilesForm(request.POST, request.FILES) if request.method == "POST" else FilesForm()
    if form.is_bound:
        actor.require(Permission.BILLING_EDIT)
        if form.is_valid():
            return _brought_in(request, actor, form.cleaned_data["files"])
    files = ReceivedFile.objects.of(actor).order_by("-received_at", "file_name").defer("packed")
    pages = _pages(request, files.count())
    shown = files[(pages.number - 1) * FILES_A_PAGE : pages.number * FILES_A_PAGE]
    context = {
        "tabs": claims_tabs("claims:files", waiting_counts(actor=actor)),
        "form": form,
        "megabytes": settings.UPLOAD_MEGABYTES,
        "table": _table(shown),
        "pages": pages,
    }
    return TemplateResponse(request, "claims/files.html", context, status=422 if form.is_bound else 200)


def _brought_in(request: HttpRequest, actor: Actor, uploads: list[Any]) -> HttpResponse:
    incoming = (
        Incoming(upload.name or "", upload.read() if upload.size <= bytes_max() else None)
        for upload in uploads
    )
    arrived = receive(actor=actor, files=incoming, arrival=Arrival.UPLOAD, today=timezone.localdate())
    for one in arrived:
        if one.is_known:
            messages.info(request, f"{one.file.file_name}: was taken in before; nothing changed.")
        elif not one.file.is_taken:
            messages.error(request, f"{one.file.file_name}: refused. {one.file.refusal}")
        elif len(arrived) > 1:
            messages.success(request, f"{one.file.file_name}: taken in ({one.file.kinds}).")
    if len(arrived) == 1:
        return HttpResponseRedirect(reverse("claims:file", kwargs={"file_id": arrived[0].file.pk}))
    return HttpResponseRedirect(reverse("claims:files"))


def _pages(request: HttpRequest, rows_total: int) -> Pages:
    count = max(1, -(-rows_total // FILES_A_PAGE))
    asked = request.GET.get("page", "1")
    number = min(max(int(asked), 1), count) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1
    return Pages(number, count, rows_total)


def _table(files: Any) -> Table:
    columns = [
        Column("File"),
        Column("Came", "date"),
        Column("By"),
        Column("Holds"),
        Column("State"),
        Column("Brought"),
    ]
    rows = [
        Row(
            (
                file.file_name,
                f"{timezone.localtime(file.received_at):%Y-%m-%d %H:%M}",
                file.get_arrival_display(),
                kinds_in_words(file.kinds),
                _state(file),
                brought(file),
            ),
            href=reverse("claims:file", kwargs={"file_id": file.pk}),
            tone="danger" if not file.is_taken else "attention" if file.needs_look else "",
        )
        for file in files
    ]
    return Table(
        "Payers' files",
        columns,
        rows,
        key="files",
        layout="cards",
        empty="No file came in yet.",
        caption_hidden=True,
    )


def kinds_in_words(kinds: str) -> str:
    """What a file holds, as the field calls it."""
    named = (
        next((words for version, words in _VERSIONS if version in kind), kind.partition(" ")[0])
        for kind in filter(None, kinds.split(", "))
    )
    return ", ".join(dict.fromkeys(named))


def _state(file: ReceivedFile) -> object:
    if not file.is_taken:
        return badge("Refused", "danger")
    return badge("To look at", "attention") if file.needs_look else badge("Taken in", "success")


def brought(file: ReceivedFile) -> str:
    """What a file brought, in a line."""
    figures = file.figures
    if not file.is_taken:
        return file.refusal
    if "decisions" in figures:
        paid = sum(one["cents"] for one in figures["payments"])
        told = f"{dollars(paid)}, {_counted(figures['decisions'], 'decision')}"
        return told + (f", {len(figures['unmatched'])} unmatched" if figures["unmatched"] else "")
    if "people" in figures:
        return f"{figures['matched']} of {figures['people']} people, {figures['clear']} clear"
    parts = [_counted(figures.get("statements", 0), "statement")]
    parts += [f"{len(figures['rejected'])} rejected"] if figures.get("rejected") else []
    parts += [_counted(len(figures["requested"]), "records request")] if figures.get("requested") else []
    return ", ".join(parts)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _file(request: HttpRequest, file_id: UUID) -> ReceivedFile:
    found = ReceivedFile.objects.of(request.actor).filter(pk=file_id).first()  # type: ignore[attr-defined]
    if found is None:
        raise Http404
    return found


@needs(Permission.BILLING_VIEW)
def file_page(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """What a file brought: matched, posted, unmatched, and its faults of form."""
    actor = request.actor  # type: ignore[attr-defined]  # the guard has set it
    file = _file(request, file_id)
    figures = file.figures
    context = {
        "file": file,
        "brought": brought(file),
        "state": _state(file),
        "tiles": _tiles(file),
        "claims": _claims(actor, figures),
        "requested": dict(figures.get("requested", ())),
        "payments": [
            (one, dollars(one["cents"]), reverse("money:payment", kwargs={"payment_id": one["payment_id"]}))
            for one in figures.get("payments", ())
        ],
        "unmatched": [
            (one, reverse("money:match", kwargs={"decision_id": one})) for one in figures.get("unmatched", ())
        ],
        "faults": [
            RowFault(
                one["row"],
                one["place"],
                _sentence(one["what"]),
                f"Expected {one['expected']}. {_sentence(one['fix'])}.",
                is_blocking=False,
            )
            for one in file.problems
        ],
        "may_edit": actor.may(Permission.BILLING_EDIT),
    }
    return TemplateResponse(request, "claims/file.html", context)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _tiles(file: ReceivedFile) -> list[tuple[str, object, str]]:
    figures = file.figures
    if "decisions" in figures:
        return [
            ("Paid", dollars(sum(one["cents"] for one in figures["payments"])), ""),
            ("Decisions", figures["decisions"], ""),
            ("Posted now", figures["new_decisions"], ""),
            ("Others' claims", figures["other_claims"] - len(figures["unmatched"]), ""),
            ("Unmatched", len(figures["unmatched"]), "attention" if figures["unmatched"] else ""),
        ]
    if "people" in figures:
        return [
            ("People", figures["people"], ""),
            ("Found here", figures["matched"], ""),
            ("Clear", figures["clear"], ""),
            (
                "Not found",
                len(figures["unknown_patients"]),
                "attention" if figures["unknown_patients"] else "",
            ),
        ]
    if "statements" in figures:
        unknown = len(figures["unknown_claims"]) + len(figures["unknown_files"])
        return [
            ("Statements", figures["statements"], ""),
            ("New", figures["new_events"], ""),
            ("Rejected", len(figures["rejected"]), "danger" if figures["rejected"] else ""),
            ("Records wanted", len(figures["requested"]), "attention" if figures["requested"] else ""),
            ("Unknown", unknown, "attention" if unknown else ""),
        ]
    return []


def _claims(actor: Actor, figures: dict[str, Any]) -> Table | None:
    """The claims that a file is about and somebody should see: rejected, wanted, posted."""
    named = [
        *figures.get("rejected", ()),
        *(one for one, _ in figures.get("requested", ())),
        *figures.get("claims", ()),
    ]
    if not named:
        return None
    rows = {row.claim_id: row for row in claim_rows(actor=actor, today=timezone.localdate())}
    found = [rows[one] for one in dict.fromkeys(named) if one in rows]
    names = patients_named(actor=actor, patient_ids=[row.patient_id for row in found])
    due = dict(figures.get("requested", ()))
    made = []
    for row in found:
        patient = names.get(row.patient_id)
        href = ""
        if patient is not None:
            href = reverse("claims:claim", kwargs={"patient_id": patient.pk, "claim_id": row.claim_id})
        made.append(
            Row(
                (
                    patient.name if patient is not None else row.patient_id,
                    str(row.month),
                    row.claim_id,
                    state_badge(row.state),
                    due.get(row.claim_id, ""),
                    dollars(row.charge_cents),
                    dollars(row.paid_cents),
                    dollars(row.open_cents),
                ),
                href=href,
            )
        )
    columns = [
        Column("Patient"),
        Column("Month"),
        Column("Claim"),
        Column("Stands now"),
        Column("Due", "date"),
        Column("Charge", "number"),
        Column("Paid", "number"),
        Column("Open", "number"),
    ]
    return Table("Claims it is about", columns, made, key="claims", layout="cards", empty="None of ours.")


@needs(Permission.BILLING_EDIT, methods=("POST",))
def looked_page(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """Somebody saw to what the file said."""
    file = _file(request, file_id)
    looked_at(actor=request.actor, file=file)  # type: ignore[attr-defined]  # the guard has set it
    messages.success(request, f"{file.file_name}: seen to.")
    return HttpResponseRedirect(reverse("claims:files"))
