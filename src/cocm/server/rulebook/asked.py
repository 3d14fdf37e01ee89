"""What a page of the rulebook is asked for in its address: payer, day of service, day of knowledge, words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone

from cocm.rules import PackOn, Rulebook
from cocm.rules.profile import ROOT_PAYER
from cocm.server.accounts.models import PayerProduct
from cocm.server.rules_in_force import rulebook


def pack_choices(book: Rulebook, request: HttpRequest) -> list[tuple[str, Any]]:
    """Every pack, those of the organization's own payer products first."""
    own = _own_packs(request)
    labels = [(pack, book.profile(pack).label) for pack in book.payer_ids]
    mine = [pair for pair in labels if pair[0] in own]
    others = [pair for pair in labels if pair[0] not in own]
    return [("Your payers", mine), ("All", others)] if mine else labels


def _own_packs(request: HttpRequest) -> set[str]:
    actor = request.actor  # type: ignore[attr-defined]  # the guard has set it
    return set(PayerProduct.objects.of(actor).values_list("pack_id", flat=True))


class DayInput(forms.DateInput):
    """A date as browsers pick it."""

    def __init__(self) -> None:
        super().__init__(attrs={"type": "date"}, format="%Y-%m-%d")


class AskedForm(forms.Form):
    """Whose rules, on which day. What cannot be read is taken as not asked."""

    payer = forms.ChoiceField(label="Payer", required=False)
    on = forms.DateField(label="Date of service", required=False, widget=DayInput())

    def __init__(self, request: HttpRequest, book: Rulebook) -> None:
        super().__init__(request.GET)
        self.fields["payer"].choices = pack_choices(book, request)
        if not self.data.get("payer"):
            self.data = self.data.copy()
            self.data["payer"] = ROOT_PAYER


class KnownForm(AskedForm):
    """A rule's page also goes back to what was known on a day."""

    known = forms.DateField(label="As known on", required=False, widget=DayInput())


@dataclass(frozen=True, slots=True)
class Asked:
    """The answers, with their defaults."""

    book: Rulebook
    pack_id: str
    on: date
    known_on: date | None

    @property
    def policy(self) -> PackOn:
        """The payer's rules on the day."""
        return self.book.pack(self.pack_id, known_on=self.known_on).on(self.on)


def asked_of(form: AskedForm) -> Asked:
    """The payer (default: the general pack) and the day (default: today) of a form."""
    form.is_valid()  # what is wrong is left out of the cleaned data
    book, given = rulebook(), form.cleaned_data
    return Asked(
        book,
        given.get("payer") or ROOT_PAYER,
        given.get("on") or timezone.localdate(),
        given.get("known"),
    )
