"""Scores of validated scales."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from django.core.exceptions import ValidationError as Refused
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router
from pydantic import StringConstraints, model_validator

from cocm.rules.instruments import instruments
from cocm.server.api.guard import chart_of, in_organization, needs_scope, written
from cocm.server.api.paging import page_of
from cocm.server.api.problems import Problem, fault, invalid, not_found
from cocm.server.api.scopes import Scope
from cocm.server.api.shapes import PROBLEMS, WRITE_PROBLEMS, MeasureOut, MeasuresOut, Paged, Taken
from cocm.server.audit.trail import seen
from cocm.server.measures.answers import Saved, response_add, total_add
from cocm.server.measures.models import FilledBy, QuestionnaireResponse
from cocm.server.registry.models import MeasureResult, Patient
from cocm.server.registry.selectors import open_patients
from cocm.server.rules_in_force import rulebook

router = Router(tags=["Measures"])
EARLIEST = date(2000, 1, 1)
ItemName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,40}$")]
Score = Annotated[int, Field(ge=0, le=1_000, strict=True)]


class MeasuresQuery(Paged):
    patient: UUID | None = Field(None, description="Of one patient only.")
    instrument: Annotated[str, StringConstraints(max_length=30)] = Field("", description="Such as `phq-9`.")


class MeasureIn(Taken):
    """A filled-in scale: its answers by item, or its total. What tells of suicide risk raises a safety alert."""

    patient: UUID
    instrument: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{1,29}$")] = Field(
        description="Such as `phq-9`."
    )
    taken_on: date
    answers: dict[ItemName, Score | None] | None = Field(
        None, max_length=60, description="By the scale's items; null: no answer."
    )
    language: Literal["en", "es"] = Field("en", description="In which the answers were given.")
    score: Score | None = Field(None, description="The total, where there are no answers by item.")
    self_harm_score: Score | None = Field(None, description="With `score`: the item about self-harm.")
    filled_by: FilledBy = FilledBy.STAFF

    @model_validator(mode="after")
    def _one_of_both(self) -> MeasureIn:
        if (self.answers is None) == (self.score is None):
            raise ValueError("either `answers` or `score`")
        if self.answers is not None and self.self_harm_score is not None:
            raise ValueError("`self_harm_score` beside `score` only")
        return self


FIELD_NAMES: Final = {"total": "score", "self_harm_value": "self_harm_score", "__all__": ""}


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
    rows = _rows(request)
    if filters.patient is not None:
        rows = rows.filter(patient=chart_of(request, filters.patient))
    else:
        rows = rows.filter(patient__in=open_patients(actor=request.actor))
    if filters.instrument:
        rows = rows.filter(instrument=filters.instrument)
    shown, next_cursor = page_of(rows, cursor=filters.cursor, limit=filters.limit)
    seen({measure.patient_id for measure in shown})
    return {"items": [_one(measure) for measure in shown], "next_cursor": next_cursor}


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
    found = _rows(request).filter(pk=measure).first()
    if found is None:
        raise not_found()
    chart_of(request, found.patient_id)
    return _one(found)


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
        try:
            saved = _saved(request, patient, data)
        except Refused as refusal:
            raise _named(refusal) from None
        plain = _plain(saved.response.measure, saved.response) | {
            "alert": saved.alert.pk if saved.alert is not None else None
        }
        kept: dict[str, Any] = MeasureOut.model_validate(plain).model_dump(mode="json")
        return kept

    return written(request, do, response)


def _saved(request: HttpRequest, patient: Patient, data: MeasureIn) -> Saved:
    common: dict[str, Any] = {
        "actor": request.actor,
        "patient": patient,
        "instrument_id": data.instrument,
        "taken_on": data.taken_on,
        "filled_by": data.filled_by,
    }
    if data.answers is None:
        return total_add(total=data.score or 0, self_harm_value=data.self_harm_score, **common)
    known = instruments(rulebook()).get(data.instrument)
    unknown = set(data.answers) - {item.item_id for item in known.items} if known is not None else ()
    if known is not None and unknown:
        names = ", ".join(item.item_id for item in known.items)
        raise invalid(fault(f"answers.{name}", f"an item of the scale: {names}") for name in sorted(unknown))
    return response_add(answers=data.answers, language=data.language, **common)


def _named(refusal: Refused) -> Problem:
    """The service's refusal by the field's name here."""
    if not hasattr(refusal, "error_dict"):
        return invalid([fault("", text) for text in refusal.messages])
    return invalid(
        fault(FIELD_NAMES.get(name, name), text)
        for name, texts in refusal.message_dict.items()
        for text in texts
    )


def _rows(request: HttpRequest) -> Any:
    return MeasureResult.objects.of(request.actor).select_related("response")


def _plain(measure: MeasureResult | None, response: QuestionnaireResponse | None) -> dict[str, Any]:
    told: Any = measure or response
    return {
        "id": measure.pk if measure is not None else None,
        "response": response.pk if response is not None else None,
        "patient": told.patient_id,
        "instrument": told.instrument,
        "taken_on": told.taken_on,
        "score": told.score,
        "self_harm_score": measure.self_harm_score if measure is not None else None,
        "band": response.band if response is not None else "",
        "is_positive": response.is_positive if response is not None else None,
        "is_estimated": response is not None and response.is_estimated,
        "missing": response.missing if response is not None else [],
    }


def _one(measure: MeasureResult) -> dict[str, Any]:
    return _plain(measure, getattr(measure, "response", None))
