"""One claim: its life and money, every edit's answer, and its segments as they were sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from cocm.basics.money import dollars
from cocm.claims.lifecycle import ClaimEvent, ClaimEventKind, ClaimState, Timeline
from cocm.claims.submission import CORRECTION_RULE, VOID
from cocm.edits.edit import Verdict
from cocm.edits.verdicts import EditAnswer
from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.accounts.selectors import payer_names
from cocm.server.claims.claim_file import Beside, ClaimFile, Told, claim_file
from cocm.server.claims.eligibility import benefits_of
from cocm.server.claims.sending import correction_rule
from cocm.server.claims.tabs import claim_tabs
from cocm.server.claims.words import (
    DETAILS,
    EVENTS,
    FREQUENCIES,
    STATES,
    VERDICTS,
    coverage_badge,
    money,
    note_words,
    route_badge,
    state_badge,
)
from cocm.server.look.badges import badge
from cocm.server.look.parts import TimelineEntry
from cocm.server.look.tables import Column, Row, Table
from cocm.server.rulebook.links import edit_url, rule_url
from cocm.server.rulebook.words import shown_value
from cocm.server.rules_in_force import rulebook
from cocm.x12 import ClaimRecord

_ABOUT_US: Final = frozenset({"by", "note"})
_FOR_DENIALS: Final = (
    ClaimState.DENIED,
    ClaimState.PARTLY_PAID,
    ClaimState.RECORDS_REQUESTED,
    ClaimState.APPEALED,
    ClaimState.REVERSED,
)
_GONE: Final = "not on file"


@needs(Permission.BILLING_VIEW, patient="patient_id")
def claim_page(request: HttpRequest, patient_id: str, claim_id: str) -> HttpResponse:
    """The claim's life, lines, money, decisions, and the month before beside it."""
    actor, patient = request.actor, request.chart  # type: ignore[attr-defined]  # the guard has set them
    file = claim_file(actor=actor, patient=patient, claim_id=claim_id, today=timezone.localdate())
    balance = file.standing.account.balance
    context = _context(request, file, "claims:claim") | {
        "timeline": list(_timeline(file)),
        "lines": _lines(file),
        "tiles": [
            ("Charge", dollars(balance.charge_cents), ""),
            ("Paid", dollars(balance.paid_cents), ""),
            (
                "By contract or law",
                dollars(balance.contractual_cents + balance.sequestration_cents + balance.protected_cents),
                "",
            ),
            ("Patient's", dollars(balance.patient_cents), ""),
            *(
                [("In dispute", dollars(balance.disputed_cents), "attention")]
                if balance.disputed_cents
                else []
            ),
            ("Open", dollars(balance.open_cents), "attention" if balance.open_cents > 0 else ""),
        ],
        "others": _others(request, file),
        "compared": _compared(request, file),
        "cover": _cover(benefits_of(actor=actor, patient=patient, month=file.month)),
        "payer_name": _payer(request, file.claim.payer_id),
        "file_name_number": f"{file.claim.control_number:09d}",
    }
    return TemplateResponse(request, "claims/claim.html", context)


def _context(request: HttpRequest, file: ClaimFile, page: str) -> dict[str, Any]:
    """What every page of a claim shows: whose and which it is, where it stands, and what can be done."""
    actor, patient = request.actor, request.chart  # type: ignore[attr-defined]  # as above
    rule = correction_rule(actor=actor, claim=file.claim)
    is_void = file.claim.frequency_code == VOID
    return {
        "patient": patient,
        "file": file,
        "tabs": claim_tabs(page, patient.pk, file.claim.claim_id),
        "state": state_badge(file.life.state),
        "kind": FREQUENCIES.get(file.claim.frequency_code, file.claim.frequency_code),
        "payer_number": file.life.payer_claim_control_number,
        "correction": rule,
        "correction_href": rule_url(CORRECTION_RULE, pack_id=file.pack_id, on=file.month.last_day),
        "may_void": bool(
            actor.may(Permission.BILLING_EDIT)
            and file.is_last
            and not is_void
            and rule is not None
            and rule.text == "replacement"
        ),
        "may_send": actor.may(Permission.BILLING_EDIT) and file.is_last,
        "subtitle": f"{file.claim.claim_id}, {file.month}, {_payer(request, file.claim.payer_id)}",
        "is_denied": file.is_last and file.life.state in _FOR_DENIALS,
    }


def _payer(request: HttpRequest, payer_id: str) -> str:
    """The payer's name, or its id where the organization has it no more."""
    return payer_names(request.actor).get(payer_id, payer_id)  # type: ignore[attr-defined]  # as above


def _cover(told: Any) -> object:
    """What the payer said of the month: whether it is covered, and where the claim goes."""
    if told is None:
        return "Not answered"
    benefits = told.benefits
    return format_html(
        "{} {}", coverage_badge(benefits.coverage.state.value), route_badge(benefits.route.kind.value)
    )


def _timeline(file: ClaimFile) -> Iterator[TimelineEntry]:
    """The newest first: every claim of the month reads from the last event back."""
    for entry in reversed(file.life.entries):
        event, words = entry.event, EVENTS[entry.event.kind]
        body = _body(event, file)
        if entry.is_out_of_order:
            body = format_html("{} {}", body, badge("Out of order", "attention"))
        yield TimelineEntry(
            event.day,
            words.label,
            body,
            who=dict(event.detail).get("by", ""),
            icon=words.icon,
            tone=words.tone,
        )


def _body(event: ClaimEvent, file: ClaimFile) -> object:
    """What the event says beyond its name: numbers, codes, by when."""
    parts: list[str] = []
    if event.due is not None:
        parts.append(f"due {event.due}")
    if event.kind is ClaimEventKind.SENT:
        parts.append(f"batch {file.claim.control_number:09d}")
    told = next((one for one in file.told if one.posted.decision_id == event.event_id), None)
    if told is not None:
        parts.append(f"{dollars(told.posted.posting.paid_cents)} paid")
        if told.is_held:
            parts.append("the payment does not add up and is held")
    parts += [
        f"{DETAILS.get(name, name)} {value}"
        for name, value in event.detail
        if name not in _ABOUT_US and name != "payment"
    ]
    note = note_words(dict(event.detail).get("note", ""))
    if note:
        parts.append(note)
    if event.reference:
        parts.append(f"payer's number {event.reference}")
    return ", ".join(parts)


def _lines(file: ClaimFile) -> Table:
    """What was billed, and what each decision made of it."""
    columns = [
        Column("When"),
        Column("Code"),
        Column("Units", "number"),
        Column("Charge", "number"),
        Column("Paid", "number"),
        Column("Why not more"),
    ]
    rows = []
    for line in file.sent.lines if file.sent is not None else ():
        rows.append(
            Row(
                (
                    f"Billed, line {line.claim_line_number}",
                    " ".join((line.hcpcs_code, *line.modifiers)),
                    line.service_unit_quantity,
                    dollars(line.charge_amount_cents),
                    "",
                    f"service {line.service_from_date} to {line.service_to_date}"
                    if line.service_from_date != line.service_to_date
                    else f"service {line.service_from_date}",
                )
            )
        )
    for told in file.told:
        rows += list(_decided(told))
    return Table("Lines and decisions", columns, rows, key="lines", layout="cards", caption_hidden=True)


def _decided(told: Told) -> Iterator[Row]:
    for line in told.decision.lines:
        reasons = [
            f"{one.group_code}-{one.reason_code} {dollars(one.amount_cents)}" for one in line.adjustments
        ]
        yield Row(
            (
                told.posted.payment_date.isoformat(),
                line.hcpcs_code,
                "" if line.unit_quantity is None else line.unit_quantity,
                dollars(line.charge_amount_cents),
                dollars(line.paid_amount_cents),
                ", ".join((*reasons, *line.remark_codes)),
            ),
            tone="attention" if told.is_held else "",
        )


def _others(request: HttpRequest, file: ClaimFile) -> list[tuple[str, str, str, bool]]:
    """The claims of the same month and payer: id, kind, address, and whether it is this one."""
    patient = request.chart  # type: ignore[attr-defined]  # as above
    return [
        (
            one.claim_id,
            FREQUENCIES.get(one.frequency_code, one.frequency_code),
            reverse("claims:claim", kwargs={"patient_id": patient.pk, "claim_id": one.claim_id}),
            one.claim_id == file.claim.claim_id,
        )
        for one in file.others
    ]


def _compared(request: HttpRequest, file: ClaimFile) -> Table | None:
    """This month beside the one before, with what differs marked."""
    if file.prior is None:
        return None
    before, now = _told_of(request, file.prior), _told_of(request, file.beside)
    rows = [
        Row((name, before[name], now[name]), tone="attention" if before[name] != now[name] else "")
        for name in now
    ]
    columns = [Column("What"), Column(str(file.prior.month)), Column(str(file.month))]
    return Table("Compared with the month before", columns, rows, key="compared", caption_hidden=True)


def _told_of(request: HttpRequest, side: Beside) -> dict[str, str]:
    sent, standing = side.sent, side.standing
    balance = standing.account.balance if standing is not None else None
    life: Timeline | None = standing.timeline if standing is not None else None
    return {
        "Claim": side.claim.claim_id,
        "Payer": _payer(request, side.claim.payer_id),
        "Lines": _codes(sent),
        "Minutes counted": "" if side.minutes_counted is None else str(side.minutes_counted),
        "Diagnoses": _GONE if sent is None else " ".join(sent.diagnosis_codes),
        "Place of service": _GONE if sent is None else sent.place_of_service_code,
        "Rendering": _GONE if sent is None or sent.rendering is None else sent.rendering.identifier,
        "Charge": money(side.claim.charge_amount_cents),
        "Paid": "" if balance is None else money(balance.paid_cents),
        "Patient's": "" if balance is None else money(balance.patient_cents),
        "Stands": "" if life is None else STATES[life.state].label,
    }


def _codes(sent: ClaimRecord | None) -> str:
    if sent is None:
        return _GONE
    return " + ".join(
        f"{line.hcpcs_code} x{line.service_unit_quantity}"
        if line.service_unit_quantity != 1
        else line.hcpcs_code
        for line in sent.lines
    )


# -- every edit's answer -----------------------------------------------------------------------------------------------


@needs(Permission.BILLING_VIEW, patient="patient_id")
def edits_page(request: HttpRequest, patient_id: str, claim_id: str) -> HttpResponse:
    """Every edit's answer on the claim as it was sent, with facts and citation."""
    actor, patient = request.actor, request.chart  # type: ignore[attr-defined]  # the guard has set them
    file = claim_file(
        actor=actor, patient=patient, claim_id=claim_id, today=timezone.localdate(), with_edits=True
    )
    asked = request.GET.get("verdict", "")
    counts = {verdict: sum(one.verdict is verdict for one in file.answers) for verdict in Verdict}
    shown = [one for one in file.answers if not asked or one.verdict == asked]
    context = _context(request, file, "claims:edits") | {
        "choices": [("All", "", len(file.answers), not asked)]
        + [
            (VERDICTS[verdict].label, verdict.value, counts[verdict], asked == verdict)
            for verdict in (Verdict.FAIL, Verdict.NO_DATA, Verdict.PASS, Verdict.NOT_APPLICABLE)
        ],
        "answers": [_answer(one, file) for one in shown],
    }
    return TemplateResponse(request, "claims/edits.html", context)


def _answer(one: EditAnswer, file: ClaimFile) -> dict[str, Any]:
    words, book = VERDICTS[one.verdict], rulebook()
    where = {"pack_id": file.pack_id, "on": file.month.last_day}
    return {
        "href": edit_url(one.entry.id, **where),
        "title": one.entry.edit.title,
        "verdict": badge(words.label, words.tone),
        "severity": one.severity.word if one.verdict in (Verdict.FAIL, Verdict.NO_DATA) else "",
        "line": one.claim_line_number,
        "because": "; ".join(one.because),
        "facts": [(reading.fact.says, reading.fact.show(reading.value)) for reading in one.readings],
        "rules": [
            (rule, rule_url(rule.rule_id, **where), shown_value(rule, book.rule(rule.rule_id)))
            for rule in one.rules
        ],
        "source": one.entry.edit.cites,
        "fix": one.entry.edit.fix if one.verdict in (Verdict.FAIL, Verdict.NO_DATA) else "",
        "is_open": one.verdict is Verdict.FAIL,
        "tone": words.tone,
    }


# -- the wire ----------------------------------------------------------------------------------------------------------


@needs(Permission.BILLING_VIEW, patient="patient_id")
def wire_page(request: HttpRequest, patient_id: str, claim_id: str) -> HttpResponse:
    """The claim's own segments, from its first byte to its last, and those of the levels it stands under."""
    actor, patient = request.actor, request.chart  # type: ignore[attr-defined]  # the guard has set them
    file = claim_file(actor=actor, patient=patient, claim_id=claim_id, today=timezone.localdate())
    sent = file.sent
    context = _context(request, file, "claims:wire") | {
        "levels": _segments(sent.level_segments) if sent is not None else "",
        "segments": _segments(sent.segments) if sent is not None else "",
        "first_byte": sent.start if sent is not None else 0,
        "last_byte": sent.end if sent is not None else 0,
    }
    return TemplateResponse(request, "claims/wire.html", context)


def _segments(placed: Any) -> object:
    """One segment a line with its loop and what it is; all of it escaped."""
    return format_html_join(
        "",
        '<li><span class="wire-loop">{}</span><code>{}</code><span class="wire-name">{}</span></li>',
        ((one.loop_id, one.segment.text, (one.name or "").replace("_", " ")) for one in placed),
    )
