"""The forms of measures: questions of an instrument, a total, a link, the steps and the end of an alert."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from cocm.care.scoring import Answers, items_asked, years_on
from cocm.rules.instruments import LANGUAGES, Instrument, InstrumentText, Item
from cocm.server.measures.alerts import protocol
from cocm.server.measures.links import DAYS_TO_HOLD, for_patients
from cocm.server.measures.models import MeasureLink
from cocm.server.registry.forms.fields import DayField
from cocm.server.registry.models import Patient


@dataclass(frozen=True, slots=True)
class Question:
    """One question as a page shows it. `choices`: value, words, whether it is chosen; `is_lacking`: ask again."""

    item: Item
    number: str
    name: str
    key: str
    words: str
    choices: tuple[tuple[int, str, bool], ...]
    is_lacking: bool
    error: str


class AnswersForm(forms.Form):
    """The questions of one instrument in one language; without a wording, its items by their numbers."""

    def __init__(self, *args: Any, instrument: Instrument, language: str = "en", **kwargs: Any) -> None:
        self.instrument = instrument
        self.text: InstrumentText | None = instrument.texts.get(language)
        super().__init__(*args, **kwargs)
        for item in instrument.items:
            words = self.text.answers[item.answer_set] if self.text is not None else [""] * len(item.values)
            self.fields[item.item_id] = forms.TypedChoiceField(
                choices=list(zip(item.values, words, strict=True)),
                coerce=int,
                empty_value=None,
                required=False,
            )

    def answers(self) -> Answers:
        """What was answered, by item."""
        return {name: self.cleaned_data.get(name) for name in self.fields}

    def lacking(self) -> list[str]:
        """Items that are asked, have no answer and are not left to the patient."""
        given = self.answers()
        return [
            item.item_id
            for item in items_asked(self.instrument, given)
            if given.get(item.item_id) is None and not item.is_optional
        ]

    def questions(self) -> list[Question]:
        """The questions in order, with what was chosen so far."""
        lacking = set(self.lacking()) if self.is_bound and self.is_valid() else set()
        made = []
        for number, item in enumerate(self.instrument.items, 1):
            field = self[item.item_id]
            chosen = str(field.value() if field.value() is not None else "")
            words = self.text.items[item.item_id] if self.text is not None else f"Item {item.item_id}"
            made.append(
                Question(
                    item=item,
                    number=str(number),
                    name=field.html_name,
                    key=f"{self.prefix or 'q'}-{item.item_id}",
                    words=words,
                    choices=tuple(
                        (value, said, chosen == str(value))
                        for value, said in self.fields[item.item_id].choices
                    ),
                    is_lacking=item.item_id in lacking,
                    error=" ".join(field.errors),
                )
            )
        return made


class EntryForm(forms.Form):
    """What goes with the answers that staff enter."""

    taken_on = DayField(label="Day")
    send_anyway = forms.BooleanField(label="Save with these items missing", required=False)


class CorrectionForm(forms.Form):
    """What goes with corrected answers."""

    taken_on = DayField(label="Day")
    reason = forms.CharField(label="Why it is corrected", max_length=200)
    send_anyway = forms.BooleanField(label="Save with these items missing", required=False)


class TotalForm(forms.Form):
    """A total only, with the item about self-harm where the instrument has one."""

    taken_on = DayField(label="Day")
    total = forms.IntegerField(label="Total score", min_value=0)
    self_harm_value = forms.IntegerField(label="Item about self-harm", min_value=0, required=False)

    def __init__(self, *args: Any, instrument: Instrument, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["total"].max_value = instrument.score_max
        self.fields["total"].widget.attrs["max"] = instrument.score_max
        self.fields["total"].help_text = f"0 to {instrument.score_max}."
        item = next((item for item in instrument.items if item.is_self_harm), None)
        if item is None:
            del self.fields["self_harm_value"]
        else:
            field: Any = self.fields["self_harm_value"]
            field.label = f"Item {item.item_id}, about self-harm"
            field.widget.attrs["max"] = max(item.values)
            field.help_text = "From 1 on it raises a safety alert at once."


class LinkForm(forms.Form):
    """What a link is for, how long it holds, and where it is sent."""

    instruments = forms.MultipleChoiceField(label="Questionnaires", widget=forms.CheckboxSelectMultiple)
    language = forms.ChoiceField(choices=list(LANGUAGES.items()))
    days = forms.TypedChoiceField(
        label="Holds for",
        coerce=int,
        choices=[(days, f"{days} day{'s' if days > 1 else ''}") for days in DAYS_TO_HOLD],
        initial=DAYS_TO_HOLD[1],
    )
    email = forms.EmailField(
        label="Send it by e-mail to",
        required=False,
        help_text="Or leave it empty and give the link yourself. The letter names nobody and no diagnosis.",
    )
    is_to_guardian = forms.BooleanField(
        label="It goes to a guardian or caregiver, not to the patient", required=False
    )

    def __init__(self, *args: Any, patient: Patient, is_kiosk: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        way = MeasureLink.Way.KIOSK if is_kiosk else MeasureLink.Way.LINK
        years = years_on(patient.birth_date, timezone.localdate())
        offered = {
            found.instrument_id: found
            for language in LANGUAGES
            for found in for_patients(way, language)
            if found.ages.hold(years)
        }
        field: Any = self.fields["instruments"]
        field.choices = [
            (name, f"{found.label}" + ("" if "es" in found.texts else " (English only)"))
            for name, found in sorted(offered.items(), key=lambda pair: pair[1].ages.to_years is None)
        ]
        if is_kiosk:
            for name in ("days", "email", "is_to_guardian"):
                del self.fields[name]


class StepForm(forms.Form):
    """Something that was done and closes nothing."""

    kind = forms.ChoiceField(label="Step")
    text = forms.CharField(
        label="Note", required=False, max_length=1_000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["kind"]
        field.choices = [(note.note_id, note.label) for note in protocol().notes.values()]


class CloseForm(forms.Form):
    """What was done, who was reached, how the safety plan stands."""

    use_required_attribute = False

    action = forms.ChoiceField(
        label="What was done",
        widget=forms.RadioSelect,
        error_messages={"required": "say what was done; an alert is not closed without it"},
    )
    reached = forms.ChoiceField(
        label="Who was reached",
        error_messages={"required": "say who was reached; an attempt is a step and closes nothing"},
    )
    plan = forms.ChoiceField(label="Safety plan", required=False)
    note = forms.CharField(
        label="Note",
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What was said and what comes next. Your name stands beside it.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = protocol()
        fields: Any = self.fields
        fields["action"].choices = [(item.action_id, item.label) for item in known.actions.values()]
        fields["reached"].choices = [("", "Choose"), *known.reached.items()]
        fields["plan"].choices = [("", "Choose"), *known.plan.items()]


def only_message(problem: ValidationError) -> str:
    """What a service objects to, in one sentence."""
    return " ".join(problem.messages)
