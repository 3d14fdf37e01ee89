"""How long something took: the field that actions carry, and the forms of the ledger itself."""

from __future__ import annotations

from typing import Any

from django import forms

from cocm.server.work.tasks import MINUTES_MAX, assumed_words, task_named, tasks


class WorkMinutesField(forms.IntegerField):
    """Minutes of a task, to be left empty: then the rulebook's assumption counts, marked as one.

    A script beside it tells how long the page has been open and fills the field with it.
    """

    def __init__(self, task: str, **kwargs: Any) -> None:
        assumed = task_named(task)
        super().__init__(
            min_value=0,
            max_value=MINUTES_MAX,
            required=False,
            label="Minutes it took you",
            help_text=f"Empty: {assumed_words(assumed)} ({assumed.label}).",
            widget=forms.NumberInput(
                attrs={
                    "placeholder": f"{float(assumed.minutes):g}",
                    "data-work-minutes": "",
                    "inputmode": "numeric",
                }
            ),
            **kwargs,
        )
        self.task = task


class WorkForm(forms.Form):
    """Work that no page of ours was there for: a call, a portal, a letter of another kind."""

    use_required_attribute = True
    task = forms.ChoiceField(label="What was done")
    minutes = forms.IntegerField(label="Minutes", min_value=1, max_value=MINUTES_MAX)
    claim_id = forms.RegexField(
        label="Claim",
        regex=r"^[A-Za-z0-9-]{1,60}$",
        required=False,
        help_text="Its id, where it was about one.",
        error_messages={"invalid": "a claim's id, such as C-0123456789AB"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        by_cause: dict[str, list[tuple[str, str]]] = {}
        for one in tasks().values():
            by_cause.setdefault(cause_words(one.cause), []).append((one.name, one.label.capitalize()))
        self.fields["task"].choices = [("", "Choose"), *by_cause.items()]


class CorrectionForm(forms.Form):
    """Other minutes for an entry, and why."""

    use_required_attribute = True
    minutes = forms.IntegerField(
        label="Minutes", min_value=0, max_value=MINUTES_MAX, help_text="0: it was no work of this kind."
    )
    reason = forms.CharField(label="Why", max_length=200)


def subject_words(subject: str, subject_id: str) -> str:
    """What work was about: a claim by its id, all else by its name alone."""
    words = subject.replace("_", " ").capitalize()
    return f"{words} {subject_id}" if subject == "claim" else words


def cause_words(cause: str) -> str:
    """A cause in words."""
    return {"missing_ehr_function": "Missing EHR function"}.get(cause, cause.replace("_", " ").capitalize())
