"""The forms of the month's pages: filters, the reason of a close."""

from __future__ import annotations

from typing import Any

from django import forms

from cocm.close.request import CHARGES, CMS1500
from cocm.server.access.permissions import ROLE_WORDS
from cocm.server.months.words import STATUS_WORDS, item_words
from cocm.server.records import OrganizationRows

ANY = ("", "Any")


class ExceptionFilter(forms.Form):
    """Which of the month's exceptions are shown; only what the month has is offered."""

    owner = forms.ChoiceField(required=False, label="Whose move")
    item = forms.ChoiceField(required=False, label="Reason")
    payer = forms.ChoiceField(required=False, label="Payer")

    def __init__(self, given: Any, *, rows: OrganizationRows, payers: dict[str, str]) -> None:
        super().__init__(given, auto_id="filter-%s")
        found = set(rows.order_by().values_list("owner", "item", "payer_id").distinct())
        owners = {owner for owner, _, _ in found}
        self.fields["owner"].choices = [
            ANY,
            *((role.value, words) for role, words in ROLE_WORDS.items() if role.value in owners),
        ]
        self.fields["item"].choices = [
            ANY,
            *sorted(((item, item_words(item)) for _, item, _ in found), key=lambda one: one[1]),
        ]
        self.fields["payer"].choices = [
            ANY,
            *sorted({(payer, payers.get(payer, payer or "No cover")) for _, _, payer in found if payer}),
        ]

    def chosen(self, rows: OrganizationRows) -> OrganizationRows:
        """The rows that fit."""
        if not self.is_valid():
            return rows
        for name, column in (("owner", "owner"), ("item", "item"), ("payer", "payer_id")):
            if self.cleaned_data[name]:
                rows = rows.filter(**{column: self.cleaned_data[name]})
        return rows


class ProposalFilter(forms.Form):
    """Which of the month's patients are shown."""

    status = forms.ChoiceField(required=False, label="Stands at")
    payer = forms.ChoiceField(required=False, label="Payer")
    codes = forms.ChoiceField(required=False, label="Codes")

    def __init__(self, given: Any, *, rows: OrganizationRows, payers: dict[str, str]) -> None:
        super().__init__(given, auto_id="filter-%s")
        found = set(rows.order_by().values_list("status", "payer_id", "codes").distinct())
        statuses = {status for status, _, _ in found}
        self.fields["status"].choices = [
            ANY,
            *((key, words) for key, words in STATUS_WORDS.items() if key in statuses),
        ]
        self.fields["payer"].choices = [
            ANY,
            *sorted({(payer, payers.get(payer, payer)) for _, payer, _ in found if payer}),
        ]
        self.fields["codes"].choices = [ANY, *sorted({(codes, codes) for _, _, codes in found if codes})]

    def chosen(self, rows: OrganizationRows) -> OrganizationRows:
        """The rows that fit."""
        if not self.is_valid():
            return rows
        for name, column in (("status", "status"), ("payer", "payer_id"), ("codes", "codes")):
            if self.cleaned_data[name]:
                rows = rows.filter(**{column: self.cleaned_data[name]})
        return rows


class CloseForm(forms.Form):
    """What a close is told: why it goes on without a signature, and which forms it writes besides."""

    reason = forms.CharField(
        max_length=300,
        error_messages={"required": "Say why the month is closed although somebody has not signed."},
        label="Why it is closed without them",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    forms = forms.MultipleChoiceField(
        required=False,
        label="Also write the new claims as",
        choices=[(CMS1500, "CMS-1500 forms (PDF)"), (CHARGES, "Charge export (CSV)")],
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, given: Any, *, needs_reason: bool) -> None:
        super().__init__(given, auto_id="close-%s")
        if not needs_reason:
            del self.fields["reason"]
