"""Forms of the caseload review."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseFormSet, formset_factory
from django.utils import timezone

from cocm.care.people import Role
from cocm.server.access.permissions import MemberRole
from cocm.server.accounts.models import StaffMember
from cocm.server.contacts.clocks import NoSuchTime, site_moment
from cocm.server.registry.caseload import today_of
from cocm.server.registry.forms.fields import CaseForm, DayField, PersonField, staff_of
from cocm.server.registry.models import Episode
from cocm.server.review import services
from cocm.server.review.models import Recommendation, RecommendationAnswer

_NOTE = {"rows": 3}
RECOMMENDATIONS_OFFERED = 3


class SessionForm(forms.Form):
    """When a session begins. The patients are read from the list beside it."""

    held_on = DayField(label="Day", may_be_future=True)
    starts = forms.TimeField(
        label="Begins at", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )

    def started_at(self) -> datetime:
        """The moment by the practice's clock. Raises `ValidationError` for one that the clock never shows."""
        zone = timezone.get_current_timezone()
        day, at = self.cleaned_data["held_on"], self.cleaned_data["starts"]
        try:
            return site_moment(ZoneInfo(str(zone)), day, f"{at:%H:%M}")
        except NoSuchTime as problem:
            raise ValidationError({"starts": str(problem)}) from problem


class AddForm(forms.Form):
    """One more patient for an agenda."""

    episode = forms.ModelChoiceField(None, label="Patient")
    question = forms.CharField(label="Question", max_length=500, required=False)

    def __init__(self, *args: Any, episodes: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["episode"].queryset = episodes
        self.fields["episode"].label_from_instance = _named


def _named(episode: Episode) -> str:
    return f"{episode.patient.last_name}, {episode.patient.first_name} ({episode.patient.patient_id})"


class DiscussForm(forms.Form):
    """What was said of one patient, and how long it took each of the two."""

    summary = forms.CharField(
        label="What was discussed", max_length=4_000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    needs_direct_evaluation = forms.BooleanField(
        label="The consultant should see the patient directly", required=False
    )
    bhcm_minutes = forms.IntegerField(
        label="Care manager, minutes", min_value=0, max_value=services.MINUTES_EACH_MAX, required=False
    )
    consultant_minutes = forms.IntegerField(
        label="Consultant, minutes", min_value=0, max_value=services.MINUTES_EACH_MAX, required=False
    )

    @property
    def values(self) -> dict[str, Any]:
        """As the service takes them."""
        kept = dict(self.cleaned_data)
        return kept | {name: kept[name] or 0 for name in ("bhcm_minutes", "consultant_minutes")}


class RecommendationForm(forms.Form):
    """One recommendation; left empty it is none."""

    kind = forms.ChoiceField(
        label="Kind", choices=(("", "None"), *Recommendation.Kind.choices), required=False
    )
    change = forms.ChoiceField(
        label="What to do", choices=(("", ""), *Recommendation.Change.choices), required=False
    )
    subject = forms.CharField(label="Medicine, therapy or service", max_length=100, required=False)
    dose = forms.CharField(label="Dose or amount", max_length=100, required=False)
    text = forms.CharField(
        label="In words", max_length=1_000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if any(values.get(name) for name in ("change", "subject", "dose", "text")) and not values.get("kind"):
            self.add_error("kind", "choose what kind of recommendation it is")
        if values.get("kind") and not (values.get("text") or values.get("subject")):
            self.add_error("text", "say what is recommended")
        if values.get("kind") == Recommendation.Kind.MEDICATION:
            if not values.get("subject"):
                self.add_error("subject", "name the medicine")
            if not values.get("change"):
                self.add_error("change", "say what to do with it")
        return values


class RecommendationsBase(BaseFormSet):
    """The recommendations of one review."""

    @property
    def given(self) -> list[dict[str, Any]]:
        """Those that were filled in."""
        return [form.cleaned_data for form in self.forms if form.cleaned_data.get("kind")]


RecommendationForms = formset_factory(
    RecommendationForm, formset=RecommendationsBase, extra=RECOMMENDATIONS_OFFERED, max_num=8, absolute_max=8
)


class PutOffForm(forms.Form):
    put_off_reason = forms.CharField(label="Why", max_length=200)


class CloseForm(forms.Form):
    """The end of a session."""

    other_minutes = forms.IntegerField(
        label="Consultant's other minutes",
        min_value=0,
        max_value=480,
        required=False,
        help_text="Work about no single patient, such as teaching. It stands in the statement of hours only.",
    )
    other_note = forms.CharField(label="What for", max_length=200, required=False)


class AnswerForm(CaseForm):
    """The treating practitioner's answer; `row` is the recommendation."""

    answer = forms.ChoiceField(choices=RecommendationAnswer.Answer.choices, widget=forms.RadioSelect)
    instead = forms.CharField(label="What is done instead", max_length=300, required=False)
    reason = forms.CharField(
        label="Reason", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    answered_by = PersonField(None, label="Practitioner who answered")
    answered_on = DayField(label="Day")

    def prepare(self) -> None:
        practitioners = staff_of(self.actor, Role.BILLING_PRACTITIONER)
        own = self.actor.staff_member_id
        if self.actor.role is MemberRole.PCP and own is not None:
            practitioners = StaffMember.objects.of(self.actor).filter(pk=own)
        self.fields["answered_by"].queryset = practitioners

    def at_first(self) -> dict[str, Any]:
        own = self.actor.staff_member_id if self.actor.role is MemberRole.PCP else None
        return {"answered_on": self.today, "answered_by": own or self.row.episode.billing_practitioner_id}

    def save(self) -> str:
        made = services.recommendation_answer(
            actor=self.actor, patient=self.patient, recommendation=self.row, **self.cleaned_data
        )
        return f"Recommendation {made.answer}."


class FollowForm(CaseForm):
    """Whether a recommendation was carried out; `row` is the recommendation."""

    is_carried_out = forms.TypedChoiceField(
        label="Was it carried out?",
        choices=(("yes", "Yes"), ("no", "No")),
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    carried_out_on = DayField(label="Day")
    carried_out_by = PersonField(None, label="By")
    note = forms.CharField(
        label="Note", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    in_the_trend = forms.BooleanField(label="Note it as a change of treatment", required=False)

    def prepare(self) -> None:
        self.fields["carried_out_by"].queryset = staff_of(self.actor)
        if self.row.kind not in services.TREATMENT_KINDS:
            del self.fields["in_the_trend"]

    def at_first(self) -> dict[str, Any]:
        return {
            "is_carried_out": "yes",
            "carried_out_on": self.today,
            "carried_out_by": self.actor.staff_member_id,
            "in_the_trend": self.row.kind in services.TREATMENT_KINDS
            and self.row.change != Recommendation.Change.CONTINUE,
        }

    def save(self) -> str:
        made = services.follow_through_add(
            actor=self.actor, patient=self.patient, recommendation=self.row, **self.cleaned_data
        )
        return "Carried out." if made.is_carried_out else "Noted that it was not carried out."


def starts_at_first() -> dict[str, Any]:
    """Today, at the last full quarter of an hour."""
    now = timezone.localtime()
    return {"held_on": today_of(), "starts": f"{now:%H}:{now.minute // 15 * 15:02d}"}
