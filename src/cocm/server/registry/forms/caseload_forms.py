"""Forms of the caseload: filters, search, a view's name."""

from __future__ import annotations

from typing import Any

from django import forms

from cocm.care.people import Role
from cocm.rules.care_flags import care_flags
from cocm.server.access.actor import Actor
from cocm.server.accounts.models import PayerProduct, Site
from cocm.server.registry.caseload import OPEN_STATUSES, Choice
from cocm.server.registry.forms.fields import staff_of
from cocm.server.rules_in_force import rulebook

FILTERS = ("flag", "status", "bhcm", "consultant", "practitioner", "site", "payer")


class FilterForm(forms.Form):
    """What to show; nothing that names a patient."""

    flag = forms.ChoiceField(label="Flag", required=False)
    status = forms.ChoiceField(label="Status", required=False)
    bhcm = forms.ChoiceField(label="Care manager", required=False)
    consultant = forms.ChoiceField(label="Consultant", required=False)
    practitioner = forms.ChoiceField(label="Practitioner", required=False)
    site = forms.ChoiceField(label="Site", required=False)
    payer = forms.ChoiceField(label="Payer", required=False)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="filter-%s", **kwargs)
        self.actor = actor
        people: dict[str, list[tuple[str, str]]] = {}
        for pk, role, last, first in staff_of(actor).values_list("pk", "role", "last_name", "first_name"):
            people.setdefault(role, []).append((str(pk), f"{last}, {first}"))
        choices = {
            "flag": [("any", "Any flag")],
            "status": [(item.value, item.label) for item in OPEN_STATUSES] + [("ended", "Ended episodes")],
            "bhcm": [*people.get(Role.BHCM, []), ("none", "Nobody")],
            "consultant": [*people.get(Role.PSYCHIATRIC_CONSULTANT, []), ("none", "Nobody")],
            "practitioner": [*people.get(Role.BILLING_PRACTITIONER, []), ("none", "Nobody")],
            "site": _named(Site, actor),
            "payer": [*_named(PayerProduct, actor), ("none", "No cover")],
        }
        for kind, rule in care_flags(rulebook()).rules.items():
            choices["flag"].append((kind.value, rule.label))
        for name, given in choices.items():
            self.fields[name].choices = [("", "All"), *given]

    def label_flags(self, counts: list[tuple[str, str, int]]) -> None:
        """Tell how many patients have each flag."""
        self.fields["flag"].choices = [
            ("", "All"),
            ("any", "Any flag"),
            *((kind, f"{label} ({count})") for kind, label, count in counts),
        ]

    @property
    def choice(self) -> Choice:
        """What was asked for; what is no choice of the form asks for nothing."""
        self.is_valid()
        return Choice(**{name: self.cleaned_data.get(name, "") for name in FILTERS})


def _named(model: Any, actor: Actor) -> list[tuple[str, str]]:
    rows = model.objects.of(actor).order_by("name").values_list("pk", "name")
    return [(str(pk), name) for pk, name in rows]


class SearchForm(forms.Form):
    """Finds a patient; sent by POST, so that no name stands in an address or a log."""

    q = forms.CharField(
        label="Name, id or medical record number",
        min_length=2,
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class ViewForm(forms.Form):
    """A name for the filters and the order at hand."""

    name = forms.CharField(label="Name of the view", max_length=40)
    query = forms.CharField(max_length=500, required=False, widget=forms.HiddenInput)
    is_default = forms.BooleanField(label="Open the caseload with it", required=False)
