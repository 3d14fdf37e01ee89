"""Pages about a patient's guardians, a minor's consent, confidential records, and what a proxy may see."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.contacts.models import Contact, WithWhom
from cocm.server.files import CSV, attachment, csv_bytes
from cocm.server.guardians import services
from cocm.server.guardians.forms import (
    ConsentGivenForm,
    GuardianChangeForm,
    GuardianForm,
    NameContactForm,
    StateRuleForm,
)
from cocm.server.guardians.models import ConfidentialMark, Guardian, StateConsentRule
from cocm.server.guardians.selectors import (
    confidential_ids,
    consent_source,
    family_contacts,
    guardians_of,
    markable,
    minority_of,
    proxy_lines,
)
from cocm.server.registry.models import Patient
from cocm.server.registry.services.patients import open_episode_of
from cocm.server.registry.views.case_file import add_errors


def _back(patient: Patient) -> str:
    return reverse("guardians:page", args=(patient.pk,))


@needs(Permission.CHART_VIEW, patient="patient_id")
def guardians_page(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Who cares for the patient, whose consent it takes, and what is kept from proxies."""
    actor, patient, today = request.actor, request.chart, timezone.localdate()
    consent, source = consent_source(actor=actor, patient=patient)
    context = {
        "patient": patient,
        "minority": minority_of(actor=actor, patient=patient, day=today),
        "guardians": guardians_of(actor=actor, patient=patient),
        "consent": consent,
        "source": source,
        "has_episode": open_episode_of(actor=actor, patient=patient) is not None,
        "family": family_contacts(actor=actor, patient=patient),
        "confidential_count": sum(
            len(confidential_ids(actor=actor, patient=patient, kind=kind))
            for kind in ConfidentialMark.Kind.values
        ),
        "today": today,
    }
    return TemplateResponse(request, "guardians/page.html", context)


def _form_page(request: HttpRequest, form: Any, **context: Any) -> HttpResponse:
    back = _back(request.chart)  # type: ignore[attr-defined]  # the guard has set it
    shown = {"form": form, "patient": request.chart, "back": back, **context}  # type: ignore[attr-defined]  # as above
    return TemplateResponse(request, "guardians/form.html", shown, status=422 if form.is_bound else 200)


@needs(Permission.CHART_EDIT, patient="patient_id", methods=("GET", "POST"))
def guardian_new_page(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Add somebody who cares for the patient."""
    form = GuardianForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        services.guardian_add(actor=request.actor, patient=request.chart, **form.cleaned_data)
        messages.success(request, "The person is on record.")
        return HttpResponseRedirect(_back(request.chart))
    return _form_page(request, form, title="Guardian or caregiver", button="Add")


@needs(Permission.CHART_EDIT, patient="patient_id", methods=("GET", "POST"))
def guardian_page(request: HttpRequest, patient_id: UUID, guardian_id: UUID) -> HttpResponse:
    """Change what is known of somebody, or end it."""
    guardian = _guardian(request, guardian_id)
    first = {name: getattr(guardian, name) for name in GuardianChangeForm.base_fields}
    form = GuardianChangeForm(request.POST if request.method == "POST" else None, initial=first)
    if form.is_bound and form.is_valid():
        services.guardian_change(
            actor=request.actor, patient=request.chart, guardian=guardian, **form.cleaned_data
        )
        messages.success(request, "Changed; what stood there is kept.")
        return HttpResponseRedirect(_back(request.chart))
    return _form_page(request, form, title=guardian.words, button="Save")


def _guardian(request: HttpRequest, guardian_id: UUID) -> Guardian:
    found = (
        Guardian.objects.of(request.actor)  # type: ignore[attr-defined]  # the guard has set it
        .filter(pk=guardian_id, patient=request.chart)  # type: ignore[attr-defined]  # as above
        .first()
    )
    if found is None:
        raise Http404
    return found


@needs(Permission.CHART_EDIT, patient="patient_id", methods=("GET", "POST"))
def consent_page(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Record who consented to the care."""
    actor, patient, today = request.actor, request.chart, timezone.localdate()
    episode = open_episode_of(actor=actor, patient=patient)
    if episode is None:
        messages.error(request, "The patient has no episode yet; begin one first.")
        return HttpResponseRedirect(_back(patient))
    given = request.POST if request.method == "POST" else None
    form = ConsentGivenForm(given, actor=actor, patient=patient, initial={"consent_date": today})
    if given is not None and form.is_valid():
        try:
            made = services.consent_given(actor=actor, patient=patient, episode=episode, **form.cleaned_data)
        except ValidationError as problem:
            add_errors(form, problem)
        else:
            messages.success(request, "The consent is on record, with who gave it.")
            if made.objection:
                messages.warning(request, f"{made.objection[:1].upper()}{made.objection[1:]}.")
            return HttpResponseRedirect(_back(patient))
    minority = minority_of(actor=actor, patient=patient, day=today)
    return _form_page(request, form, title="Consent", button="Save consent", minority=minority)


@needs(Permission.CHART_EDIT, patient="patient_id", methods=("GET", "POST"))
def contact_page(request: HttpRequest, patient_id: UUID, contact_id: UUID) -> HttpResponse:
    """Say with whom of the family an entry was."""
    actor, patient = request.actor, request.chart
    rows = Contact.objects.of(actor).filter(pk=contact_id, patient=patient, with_whom=WithWhom.FAMILY)
    contact = rows.first()
    if contact is None:
        raise Http404
    given = request.POST if request.method == "POST" else None
    form = NameContactForm(given, actor=actor, patient=patient)
    if given is not None and form.is_valid():
        services.contact_name(actor=actor, patient=patient, contact=contact, **form.cleaned_data)
        messages.success(request, "The entry names the person.")
        return HttpResponseRedirect(_back(patient))
    return _form_page(request, form, title="Contact with family", button="Save", contact=contact)


@needs(Permission.CHART_EDIT, patient="patient_id", methods=("GET", "POST"))
def confidential_page(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Tick what no proxy sees."""
    actor, patient = request.actor, request.chart
    items = markable(actor=actor, patient=patient)
    if request.method == "POST":
        ticked = set(request.POST.getlist("marked"))
        marked = {(kind, key) for kind, key, _, _ in items if f"{kind}:{key}" in ticked}
        changed = services.confidential_set(actor=actor, patient=patient, marked=marked)
        messages.success(request, "Saved." if changed else "Nothing was changed.")
        return HttpResponseRedirect(_back(patient))
    held = {
        (kind, key)
        for kind in ConfidentialMark.Kind.values
        for key in confidential_ids(actor=actor, patient=patient, kind=kind)
    }
    rows = [
        {
            "value": f"{kind}:{key}",
            "kind": ConfidentialMark.Kind(kind).label,
            "day": day,
            "words": words,
            "is_marked": (kind, key) in held,
        }
        for kind, key, day, words in items
    ]
    context = {"patient": patient, "rows": rows, "back": _back(patient)}
    return TemplateResponse(request, "guardians/confidential.html", context)


@needs(Permission.CHART_EDIT, patient="patient_id")
def summary_page(request: HttpRequest, patient_id: UUID, guardian_id: UUID) -> HttpResponse:
    """What one proxy may see, to print: nothing that is marked as confidential."""
    guardian = _proxy(request, guardian_id)
    if guardian is None:
        return HttpResponseRedirect(_back(request.chart))
    lines = proxy_lines(actor=request.actor, patient=request.chart)
    services.proxy_shown(
        actor=request.actor, patient=request.chart, guardian=guardian, lines=len(lines), as_file=False
    )
    context = {"patient": request.chart, "guardian": guardian, "lines": lines, "back": _back(request.chart)}
    context["today"] = timezone.localdate()
    return TemplateResponse(request, "guardians/summary.html", context)


@needs(Permission.DATA_EXPORT, patient="patient_id", is_guarded_anew=True)
def summary_file(request: HttpRequest, patient_id: UUID, guardian_id: UUID) -> HttpResponse:
    """The same as a file."""
    guardian = _proxy(request, guardian_id)
    if guardian is None:
        return HttpResponseRedirect(_back(request.chart))
    lines = proxy_lines(actor=request.actor, patient=request.chart)
    services.proxy_shown(
        actor=request.actor, patient=request.chart, guardian=guardian, lines=len(lines), as_file=True
    )
    content = csv_bytes(
        ("day", "what", "value"), [(line.day.isoformat(), line.what, line.value) for line in lines]
    )
    return attachment(content, name="summary.csv", content_type=CSV)


def _proxy(request: HttpRequest, guardian_id: UUID) -> Guardian | None:
    """The person, where they may be told today; else a word about it."""
    guardian = _guardian(request, guardian_id)
    has_ended = guardian.ended_on is not None and guardian.ended_on <= timezone.localdate()
    if guardian.may_be_told and not has_ended:
        return guardian
    messages.error(request, f"{guardian.full_name} is not on record as somebody who may be told of the care.")
    return None


@needs(Permission.PEOPLE_EDIT, methods=("GET", "POST"))
def states_page(request: HttpRequest) -> HttpResponse:
    """What counsel says of minors' consent, state by state."""
    form = StateRuleForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            services.state_rule_add(actor=request.actor, **form.cleaned_data)
        except ValidationError as problem:
            add_errors(form, problem)
        else:
            messages.success(request, "From now on this answer is followed here.")
            return HttpResponseRedirect(request.path)
    rules = StateConsentRule.objects.of(request.actor).order_by("state", "-effective_from")
    context = {"form": form, "rules": list(rules)}
    return TemplateResponse(request, "guardians/states.html", context, status=422 if form.is_bound else 200)
