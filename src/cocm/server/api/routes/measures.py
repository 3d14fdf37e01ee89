"""Scores of validated scales."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router
from pydantic import StringConstraints

from cocm.server.api.guard import chart_of, in_organization, needs_scope, written
from cocm.server.api.paging import page_of
from cocm.server.api.problems import fault, invalid, not_found
from cocm.server.api.scopes import Scope
from cocm.server.api.shapes import PROBLEMS, WRITE_PROBLEMS, MeasureOut, MeasuresOut, Paged, Taken
from cocm.server.audit.trail import seen
from cocm.server.registry.models import MeasureResult
from cocm.server.registry.selectors import open_patients
from cocm.server.registry.services.entries import measure_add

router = Router(tags=["Measures"])
EARLIEST = date(2000, 1, 1)
Score = Annotated[int, Field(ge=0, le=1_000, strict=True)]


class MeasuresQuery(Paged):
    patient: UUID | None = Field(None, description="Of one patient only.")
    instrument: Annotated[str, StringConstraints(max_length=30)] = Field("", description="Such as `phq-9`.")


class MeasureIn(Taken):
    """A score on a day. An item about self-harm above 0 raises a safety alert, as on the page."""

    patient: UUID
    instrument: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{1,29}$")] = Field(
        description="Such as `phq-9`."
    )
    taken_on: date
    score: Score
    self_harm_score: Score | None = None


@router.get(
    "/measures",
    **needs_scope(Scope.MEASURES_READ),
    response={200: MeasuresOut, **PROBLEMS},
    url_name="measures",
    summary="List scores",
)
@in_organization
def measures(request: HttpRequest, filters: Query[MeasuresQuery]) -> Any:
    """Scores of the patients whose charts are open to the token's member."""
    rows = MeasureResult.objects.of(request.actor)
    if filters.patient is not None:
        rows = rows.filter(patient=chart_of(request, filters.patient))
    else:
        rows = rows.filter(patient__in=open_patients(actor=request.actor))
    if filters.instrument:
        rows = rows.filter(instrument=filters.instrument)
    shown, next_cursor = page_of(rows, cursor=filters.cursor, limit=filters.limit)
    seen({measure.patient_id for measure in shown})
    return {"items": [_plain(measure) for measure in shown], "next_cursor": next_cursor}


@router.get(
    "/measures/{uuid:measure}",
    **needs_scope(Scope.MEASURES_READ),
    response={200: MeasureOut, **PROBLEMS},
    url_name="measure",
    summary="Read one score",
)
@in_organization
def measure(request: HttpRequest, measure: UUID) -> Any:
    """One score."""
    found = MeasureResult.objects.of(request.actor).filter(pk=measure).first()
    if found is None:
        raise not_found()
    chart_of(request, found.patient_id)
    return _plain(found)


@router.post(
    "/measures",
    **needs_scope(Scope.MEASURES_WRITE),
    response={201: MeasureOut, **WRITE_PROBLEMS},
    url_name="measure_add",
    summary="Add a score",
)
@in_organization
def measure_new(request: HttpRequest, response: HttpResponse, data: MeasureIn) -> Any:
    """A score of a patient whose chart is open to the token's member."""
    patient = chart_of(request, data.patient)
    if not EARLIEST <= data.taken_on <= timezone.localdate():
        raise invalid([fault("taken_on", f"a day from {EARLIEST} to today")])

    def do() -> dict[str, Any]:
        made = measure_add(
            actor=request.actor,
            patient=patient,
            instrument=data.instrument,
            taken_on=data.taken_on,
            score=data.score,
            self_harm_score=data.self_harm_score,
        )
        plain: dict[str, Any] = MeasureOut.model_validate(_plain(made)).model_dump(mode="json")
        return plain

    return written(request, do, response)


def _plain(measure: MeasureResult) -> dict[str, Any]:
    return {
        "id": measure.pk,
        "patient": measure.patient_id,
        "instrument": measure.instrument,
        "taken_on": measure.taken_on,
        "score": measure.score,
        "self_harm_score": measure.self_harm_score,
    }
