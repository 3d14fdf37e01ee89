"""What is asked of a manager: which months, what if, and the plan's inputs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django import forms

from cocm.basics.months import Month
from cocm.insight.given import OWN, Given, GivenInput
from cocm.insight.model_inputs import ProgramMode
from cocm.insight.what_if import Scenario
from cocm.server.money.models import MODEL_WORDS

MONTHS_MAX: Final = 36
BLOCKS: Final = (
    ("general", "Programme"),
    ("bhcm", "Care managers"),
    ("consultant", "Psychiatric consultant"),
    ("activity", "A care manager's week"),
    ("payer", "Payers"),
    ("tier", "What a billed month is made of"),
    ("code", "What a code pays"),
)
INPUT_PREFIX: Final = "input."
YES_NO: Final = (("", "As planned"), ("yes", "Yes"), ("no", "No"))
MODE_WORDS: Final = {
    ProgramMode.MIXED: "CoCM and visits",
    ProgramMode.COCM_ONLY: "CoCM only",
    ProgramMode.THERAPY_ONLY: "Visits only",
}


class MonthField(forms.CharField):
    """A month, `2026-03`."""

    def __init__(self, **more: Any) -> None:
        super().__init__(
            max_length=7, widget=forms.TextInput(attrs={"placeholder": "2026-03", "type": "month"}), **more
        )

    def clean(self, value: Any) -> Month | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return Month.parse(text)
        except ValueError:
            raise forms.ValidationError("Enter a month as 2026-03.") from None

    def prepare_value(self, value: Any) -> str:
        return "" if value is None else str(value)


class PeriodForm(forms.Form):
    """The months that are shown."""

    last = MonthField(label="Last month", required=False)
    count = forms.IntegerField(label="Months", required=False, min_value=1, max_value=MONTHS_MAX)


def _named(payer: str, what: str, css: str) -> dict[str, str]:
    """A field in a table: named to those who do not see its column."""
    return {"aria-label": f"{payer}: {what}", "class": f"{css} {css}-sm"}


class WhatIfForm(forms.Form):
    """Some of the plan's inputs changed together; what is left empty stays as planned."""

    denial_percent = forms.DecimalField(
        label="CoCM claims denied, %", required=False, min_value=0, max_value=100, max_digits=5
    )
    bhcm_fte = forms.DecimalField(
        label="Care managers, full-time posts", required=False, min_value=0, max_value=1_000, max_digits=7
    )
    is_licensed = forms.ChoiceField(label="Care managers licensed", required=False, choices=YES_NO)
    mode = forms.ChoiceField(
        label="Billed",
        required=False,
        choices=[("", "As planned"), *((mode.value, words) for mode, words in MODE_WORDS.items())],
    )

    def __init__(self, *args: Any, plan: Given, **more: Any) -> None:
        super().__init__(*args, **more)
        self.plan = plan
        self.payers = plan.members("payer")
        for payer in self.payers:
            label = plan.text(f"payer.{payer}.label") or payer
            share, licence = "patients billed as CoCM, %", "pays CoCM to licensed only"
            self.fields[f"eligible.{payer}"] = forms.DecimalField(
                label=f"{label}: {share}",
                required=False,
                min_value=0,
                max_value=100,
                max_digits=5,
                widget=forms.NumberInput(attrs=_named(label, share, "form-control")),
            )
            self.fields[f"needs_licence.{payer}"] = forms.ChoiceField(
                label=f"{label}: {licence}",
                required=False,
                choices=YES_NO,
                widget=forms.Select(attrs=_named(label, licence, "form-select")),
            )

    @property
    def shared(self) -> list[forms.BoundField]:
        """The fields that are no one payer's."""
        return [self[name] for name in ("denial_percent", "bhcm_fte", "is_licensed", "mode")]

    @property
    def by_payer(self) -> list[tuple[str, forms.BoundField, forms.BoundField]]:
        """Each payer with its fields."""
        return [
            (
                self.plan.text(f"payer.{payer}.label") or payer,
                self[f"eligible.{payer}"],
                self[f"needs_licence.{payer}"],
            )
            for payer in self.payers
        ]

    @property
    def scenario(self) -> Scenario | None:
        """What was asked; None where nothing is changed."""
        given = self.cleaned_data
        changes: list[tuple[str, str]] = []
        told: list[str] = []

        def change(name: str, value: object, words: str) -> None:
            if value not in (None, ""):
                changes.append((name, str(value)))
                told.append(words)

        denied = given["denial_percent"]
        if denied is not None:
            changes += [(f"payer.{payer}.denial_percent", str(denied)) for payer in self.payers]
            told.append(f"{denied} % of CoCM claims denied")
        change("bhcm.fte", given["bhcm_fte"], f"{given['bhcm_fte']} care managers")
        licensed = given["is_licensed"]
        change("bhcm.is_licensed", licensed, f"care managers {'' if licensed == 'yes' else 'not '}licensed")
        change("general.mode", given["mode"], MODE_WORDS.get(given["mode"], ""))
        for payer in self.payers:
            label = self.plan.text(f"payer.{payer}.label") or payer
            share, licence = given[f"eligible.{payer}"], given[f"needs_licence.{payer}"]
            change(f"payer.{payer}.cocm_eligible_percent", share, f"{label}: {share} % billed as CoCM")
            change(
                f"payer.{payer}.cocm_needs_licence", licence,
                f"{label}: {'licensed only' if licence == 'yes' else 'licensed or not'}",
            )  # fmt: skip
        return Scenario("; ".join(told), tuple(changes)) if changes else None


@dataclass(frozen=True, slots=True)
class InputShown:
    """An input of the plan as the page shows it; `choices` where it is one of a few words."""

    name: str
    label: str
    value: str
    unit: str
    basis: str
    is_own: bool
    choices: tuple[tuple[str, str], ...] = ()


_CHOSEN: Final = {
    "general.mode": ("What is billed", tuple((mode.value, words) for mode, words in MODE_WORDS.items())),
    "consultant.model": (
        "How the psychiatric consultant is paid",
        (("employed", "Employed"), *((str(model), words) for model, words in MODEL_WORDS.items())),
    ),
}
_WORDS_OF: Final = {"yes or no": (("yes", "Yes"), ("no", "No"))}


def _shown(one: GivenInput, value: str) -> InputShown:
    label, choices = _CHOSEN.get(
        one.name, (one.label[:1].upper() + one.label[1:], _WORDS_OF.get(one.unit, ()))
    )
    if value not in dict(choices):
        choices = ()
    unit = "" if choices else one.unit
    return InputShown(one.name, label, value, unit, one.basis, one.basis == OWN, choices)


def in_labels(message: str, given: Given) -> str:
    """A message of the core that names an input as its table does, with the label that the page shows."""
    for one in given.inputs:
        message = message.replace(f"{one.name} is", f"{_shown(one, one.value).label} is")
    return message


def blocks(given: Given, typed: dict[str, str]) -> Iterator[tuple[str, list[InputShown]]]:
    """The inputs by block, each with the value to show."""
    for block, title in BLOCKS:
        rows = [
            _shown(one, typed.get(one.name, one.value))
            for one in given.inputs
            if one.name.partition(".")[0] == block
        ]
        if rows:
            yield title, rows


def typed_inputs(post: Any) -> dict[str, str]:
    """The inputs as typed, by their dotted names."""
    return {
        name.removeprefix(INPUT_PREFIX): value.strip()
        for name, value in post.items()
        if name.startswith(INPUT_PREFIX)
    }
