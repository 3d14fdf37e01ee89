"""The forms of guardians, consent and confidential records."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from cocm.intake.patient_tables import CONSENT_FORMS
from cocm.rules.minor_consent import ConsentBy
from cocm.server.access.actor import Actor
from cocm.server.guardians.models import GivenBy, Guardian, Relationship
from cocm.server.guardians.selectors import guardians_of
from cocm.server.registry.forms.fields import ANSWERS, DayField
from cocm.server.registry.models import Patient


class GuardianForm(forms.Form):
    """Somebody who cares for a patient."""

    full_name = forms.CharField(label="Name", max_length=120)
    relationship = forms.ChoiceField(choices=Relationship.choices)
    phone = forms.CharField(max_length=25, required=False)
    email = forms.EmailField(label="E-mail", required=False)
    language = forms.CharField(max_length=35, required=False)
    is_legal_guardian = forms.BooleanField(label="Legal guardian: may consent for a minor", required=False)
    may_be_told = forms.BooleanField(
        label="May be told of the care",
        required=False,
        help_text="Only then a summary can be made for this person.",
    )


class GuardianChangeForm(GuardianForm):
    """The same, and its end."""

    ended_on = DayField(label="No longer, from", required=False)


class _GuardianField(forms.ModelChoiceField):
    def label_from_instance(self, guardian: Any) -> str:
        return guardian.words


def _guardians(actor: Actor, patient: Patient, day: date) -> Any:
    keys = [guardian.pk for guardian in guardians_of(actor=actor, patient=patient, day=day)]
    return Guardian.objects.of(actor).filter(pk__in=keys)


class ConsentGivenForm(forms.Form):
    """Who consented, when and how."""

    given_by = forms.ChoiceField(label="Who consented", choices=GivenBy.choices, widget=forms.RadioSelect)
    guardian = _GuardianField(None, label="Which guardian", required=False)
    consent_date = DayField(label="Day")
    form = forms.ChoiceField(choices=[(form, form) for form in CONSENT_FORMS])
    recorded_by = forms.CharField(label="Obtained by", max_length=60)
    cost_share_explained = forms.ChoiceField(label="Told of the cost share", choices=ANSWERS)

    def __init__(self, *args: Any, actor: Actor, patient: Patient, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["guardian"]
        field.queryset = _guardians(actor, patient, timezone.localdate()).filter(is_legal_guardian=True)


class NameContactForm(forms.Form):
    """With whom an entry was."""

    guardian = _GuardianField(None, label="With whom")

    def __init__(self, *args: Any, actor: Actor, patient: Patient, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["guardian"]
        field.queryset = Guardian.objects.of(actor).filter(patient=patient)


_CONSENT_WORDS = {
    ConsentBy.GUARDIAN: "A guardian's, until the majority",
    ConsentBy.MINOR: "The minor's own",
    ConsentBy.EITHER: "The minor's or a guardian's",
    ConsentBy.BOTH: "The minor's and a guardian's",
    ConsentBy.UNKNOWN: "Not known",
}


class StateRuleForm(forms.Form):
    """What counsel says of a state's law."""

    state = forms.RegexField(r"(?i)^[a-z]{2}$", help_text="Two letters.")
    effective_from = DayField(label="Holds from", may_be_future=True)
    majority_years = forms.IntegerField(label="Of age at", min_value=16, max_value=25, initial=18)
    minor_years_from = forms.IntegerField(
        label="Minors from age",
        min_value=0,
        max_value=24,
        required=False,
        help_text="From this age the consent below is enough; before it, a guardian's.",
    )
    consent_by = forms.ChoiceField(
        label="Whose consent", choices=[(item.value, _CONSENT_WORDS[item]) for item in ConsentBy]
    )
    advised_by = forms.CharField(label="Who says so", max_length=120, help_text="Counsel's name, the letter.")
    advised_on = DayField(label="On")

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        begins, majority = values.get("minor_years_from"), values.get("majority_years")
        needs_age = values.get("consent_by") not in (ConsentBy.GUARDIAN, ConsentBy.UNKNOWN, None)
        if needs_age and begins is None:
            self.add_error("minor_years_from", ValidationError("from which age on?"))
        if begins is not None and majority is not None and begins >= majority:
            self.add_error("minor_years_from", ValidationError(f"whoever is {majority} is of age"))
        return values
