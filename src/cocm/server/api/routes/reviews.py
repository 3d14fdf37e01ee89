"""Caseload reviews of patients."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router

from cocm.server.api.guard import chart_of, in_organization, needs_scope
from cocm.server.api.paging import page_of
from cocm.server.api.problems import not_found
from cocm.server.api.scopes import Scope
from cocm.server.api.shapes import PROBLEMS, Paged, ReviewOut, ReviewsOut
from cocm.server.audit.trail import seen
from cocm.server.registry.models import CaseloadReview
from cocm.server.registry.selectors import open_patients
from cocm.server.review.selectors import recommendations_of

router = Router(tags=["Reviews"])


class ReviewsQuery(Paged):
    patient: UUID | None = Field(None, description="Of one patient only.")


@router.get(
    "/reviews",
    **needs_scope(Scope.REVIEWS_READ),
    response={200: ReviewsOut, **PROBLEMS},
    url_name="reviews",
    summary="List caseload reviews",
)
@in_organization
def reviews(request: HttpRequest, filters: Query[ReviewsQuery]) -> Any:
    """Reviews that discussed a patient whose chart is open to the token's member."""
    rows = _rows(request)
    if filters.patient is not None:
        rows = rows.filter(patient=chart_of(request, filters.patient))
    else:
        rows = rows.filter(patient__in=open_patients(actor=request.actor))
    shown, next_cursor = page_of(rows, cursor=filters.cursor, limit=filters.limit)
    seen({review.patient_id for review in shown})
    return {"items": _plain(request, shown), "next_cursor": next_cursor}


@router.get(
    "/reviews/{uuid:review}",
    **needs_scope(Scope.REVIEWS_READ),
    response={200: ReviewOut, **PROBLEMS},
    url_name="review",
    summary="Read one review",
)
@in_organization
def review(request: HttpRequest, review: UUID) -> Any:
    """One caseload review of a patient."""
    found = _rows(request).filter(pk=review).first()
    if found is None:
        raise not_found()
    chart_of(request, found.patient_id)
    [plain] = _plain(request, [found])
    return plain


def _rows(request: HttpRequest) -> Any:
    rows = CaseloadReview.objects.of(request.actor).filter(patient__isnull=False)
    return rows.select_related("bhcm", "psychiatric_consultant", "note")


def _plain(request: HttpRequest, reviews: list[CaseloadReview]) -> list[dict[str, Any]]:
    advice: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for one in recommendations_of(actor=request.actor).filter(review__in=reviews):
        advice[one.review_id].append(
            {
                "id": one.pk,
                "kind": one.kind,
                "headline": one.headline,
                "text": one.text,
                "given_on": one.given_on,
                "state": one.state.value,
            }
        )
    return [_one(review, advice[review.pk]) for review in reviews]


def _one(review: CaseloadReview, advice: list[dict[str, Any]]) -> dict[str, Any]:
    consultant, note = review.psychiatric_consultant, getattr(review, "note", None)
    return {
        "id": review.pk,
        "patient": review.patient_id,
        "reviewed_on": review.reviewed_on,
        "bhcm": review.bhcm.staff_id,
        "psychiatric_consultant": consultant.staff_id if consultant else None,
        "summary": note.summary if note else "",
        "needs_direct_evaluation": bool(note and note.needs_direct_evaluation),
        "recommendations": advice,
    }
