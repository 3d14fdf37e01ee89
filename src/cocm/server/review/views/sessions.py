"""Who is to be discussed, the agenda, the session, and one patient in it."""

from __future__ import annotations

import uuid
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from cocm.basics.errors import CocmError
from cocm.rules.care_flags import Threshold
from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.accounts.models import StaffMember
from cocm.server.contacts.entries import NeedsConfirmation
from cocm.server.look.parts import Tab
from cocm.server.registry.caseload import today_of
from cocm.server.registry.caseload_table import chart_address
from cocm.server.registry.models import Episode
from cocm.server.registry.services.patients import open_episode_of
from cocm.server.registry.trends import trend_chart
from cocm.server.registry.views.case_file import add_errors
from cocm.server.review import services
from cocm.server.review.agenda import PreparedSummary, agenda_lines
from cocm.server.review.forms import (
    AddForm,
    CloseForm,
    DiscussForm,
    PutOffForm,
    RecommendationForms,
    SessionForm,
    starts_at_first,
)
from cocm.server.review.models import AgendaItem, ReviewSession
from cocm.server.review.selectors import agenda_of, pairs_of, review_list, sessions_of
from cocm.server.review.tables import candidates_table, session_table

SESSIONS_SHOWN = 30


def review_tabs(request: HttpRequest, current: str) -> list[Tab]:
    """The tabs of the area, those that the person may open."""
    actor = request.actor  # type: ignore[attr-defined]  # the guard has set it
    places = (
        ("Next review", "review:start", Permission.REVIEW_RECORD),
        ("Sessions", "review:sessions", Permission.REVIEW_RECORD),
        ("Recommendations", "review:recommendations", Permission.REVIEW_VIEW),
        ("Hours", "review:hours", Permission.HOURS_VIEW),
    )
    return [
        Tab(label, reverse(name), is_current=name == current)
        for label, name, permission in places
        if actor.may(permission)
    ]


@needs(Permission.REVIEW_VIEW, methods=("GET", "POST"))
def start_page(request: HttpRequest) -> HttpResponse:
    """Who is to be discussed and why, and the agenda that is made of it; for a practitioner the recommendations."""
    actor = request.actor  # type: ignore[attr-defined]  # the guard has set it
    if not actor.may(Permission.REVIEW_RECORD):
        return HttpResponseRedirect(reverse("review:recommendations"))
    pairs = pairs_of(actor=actor)
    asked = request.GET.get("pair", "")
    pair = next((row for row in pairs if f"{row[0]}.{row[2]}" == asked), pairs[0] if pairs else None)
    found = review_list(
        actor=actor,
        today=today_of(),
        bhcm=str(pair[0]) if pair else "",
        consultant=str(pair[2]) if pair else "",
    )
    form = SessionForm(request.POST if request.method == "POST" else None, initial=starts_at_first())
    if request.method == "POST" and pair is not None and form.is_valid():
        try:
            session = _prepared(request, form, pair, found)
            messages.success(request, "The agenda is made.")
            return HttpResponseRedirect(reverse("review:session", args=(session.pk,)))
        except ValidationError as problem:
            add_errors(form, problem)
    picked = set(request.POST.getlist("pick")) if request.method == "POST" else None
    limits = found.load.watched.thresholds
    context = {
        "tabs": review_tabs(request, "review:start"),
        "form": form,
        "pair": pair,
        "pairs": [(row, f"?pair={row[0]}.{row[2]}", row == pair) for row in pairs],
        "found": found,
        "today": today_of(),
        "table": candidates_table(found, picked, request.POST),
        "open_sessions": _progress(
            actor, list(sessions_of(actor=actor).filter(closed_at__isnull=True)[:SESSIONS_SHOWN])
        ),
        "minutes_each": limits[Threshold.REVIEW_MINUTES_EACH],
        "minutes_session": limits[Threshold.REVIEW_SESSION_MINUTES],
        "rules": [rule for rule in found.load.watched.rules.values() if rule.is_for_review],
    }
    status = 422 if request.method == "POST" else 200
    return TemplateResponse(request, "review/start.html", context, status=status)


def _prepared(request: HttpRequest, form: SessionForm, pair: Any, found: Any) -> ReviewSession:
    """The session of the ticked rows, in the list's order."""
    actor = request.actor  # type: ignore[attr-defined]  # the guard has set it
    wanted = {_hex(value) for value in request.POST.getlist("pick")}
    flags = {_hex(place.key.values["key"]): place.flags for place in found.places}
    order = [_hex(place.key.values["key"]) for place in found.places]
    order += [_hex(row.values["key"]) for row in found.others]
    keys = [key for key in order if key in wanted]
    episodes = {
        episode.pk.hex: episode
        for episode in Episode.objects.of(actor).filter(pk__in=[uuid.UUID(key) for key in keys])
    }
    picked = [
        services.Picked(
            episodes[key],
            flags.get(key, ()),
            request.POST.get(f"question-{key}", "")[:500],
        )
        for key in keys
    ]
    staff = StaffMember.objects.of(actor)
    return services.session_prepare(
        actor=actor,
        bhcm=staff.get(pk=pair[0]),
        psychiatric_consultant=staff.get(pk=pair[2]),
        started_at=form.started_at(),
        picked=picked,
    )


def _hex(key: object) -> str:
    return str(key).replace("-", "")


def _progress(actor: Any, sessions: list[ReviewSession]) -> list[tuple[ReviewSession, int, int]]:
    """Each session with how many of its patients were dealt with, and how many there are."""
    items: dict[UUID, list[bool]] = {session.pk: [] for session in sessions}
    rows = AgendaItem.objects.of(actor).filter(session__in=sessions)
    for session_id, review_id, reason in rows.values_list("session_id", "review_id", "put_off_reason"):
        items[session_id].append(review_id is not None or bool(reason))
    return [(session, sum(items[session.pk]), len(items[session.pk])) for session in sessions]


@needs(Permission.REVIEW_RECORD)
def sessions_page(request: HttpRequest) -> HttpResponse:
    """The sessions that the person took part in."""
    actor = request.actor  # type: ignore[attr-defined]  # the guard has set it
    sessions = list(sessions_of(actor=actor)[:SESSIONS_SHOWN])
    context = {
        "tabs": review_tabs(request, "review:sessions"),
        "sessions": _progress(actor, sessions),
    }
    return TemplateResponse(request, "review/sessions.html", context)


def _session_or_404(request: HttpRequest, session_id: UUID) -> ReviewSession:
    actor = request.actor  # type: ignore[attr-defined]  # the guard has set it
    session = sessions_of(actor=actor).filter(pk=session_id).first()
    if session is None:
        raise Http404
    return session


@needs(Permission.REVIEW_RECORD, methods=("GET", "POST"))
def session_page(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """A session: its agenda with how far it is; a patient more; its end."""
    actor = request.actor  # type: ignore[attr-defined]  # the guard has set it
    session = _session_or_404(request, session_id)
    items = agenda_of(actor=actor, session=session)
    there = [item.episode_id for item in items]
    open_ones = (
        Episode.objects.of(actor)
        .filter(end_date__isnull=True, bhcm_id=session.bhcm_id, patient__in=_open_charts(actor))
        .exclude(pk__in=there)
        .select_related("patient")
        .order_by("patient__last_name", "patient__first_name")
    )
    what = request.POST.get("what", "")
    add_form = AddForm(request.POST if what == "add" else None, episodes=open_ones, auto_id="add-%s")
    close_form = CloseForm(request.POST if what == "close" else None, auto_id="close-%s")
    try:
        if what == "add" and add_form.is_valid():
            _add_to(request, session, add_form)
            return HttpResponseRedirect(request.path)
        if what == "close" and close_form.is_valid():
            values = close_form.cleaned_data
            services.session_close(
                actor=actor,
                session=session,
                other_minutes=values["other_minutes"] or 0,
                other_note=values["other_note"],
            )
            messages.success(request, "The session is closed.")
            return HttpResponseRedirect(request.path)
    except ValidationError as problem:
        add_errors(close_form if what == "close" else add_form, problem)
    waiting = [item for item in items if item.is_open]
    context = {
        "session": session,
        "items": items,
        "table": session_table(session, items),
        "next_item": waiting[0] if waiting and session.closed_at is None else None,
        "done": len(items) - len(waiting),
        "waiting": len(waiting),
        "add_form": add_form,
        "close_form": close_form,
        "can_add": open_ones.exists(),
        "tabs": review_tabs(request, "review:sessions"),
    }
    return TemplateResponse(request, "review/session.html", context, status=422 if what else 200)


def _open_charts(actor: Any) -> Any:
    from cocm.server.registry.selectors import open_patients

    return open_patients(actor=actor)


def _add_to(request: HttpRequest, session: ReviewSession, form: AddForm) -> None:
    """The patient with the reasons that the caseload tells now."""
    from cocm.server.registry.caseload import Caseload

    actor = request.actor  # type: ignore[attr-defined]  # the guard has set it
    episode = form.cleaned_data["episode"]
    [row] = Caseload.of_episodes(actor, today_of(), [episode.pk]).rows
    flags = [flag for flag in row.flags if flag.rule.is_for_review]
    services.item_add(
        actor=actor,
        session=session,
        picked=services.Picked(episode, flags, form.cleaned_data["question"]),
    )


@needs(Permission.REVIEW_RECORD)
def agenda_page(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """The agenda on one page, to be printed."""
    actor = request.actor  # type: ignore[attr-defined]  # the guard has set it
    session = _session_or_404(request, session_id)
    items = agenda_of(actor=actor, session=session)
    lines, watched = agenda_lines(actor=actor, items=items, today=today_of())
    context = {
        "session": session,
        "lines": lines,
        "minutes_each": watched.thresholds[Threshold.REVIEW_MINUTES_EACH],
        "today": today_of(),
    }
    return TemplateResponse(request, "review/agenda.html", context)


@needs(Permission.REVIEW_RECORD, patient="patient_id", methods=("POST",))
def review_now(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """A review of one patient outside the weekly session: a session of its own, with the episode's team."""
    actor, patient = request.actor, request.chart  # type: ignore[attr-defined]  # the guard has set them
    episode = open_episode_of(actor=actor, patient=patient)
    if (
        episode is None
        or episode.end_date is not None
        or not (episode.bhcm_id and episode.psychiatric_consultant_id)
    ):
        messages.error(request, "A review needs an open episode with a care manager and a consultant.")
        return HttpResponseRedirect(chart_address(patient.pk))
    if actor.staff_member_id not in (episode.bhcm_id, episode.psychiatric_consultant_id):
        messages.error(request, "The episode's care manager or consultant begins its review.")
        return HttpResponseRedirect(chart_address(patient.pk))
    from django.utils import timezone

    from cocm.server.registry.caseload import Caseload

    [row] = Caseload.of_episodes(actor, today_of(), [episode.pk]).rows
    flags = [flag for flag in row.flags if flag.rule.is_for_review]
    session = services.session_prepare(
        actor=actor,
        bhcm=episode.bhcm,
        psychiatric_consultant=episode.psychiatric_consultant,
        started_at=timezone.now(),
        picked=[services.Picked(episode, flags)],
    )
    return HttpResponseRedirect(reverse("review:item", args=(session.pk, patient.pk)))


@needs(Permission.REVIEW_RECORD, patient="patient_id", methods=("GET", "POST"))
def item_page(request: HttpRequest, session_id: UUID, patient_id: UUID) -> HttpResponse:
    """One patient of a session: the prepared summary, and what is said, recommended and recorded."""
    actor, patient = request.actor, request.chart  # type: ignore[attr-defined]  # the guard has set them
    session = _session_or_404(request, session_id)
    items = agenda_of(actor=actor, session=session)
    item = next((item for item in items if item.patient_id == patient.pk), None)
    if item is None:
        raise Http404
    what = request.POST.get("what", "")
    given = request.POST if what == "discussed" else None
    form = DiscussForm(given)
    recommendations = RecommendationForms(given, prefix="r")
    off_form = PutOffForm(request.POST if what == "put_off" else None)
    doubts: Any = ()
    try:
        if what == "question":
            services.question_set(
                actor=actor, patient=patient, item=item, question=request.POST.get("question", "")[:500]
            )
            messages.success(request, "The question is kept.")
            return HttpResponseRedirect(request.path)
        if what == "put_off" and off_form.is_valid():
            services.put_off(
                actor=actor, patient=patient, item=item, reason=off_form.cleaned_data["put_off_reason"]
            )
            return _onward(session, items, item)
        if given is not None and form.is_valid() and recommendations.is_valid():
            services.discussed(
                actor=actor,
                patient=patient,
                item=item,
                recommendations=recommendations.given,
                confirmed=request.POST.getlist("confirmed"),
                **form.values,
            )
            messages.success(request, f"{patient.full_name}: the review is on record.")
            return _onward(session, items, item)
    except NeedsConfirmation as problem:
        doubts = problem.found
    except ValidationError as problem:
        add_errors(off_form if what == "put_off" else form, problem)
    except CocmError as problem:
        form.add_error(None, str(problem))
    summary = PreparedSummary(actor, patient, today_of())
    row = summary.file.row
    changes = [(change.changed_on, change.text) for change in summary.treatments]
    scores = row.course.scores if row is not None else {}
    context = {
        "session": session,
        "item": item,
        "items": items,
        "patient": patient,
        "summary": summary,
        "charts": [
            trend_chart(summary.file.watched.scales[name], found, changes) for name, found in scores.items()
        ],
        "form": form,
        "recommendations": recommendations,
        "off_form": off_form,
        "doubts": doubts,
        "is_open": session.closed_at is None and item.review_id is None,
        "minutes_words": _minutes_words(item),
    }
    return TemplateResponse(request, "review/item.html", context, status=422 if what else 200)


def _minutes_words(item: AgendaItem) -> list[tuple[str, int]]:
    note = getattr(item.review, "note", None) if item.review_id is not None else None
    if note is None:
        return []
    entries = (note.bhcm_entry, note.consultant_entry)
    return [(entry.staff_member.full_name, entry.service_seconds // 60) for entry in entries if entry]


def _onward(session: ReviewSession, items: list[AgendaItem], done: AgendaItem) -> HttpResponse:
    """To the next patient who waits, after this one first; to the session when there is none."""
    later = [item for item in items if item.place > done.place] + items
    following = next((item for item in later if item.pk != done.pk and item.is_open), None)
    if following is None:
        return HttpResponseRedirect(reverse("review:session", args=(session.pk,)))
    return HttpResponseRedirect(reverse("review:item", args=(session.pk, following.patient_id)))
