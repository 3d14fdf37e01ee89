"""Widgets written without a template say what Django's own templates say."""

from __future__ import annotations

import re

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe

from cocm.server.look.form_renderer import QuickWidgets

CHOICES = [
    ("", "All"),
    ("a&b", 'Smith & "Sons"'),
    ("Group <one>", [("1", "One"), (2, mark_safe("<b>two</b>"))]),
    (None, "nothing"),
]
ATTRS = {"class": "x", "required": True, "disabled": False, "data-x": '"quoted" & <more>', "rows": 3}


@pytest.mark.parametrize("value", ["", None, "a&b", "1", 2, "</textarea><script>", mark_safe("<i>ours</i>")])
@pytest.mark.parametrize(
    "widget",
    [
        forms.Select(choices=CHOICES),
        forms.SelectMultiple(choices=CHOICES),
        forms.TextInput(),
        forms.NumberInput(),
        forms.HiddenInput(),
        forms.DateInput(),
        forms.TimeInput(),
        forms.CheckboxInput(),
        forms.PasswordInput(render_value=True),
        forms.Textarea(),
        forms.RadioSelect(choices=CHOICES),
    ],
    ids=lambda widget: type(widget).__name__,
)
def test_a_widget_is_written_as_django_writes_it(widget: forms.Widget, value: object) -> None:
    def written(renderer: object) -> str:
        return re.sub(r"\s+", " ", widget.render("na<me", value, attrs=ATTRS, renderer=renderer)).strip()

    assert written(QuickWidgets()) == written(DjangoTemplates())
