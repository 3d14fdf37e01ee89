"""The desk's forms."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError

from cocm.edits.discovery import find_edit
from cocm.plan.record_triggers import RecordsRead
from cocm.plandesk.decide import Action
from cocm.rules import Rulebook
from cocm.rules.plan_decisions import DenialRight, edit_denials
from cocm.rules.review_reasons import ReasonNeeds, review_reasons
from cocm.server.plandesk.deciding import UPLOAD_BYTES_MAX
from cocm.server.plandesk.models import CaseState, EntryKind
from cocm.server.rulebook.asked import DayInput

ACTIONS: Final = (
    (Action.ACCEPT.value, "Accept: settle in its favour what holds it up"),
    (Action.DENY.value, "Deny, for a reason that the facts carry"),
    (Action.READJUDICATE.value, "Decide again by today's rules and tables"),
)


def _refuse_large(upload: Any) -> Any:
    if upload is not None and upload.size > UPLOAD_BYTES_MAX:
        raise ValidationError(f"Larger than {UPLOAD_BYTES_MAX >> 20} MB; send it in parts.")
    return upload


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files, each of a bounded size."""

    widget = FilesInput()

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, list | tuple) else [data]
        return [_refuse_large(super(FilesField, self).clean(one, initial)) for one in given]


class ClaimFileForm(forms.Form):
    """Claims that came in."""

    use_required_attribute = True
    file = forms.FileField(label="Claim file (837P)")
    received = forms.DateField(label="Received on", widget=DayInput())

    def clean_file(self) -> Any:
        return _refuse_large(self.cleaned_data["file"])


class TablesForm(forms.Form):
    """The plan's tables."""

    use_required_attribute = True
    files = FilesField(
        label="Tables", help_text="CSV files named after their tables; some of them are enough."
    )


class RecordsForm(forms.Form):
    """Records that came in about a claim."""

    use_required_attribute = True
    files = FilesField(label="Documents")
    received = forms.DateField(label="Received on", widget=DayInput())


class AttachmentForm(forms.Form):
    """A 275 that names its claims."""

    use_required_attribute = True
    file = forms.FileField(label="Attachment file (275)")
    received = forms.DateField(label="Received on", widget=DayInput())

    def clean_file(self) -> Any:
        return _refuse_large(self.cleaned_data["file"])


class DecideForm(forms.Form):
    """What a reviewer decides. The core says what does not hold."""

    action = forms.ChoiceField(label="Decision", choices=ACTIONS, widget=forms.RadioSelect())
    reason = forms.ChoiceField(label="Reason of a denial", required=False)
    lines = forms.MultipleChoiceField(
        label="Only these lines", required=False, widget=forms.CheckboxSelectMultiple()
    )
    minutes = forms.IntegerField(
        label="Minutes in the records",
        required=False,
        min_value=0,
        max_value=44_640,
        help_text="Of the month, as read.",
    )
    consent = forms.DateField(label="Consent in the records", required=False, widget=DayInput())
    note = forms.CharField(
        label="What you saw", required=False, max_length=400, help_text="One line; it stands in the trace."
    )

    def __init__(
        self,
        *args: Any,
        rulebook: Rulebook,
        failing: Iterable[str] = (),
        line_numbers: Iterable[int] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = reason_choices(rulebook, list(failing))
        numbers = list(line_numbers)
        self.fields["lines"].choices = [(str(number), f"Line {number}") for number in numbers]
        if len(numbers) < 2:
            del self.fields["lines"]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("action") == Action.DENY.value and not given.get("reason"):
            self.add_error("reason", "Choose the reason.")
        if given.get("action") != Action.DENY.value and given.get("lines"):
            self.add_error("lines", "Lines go with a denial.")
        return given

    @property
    def read(self) -> RecordsRead | None:
        """What was read in the records; None where nothing was."""
        minutes, consent = self.cleaned_data.get("minutes"), self.cleaned_data.get("consent")
        return None if minutes is None and consent is None else RecordsRead(minutes, consent)


def reason_choices(rulebook: Rulebook, failing: list[str]) -> list[Any]:
    """The reasons of a denial: checks that fail on the claim, the plan's own, all other checks that may refuse."""
    denials = edit_denials(rulebook)
    may_refuse = [
        name for name, one in sorted(denials.items()) if one.right is DenialRight.DENY or name in failing
    ]
    own = [
        (name, name.replace("_", " ").capitalize())
        for name, one in review_reasons(rulebook).items()
        if one.is_permitted and one.needs is not ReasonNeeds.FAILED_EDIT
    ]
    groups: list[Any] = [("", "")]
    if failing:
        groups.append(("Fails on this claim", [(name, _title(name)) for name in failing]))
    groups.append(("The plan's reasons", own))
    groups.append(("Other checks", [(name, _title(name)) for name in may_refuse if name not in failing]))
    return groups


def _title(edit_id: str) -> str:
    found = find_edit(edit_id)
    return found.edit.title if found is not None else edit_id


class BulkForm(forms.Form):
    """A wrongful rule or mistake, and the days on which it decided."""

    rule = forms.ChoiceField(label="Decided by")
    from_date = forms.DateField(label="Decided from", widget=DayInput())
    to_date = forms.DateField(label="Decided until", widget=DayInput())
    note = forms.CharField(label="Note", required=False, max_length=400)

    def __init__(self, *args: Any, choices: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rule"].choices = choices

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        first, last = given.get("from_date"), given.get("to_date")
        if first and last and first > last:
            self.add_error("to_date", "A day not before the first.")
        return given


class SampleForm(forms.Form):
    """A post-payment sample: months, how many, and the seed that draws it again."""

    from_date = forms.DateField(label="Service days from", widget=DayInput())
    to_date = forms.DateField(label="Service days until", widget=DayInput())
    size = forms.IntegerField(label="How many", min_value=1, max_value=500)
    seed = forms.IntegerField(
        label="Draw number",
        min_value=0,
        max_value=2**31,
        help_text="The same number draws the same claims again.",
    )


class CaseForm(forms.Form):
    """A case that a provider brought."""

    use_required_attribute = True
    provider_name = forms.CharField(label="Provider", max_length=60)
    billing_npi = forms.RegexField(
        label="Billing NPI",
        regex=r"^\d{10}$",
        required=False,
        error_messages={"invalid": "Ten digits."},
    )
    claim_number = forms.RegexField(
        label="Claim",
        regex=r"^[A-Za-z0-9.-]+$",
        max_length=40,
        required=False,
        error_messages={"invalid": "The number of a claim here: letters, digits, points and dashes."},
    )
    subject = forms.CharField(label="Subject", max_length=120)
    due_on = forms.DateField(label="Answer due", required=False, widget=DayInput())
    text = forms.CharField(
        label="What the provider says", max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )


class EntryForm(forms.Form):
    """One more entry of a case's log."""

    use_required_attribute = True
    kind = forms.ChoiceField(label="Entry", choices=EntryKind.choices)
    reason = forms.ChoiceField(label="Reason", required=False)
    text = forms.CharField(label="Text", max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))
    is_shared = forms.BooleanField(label="Share with the provider", required=False)
    state = forms.ChoiceField(label="The case is then", choices=CaseState.choices)

    def __init__(self, *args: Any, rulebook: Rulebook, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reasons = [(name, name.replace("_", " ").capitalize()) for name in review_reasons(rulebook)]
        self.fields["reason"].choices = [("", "None"), *reasons]


class MonthField(forms.RegexField):
    """A month as YYYY-MM."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(regex=r"^\d{4}-\d{2}$", help_text="Such as 2026-03.", **kwargs)


class HistoryForm(forms.Form):
    """What to make a report of: the plan's own books, or a history that is uploaded."""

    files = FilesField(
        label="Claims history",
        required=False,
        help_text="Parquet or CSV (our columns, Tuva, CCLF, RIF); empty: the plan's own books.",
    )
    first = MonthField(label="Months from", required=False)
    last = MonthField(label="Months until", required=False)

    def clean_files(self) -> list[Any]:
        return [one for one in self.cleaned_data["files"] if one is not None]


def day_before(day: date, days: int) -> date:
    """A day so many days before."""
    return date.fromordinal(day.toordinal() - days)
