"""The form that searches the trail."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms

from cocm.server.access.actor import Actor
from cocm.server.accounts.models import Membership
from cocm.server.audit.selectors import Search
from cocm.server.audit.verbs import SENTENCES
from cocm.server.registry.models import Patient


class TrailForm(forms.Form):
    """Who, what, whose chart, when."""

    person = forms.ChoiceField(label="Person", required=False)
    verb = forms.ChoiceField(
        label="Did what",
        required=False,
        choices=[("", "Anything"), *((verb.value, words) for verb, words in SENTENCES.items())],
    )
    patient = forms.CharField(label="Patient id", required=False, max_length=60)
    from_date = forms.DateField(
        label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    to_date = forms.DateField(
        label="To", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="trail-%s", **kwargs)
        self.actor = actor
        members = Membership.objects.of(actor).select_related("user").order_by("user__full_name")
        self.people = {member.user_id: member.user.full_name for member in members}
        self.fields["person"].choices = [
            ("", "Everybody"),
            *((str(pk), name) for pk, name in self.people.items()),
        ]

    def clean_patient(self) -> UUID | None:
        """The opaque id, from itself or from the practice's own id."""
        text = self.cleaned_data["patient"].strip()
        if not text:
            return None
        try:
            return UUID(text)
        except ValueError:
            pk = Patient.objects.of(self.actor).filter(patient_id=text).values_list("pk", flat=True).first()
            if pk is None:
                raise forms.ValidationError("no patient has this id") from None
            return UUID(str(pk))

    @property
    def search(self) -> Search:
        """What was asked; the form must be valid."""
        asked = self.cleaned_data
        return Search(
            person=UUID(asked["person"]) if asked["person"] else None,
            patient=asked["patient"],
            verb=asked["verb"],
            from_date=asked["from_date"],
            to_date=asked["to_date"],
        )
