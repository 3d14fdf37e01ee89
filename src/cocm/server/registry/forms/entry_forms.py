"""Forms of what happens in care, and of who the patient is."""

from __future__ import annotations

from typing import Any

from django import forms

from cocm.care.people import Role
from cocm.rules.care_flags import care_flags
from cocm.server.accounts.models import PayerProduct
from cocm.server.registry.forms.episode_forms import OPENING, check_site, checked_diagnoses, choose_team
from cocm.server.registry.forms.fields import (
    CaseForm,
    DayField,
    PersonField,
    SiteField,
    checked_diagnosis,
    checked_service,
    staff_of,
)
from cocm.server.registry.models import Alert, TreatmentChange
from cocm.server.registry.services import entries, patients
from cocm.server.rules_in_force import rulebook


class MeasureForm(CaseForm):
    instrument = forms.ChoiceField(label="Scale")
    taken_on = DayField(label="Day")
    score = forms.IntegerField(label="Total score", min_value=0, max_value=999)
    self_harm_score = forms.IntegerField(
        label="Item about self-harm",
        min_value=0,
        max_value=3,
        required=False,
        help_text="PHQ-9: item 9. Above 0 raises a safety alert at once.",
    )

    def prepare(self) -> None:
        scales = care_flags(rulebook()).scales
        choices = [(scale.instrument, scale.label) for scale in scales.values()]
        if self.row is not None and self.row.instrument not in scales:
            choices.append((self.row.instrument, self.row.instrument.upper()))
        self.fields["instrument"].choices = choices

    def at_first(self) -> dict[str, Any]:
        return {"taken_on": self.today}

    def save(self) -> str:
        made = entries.measure_add(actor=self.actor, patient=self.patient, **self.cleaned_data)
        return f"Score saved: {made.score}." + (
            " A safety alert is open until somebody closes it with an action." if made.self_harm_score else ""
        )


class MeasureCorrectionForm(MeasureForm):
    reason = forms.CharField(label="Why it is corrected", max_length=200)

    def at_first(self) -> dict[str, Any]:
        return {
            name: getattr(self.row, name) for name in ("instrument", "taken_on", "score", "self_harm_score")
        }

    def save(self) -> str:
        entries.measure_correct(actor=self.actor, patient=self.patient, measure=self.row, **self.cleaned_data)
        return "Corrected; the earlier value is kept with the reason."


class TreatmentForm(CaseForm):
    kind = forms.ChoiceField(choices=TreatmentChange.Kind.choices)
    change = forms.ChoiceField(choices=TreatmentChange.Change.choices)
    changed_on = DayField(label="Day")
    text = forms.CharField(label="What", max_length=200, help_text="Such as sertraline 50 to 100 mg.")

    def at_first(self) -> dict[str, Any]:
        return {"changed_on": self.today}

    def save(self) -> str:
        entries.treatment_add(actor=self.actor, patient=self.patient, **self.cleaned_data)
        return "The change is on record and marked in the trend."


class ReviewForm(CaseForm):
    reviewed_on = DayField(label="Day")
    bhcm = PersonField(None, label="Care manager")
    psychiatric_consultant = PersonField(None, label="Psychiatric consultant")

    def prepare(self) -> None:
        self.fields["bhcm"].queryset = staff_of(self.actor, Role.BHCM)
        self.fields["psychiatric_consultant"].queryset = staff_of(self.actor, Role.PSYCHIATRIC_CONSULTANT)

    def at_first(self) -> dict[str, Any]:
        team = {name: getattr(self.episode, name, None) for name in ("bhcm", "psychiatric_consultant")}
        return {"reviewed_on": self.today, **team}

    def save(self) -> str:
        entries.review_add(actor=self.actor, patient=self.patient, **self.cleaned_data)
        return "The caseload review is on record."


class OtherServiceForm(CaseForm):
    service_date = DayField(label="Day, or first day of a stay")
    stay_to = DayField(label="Last day of an inpatient stay", required=False)
    hcpcs_code = forms.CharField(label="Service code", max_length=5, required=False)
    minutes = forms.IntegerField(min_value=0, max_value=600, required=False)

    def clean_hcpcs_code(self) -> str:
        return checked_service(self.cleaned_data["hcpcs_code"])

    def save(self) -> str:
        entries.other_service_add(actor=self.actor, patient=self.patient, **self.cleaned_data)
        return "The service is on record."


class NeedForm(CaseForm):
    diagnosis_code = forms.CharField(
        label="Code",
        max_length=10,
        help_text="A Z code of a social need, or the code of a medical condition.",
    )
    noted_on = DayField(label="Noted on")

    def at_first(self) -> dict[str, Any]:
        return {"noted_on": self.today}

    def clean_diagnosis_code(self) -> str:
        return checked_diagnosis(self.cleaned_data["diagnosis_code"], self.today)

    def save(self) -> str:
        entries.need_add(actor=self.actor, patient=self.patient, **self.cleaned_data)
        return "The need is on record."


class NeedResolvedForm(CaseForm):
    resolved_on = DayField(label="Resolved on")

    def at_first(self) -> dict[str, Any]:
        return {"resolved_on": self.today}

    def save(self) -> str:
        entries.need_resolve(actor=self.actor, patient=self.patient, need=self.row, **self.cleaned_data)
        return "The need is marked as resolved."


class NoteForm(CaseForm):
    text = forms.CharField(
        label="What is to be done", max_length=4_000, widget=forms.Textarea(attrs={"rows": 3})
    )
    due_on = DayField(label="By", required=False, may_be_future=True)
    owner = PersonField(None, label="Who", required=False)

    def prepare(self) -> None:
        self.fields["owner"].queryset = staff_of(self.actor)

    def at_first(self) -> dict[str, Any]:
        return {"owner": self.actor.staff_member_id}

    def save(self) -> str:
        entries.note_add(actor=self.actor, patient=self.patient, **self.cleaned_data)
        return "The action is noted."


class NoteDoneForm(CaseForm):
    """A button."""

    def save(self) -> str:
        entries.note_done(actor=self.actor, patient=self.patient, note=self.row)
        return "Done."


class AlertForm(CaseForm):
    kind = forms.ChoiceField(choices=Alert.Kind.choices)
    reason = forms.CharField(max_length=200)
    raised_on = DayField(label="Since")

    def at_first(self) -> dict[str, Any]:
        return {"raised_on": self.today, "kind": Alert.Kind.DISCUSS}

    def save(self) -> str:
        entries.alert_raise(actor=self.actor, patient=self.patient, **self.cleaned_data)
        return "Raised; the caseload shows it at once."


class AlertCloseForm(CaseForm):
    action = forms.CharField(
        label="What was done",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Your name stands beside it.",
    )

    def save(self) -> str:
        entries.alert_close(actor=self.actor, patient=self.patient, alert=self.row, **self.cleaned_data)
        return "Closed with your name and the action."


class CoverageForm(CaseForm):
    payer = forms.ModelChoiceField(None)
    member_id = forms.CharField(label="Member id", max_length=80)
    group_number = forms.CharField(max_length=50, required=False)
    relationship = forms.ChoiceField(
        label="The patient is the policy holder's",
        choices=(("self", "self"), ("spouse", "spouse"), ("child", "child"), ("other", "other")),
    )
    subscriber_last_name = forms.CharField(label="Policy holder's last name", max_length=60, required=False)
    subscriber_first_name = forms.CharField(label="Policy holder's first name", max_length=35, required=False)
    subscriber_birth_date = DayField(label="Policy holder's birth date", required=False)
    coverage_from = DayField(label="In force from", may_be_future=True)
    coverage_to = DayField(label="Last day", required=False, may_be_future=True)
    rank = forms.IntegerField(label="Pays", min_value=1, max_value=9, help_text="1 pays first.")
    verified_on = DayField(label="Benefits last verified", required=False)

    def prepare(self) -> None:
        self.fields["payer"].queryset = PayerProduct.objects.of(self.actor).order_by("name")
        self.fields["payer"].label_from_instance = lambda payer: payer.name

    def at_first(self) -> dict[str, Any]:
        if self.row is None:
            return {"rank": 1, "relationship": "self"}
        return {name: getattr(self.row, name) for name in self.base_fields}

    def save(self) -> str:
        if self.row is None:
            patients.coverage_add(actor=self.actor, patient=self.patient, **self.cleaned_data)
        else:
            patients.coverage_change(
                actor=self.actor, patient=self.patient, coverage=self.row, **self.cleaned_data
            )
        return "The coverage is on record."


PERSON = (
    "medical_record_number",
    "last_name",
    "first_name",
    "preferred_name",
    "birth_date",
    "sex",
    "phone",
    "language",
    "address_line",
    "city",
    "state",
    "postal_code",
)


class PersonForm(CaseForm):
    last_name = forms.CharField(max_length=60)
    first_name = forms.CharField(max_length=35)
    preferred_name = forms.CharField(max_length=35, required=False)
    birth_date = DayField()
    sex = forms.ChoiceField(
        label="Sex as on the claim", choices=(("F", "F"), ("M", "M"), ("U", "U, unknown"))
    )
    medical_record_number = forms.CharField(max_length=50, required=False)
    phone = forms.CharField(max_length=25, required=False)
    language = forms.CharField(max_length=35, required=False)
    address_line = forms.CharField(label="Street", max_length=55, required=False)
    city = forms.CharField(max_length=30, required=False)
    state = forms.RegexField(r"(?i)^[a-z]{2}$", required=False, help_text="Two letters.")
    postal_code = forms.RegexField(r"^\d{5}(-?\d{4})?$", label="ZIP code", required=False)

    def at_first(self) -> dict[str, Any]:
        return {name: getattr(self.patient, name) for name in PERSON} if self.patient is not None else {}

    def clean_state(self) -> str:
        return str(self.cleaned_data["state"]).upper()

    def clean_postal_code(self) -> str:
        return str(self.cleaned_data["postal_code"]).replace("-", "")

    def save(self) -> str:
        changed = patients.patient_change(actor=self.actor, patient=self.patient, values=self.cleaned_data)
        return "Changed; the earlier values are kept." if changed else "Nothing was changed."


class NewPatientForm(PersonForm):
    """Who the patient is, and the first episode."""

    patient_id = forms.RegexField(
        r"^[A-Za-z0-9][A-Za-z0-9._-]{0,49}$",
        label="Your id of the patient",
        help_text="No name, no Social Security number.",
    )
    start_date = DayField(label="Referred or started on")
    status = forms.ChoiceField(choices=OPENING)
    reason = forms.CharField(label="Why referred", max_length=200, required=False)
    bhcm = PersonField(None, label="Care manager", required=False)
    psychiatric_consultant = PersonField(None, label="Psychiatric consultant", required=False)
    billing_practitioner = PersonField(None, label="Billing practitioner", required=False)
    site = SiteField(None, label="Site of the billing practitioner", required=False)
    codes = forms.CharField(label="Diagnoses, the principal one first", max_length=120, required=False)

    field_order = ("patient_id", "last_name", "first_name", "preferred_name", "birth_date", "sex")

    def prepare(self) -> None:
        choose_team(self)

    def at_first(self) -> dict[str, Any]:
        mine = {"bhcm": self.actor.staff_member_id, "billing_practitioner": self.actor.staff_member_id}
        return {"start_date": self.today, "status": OPENING[0][0], **mine}

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        check_site(values)
        if values.get("codes") and "start_date" in values:
            values["codes"] = checked_diagnoses(values["codes"], values["start_date"])
        return values

    def save(self) -> str:
        values = dict(self.cleaned_data)
        codes = values.pop("codes") or []
        person = {name: values.pop(name) for name in ("patient_id", *PERSON)}
        self.patient = patients.patient_add(actor=self.actor, person=person, diagnosis_codes=codes, **values)
        return f"{self.patient.full_name} is on the caseload."
