"""Forms of breaking the glass."""

from __future__ import annotations

from django import forms

from cocm.server.access.models import OpeningReason

REASON_LENGTH_MIN = 10


class OpeningForm(forms.Form):
    """Why a chart has to be opened outside the care team."""

    reason_kind = forms.ChoiceField(
        label="Why", choices=OpeningReason.choices, widget=forms.RadioSelect, required=True
    )
    reason = forms.CharField(
        label="What happened",
        min_length=REASON_LENGTH_MIN,
        max_length=300,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="A sentence that whoever reviews this can follow.",
    )


class ReviewForm(forms.Form):
    """What a review of an opening found."""

    finding = forms.CharField(
        label="What you found",
        min_length=REASON_LENGTH_MIN,
        max_length=300,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Was it needed, whom did you ask, what follows.",
    )
