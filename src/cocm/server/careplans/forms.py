"""Forms of care plans, relapse prevention plans and graduation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory

from cocm.care.care_plan import ProblemState
from cocm.care.score_trend import Course
from cocm.rules.care_flags import Threshold, care_flags
from cocm.server.careplans import services
from cocm.server.careplans.models import Graduation, RelapsePlan
from cocm.server.careplans.selectors import plan_of, relapse_plans_of
from cocm.server.registry.forms.fields import CaseForm, DayField, PersonField, staff_of
from cocm.server.rules_in_force import rulebook

PROBLEMS_OFFERED = 2
STATES = ((ProblemState.OPEN, "Open"), (ProblemState.MET, "Met"), (ProblemState.DROPPED, "No longer pursued"))


def _long(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class PlanForm(CaseForm):
    """A version of the care plan, without its problems."""

    based_on = forms.IntegerField(widget=forms.HiddenInput)
    patient_goal = forms.CharField(label="The patient's own goal", max_length=300, required=False)
    guideline = forms.CharField(
        label="Guideline",
        max_length=200,
        required=False,
        help_text="Such as: treat to target, change at 8 weeks without response.",
    )
    owner = PersonField(None, label="Owner")
    written_on = DayField(label="Written on")
    review_on = DayField(label="Look at it again by", may_be_future=True, required=False)
    reason = forms.CharField(label="Why this version", max_length=200)

    def prepare(self) -> None:
        self.fields["owner"].queryset = staff_of(self.actor)

    def at_first(self) -> dict[str, Any]:
        days = care_flags(rulebook()).thresholds[Threshold.PLAN_REVISION_DAYS]
        given = {
            "based_on": 0,
            "written_on": self.today,
            "review_on": self.today + timedelta(days=days),
            "owner": self.episode.bhcm_id if self.episode is not None else None,
        }
        held = plan_of(actor=self.actor, episode=self.episode) if self.episode is not None else None
        if held is None:
            return given | {"reason": "First plan"}
        return given | {
            "based_on": held.number,
            "patient_goal": held.patient_goal,
            "guideline": held.guideline,
            "owner": held.owner_id,
        }


class ProblemForm(forms.Form):
    """One problem; left empty it is none. `number` is the problem's own through all versions."""

    number = forms.IntegerField(widget=forms.HiddenInput, required=False)
    problem = forms.CharField(max_length=200, required=False)
    goal = forms.CharField(max_length=300, required=False)
    interventions = forms.CharField(max_length=1_000, required=False, widget=_long(2))
    instrument = forms.ChoiceField(label="Measured by", required=False)
    target_at_most = forms.IntegerField(
        label="Target score, at most", min_value=0, max_value=200, required=False
    )
    target_by = DayField(label="By", may_be_future=True, required=False)
    state = forms.ChoiceField(choices=STATES, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scales = care_flags(rulebook()).scales
        self.fields["instrument"].choices = [
            ("", ""),
            *((name, scale.label) for name, scale in scales.items()),
        ]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        told = [name for name in ("goal", "interventions", "instrument", "target_by") if values.get(name)]
        if values.get("target_at_most") is not None:
            told.append("target_at_most")
            if not values.get("instrument"):
                self.add_error("instrument", "a target score needs its scale")
        if told and not values.get("problem"):
            self.add_error("problem", "name the problem")
        values["state"] = values.get("state") or ProblemState.OPEN.value
        return values


class ProblemsBase(BaseFormSet):
    """The problems of a version."""

    @property
    def given(self) -> list[dict[str, Any]]:
        """Those that were filled in."""
        return [form.cleaned_data for form in self.forms if form.cleaned_data.get("problem")]


ProblemForms = formset_factory(
    ProblemForm,
    formset=ProblemsBase,
    extra=PROBLEMS_OFFERED,
    max_num=services.PROBLEMS_MAX,
    absolute_max=services.PROBLEMS_MAX,
)
PROBLEM_FIELDS = (
    "number",
    "problem",
    "goal",
    "interventions",
    "instrument",
    "target_at_most",
    "target_by",
    "state",
)


class RelapseForm(CaseForm):
    """A relapse prevention plan, written with the patient in their language."""

    language = forms.ChoiceField(label="Language of the printed plan", choices=RelapsePlan.Language.choices)
    written_on = DayField(label="Written on")
    medicines = forms.CharField(
        label="Medicines to go on with",
        max_length=1_000,
        required=False,
        widget=_long(),
        help_text="One a line, with dose and until when.",
    )
    other_treatments = forms.CharField(
        label="Other treatments", max_length=1_000, required=False, widget=_long(2)
    )
    warning_signs = forms.CharField(label="The patient's own warning signs", max_length=1_000, widget=_long())
    coping = forms.CharField(label="What helps against stress", max_length=1_000, widget=_long())
    if_signs_return = forms.CharField(label="What to do if signs return", max_length=1_000, widget=_long())
    contacts = forms.CharField(label="Whom to call", max_length=500, widget=_long(2))
    next_measure_on = DayField(label="Next questionnaire", may_be_future=True, required=False)

    def at_first(self) -> dict[str, Any]:
        given: dict[str, Any] = {"written_on": self.today, "language": _language_of(self.patient.language)}
        held = next(iter(relapse_plans_of(actor=self.actor, patient=self.patient)), None)
        if held is None:
            return given
        kept = (
            "language",
            "medicines",
            "other_treatments",
            "warning_signs",
            "coping",
            "if_signs_return",
            "contacts",
        )
        return given | {name: getattr(held, name) for name in kept}

    def save(self) -> str:
        services.relapse_plan_write(
            actor=self.actor, patient=self.patient, episode=self.episode, **self.cleaned_data
        )
        return "The relapse prevention plan is on record."


def _language_of(told: str) -> str:
    """Spanish where the patient's language says so, however it is written."""
    return "es" if told.strip().casefold().startswith(("es", "spa")) else "en"


class GraduationForm(CaseForm):
    """The end of an episode that reached its aim."""

    graduated_on = DayField(label="Last day of care")
    outcome = forms.ChoiceField(choices=Graduation.Outcome.choices)
    note = forms.CharField(label="Note", max_length=300, required=False, widget=_long(2))
    without_plan_reason = forms.CharField(
        label="Why there is no relapse prevention plan", max_length=200, required=False
    )

    def __init__(self, *args: Any, trends: Any = (), has_plan: bool = False, **kwargs: Any) -> None:
        self.trends, self.has_plan = trends, has_plan
        super().__init__(*args, **kwargs)

    def prepare(self) -> None:
        if self.has_plan:
            del self.fields["without_plan_reason"]

    def at_first(self) -> dict[str, Any]:
        reached = {trend.course for trend in self.trends}
        outcome = next(
            (name for course, name in _OUTCOMES if course in reached), Graduation.Outcome.GOALS_MET
        )
        return {"graduated_on": self.today, "outcome": outcome}

    def save(self) -> str:
        made = services.graduate(
            actor=self.actor,
            patient=self.patient,
            episode=self.episode,
            scores=self.trends,
            **self.cleaned_data,
        )
        return f"Graduated on {made.graduated_on}: {made.get_outcome_display().lower()}."


_OUTCOMES = (
    (Course.REMISSION, Graduation.Outcome.REMISSION),
    (Course.RESPONSE, Graduation.Outcome.RESPONSE),
    (Course.IMPROVED, Graduation.Outcome.IMPROVED),
)
