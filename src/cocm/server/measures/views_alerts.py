"""Open safety alerts: the list of them, and the page on which one is acted on and closed."""

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
from cocm.server.measures import alerts
from cocm.server.measures.forms import CloseForm, StepForm, only_message
from cocm.server.measures.selectors import alerts_of_practice, in_words, names_of
from cocm.server.measures.views_staff import tabs_of
from cocm.server.registry.models import Alert, CareTeamMember
from cocm.server.registry.views.case_file import add_errors


@needs(Permission.ALERT_VIEW)
def alerts_page(request: HttpRequest) -> HttpResponse:
    """Every open alert: of one's own patients with their names, of others without."""
    actor = request.actor
    alerts.escalate(actor)
    own, others = alerts_of_practice(actor=actor)
    names = names_of([item.alert.patient_id for item in own], actor=actor)
    managers = _care_managers(request, [item.alert.patient_id for item in others])
    context = {
        "own": [_shown(item, name=names[item.alert.patient_id].full_name) for item in own],
        "others": [
            _shown(item, name=f"A patient of {managers.get(item.alert.patient_id, 'no care manager')}")
            for item in others
        ],
        "steps": alerts.protocol().steps,
        "tabs": tabs_of(request, "alerts"),
    }
    return TemplateResponse(request, "measures/alerts.html", context)


def _care_managers(request: HttpRequest, patients: list[UUID]) -> dict[UUID, str]:
    rows = CareTeamMember.objects.of(request.actor).filter(  # type: ignore[attr-defined]  # the guard has set it
        episode__patient_id__in=patients, part=CareTeamMember.Part.BHCM, to_date__isnull=True
    )
    return {
        row.episode.patient_id: row.staff_member.full_name
        for row in rows.select_related("staff_member", "episode").defer("episode__patient")
    }


def _shown(item: alerts.OpenAlert, *, name: str) -> dict[str, Any]:
    now = timezone.now()
    following = item.level.following_at
    return {
        "item": item,
        "alert": item.alert,
        "name": name,
        "age": in_words(item.alert.recorded_at, now),
        "following": in_words(following, now) if following is not None and following > now else "",
        "href": reverse("measures:alert", args=(item.alert.patient_id, item.alert.pk)),
    }


def _alert(request: HttpRequest, alert_id: UUID) -> Alert:
    found = (
        Alert.objects.of(request.actor)  # type: ignore[attr-defined]  # the guard has set it
        .filter(pk=alert_id, patient=request.chart, kind=Alert.Kind.SAFETY)  # type: ignore[attr-defined]  # as above
        .select_related("course", "course__response", "raised_by", "closed_by")
        .prefetch_related("steps__recorded_by")
        .first()
    )
    if found is None:
        raise Http404
    return found


@needs(Permission.ALERT_VIEW, patient="patient_id", methods=("GET", "POST"))
def alert_page(request: HttpRequest, patient_id: UUID, alert_id: UUID) -> HttpResponse:
    """One alert: how far it is, what was done, and the form that closes it."""
    alert = _alert(request, alert_id)
    given = request.POST if request.method == "POST" else None
    if given is not None:
        request.actor.require(Permission.ALERT_CLOSE)
    form = CloseForm(given)
    if given is not None and form.is_valid():
        try:
            alerts.alert_finish(actor=request.actor, patient=request.chart, alert=alert, **form.cleaned_data)
        except ValidationError as problem:
            add_errors(form, problem)
        else:
            messages.success(request, "Closed with your name and the action.")
            return HttpResponseRedirect(reverse("measures:patient", args=(patient_id,)))
    known = alerts.protocol()
    item = alerts.alert_state(alert) if alert.closed_at is None else None
    context = {
        "patient": request.chart,
        "alert": alert,
        "course": alerts.course_of(alert),
        "item": item,
        "shown": _shown(item, name="") if item is not None else None,
        "steps": [
            (step, known.notes[step.kind].label if step.kind in known.notes else step.kind)
            for step in sorted(alert.steps.all(), key=lambda step: step.recorded_at)
        ],
        "protocol": known,
        "crisis": known.crisis_on(timezone.localdate()),
        "form": form,
        "step_form": StepForm(),
        "back": reverse("measures:patient", args=(patient_id,)),
    }
    return TemplateResponse(request, "measures/alert.html", context, status=422 if given is not None else 200)


@needs(Permission.ALERT_CLOSE, patient="patient_id", methods=("POST",))
def step_page(request: HttpRequest, patient_id: UUID, alert_id: UUID) -> HttpResponse:
    """Write down a step that closes nothing."""
    alert = _alert(request, alert_id)
    form = StepForm(request.POST)
    if form.is_valid():
        try:
            alerts.step_add(actor=request.actor, patient=request.chart, alert=alert, **form.cleaned_data)
            messages.success(request, "Noted; the alert stays open.")
        except ValidationError as problem:
            messages.error(request, only_message(problem).capitalize() + ".")
    else:
        messages.error(request, "Choose a step of the list.")
    return HttpResponseRedirect(reverse("measures:alert", args=(patient_id, alert_id)))
