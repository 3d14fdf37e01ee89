"""Forms above the rulebook's tables."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest

from cocm.rules import Rulebook
from cocm.server.rulebook.asked import AskedForm, DayInput, pack_choices
from cocm.server.rulebook.words import AREAS

PACKS_AT_ONCE = 8


class SearchForm(AskedForm):
    """Words, a heading, and whose rules on which day."""

    q = forms.CharField(label="Words", required=False, widget=forms.TextInput(attrs={"type": "search"}))
    area = forms.ChoiceField(label="Area", required=False)
    contradicted = forms.BooleanField(label="Sources contradict each other", required=False)
    field_order = ("q", "payer", "on", "area", "contradicted")

    def __init__(self, request: HttpRequest, book: Rulebook, without: tuple[str, ...] = ()) -> None:
        super().__init__(request, book)
        areas = sorted(set(AREAS.values()))
        self.fields["area"].choices = [("", "All"), *((area, area) for area in areas)]
        for name in without:
            del self.fields[name]


class PayersForm(forms.Form):
    """Which payers beside each other."""

    q = forms.CharField(label="Words", required=False, widget=forms.TextInput(attrs={"type": "search"}))
    on = forms.DateField(label="Date of service", required=False, widget=DayInput())
    show = forms.ChoiceField(
        label="Show", required=False, choices=[("", "What differs"), ("all", "All rules")]
    )
    packs = forms.MultipleChoiceField(label="Payers", required=False, widget=forms.CheckboxSelectMultiple())

    def __init__(self, request: HttpRequest, book: Rulebook) -> None:
        from cocm.server.accounts.models import PayerProduct

        super().__init__(request.GET)
        self.fields["packs"].choices = [(pack, book.profile(pack).label) for pack in book.payer_ids]
        actor = request.actor  # type: ignore[attr-defined]  # the guard has set it
        bound = PayerProduct.objects.of(actor).order_by("name").values_list("pack_id", flat=True)
        known = dict.fromkeys(pack for pack in bound if pack in book.payer_ids)
        self.packs_first = list(known)[:4] if len(known) > 1 else [*book.payer_ids][:4]
        if not request.GET.getlist("packs"):
            self.data = self.data.copy()
            self.data.setlist("packs", self.packs_first)

    def clean_packs(self) -> list[str]:
        """The first few: more do not fit beside each other."""
        return list(self.cleaned_data["packs"])[:PACKS_AT_ONCE]


class DueForm(forms.Form):
    """How long a reading is good for, and whose values."""

    after = forms.ChoiceField(
        label="Read again after",
        required=False,
        choices=[("365", "A year"), ("180", "Half a year"), ("90", "90 days"), ("30", "30 days")],
    )
    payer = forms.ChoiceField(label="Payer", required=False)
    which = forms.ChoiceField(
        label="Rules", required=False, choices=[("", "That your payers use"), ("all", "All")]
    )

    def __init__(self, request: HttpRequest, book: Rulebook) -> None:
        super().__init__(request.GET)
        choices: list[Any] = pack_choices(book, request)
        self.fields["payer"].choices = [("", "Any"), *choices]
