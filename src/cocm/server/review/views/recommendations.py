"""Recommendations: the list, the practitioner's answer, whether they were carried out."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from cocm.care.recommendations import AdviceState
from cocm.server.access.needs import needs
from cocm.server.access.permissions import MemberRole, Permission
from cocm.server.registry.caseload import today_of
from cocm.server.registry.views.case_file import add_errors
from cocm.server.review.forms import AnswerForm, FollowForm
from cocm.server.review.models import Recommendation
from cocm.server.review.selectors import in_state, recommendations_of, recommendations_open_to
from cocm.server.review.views.sessions import review_tabs

STATES: Final = {
    "waiting": ("To answer", (AdviceState.WAITING,)),
    "to_do": ("To carry out", (AdviceState.TO_DO,)),
    "over": ("Done and declined", (AdviceState.DONE, AdviceState.NOT_DONE, AdviceState.DECLINED)),
}
SHOWN_MAX: Final = 200


@needs(Permission.REVIEW_VIEW)
def recommendations_page(request: HttpRequest) -> HttpResponse:
    """Recommendations about the patients whose charts are open to the person, by where they stand."""
    actor = request.actor  # type: ignore[attr-defined]  # the guard has set it
    at_first = "to_do" if actor.role is MemberRole.BHCM else "waiting"
    asked = request.GET.get("state", "")
    state = asked if asked in STATES else at_first
    rows = list(recommendations_open_to(actor=actor)[:1000])
    shown = in_state(rows, *STATES[state][1])
    if state != "over":
        shown.reverse()  # who has waited longest comes first
    context = {
        "tabs": review_tabs(request, "review:recommendations"),
        "choices": [
            (label, f"?state={name}", name == state, len(in_state(rows, *states)))
            for name, (label, states) in STATES.items()
        ],
        "state": state,
        "rows": [(row, row.last_answer, row.last_outcome) for row in shown[:SHOWN_MAX]],
        "today": today_of(),
        "answers_at_once": actor.role is MemberRole.PCP and actor.staff_member_id is not None,
    }
    return TemplateResponse(request, "review/recommendations.html", context)


def _recommendation(request: HttpRequest, recommendation_id: UUID) -> Recommendation:
    actor, patient = request.actor, request.chart  # type: ignore[attr-defined]  # the guard has set them
    found = recommendations_of(actor=actor).filter(pk=recommendation_id, patient=patient).first()
    if found is None:
        raise Http404
    return found


def _form_page(
    request: HttpRequest, recommendation: Recommendation, form_class: Any, title: str
) -> HttpResponse:
    actor, patient = request.actor, request.chart  # type: ignore[attr-defined]  # the guard has set them
    given = request.POST if request.method == "POST" else None
    form = form_class(given, actor=actor, patient=patient, episode=recommendation.episode, row=recommendation)
    if given is not None and form.is_valid():
        try:
            messages.success(request, form.save())
            return HttpResponseRedirect(reverse("review:recommendations"))
        except ValidationError as problem:
            add_errors(form, problem)
    context = {
        "form": form,
        "title": title,
        "patient": patient,
        "recommendation": recommendation,
        "answer": recommendation.last_answer,
        "outcome": recommendation.last_outcome,
        "back": reverse("review:recommendations"),
    }
    status = 422 if given is not None else 200
    return TemplateResponse(request, "review/recommendation.html", context, status=status)


@needs(Permission.CHART_EDIT, patient="patient_id", methods=("GET", "POST"))
def answer_page(request: HttpRequest, patient_id: UUID, recommendation_id: UUID) -> HttpResponse:
    """Accept, modify or decline."""
    return _form_page(
        request, _recommendation(request, recommendation_id), AnswerForm, "Answer the recommendation"
    )


@needs(Permission.CHART_EDIT, patient="patient_id", methods=("GET", "POST"))
def follow_page(request: HttpRequest, patient_id: UUID, recommendation_id: UUID) -> HttpResponse:
    """Whether it was carried out."""
    return _form_page(request, _recommendation(request, recommendation_id), FollowForm, "Was it carried out?")
