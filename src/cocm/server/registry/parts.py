"""What can be written in a case file, as data: each part has an address, a form, a permission, a place on the page."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cocm.server.access.permissions import Permission
from cocm.server.records import OrganizationRow
from cocm.server.registry.forms import entry_forms, episode_forms
from cocm.server.registry.forms.fields import CaseForm
from cocm.server.registry.models import Alert, CareTeamMember, Coverage, MeasureResult, SocialNeed, WorkNote


@dataclass(frozen=True, slots=True)
class Part:
    """One form of the case file. `row_model`: what it corrects or closes, named by `row_id` in the address.

    `row_patient`: how the row names its patient. `needs_episode`: there must be an episode; `section`: the anchor on
    the page to go back to.
    """

    name: str
    title: str
    button: str
    form: type[CaseForm]
    section: str
    permission: Permission = Permission.CHART_EDIT
    row_model: type[OrganizationRow] | None = None
    row_patient: str = "patient"
    needs_episode: bool = False
    detail: str = ""

    @property
    def url_name(self) -> str:
        """The address that serves the part: one for each permission, with a row's and without."""
        return VIEW_NAMES[self.permission] + ("_row" if self.row_model is not None else "")


VIEW_NAMES: Final = MappingProxyType(
    {Permission.CHART_EDIT: "write", Permission.COVER_EDIT: "cover", Permission.REVIEW_RECORD: "review"}
)


_WITH = {"needs_episode": True}
PARTS: Final = MappingProxyType(
    {
        part.name: part
        for part in (
            Part("status", "Change the status", "Save status", episode_forms.StatusForm, "episode", **_WITH),
            Part(
                "reentry",
                "Begin a new episode",
                "Begin episode",
                episode_forms.ReentryForm,
                "episode",
                detail="The last episode's team, site and diagnoses are taken over. Consent is asked for again.",
            ),
            Part("consent", "Record consent", "Save consent", episode_forms.ConsentForm, "consent", **_WITH),
            Part(
                "revoke",
                "Consent revoked",
                "Revoke consent",
                episode_forms.RevokeForm,
                "consent",
                detail="The answer stays on record with this day. The episode ends, and no later minutes count.",
                **_WITH,
            ),
            Part("visit", "Initiating visit", "Save visit", episode_forms.VisitForm, "consent", **_WITH),
            Part("team", "Change the team", "Save team", episode_forms.TeamForm, "team", **_WITH),
            Part("cover", "Let a colleague cover", "Add colleague", episode_forms.CoverForm, "team", **_WITH),
            Part(
                "cover_end",
                "End a cover",
                "End cover",
                episode_forms.CoverEndForm,
                "team",
                row_model=CareTeamMember,
                row_patient="episode__patient",
                detail="After this day the chart is closed to the colleague. What they wrote stays.",
            ),
            Part(
                "diagnoses", "Diagnoses", "Save diagnoses", episode_forms.DiagnosesForm, "diagnoses", **_WITH
            ),
            Part("plan", "Relapse prevention plan", "Save", episode_forms.PlanForm, "plan", **_WITH),
            Part("measure", "Add a score", "Save score", entry_forms.MeasureForm, "scores"),
            Part(
                "measure_correct",
                "Correct a score",
                "Correct score",
                entry_forms.MeasureCorrectionForm,
                "scores",
                row_model=MeasureResult,
            ),
            Part("treatment", "Treatment change", "Save change", entry_forms.TreatmentForm, "treatment"),
            Part(
                "review",
                "Caseload review",
                "Save review",
                entry_forms.ReviewForm,
                "timeline",
                permission=Permission.REVIEW_RECORD,
            ),
            Part(
                "service",
                "Service outside CoCM",
                "Save service",
                entry_forms.OtherServiceForm,
                "programmes",
            ),
            Part(
                "need",
                "Social need or medical condition",
                "Save need",
                entry_forms.NeedForm,
                "diagnoses",
                detail="Recorded beside the behavioral diagnosis; never the sole support of a claim.",
            ),
            Part(
                "need_resolved",
                "Need resolved",
                "Mark as resolved",
                entry_forms.NeedResolvedForm,
                "diagnoses",
                row_model=SocialNeed,
            ),
            Part("action", "Next action", "Save action", entry_forms.NoteForm, "actions"),
            Part(
                "action_done", "Is it done?", "Done", entry_forms.NoteDoneForm, "actions", row_model=WorkNote
            ),
            Part("alert", "Raise an alert", "Raise", entry_forms.AlertForm, "top"),
            Part(
                "alert_close",
                "Close an alert",
                "Close alert",
                entry_forms.AlertCloseForm,
                "top",
                row_model=Alert,
            ),
            Part(
                "coverage",
                "Add a policy",
                "Save policy",
                entry_forms.CoverageForm,
                "cover",
                permission=Permission.COVER_EDIT,
            ),
            Part(
                "coverage_change",
                "Change a policy",
                "Save policy",
                entry_forms.CoverageForm,
                "cover",
                permission=Permission.COVER_EDIT,
                row_model=Coverage,
            ),
            Part("person", "Who the patient is", "Save", entry_forms.PersonForm, "person"),
        )
    }
)
"""By the name in the address."""
