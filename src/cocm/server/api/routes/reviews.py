"""Caseload reviews of patients."""

from __future__ import annotations

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
    return {"items": [_plain(review) for review in shown], "next_cursor": next_cursor}


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
    return _plain(found)


def _rows(request: HttpRequest) -> Any:
    rows = CaseloadReview.objects.of(request.actor).filter(patient__isnull=False)
    return rows.select_related("bhcm", "psychiatric_consultant")


def _plain(review: CaseloadReview) -> dict[str, Any]:
    consultant = review.psychiatric_consultant
    return {
        "id": review.pk,
        "patient": review.patient_id,
        "reviewed_on": review.reviewed_on,
        "bhcm": review.bhcm.staff_id,
        "psychiatric_consultant": consultant.staff_id if consultant else None,
    }
