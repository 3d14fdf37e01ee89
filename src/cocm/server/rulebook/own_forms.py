"""Forms of an organization's own rules. The rulebook's reader judges what a value may be."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import groupby
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError

from cocm.basics.months import Month
from cocm.rules import Rulebook
from cocm.rules.values import Confidence
from cocm.server.rulebook.asked import DayInput
from cocm.server.rulebook.terms import Term
from cocm.server.rulebook.versions import MONTHS_MAX, PayerChoice
from cocm.server.rulebook.words import area_of

CONFIDENCES: Final = (
    (Confidence.STATED.value, "Stated in the contract"),
    (Confidence.SECONDARY.value, "From another source"),
    (Confidence.ASSUMED.value, "Assumed; it warns and never blocks"),
)
SEVERITIES: Final = (("", "As the rule"), ("block", "Block"), ("review", "Review"), ("inform", "Inform"))


class TermForm(forms.Form):
    """One value of a contract from a day on."""

    use_required_attribute = True
    payer = forms.ChoiceField(label="Contract with")
    rule = forms.ChoiceField(label="Rule")
    value = forms.CharField(
        label="Value",
        max_length=400,
        help_text="As the rule's page shows it: a number, yes or no, a word, a list with commas; none, or unknown.",
    )
    effective_from = forms.DateField(label="From", widget=DayInput())
    effective_to = forms.DateField(label="To, not included", required=False, widget=DayInput())
    source = forms.CharField(
        label="Where it stands",
        max_length=200,
        help_text="The contract with its section, or a letter with its date.",
    )
    confidence = forms.ChoiceField(label="How sure", choices=CONFIDENCES, required=False)
    severity = forms.ChoiceField(label="Breaking it", choices=SEVERITIES, required=False)
    note = forms.CharField(label="Note", max_length=300, required=False)

    def __init__(self, *args: Any, payers: list[PayerChoice], book: Rulebook, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.payers = {payer.payer_id: payer for payer in payers}
        self.fields["payer"].choices = [("", ""), *((one.payer_id, one.name) for one in payers)]
        groups = groupby(book.rule_ids, key=area_of)
        named = [(area, [(one, book.rule(one).label) for one in ids]) for area, ids in groups]
        self.fields["rule"].choices = [("", ""), *named]

    def term(self, today: date) -> tuple[PayerChoice, Term]:
        """What was typed, seen today."""
        given = self.cleaned_data
        payer = self.payers[given["payer"]]
        ends = given["effective_to"]
        return payer, Term(
            pack_id=payer.pack_id,
            rule_id=given["rule"],
            effective_from=given["effective_from"].isoformat(),
            effective_to=ends.isoformat() if ends else "",
            value=given["value"].strip(),
            source=given["source"].strip(),
            observed=today.isoformat(),
            confidence=given["confidence"] or Confidence.STATED.value,
            severity=given["severity"],
            note=given["note"].strip(),
        )


class CaseForm(forms.Form):
    """On a day a contract's rule is to come out so."""

    use_required_attribute = True
    rule = forms.ChoiceField(label="Rule")
    at = forms.DateField(label="On", widget=DayInput())
    expect = forms.CharField(label="Expected", max_length=400)

    def __init__(self, *args: Any, choices: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rule"].choices = choices


class PreviewForm(forms.Form):
    """The months of the practice's own history that are decided both ways."""

    first = forms.RegexField(label="Months from", regex=r"^\d{4}-\d{2}$")
    last = forms.RegexField(label="to", regex=r"^\d{4}-\d{2}$", help_text=f"At most {MONTHS_MAX} months.")

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        for name in ("first", "last"):
            if name in given:
                try:
                    given[name] = Month.parse(given[name])
                except ValueError:
                    self.add_error(name, "Expected a month such as 2026-03.")
        return given


class PutInForceForm(forms.Form):
    """Why."""

    note = forms.CharField(label="Why", max_length=300)


def last_months(today: date) -> tuple[str, str]:
    """The last three months that are over."""
    last = Month.of(today.replace(day=1) - timedelta(days=1))
    return str(last.plus(-2)), str(last)


def errors_in_words(problem: ValidationError) -> list[str]:
    """The checker's complaints without the names of files."""
    return [
        message.partition(": ")[2] or message if "value " in message[:9] else message
        for message in problem.messages
    ]
