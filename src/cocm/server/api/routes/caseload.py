"""Patients in care: one row an episode, as the caseload page has them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router

from cocm.basics.months import Month
from cocm.server.api.guard import chart_of, in_organization, needs_scope
from cocm.server.api.paging import page_of
from cocm.server.api.problems import not_found
from cocm.server.api.scopes import Scope
from cocm.server.api.shapes import PROBLEMS, CaseloadOut, EpisodeOut, Paged
from cocm.server.registry.caseload import Caseload, CaseloadRow
from cocm.server.registry.models import Episode
from cocm.server.registry.selectors import caseload

router = Router(tags=["Caseload"])


class CaseloadQuery(Paged):
    ended: bool = Field(False, description="Episodes that have ended, instead of open ones.")


@router.get(
    "/caseload",
    **needs_scope(Scope.CASELOAD_READ),
    response={200: CaseloadOut, **PROBLEMS},
    url_name="caseload",
    summary="List the patients in care",
)
@in_organization
def episodes(request: HttpRequest, filters: Query[CaseloadQuery]) -> Any:
    """Episodes whose charts are open to the token's member: with flags, scores and the month's minutes."""
    actor = request.actor
    shown, next_cursor = page_of(
        caseload(actor=actor, ended=filters.ended), cursor=filters.cursor, limit=filters.limit
    )
    rows = _rows(request, [episode.pk for episode in shown])
    return {"items": rows, "next_cursor": next_cursor}


@router.get(
    "/caseload/{uuid:episode}",
    **needs_scope(Scope.CASELOAD_READ),
    response={200: EpisodeOut, **PROBLEMS},
    url_name="episode",
    summary="Read one episode",
)
@in_organization
def episode(request: HttpRequest, episode: UUID) -> Any:
    """One row of the caseload, open or ended."""
    found = Episode.objects.of(request.actor).filter(pk=episode).first()
    if found is None:
        raise not_found()
    chart_of(request, found.patient_id)
    [row] = _rows(request, [found.pk])
    return row


def _rows(request: HttpRequest, keys: list[UUID]) -> list[dict[str, Any]]:
    actor = request.actor
    today = timezone.localdate()
    listed = Caseload(
        actor, today, with_billing=False, episodes=Episode.objects.of(actor).filter(pk__in=keys)
    )
    rows = {UUID(row.values["key"]): row for row in listed.rows}
    return [_plain(key, rows[key], listed.month) for key in keys]


def _plain(key: UUID, row: CaseloadRow, month: Month) -> dict[str, Any]:
    values = row.values
    return {
        "episode": key,
        "patient": values["patient_pk"],
        **{
            name: values[name]
            for name in ("patient_id", "medical_record_number", "last_name", "first_name", "birth_date",
                         "start_date", "end_date", "relapse_plan_on")
        },
        "status": row.status,
        "status_since": row.status_since,
        "bhcm": row.bhcm,
        "psychiatric_consultant": row.consultant,
        "billing_practitioner": row.practitioner,
        "payer": row.cover.payer if row.cover else None,
        "last_reached_on": row.last_reached_on,
        "last_reviewed_on": row.last_reviewed_on,
        "sessions_total": row.sessions_total,
        "scores": {
            scale: {"first": _score(scores[0]), "last": _score(scores[-1])}
            for scale, scores in row.course.scores.items()
            if scores
        },
        "flags": [
            {"kind": flag.kind.value, "label": flag.rule.label, "reason": flag.reason} for flag in row.flags
        ],
        "minutes": _minutes(row, month),
    }  # fmt: skip


def _score(score: Any) -> dict[str, Any]:
    return {"taken_on": score.taken_on, "score": score.score}


def _minutes(row: CaseloadRow, month: Month) -> dict[str, Any] | None:
    if row.minutes is None:
        return None
    tier = row.minutes.next_tier
    return {
        "month": str(month),
        "minutes_counted": row.minutes.minutes_counted,
        "minutes_excluded": row.minutes.minutes_excluded,
        "earned": [{"hcpcs_code": code, "units": units} for code, units in row.minutes.earned],
        "next_tier": tier and {"minutes_short": tier[0], "hcpcs_code": tier[1], "units": tier[2]},
    }
