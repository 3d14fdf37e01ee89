"""The models of the area, one module a noun."""

from cocm.server.registry.models.attention import Alert, FormerValues, SavedView
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
    "Alert",
    "CareTeamMember",
    "CaseloadReview",
    "ClaimHistoryLine",
    "Consent",
    "Coverage",
    "Diagnosis",
    "Episode",
    "EpisodeStatus",
    "FormerValues",
    "InitiatingVisit",
    "MeasureResult",
    "MonthDecision",
    "OtherService",
    "Patient",
    "SavedView",
    "SocialNeed",
    "TreatmentChange",
    "WorkNote",
)
