"""The models of the area, one module a noun."""

from cocm.server.registry.models.care import (
    CaseloadReview,
    MeasureResult,
    OtherService,
    SocialNeed,
    TreatmentChange,
    WorkNote,
)
from cocm.server.registry.models.episodes import (
    CareTeamMember,
    Consent,
    Diagnosis,
    Episode,
    EpisodeStatus,
    InitiatingVisit,
)
from cocm.server.registry.models.months import ClaimHistoryLine, MonthDecision
from cocm.server.registry.models.people import Coverage, Patient

__all__ = (
    "CareTeamMember",
    "CaseloadReview",
    "ClaimHistoryLine",
    "Consent",
    "Coverage",
    "Diagnosis",
    "Episode",
    "EpisodeStatus",
    "InitiatingVisit",
    "MeasureResult",
    "MonthDecision",
    "OtherService",
    "Patient",
    "SocialNeed",
    "TreatmentChange",
    "WorkNote",
)
