"""Staff's pages: a patient's measures, entry, correction, links, and the lists of what is due and what is out."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from cocm.rules.instruments import LANGUAGES, Instrument, instruments
from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.look.parts import Tab
from cocm.server.look.tables import Column, Row, Table
from cocm.server.measures import answers, links
from cocm.server.measures.alerts import open_alerts
from cocm.server.measures.forms import AnswersForm, CorrectionForm, EntryForm, LinkForm, TotalForm
from cocm.server.measures.models import FilledBy, MeasureLink, QuestionnaireResponse
from cocm.server.measures.selectors import (
    alerts_count,
    links_out,
    measures_due,
    minority,
    offers_for,
    results_of,
)
from cocm.server.registry.models import Patient
from cocm.server.registry.views.case_file import add_errors
from cocm.server.rules_in_force import rulebook


def tabs_of(request: HttpRequest, current: str) -> list[Tab]:
    """The tabs of the place."""
    actor = request.actor  # type: ignore[attr-defined]  # the guard has set it
    tabs = []
    if actor.may(Permission.ALERT_VIEW):
        open_ones = alerts_count(actor=actor)
        tabs.append(Tab("Open alerts", reverse("measures:alerts"), current == "alerts", open_ones or None))
    if actor.may(Permission.CHART_VIEW):
        tabs.append(Tab("Measures due", reverse("measures:due"), current == "due"))
        tabs.append(Tab("Links out", reverse("measures:links"), current == "links"))
    if actor.may(Permission.RULES_VIEW):
        tabs.append(Tab("Instruments", reverse("rulebook:instruments")))
    return tabs


def patient_address(patient: Patient) -> str:
    return reverse("measures:patient", args=(patient.pk,))


# -- lists ---------------------------------------------------------------------------------------------------------


@needs(Permission.CHART_VIEW)
def due_page(request: HttpRequest) -> HttpResponse:
    """Patients in care without a score for too long."""
    rows = []
    for row, flag in measures_due(actor=request.actor, today=timezone.localdate()):
        patient_key = row.values["patient_pk"]
        name = f"{row.values['last_name']}, {row.values['first_name']}"
        rows.append(
            Row(
                (name, row.values["patient_id"], flag.reason),
                href=reverse("measures:patient", args=(patient_key,)),
            )
        )
    table = Table(
        f"Measures due, {len(rows)} patients",
        (Column("Patient"), Column("Id"), Column("Why")),
        rows,
        key="due",
        layout="cards",
        caption_hidden=True,
        empty="Every patient in care has a recent score.",
    )
    context = {"table": table, "tabs": tabs_of(request, "due")}
    return TemplateResponse(request, "measures/list.html", context)


@needs(Permission.CHART_VIEW)
def links_page(request: HttpRequest) -> HttpResponse:
    """Links that patients have not used yet."""
    labels = {name: found.label for name, found in instruments(rulebook()).items()}
    rows = [
        Row(
            (
                f"{link.patient.last_name}, {link.patient.first_name}",
                ", ".join(labels.get(name, name) for name in link.instruments),
                LANGUAGES[link.language],
                link.made_at.date(),
                timezone.localtime(link.expires_at).strftime("%Y-%m-%d %H:%M"),
            ),
            href=patient_address(link.patient),
        )
        for link in links_out(actor=request.actor)
    ]
    table = Table(
        f"Links out, {len(rows)}",
        (Column("Patient"), Column("For"), Column("Language"), Column("Made", "date"), Column("Holds until")),
        rows,
        key="links",
        layout="cards",
        caption_hidden=True,
        empty="No link is waiting for a patient.",
    )
    context = {"table": table, "tabs": tabs_of(request, "links")}
    return TemplateResponse(request, "measures/list.html", context)


# -- one patient ---------------------------------------------------------------------------------------------------


@needs(Permission.CHART_VIEW, patient="patient_id")
def patient_page(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """One patient's measures: results, open alerts, links that are out, and what can be given."""
    actor, patient = request.actor, request.chart
    context = {
        "patient": patient,
        "results": results_of(actor=actor, patient=patient),
        "alerts": open_alerts(actor=actor, patients=[patient.pk]),
        "links": _with_labels(links_out(actor=actor, patient=patient)),
        "offers": offers_for(actor=actor, patient=patient, today=timezone.localdate()),
        "minority": minority(actor=actor, patient=patient),
    }
    return TemplateResponse(request, "measures/patient.html", context)


def _with_labels(found: list[MeasureLink]) -> list[tuple[MeasureLink, str]]:
    labels = {name: instrument.label for name, instrument in instruments(rulebook()).items()}
    return [(link, ", ".join(labels.get(name, name) for name in link.instruments)) for link in found]


def _instrument(name: str) -> Instrument:
    found = instruments(rulebook()).get(name)
    if found is None:
        raise Http404
    return found


@needs(Permission.CHART_EDIT, patient="patient_id", methods=("GET", "POST"))
def entry_page(request: HttpRequest, patient_id: UUID, instrument: str) -> HttpResponse:
    """Enter an instrument item by item."""
    patient, found = request.chart, _instrument(instrument)
    asked = request.GET.get("language", "en")
    language = asked if asked in found.texts else "en"
    given = request.POST if request.method == "POST" else None
    form = AnswersForm(given, instrument=found, language=language)
    entry = EntryForm(given, initial={"taken_on": timezone.localdate()})
    is_lacking = False
    if given is not None and form.is_valid() and entry.is_valid():
        is_lacking = bool(form.lacking())
        if not is_lacking or entry.cleaned_data["send_anyway"]:
            try:
                saved = answers.response_add(
                    actor=request.actor,
                    patient=patient,
                    instrument_id=instrument,
                    answers=form.answers(),
                    taken_on=entry.cleaned_data["taken_on"],
                    language=language,
                    filled_by=FilledBy.STAFF,
                )
                return _after_saving(request, patient, saved)
            except ValidationError as problem:
                add_errors(entry, problem)
    context = {
        "patient": patient,
        "instrument": found,
        "language": language,
        "languages": [(code, LANGUAGES[code]) for code in found.texts],
        "form": form,
        "questions": form.questions(),
        "entry": entry,
        "is_lacking": is_lacking,
        "back": patient_address(patient),
    }
    return TemplateResponse(request, "measures/entry.html", context, status=422 if given is not None else 200)


def _after_saving(request: HttpRequest, patient: Patient, saved: answers.Saved) -> HttpResponse:
    """Where an alert was raised, to the alert; else to the patient's measures."""
    response = saved.response
    label = _instrument(response.instrument).label
    if response.score is None:
        messages.warning(
            request, f"{label} is saved without a score: {len(response.missing)} items have no answer."
        )
    else:
        messages.success(request, f"{label} {response.score}, {response.band}.")
    if saved.alert is not None:
        messages.error(request, "A safety alert is open. It stays until somebody closes it with an action.")
        return HttpResponseRedirect(reverse("measures:alert", args=(patient.pk, saved.alert.pk)))
    return HttpResponseRedirect(patient_address(patient))


@needs(Permission.CHART_EDIT, patient="patient_id", methods=("GET", "POST"))
def total_page(request: HttpRequest, patient_id: UUID, instrument: str) -> HttpResponse:
    """Enter a total that was worked out elsewhere."""
    patient, found = request.chart, _instrument(instrument)
    given = request.POST if request.method == "POST" else None
    form = TotalForm(given, instrument=found, initial={"taken_on": timezone.localdate()})
    if given is not None and form.is_valid():
        try:
            saved = answers.total_add(
                actor=request.actor,
                patient=patient,
                instrument_id=instrument,
                total=form.cleaned_data["total"],
                self_harm_value=form.cleaned_data.get("self_harm_value"),
                taken_on=form.cleaned_data["taken_on"],
                filled_by=FilledBy.STAFF,
            )
            return _after_saving(request, patient, saved)
        except ValidationError as problem:
            add_errors(form, problem)
    context = {"patient": patient, "instrument": found, "form": form, "back": patient_address(patient)}
    return TemplateResponse(request, "measures/total.html", context, status=422 if given is not None else 200)


def _response(request: HttpRequest, response_id: UUID) -> QuestionnaireResponse:
    found = (
        QuestionnaireResponse.objects.of(request.actor)  # type: ignore[attr-defined]  # the guard has set it
        .filter(pk=response_id, patient=request.chart)  # type: ignore[attr-defined]  # as above
        .select_related("measure", "link", "recorded_by")
        .first()
    )
    if found is None:
        raise Http404
    return cast(QuestionnaireResponse, found)


@needs(Permission.CHART_VIEW, patient="patient_id")
def response_page(request: HttpRequest, patient_id: UUID, response_id: UUID) -> HttpResponse:
    """What was answered, item by item."""
    response = _response(request, response_id)
    instrument = _instrument(response.instrument)
    text = instrument.texts.get(response.language)
    lines: list[dict[str, Any]] = []
    raised = {alarm["item"] for alarm in response.alarms}
    for number, item in enumerate(instrument.items, 1):
        if not response.answers:
            break
        value = response.answers.get(item.item_id)
        said = ""
        if value is not None and text is not None and value in item.values:
            said = text.answers[item.answer_set][item.values.index(value)]
        words = text.items[item.item_id] if text is not None else f"Item {item.item_id}"
        lines.append(
            {
                "number": number,
                "words": words,
                "value": value,
                "said": said,
                "is_raised": item.item_id in raised,
            }
        )
    context = {
        "patient": request.chart,
        "response": response,
        "instrument": instrument,
        "lines": lines,
        "back": patient_address(request.chart),
    }
    return TemplateResponse(request, "measures/response.html", context)


@needs(Permission.CHART_EDIT, patient="patient_id", methods=("GET", "POST"))
def correct_page(request: HttpRequest, patient_id: UUID, response_id: UUID) -> HttpResponse:
    """Correct answers that were entered wrongly."""
    response, patient = _response(request, response_id), request.chart
    found = _instrument(response.instrument)
    back = reverse("measures:response", args=(patient.pk, response.pk))
    if not response.answers:
        messages.error(request, "Only the total is on record: correct the score in the case file.")
        return HttpResponseRedirect(back)
    given = request.POST if request.method == "POST" else None
    form = AnswersForm(
        given, instrument=found, language=response.language or "en", initial=dict(response.answers)
    )
    entry = CorrectionForm(given, initial={"taken_on": response.taken_on})
    is_lacking = False
    if given is not None and form.is_valid() and entry.is_valid():
        is_lacking = bool(form.lacking())
        if not is_lacking or entry.cleaned_data["send_anyway"]:
            try:
                saved = answers.response_correct(
                    actor=request.actor,
                    patient=patient,
                    response=response,
                    answers=form.answers(),
                    taken_on=entry.cleaned_data["taken_on"],
                    reason=entry.cleaned_data["reason"],
                )
                return _after_saving(request, patient, saved)
            except ValidationError as problem:
                add_errors(entry, problem)
    context = {
        "patient": patient,
        "instrument": found,
        "form": form,
        "questions": form.questions(),
        "entry": entry,
        "is_lacking": is_lacking,
        "is_correction": True,
        "back": back,
    }
    return TemplateResponse(request, "measures/entry.html", context, status=422 if given is not None else 200)


# -- links and the tablet ------------------------------------------------------------------------------------------


@needs(Permission.CHART_EDIT, patient="patient_id", methods=("GET", "POST"))
def link_page(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Make a link for the patient; it is shown once."""
    patient = request.chart
    given = request.POST if request.method == "POST" else None
    form = LinkForm(given, patient=patient, initial={"language": _language(patient)})
    made, token = None, ""
    if given is not None and form.is_valid():
        values = form.cleaned_data
        try:
            made, token = links.link_make(
                actor=request.actor,
                patient=patient,
                instrument_ids=values["instruments"],
                language=values["language"],
                way=MeasureLink.Way.LINK,
                minutes=values["days"] * 24 * 60,
                email=values["email"],
                is_to_guardian=values["is_to_guardian"],
                address_of=lambda token: _address(request, token),
            )
        except ValidationError as problem:
            add_errors(form, problem)
    context = {
        "patient": patient,
        "form": form,
        "made": made,
        "address": _address(request, token) if token else "",
        "email": form.cleaned_data.get("email", "") if made is not None else "",
        "minority": minority(actor=request.actor, patient=patient),
        "back": patient_address(patient),
    }
    status = 422 if given is not None and made is None else 200
    return TemplateResponse(request, "measures/link.html", context, status=status)


def _address(request: HttpRequest, token: str) -> str:
    return request.build_absolute_uri(reverse("measures:questions", args=(token,)))


def _language(patient: Patient) -> str:
    """The patient's language where questionnaires speak it."""
    said = patient.language.strip().casefold()
    return "es" if said in ("es", "spa", "spanish", "español", "espanol") else "en"


@needs(Permission.CHART_EDIT, patient="patient_id", methods=("POST",))
def link_withdraw_page(request: HttpRequest, patient_id: UUID, link_id: UUID) -> HttpResponse:
    """The link opens nothing any more."""
    link = MeasureLink.objects.of(request.actor).filter(pk=link_id, patient=request.chart).first()
    if link is None:
        raise Http404
    links.link_withdraw(actor=request.actor, patient=request.chart, link=link)
    messages.success(request, "The link is withdrawn.")
    return HttpResponseRedirect(patient_address(request.chart))


@needs(Permission.CHART_EDIT, patient="patient_id", methods=("GET", "POST"))
def kiosk_page(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Hand the tablet over: whoever signed in is signed out, and nothing but the questions is open on it."""
    patient = request.chart
    given = request.POST if request.method == "POST" else None
    form = LinkForm(given, patient=patient, is_kiosk=True, initial={"language": _language(patient)})
    if given is not None and form.is_valid():
        try:
            _, token = links.link_make(
                actor=request.actor,
                patient=patient,
                instrument_ids=form.cleaned_data["instruments"],
                language=form.cleaned_data["language"],
                way=MeasureLink.Way.KIOSK,
                minutes=links.KIOSK_MINUTES,
            )
        except ValidationError as problem:
            add_errors(form, problem)
        else:
            _sign_out(request)
            return HttpResponseRedirect(reverse("measures:questions", args=(token,)))
    context = {"patient": patient, "form": form, "back": patient_address(patient)}
    return TemplateResponse(request, "measures/kiosk.html", context, status=422 if given is not None else 200)


def _sign_out(request: HttpRequest) -> None:
    """End this device's session; the event is the page's own, in the organization that the page speaks for."""
    actor = request.actor  # type: ignore[attr-defined]  # the guard has set it
    record(actor, Verb.SIGNED_OUT, object_type="user", object_id=actor.user_id)
    request.session.flush()
