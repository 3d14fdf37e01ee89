"""Quick entry of a contact: form, timer, draft, consent, hand-off. Every button of the form keeps what was typed."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from cocm.basics.months import Month
from cocm.server.access.actor import Actor
from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.contacts.clocks import month_of, zone_of
from cocm.server.contacts.drafts import draft_discard, draft_save, drafts_of, others_writing
from cocm.server.contacts.entries import (
    NeedsConfirmation,
    entry_record,
    hand_off,
    lacks_consent,
    standing_entries,
    verbal_consent,
)
from cocm.server.contacts.entry_templates import templates_of
from cocm.server.contacts.forms import TYPED, WORTH_KEEPING, EntryForm, HandOffForm
from cocm.server.contacts.minutes import minutes_bar, minutes_of_month
from cocm.server.contacts.models import Contact, ContactDraft, WorkTimer
from cocm.server.contacts.services import MonthFrozen
from cocm.server.contacts.timers import (
    NotStaff,
    reading,
    timer_discard,
    timer_for,
    timer_sign,
    timer_start,
    timer_stop,
    timers_of,
)
from cocm.server.contacts.words import ACTIVITY_WORDS, minutes_words
from cocm.server.registry.models import Patient

LATEST_SHOWN = 5
TIMER_ACTIONS = {"timer_start": timer_start, "timer_stop": timer_stop, "timer_discard": timer_discard}


@needs(Permission.MINUTES_RECORD, patient="patient_id", methods=("GET", "POST"))
def entry_page(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Record a contact. GET takes `draft` (one's own), `template`, `new` (leave drafts alone)."""
    if request.method == "POST":
        return _posted(request)
    actor, patient = request.actor, request.chart
    draft = None if request.GET.get("new") else _draft(actor, patient, request.GET.get("draft", ""))
    timer = timer_for(actor=actor, patient=patient)
    if timer is not None and timer.running_since is not None:
        timer = timer_sign(actor=actor) or timer  # to open its page is work
    typed = _at_first(actor, patient, timer) | (draft.typed if draft else {})
    if timer is not None and f"{typed.get('day')} {typed.get('at')}" == typed.get("begun_shown"):
        typed |= _begun(actor, patient, timer)
    _begin_from_template(actor, request.GET.get("template", ""), typed)
    if timer is not None and not typed.get("service_minutes") and timer.running_since is None:
        typed["service_minutes"] = str(reading(timer, timezone.now()).minutes_proposed)
    form = EntryForm(initial=typed, actor=actor, patient=patient)
    return _page(request, form, draft=draft, timer=timer)


def _posted(request: HttpRequest) -> HttpResponse:
    actor, patient = request.actor, request.chart
    do = request.POST.get("do", "save")
    here = reverse("contacts:entry", kwargs={"patient_id": patient.pk})
    if do in TIMER_ACTIONS or do == "draft":
        draft = _save_draft(request)
        try:
            if do in TIMER_ACTIONS:
                TIMER_ACTIONS[do](actor=actor, patient=patient)
        except NotStaff as refusal:
            messages.error(request, str(refusal))
        if do == "draft":
            messages.success(request, "Kept as a draft.")
        query = f"?{urlencode({'draft': draft.pk})}" if draft else ""
        return HttpResponseRedirect(here + query)
    form = EntryForm(request.POST, actor=actor, patient=patient)
    found: tuple[Any, ...] = ()
    if form.is_valid():
        try:
            return _saved(request, _record(request, form))
        except NeedsConfirmation as doubtful:
            found = doubtful.found
        except (MonthFrozen, NotStaff) as refusal:
            form.add_error(None, str(refusal))
        except ValidationError as refusal:
            form.add_error(None, refusal.messages)
    draft = _save_draft(request)
    return _page(request, form, draft=draft, timer=timer_for(actor=actor, patient=patient), doubts=found)


def _record(request: HttpRequest, form: EntryForm) -> Contact:
    return entry_record(
        actor=request.actor,
        patient=request.chart,
        entry_id=form.cleaned_data["entry_id"],
        confirmed=frozenset(request.POST.getlist("confirmed")),
        uses_timer=bool(request.POST.get("uses_timer")),
        with_consent=bool(form.cleaned_data.get("with_consent")) and request.actor.may(Permission.CHART_EDIT),
        **form.entry_fields(),
    )


def _saved(request: HttpRequest, contact: Contact) -> HttpResponse:
    actor, patient = request.actor, request.chart
    draft_id = _uuid(request.POST.get("draft_id", ""))
    if draft_id is not None:
        draft_discard(actor=actor, patient=patient, draft_id=draft_id)
    minutes = contact.service_seconds // 60
    text = f"Recorded: {minutes} service {'minute' if minutes == 1 else 'minutes'}"
    if contact.billed_elsewhere_minutes:
        rest = minutes - contact.billed_elsewhere_minutes
        text += f", {contact.billed_elsewhere_minutes} of them psychotherapy, {rest} for Collaborative Care"
    messages.success(request, f"{text}. Entry {contact.number} of the ledger.")
    month = month_of(actor, patient, contact.started_at)
    address = reverse("contacts:month", kwargs={"patient_id": patient.pk, "month": month})
    return HttpResponseRedirect(f"{address}#entry-{contact.number}")


@needs(Permission.MINUTES_RECORD, patient="patient_id", methods=("POST",))
def draft_partial(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Save the draft by itself while somebody types; answers with the part of the form that names it."""
    draft = _save_draft(request)
    return TemplateResponse(request, "contacts/_draft_state.html", {"draft": draft, "patient": request.chart})


@needs(Permission.MINUTES_RECORD, patient="patient_id", methods=("GET", "POST"))
def draft_discard_page(request: HttpRequest, patient_id: UUID, draft_id: UUID) -> HttpResponse:
    """Throw one's own draft away, after a question."""
    here = reverse("contacts:entry", kwargs={"patient_id": patient_id})
    if request.method == "POST":
        draft_discard(actor=request.actor, patient=request.chart, draft_id=draft_id)
        messages.success(request, "The draft is thrown away.")
        return HttpResponseRedirect(here)
    context = {
        "href": request.path, "label": "Throw away", "question": "Throw this draft away?", "tone": "danger",
        "detail": "What was typed is gone then.", "key": "draft", "back_href": here,
    }  # fmt: skip
    return TemplateResponse(request, "look/confirm_page.html", context)


@needs(Permission.MINUTES_RECORD, methods=("POST",))
def timer_sign_partial(request: HttpRequest) -> HttpResponse:
    """A sign of work on the page, for the timer that runs."""
    timer_sign(actor=request.actor)
    return HttpResponse(status=204)


@needs(Permission.CHART_EDIT, patient="patient_id", methods=("POST",))
def consent_page(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Record in one tap that the patient agreed by word today, and was told of the cost share."""
    now = timezone.now()
    day = now.astimezone(zone_of(request.actor, request.chart, now)).date()
    try:
        made = verbal_consent(actor=request.actor, patient=request.chart, day=day)
        if made is not None:
            messages.success(request, f"Verbal consent recorded for {day}.")
    except NotStaff as refusal:
        messages.error(request, str(refusal))
    return HttpResponseRedirect(reverse("contacts:entry", kwargs={"patient_id": patient_id}))


@needs(Permission.CHART_EDIT, patient="patient_id", methods=("GET", "POST"))
def hand_off_page(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Let a colleague cover for the patient."""
    today = timezone.localdate()
    initial = {"from_date": today, "to_date": today + timedelta(days=7)}
    form = HandOffForm(request.POST or None, initial=initial, actor=request.actor)
    if request.method == "POST" and form.is_valid():
        try:
            member = hand_off(actor=request.actor, patient=request.chart, **form.cleaned_data)
            messages.success(
                request,
                f"{member.staff_member.full_name} covers from {member.from_date} to {member.to_date}: the chart is "
                "open to them and stands on their start page.",
            )
            return HttpResponseRedirect(reverse("contacts:entry", kwargs={"patient_id": patient_id}))
        except ValidationError as refusal:
            form.add_error(None, refusal)
    return TemplateResponse(request, "contacts/hand_off.html", {"form": form, "patient": request.chart})


# -- what the page shows -----------------------------------------------------------------------------------------------


def _page(
    request: HttpRequest,
    form: EntryForm,
    *,
    draft: ContactDraft | None,
    timer: WorkTimer | None,
    doubts: tuple[Any, ...] = (),
) -> HttpResponse:
    actor, patient = request.actor, request.chart
    now = timezone.now()
    zone = zone_of(actor, patient, now)
    today = now.astimezone(zone).date()
    month = Month.of(today)
    rows = minutes_of_month(actor=actor, patients=[patient.pk], month=month)
    latest = standing_entries(actor=actor).filter(patient=patient).select_related("staff_member")
    running = timers_of(actor=actor).filter(running_since__isnull=False).exclude(patient=patient).first()
    context = {
        "patient": patient,
        "form": form,
        "draft": draft,
        "other_drafts": drafts_of(actor=actor)
        .filter(patient=patient)
        .exclude(pk=draft.pk if draft else None)[:3],
        "others_writing": others_writing(actor=actor, patient=patient)[:3],
        "timer": timer,
        "said": reading(timer, now) if timer else None,
        "running_elsewhere": running,
        "doubts": doubts,
        "templates": templates_of(actor=actor),
        "consent_missing": lacks_consent(actor=actor, patient=patient, day=today) is not None,
        "bars": [minutes_bar(row, today=today) for row in rows.values()],
        "month": month,
        "latest": [
            {
                "contact": contact,
                "begun": contact.started_at.astimezone(zone),
                "activity": ACTIVITY_WORDS[contact.activity],
                "minutes": minutes_words(contact.service_seconds),
            }
            for contact in latest.order_by("-started_at", "-number")[:LATEST_SHOWN]
        ],
        "zone": zone.key,
        "breadcrumb": [
            ("Caseload", reverse("registry:caseload")),
            (patient.full_name, reverse("registry:chart", kwargs={"patient_id": patient.pk})),
            ("Record a contact", ""),
        ],
    }
    return TemplateResponse(request, "contacts/entry.html", context)


def _at_first(actor: Actor, patient: Patient, timer: WorkTimer | None) -> dict[str, str]:
    """What stands in an empty form."""
    return {"entry_id": str(uuid.uuid4())} | _begun(actor, patient, timer)


def _begun(actor: Actor, patient: Patient, timer: WorkTimer | None) -> dict[str, str]:
    """When the timer began, or now, by the site's clock."""
    moment = timer.began_at if timer is not None else timezone.now()
    local = moment.astimezone(zone_of(actor, patient, moment))
    day, at = f"{local:%Y-%m-%d}", f"{local:%H:%M}"
    return {"day": day, "at": at, "begun_shown": f"{day} {at}"}


def _begin_from_template(actor: Actor, wanted: str, typed: dict[str, Any]) -> None:
    """Fill in a template: choices are the template's, its text goes after what is typed already."""
    template_id = _uuid(wanted)
    template = templates_of(actor=actor).filter(pk=template_id).first() if template_id else None
    if template is None:
        return
    for name, value in template.typed.items():
        if name == "note_text" and typed.get(name):
            value = f"{typed[name].rstrip()}\n{value}"
        typed[name] = value


def _draft(actor: Actor, patient: Patient, wanted: str) -> ContactDraft | None:
    """The draft that was asked for, else the last one of the person for the patient."""
    mine = drafts_of(actor=actor).filter(patient=patient)
    draft_id = _uuid(wanted)
    found: ContactDraft | None = mine.filter(pk=draft_id).first() if draft_id else None
    return found or mine.first()


def _save_draft(request: HttpRequest) -> ContactDraft | None:
    """What the form holds, kept; nothing where nothing worth keeping was typed into a form without a draft."""
    typed = {name: request.POST[name] for name in TYPED if name in request.POST}
    draft_id = _uuid(request.POST.get("draft_id", ""))
    if draft_id is None and not any(typed.get(name, "").strip() for name in WORTH_KEEPING):
        return None
    if request.actor.staff_member_id is None:
        return None
    revision = request.POST.get("revision", "")
    return draft_save(
        actor=request.actor,
        patient=request.chart,
        typed=typed,
        draft_id=draft_id,
        revision=int(revision) if revision.isascii() and revision.isdigit() and len(revision) < 9 else 0,
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
