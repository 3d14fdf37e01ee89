"""The form of a new token."""

from __future__ import annotations

from typing import Any, Final

from django import forms

from cocm.server.access.actor import Actor
from cocm.server.api.scopes import SCOPES, Scope, is_of_rules, scopes_open_to
from cocm.server.api.tokens import DAYS_MAX

DAYS_USUAL: Final = 90


class TokenForm(forms.Form):
    """What the token is called, what it is for, how long it holds."""

    name = forms.CharField(label="Name", max_length=60, help_text="The program that will use it.")
    days = forms.IntegerField(
        label="Days until it expires", min_value=1, max_value=DAYS_MAX, initial=DAYS_USUAL
    )
    records = forms.MultipleChoiceField(
        label="Patients' records, as far as your role reaches",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    rules = forms.MultipleChoiceField(
        label="The rulebook, no patient's record", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(scope.value, SCOPES[scope].meaning) for scope in scopes_open_to(actor)]
        self._offer("records", [one for one in choices if not is_of_rules(Scope(one[0]))])
        self._offer("rules", [one for one in choices if is_of_rules(Scope(one[0]))])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        if choices:
            self.fields[name].choices = choices  # type: ignore[attr-defined]  # a field of choices
        else:
            del self.fields[name]

    @property
    def scopes(self) -> list[Scope]:
        """What was chosen."""
        chosen = [*self.cleaned_data.get("records", ()), *self.cleaned_data.get("rules", ())]
        return [Scope(name) for name in chosen]
