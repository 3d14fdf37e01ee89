"""The forms of entries, corrections, hand-offs and templates."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from cocm.care.people import Role
from cocm.care.records import Modality, Outcome, Programme
from cocm.intake.contract import CONTACT_MINUTES_MAX
from cocm.server.access.actor import Actor
from cocm.server.accounts.models import StaffMember
from cocm.server.contacts.clocks import NoSuchTime, site_moment, zone_of
from cocm.server.contacts.models import WithWhom
from cocm.server.contacts.words import (
    ACTIVITY_CHOICES,
    MODALITY_WORDS,
    OUTCOME_WORDS,
    PROGRAMME_WORDS,
)
from cocm.server.registry.models import Patient
from cocm.server.rules_in_force import general_policy

_DAY: Final = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def _minutes(label: str, **options: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=0,
        max_value=CONTACT_MINUTES_MAX,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        **options,
    )


class TimeForm(forms.Form):
    """What an entry and its correction have in common."""

    activity = forms.ChoiceField(choices=ACTIVITY_CHOICES, label="Activity")
    modality = forms.ChoiceField(
        choices=tuple(MODALITY_WORDS.items()), label="How", initial=Modality.PHONE.value
    )
    with_whom = forms.ChoiceField(choices=WithWhom.choices, label="With whom", initial=WithWhom.PATIENT.value)
    outcome = forms.ChoiceField(
        choices=tuple(OUTCOME_WORDS.items()), label="Outcome", initial=Outcome.DONE.value
    )
    attempts = forms.IntegerField(label="Attempts", min_value=0, max_value=50, required=False)
    day = forms.DateField(label="Day", widget=_DAY)
    at = forms.TimeField(label="Begun at", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    service_minutes = _minutes("Service minutes")
    note_minutes = _minutes("Note minutes", required=False)
    split_minutes = _minutes("Of these psychotherapy", required=False)
    split_code = forms.CharField(
        label="Reported with code",
        required=False,
        max_length=5,
        widget=forms.TextInput(attrs={"list": "split-codes", "autocomplete": "off"}),
    )
    programme = forms.ChoiceField(
        choices=tuple(PROGRAMME_WORDS.items()),
        label="Programme",
        initial=Programme.COCM.value,
        required=False,
    )
    acting_as_bhcm = forms.BooleanField(label="I did the care manager's work", required=False)
    note_text = forms.CharField(
        label="Note", required=False, max_length=8_000, widget=forms.Textarea(attrs={"rows": 5})
    )

    def __init__(self, *args: Any, actor: Actor, patient: Patient, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor, self.patient = actor, patient
        staff = StaffMember.objects.of(actor).filter(pk=actor.staff_member_id).first()
        if staff is None or staff.role not in (Role.BILLING_PRACTITIONER, Role.CLINICAL_STAFF):
            del self.fields["acting_as_bhcm"]

    @property
    def split_codes(self) -> list[str]:
        """Psychotherapy codes that the rulebook knows, to choose from."""
        policy = general_policy(timezone.localdate())
        return sorted(policy.members("routing.psychotherapy_codes"))

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        total, split = values.get("service_minutes"), values.get("split_minutes") or 0
        code = (values.get("split_code") or "").strip().upper()
        if split and not code:
            self.add_error("split_code", "Which code are these minutes reported with?")
        if code and not split:
            self.add_error("split_minutes", "How many of the service minutes are reported with the code?")
        if code and (len(code) != 5 or not code.isalnum()):
            self.add_error("split_code", "A code has five letters or digits.")
        if total is not None and split > total:
            self.add_error("split_minutes", f"More than the {total} service minutes of the whole encounter.")
        if values.get("outcome") == Outcome.ATTEMPT and not values.get("attempts"):
            values["attempts"] = 1
        values["split_code"] = code
        self._place(values)
        return values

    def _place(self, values: dict[str, Any]) -> None:
        day, at = values.get("day"), values.get("at")
        if day is None or at is None:
            return
        if day.year < 2000:
            self.add_error("day", "Give the year with four digits.")
            return
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo("UTC"))
        try:
            values["started_at"] = site_moment(zone_of(self.actor, self.patient, noon), day, f"{at:%H:%M}")
        except NoSuchTime:
            self.add_error("at", "The clock was put forward that night: this time did not exist.")
            return
        if values["started_at"] > timezone.now() + timedelta(minutes=1):
            self.add_error("at", "This has not happened yet.")

    def entry_fields(self) -> dict[str, Any]:
        """The valid form as the ledger's fields."""
        values = self.cleaned_data
        split = values.get("split_minutes") or None
        return {
            "started_at": values["started_at"],
            "service_seconds": values["service_minutes"] * 60,
            "note_minutes": values.get("note_minutes") or 0,
            "activity": values["activity"],
            "modality": values["modality"],
            "outcome": values["outcome"],
            "attempts": values.get("attempts") or 0,
            "with_whom": values["with_whom"],
            "programme": values.get("programme") or Programme.COCM.value,
            "acting_as_bhcm": bool(values.get("acting_as_bhcm")),
            "billed_elsewhere_minutes": split,
            "billed_elsewhere_code": values["split_code"] if split else "",
            "note_text": values.get("note_text", "").strip(),
        }


class EntryForm(TimeForm):
    """A new entry. `entry_id` makes a form that is sent twice one entry."""

    entry_id = forms.UUIDField(widget=forms.HiddenInput)
    begun_shown = forms.CharField(widget=forms.HiddenInput, required=False)
    """The day and time that the form proposed: where they still stand, nobody typed them, and a timer's are better."""
    with_consent = forms.BooleanField(
        label="The patient agreed by word today, and was told of the cost share", required=False
    )


TYPED: Final = tuple(EntryForm.base_fields)
"""The fields that a draft keeps."""
WORTH_KEEPING: Final = ("service_minutes", "note_minutes", "split_minutes", "attempts", "note_text")
"""A draft is begun once one of these is filled."""


class CorrectionForm(TimeForm):
    """What an entry should have said, and why it did not."""

    reason = forms.CharField(
        label="Why it is corrected",
        max_length=200,
        help_text="Stands beside both entries for good.",
    )

    def clean_reason(self) -> str:
        reason: str = self.cleaned_data["reason"].strip()
        if not reason:
            raise ValidationError("A correction needs its reason.")
        return reason


class HandOffForm(forms.Form):
    """Who covers, from when to when, and what there is to do."""

    colleague = forms.ModelChoiceField(None, label="Colleague")
    from_date = forms.DateField(label="From", widget=_DAY)
    to_date = forms.DateField(label="Until, that day included", widget=_DAY)
    text = forms.CharField(
        label="What there is to do",
        required=False,
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = StaffMember.objects.of(actor).exclude(pk=actor.staff_member_id)
        field: Any = self.fields["colleague"]
        field.queryset = members.order_by("last_name", "first_name")
        field.label_from_instance = lambda member: (
            f"{member.last_name}, {member.first_name}"
            + (f", {member.credential}" if member.credential else "")
        )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        first, last = values.get("from_date"), values.get("to_date")
        today: date = timezone.localdate()
        if first and first < today:
            self.add_error("from_date", "A day that is over cannot be covered any more.")
        if first and last and last < first:
            self.add_error("to_date", "The last day lies before the first.")
        return values


class TemplateForm(forms.Form):
    """A template's name and what an entry begins with."""

    name = forms.CharField(max_length=60, label="Name")
    activity = forms.ChoiceField(choices=ACTIVITY_CHOICES, label="Activity", required=False)
    modality = forms.ChoiceField(
        choices=(("", "As it is"), *MODALITY_WORDS.items()), label="How", required=False
    )
    with_whom = forms.ChoiceField(
        choices=(("", "As it is"), *WithWhom.choices), label="With whom", required=False
    )
    outcome = forms.ChoiceField(
        choices=(("", "As it is"), *OUTCOME_WORDS.items()), label="Outcome", required=False
    )
    note_text = forms.CharField(
        label="Text of the note", required=False, max_length=8_000, widget=forms.Textarea(attrs={"rows": 4})
    )
    is_shared = forms.BooleanField(label="For everybody at the organization", required=False)
