"""What the API takes and gives, in plain shapes that several routes share."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Schema
from pydantic import BaseModel, ConfigDict, StringConstraints

from cocm.server.api.paging import PAGE_MAX, PAGE_USUAL


class Taken(BaseModel):
    """A body: what is not known is refused, so that a misspelt field does not go unnoticed.

    Not the framework's own base: that one reads rows of models too and looks at each such part twice, so that a claim's
    lines would be looked at eight times.
    """

    model_config = ConfigDict(extra="forbid")


class Paged(Schema):
    """Which page of a list."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(PAGE_USUAL, ge=1, le=PAGE_MAX, description="Rows on a page.")
    cursor: Annotated[str, StringConstraints(max_length=200, pattern=r"^[A-Za-z0-9_-]*$")] = Field(
        "", description="`next_cursor` of the page before; left out for the first."
    )


class Fault(Schema):
    """A field, and what was expected there."""

    field: str
    expected: str


class ProblemOut(Schema):
    """A refusal (RFC 9457)."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    errors: list[Fault] = Field([])


class MeOut(Schema):
    """What the token is."""

    token: UUID
    name: str
    organization: str
    role: str
    scopes: list[str]
    expires_at: datetime


class FlagOut(Schema):
    """A flag with its reason."""

    kind: str
    label: str
    reason: str


class ScoreOut(Schema):
    """A score on a day."""

    taken_on: date
    score: int


class ScoresOut(Schema):
    """An episode's first and last score of a scale."""

    first: ScoreOut
    last: ScoreOut


class MinutesOut(Schema):
    """The month so far: countable minutes, the lines that they earn, and what the next one lacks."""

    month: str
    minutes_counted: int
    minutes_excluded: int
    earned: list[dict[str, Any]] = Field(description="`hcpcs_code` and `units`, base code first.")
    next_tier: dict[str, Any] | None = Field(description="`hcpcs_code`, `units`, `minutes_short`.")


class EpisodeOut(Schema):
    """One row of the caseload."""

    episode: UUID
    patient: UUID
    patient_id: str
    medical_record_number: str
    last_name: str
    first_name: str
    birth_date: date
    status: str
    status_since: date | None
    start_date: date
    end_date: date | None
    bhcm: str
    psychiatric_consultant: str
    billing_practitioner: str
    payer: str | None
    last_reached_on: date | None
    last_reviewed_on: date | None
    relapse_plan_on: date | None
    sessions_total: int
    scores: dict[str, ScoresOut]
    flags: list[FlagOut] = Field(description="The most pressing first.")
    minutes: MinutesOut | None


class CaseloadOut(Schema):
    """A page of the caseload."""

    items: list[EpisodeOut]
    next_cursor: str | None


class ContactOut(Schema):
    """An entry of the minutes ledger. It is never changed: a correction is a further entry."""

    id: UUID
    contact_id: str
    number: int = Field(description="Its place in the patient's ledger.")
    patient: UUID
    staff_id: str
    started_at: datetime
    service_seconds: int
    note_minutes: int
    activity: str
    modality: str
    outcome: str
    attempts: int
    with_whom: str
    programme: str
    acting_as_bhcm: bool
    billed_elsewhere_code: str
    billed_elsewhere_minutes: int | None
    note: str
    recorded_at: datetime
    corrects_contact_id: str
    correction_reason: str
    is_replaced: bool = Field(description="A later entry corrects this one.")
    confirmed: list[str] = Field(description="Doubts that its author confirmed.")


class ContactsOut(Schema):
    """A page of entries in the order in which they were recorded."""

    items: list[ContactOut]
    next_cursor: str | None


class MeasureOut(Schema):
    """A scale's score on a day, and what it came to where the scale was filled in here."""

    id: UUID | None = Field(description="null: the answers give no score; they are kept as `response`.")
    response: UUID | None = Field(description="The filled-in scale; null for a score that was brought in.")
    patient: UUID
    instrument: str
    taken_on: date
    score: int | None
    self_harm_score: int | None
    band: str
    is_positive: bool | None
    is_estimated: bool = Field(description="A few answers were missing and made up for, as the scale allows.")
    missing: list[str] = Field(description="Items without an answer.")
    alert: UUID | None = Field(None, description="The safety alert that this answer raised.")


class MeasuresOut(Schema):
    """A page of scores."""

    items: list[MeasureOut]
    next_cursor: str | None


class AdviceOut(Schema):
    """A recommendation, and where it stands."""

    id: UUID
    kind: str
    headline: str
    text: str
    given_on: date
    state: str


class ReviewOut(Schema):
    """A caseload review of a patient."""

    id: UUID
    patient: UUID
    reviewed_on: date
    bhcm: str = Field(description="Staff id.")
    psychiatric_consultant: str | None = Field(description="Staff id.")
    summary: str
    needs_direct_evaluation: bool
    recommendations: list[AdviceOut]


class ReviewsOut(Schema):
    """A page of reviews."""

    items: list[ReviewOut]
    next_cursor: str | None


PROBLEMS = {
    400: ProblemOut,
    401: ProblemOut,
    403: ProblemOut,
    404: ProblemOut,
    413: ProblemOut,
    422: ProblemOut,
    429: ProblemOut,
}
"""What every operation may answer beside its own."""
WRITE_PROBLEMS = PROBLEMS | {409: ProblemOut}
