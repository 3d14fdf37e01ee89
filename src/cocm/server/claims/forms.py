"""Forms of claims: what the list shows, files to bring in, a claim to take back, a cost share that was told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from django import forms

from cocm.claims.lifecycle import ClaimState
from cocm.server.claims.listing import MONEY, ClaimFilter, ClaimRow
from cocm.server.claims.words import STATES

FILES_AT_ONCE_MAX: Final = 50
WAYS: Final = (("letter", "With the page in hand"), ("telephone", "By telephone"), ("person", "In person"))


class ClaimFilterForm(forms.Form):
    """What the list shows; nothing that names a patient."""

    month = forms.ChoiceField(label="Month", required=False)
    payer = forms.ChoiceField(label="Payer", required=False)
    state = forms.ChoiceField(label="Stands", required=False)
    money = forms.ChoiceField(label="Money", required=False)
    find = forms.CharField(label="Claim or patient id", required=False, max_length=40)

    def __init__(self, *args: Any, rows: Iterable[ClaimRow], payers: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, auto_id="filter-%s", **kwargs)
        months = sorted({row.month for row in rows}, key=lambda month: month.index, reverse=True)
        present = {row.payer_id for row in rows}
        states = {row.state for row in rows}
        self._choose("month", [(str(month), str(month)) for month in months])
        self._choose("payer", [(key, payers.get(key, key)) for key in sorted(present)])
        self._choose("state", [(one.value, STATES[one].label) for one in ClaimState if one in states])
        self._choose("money", [(key, label) for key, (label, _) in MONEY.items()])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = [("", "All"), *choices]

    @property
    def wanted(self) -> ClaimFilter:
        """The filter; a value that is none is left out."""
        if not self.is_bound:
            return ClaimFilter()
        self.is_valid()
        given = self.cleaned_data
        return ClaimFilter(
            given.get("month", ""),
            given.get("payer", ""),
            given.get("state", ""),
            given.get("money", ""),
            given.get("find", ""),
        )


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, list | tuple) else [data]
        if not given:
            raise forms.ValidationError("choose at least one file")
        if len(given) > FILES_AT_ONCE_MAX:
            raise forms.ValidationError(f"at most {FILES_AT_ONCE_MAX} files at once")
        return [super(FilesField, self).clean(one, initial) for one in given]


class FilesForm(forms.Form):
    """Payers' files of any kind, in any order."""

    files = FilesField(label="Files", help_text="999, TA1, 277CA, 277, 271, 835: of any kind, in any order.")


class VoidForm(forms.Form):
    """What a void needs."""

    payer_number = forms.CharField(label="The payer's number of the claim", max_length=50)
    reason = forms.CharField(label="Why it is taken back", max_length=300)


class ToldForm(forms.Form):
    """When and how the patient was told."""

    told_on = forms.DateField(label="Told on", widget=forms.DateInput(attrs={"type": "date"}))
    way = forms.ChoiceField(label="How", choices=WAYS)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, initial={"told_on": today}, **kwargs)
        self.today = today

    def clean_told_on(self) -> date:
        told_on: date = self.cleaned_data["told_on"]
        if told_on > self.today:
            raise forms.ValidationError("this day is still to come")
        return told_on


class AskForm(forms.Form):
    """Of which payer's patients to ask."""

    payer = forms.CharField(max_length=60)
