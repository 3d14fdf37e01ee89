"""A patient's care plan with its versions, the relapse prevention plan, and graduation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from cocm.care.care_plan import plan_changes, target_words
from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.careplans import services
from cocm.server.careplans.forms import (
    PROBLEM_FIELDS,
    PROBLEMS_OFFERED,
    GraduationForm,
    PlanForm,
    ProblemForms,
    RelapseForm,
)
from cocm.server.careplans.models import CarePlanVersion, RelapsePlan
from cocm.server.careplans.selectors import (
    graduation_of,
    latest_score,
    plan_of,
    relapse_plans_of,
    trends,
    versions_of,
)
from cocm.server.careplans.wording import PLAN_WORDS, day_words
from cocm.server.look.parts import Tab
from cocm.server.registry.case_file import CaseFilePage
from cocm.server.registry.caseload_table import chart_address
from cocm.server.registry.services.patients import open_episode_of
from cocm.server.registry.views.case_file import add_errors


def _tabs(request: HttpRequest, patient_id: UUID) -> list[Tab]:
    here = request.resolver_match.url_name if request.resolver_match else ""
    places = (("Care plan", "plan"), ("Relapse prevention", "relapse"), ("Graduation", "graduation"))
    return [
        Tab(label, reverse(f"careplans:{name}", args=(patient_id,)), is_current=name == here)
        for label, name in places
    ]


def _context(request: HttpRequest, **more: Any) -> dict[str, Any]:
    patient = request.chart  # type: ignore[attr-defined]  # the guard has set it
    return {
        "patient": patient,
        "tabs": _tabs(request, patient.pk),
        "back": chart_address(patient.pk),
        **more,
    }


def _trends(request: HttpRequest) -> tuple[CaseFilePage, list[Any]]:
    page = CaseFilePage(request.actor, request.chart)  # type: ignore[attr-defined]  # the guard has set them
    return page, trends(page.row.course, page.watched) if page.row is not None else []


@needs(Permission.CHART_VIEW, patient="patient_id")
def plan_page(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The care plan that holds, with how far each target is, and its versions."""
    actor = request.actor  # type: ignore[attr-defined]  # the guard has set it
    page, found = _trends(request)
    versions = versions_of(actor=actor, episode=page.episode) if page.episode is not None else []
    asked = request.GET.get("version", "")
    shown = next((plan for plan in versions if str(plan.number) == asked), versions[0] if versions else None)
    problems = []
    for problem in shown.version.problems if shown is not None else ():
        latest = latest_score(found, problem.instrument)
        problems.append(
            {
                "problem": problem,
                "target": target_words(problem),
                "latest": latest,
                "is_reached": problem.is_reached(latest),
                "is_late": problem.is_late(latest, page.today),
            }
        )
    context = _context(
        request,
        file=page,
        plan=shown,
        is_latest=bool(versions) and shown is versions[0],
        versions=versions,
        problems=problems,
        trends=found,
        flags=[flag for flag in page.flags if flag.kind == "plan_not_revised"],
    )
    return TemplateResponse(request, "careplans/plan.html", context)


@needs(Permission.CHART_EDIT, patient="patient_id", methods=("GET", "POST"))
def plan_write_page(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Write the next version, beginning with what the last one says."""
    actor, patient = request.actor, request.chart  # type: ignore[attr-defined]  # the guard has set them
    episode = open_episode_of(actor=actor, patient=patient)
    if episode is None or episode.end_date is not None:
        messages.error(request, "The patient has no open episode.")
        return HttpResponseRedirect(reverse("careplans:plan", args=(patient_id,)))
    given = request.POST if request.method == "POST" else None
    held = plan_of(actor=actor, episode=episode)
    form = PlanForm(given, actor=actor, patient=patient, episode=episode)
    problems = ProblemForms(given, prefix="p", initial=_held_problems(held))
    if held is None:
        problems.extra = PROBLEMS_OFFERED
    if given is not None and form.is_valid() and problems.is_valid():
        try:
            plan = services.plan_write(
                actor=actor, patient=patient, episode=episode, problems=problems.given, **form.cleaned_data
            )
            messages.success(request, f"Version {plan.number} of the care plan is on record.")
            return HttpResponseRedirect(reverse("careplans:plan", args=(patient_id,)))
        except ValidationError as problem:
            add_errors(form, problem)
    context = _context(request, form=form, problems=problems, held=held)
    return TemplateResponse(
        request, "careplans/write.html", context, status=422 if given is not None else 200
    )


def _held_problems(held: CarePlanVersion | None) -> list[dict[str, Any]]:
    rows = sorted(held.problems.all(), key=lambda row: row.place) if held is not None else []
    return [{name: getattr(row, name) for name in PROBLEM_FIELDS} for row in rows]


@needs(Permission.CHART_VIEW, patient="patient_id")
def compare_page(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """What differs between two versions; without a choice the last two."""
    actor, patient = request.actor, request.chart  # type: ignore[attr-defined]  # the guard has set them
    episode = open_episode_of(actor=actor, patient=patient)
    versions = versions_of(actor=actor, episode=episode) if episode is not None else []
    before = _version(versions, request.GET.get("before", ""), 1)
    after = _version(versions, request.GET.get("after", ""), 0)
    changes = plan_changes(before.version, after.version) if before and after else ()
    names = {
        problem.number: problem.problem
        for plan in (before, after)
        if plan is not None
        for problem in plan.version.problems
    }
    context = _context(
        request,
        versions=versions,
        before=before,
        after=after,
        changes=[(names.get(change.problem_number, ""), change) for change in changes],
    )
    return TemplateResponse(request, "careplans/compare.html", context)


def _version(versions: list[CarePlanVersion], asked: str, place: int) -> CarePlanVersion | None:
    found = next((plan for plan in versions if str(plan.number) == asked), None)
    return found or (versions[place] if len(versions) > place else None)


# Relapse prevention ---------------------------------------------------------------------------------------------


@needs(Permission.CHART_VIEW, patient="patient_id")
def relapse_page(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The relapse prevention plans of all episodes; the last one in full."""
    actor, patient = request.actor, request.chart  # type: ignore[attr-defined]  # the guard has set them
    plans = relapse_plans_of(actor=actor, patient=patient)
    episode = open_episode_of(actor=actor, patient=patient)
    context = _context(
        request,
        plans=plans,
        plan=plans[0] if plans else None,
        episode=episode,
        recorded_on=episode.relapse_plan_on if episode is not None and not plans else None,
    )
    return TemplateResponse(request, "careplans/relapse.html", context)


@needs(Permission.CHART_EDIT, patient="patient_id", methods=("GET", "POST"))
def relapse_write_page(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Write one with the patient."""
    actor, patient = request.actor, request.chart  # type: ignore[attr-defined]  # the guard has set them
    episode = open_episode_of(actor=actor, patient=patient)
    if episode is None:
        messages.error(request, "The patient has no episode.")
        return HttpResponseRedirect(reverse("careplans:relapse", args=(patient_id,)))
    given = request.POST if request.method == "POST" else None
    form = RelapseForm(given, actor=actor, patient=patient, episode=episode)
    if given is not None and form.is_valid():
        try:
            messages.success(request, form.save())
            return HttpResponseRedirect(reverse("careplans:relapse", args=(patient_id,)))
        except ValidationError as problem:
            add_errors(form, problem)
    return TemplateResponse(
        request,
        "careplans/relapse_write.html",
        _context(request, form=form),
        status=422 if given is not None else 200,
    )


@needs(Permission.CHART_VIEW, patient="patient_id")
def relapse_print_page(request: HttpRequest, patient_id: UUID, plan_id: UUID) -> HttpResponse:
    """A plan for the patient to take home, in its language."""
    actor, patient = request.actor, request.chart  # type: ignore[attr-defined]  # the guard has set them
    plan = (
        RelapsePlan.objects.of(actor)
        .filter(pk=plan_id, patient=patient)
        .select_related("written_by", "episode", "episode__bhcm")
        .first()
    )
    if plan is None:
        raise Http404
    words = PLAN_WORDS[plan.language]
    parts = [
        (getattr(words, name), getattr(plan, name) or words.none)
        for name in (
            "medicines",
            "other_treatments",
            "warning_signs",
            "coping",
            "if_signs_return",
            "contacts",
        )
    ]
    return TemplateResponse(
        request,
        "careplans/relapse_print.html",
        _context(
            request,
            plan=plan,
            words=words,
            parts=parts,
            written_on=day_words(plan.language, plan.written_on),
            next_measure_on=day_words(plan.language, plan.next_measure_on) if plan.next_measure_on else "",
        ),
    )


# Graduation -----------------------------------------------------------------------------------------------------


def _reached(request: HttpRequest) -> dict[str, Any]:
    """What the episode reached: scores, weeks, its relapse prevention plan, how it was graduated."""
    actor, patient = request.actor, request.chart  # type: ignore[attr-defined]  # the guard has set them
    page, found = _trends(request)
    episode = page.episode
    plans = relapse_plans_of(actor=actor, patient=patient)
    own = [plan for plan in plans if episode is not None and plan.episode_id == episode.pk]
    until = (episode.end_date or page.today) if episode is not None else page.today
    return {
        "file": page,
        "trends": found,
        "plan": own[0] if own else None,
        "graduation": graduation_of(actor=actor, episode=episode) if episode is not None else None,
        "weeks": (until - episode.start_date).days // 7 if episode is not None else 0,
    }


@needs(Permission.CHART_VIEW, patient="patient_id")
def graduation_page(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """What the episode reached and how it ended; the ways to its end, and to care that begins again."""
    return TemplateResponse(request, "careplans/graduation.html", _context(request, **_reached(request)))


@needs(Permission.CHART_EDIT, patient="patient_id", methods=("GET", "POST"))
def graduate_page(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """End the episode by graduation."""
    actor, patient = request.actor, request.chart  # type: ignore[attr-defined]  # the guard has set them
    reached = _reached(request)
    episode = reached["file"].episode
    if episode is None or episode.end_date is not None:
        messages.error(request, "The patient has no open episode.")
        return HttpResponseRedirect(reverse("careplans:graduation", args=(patient_id,)))
    given = request.POST if request.method == "POST" else None
    form = GraduationForm(
        given,
        actor=actor,
        patient=patient,
        episode=episode,
        trends=reached["trends"],
        has_plan=reached["plan"] is not None,
    )
    if given is not None and form.is_valid():
        try:
            messages.success(request, form.save())
            return HttpResponseRedirect(reverse("careplans:graduation", args=(patient_id,)))
        except ValidationError as problem:
            add_errors(form, problem)
    status = 422 if given is not None else 200
    context = _context(request, form=form, **reached)
    return TemplateResponse(request, "careplans/graduate.html", context, status=status)
