"""The field's terms as people read them on a page."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from cocm.care.records import ADMINISTRATIVE_ACTIVITIES, Activity, Modality, Outcome, Programme

_SPECIAL: Final = MappingProxyType(
    {
        Activity.FOLLOW_UP: "Follow-up",
        Activity.MEASURE: "Symptom scale",
        Activity.CASELOAD_REVIEW: "Caseload review",
        Activity.REGISTRY: "Registry work about the patient",
        Activity.MESSAGE: "Message or portal",
        Activity.ADMINISTRATIVE: "Other administrative work",
        Activity.CHARTING: "Charting only",
    }
)


def _plain(value: str) -> str:
    return value.replace("_", " ").capitalize()


ACTIVITY_WORDS: Final = MappingProxyType(
    {item.value: _SPECIAL.get(item, _plain(item.value)) for item in Activity}
)
ACTIVITY_CHOICES: Final = (
    ("", "Choose"),
    (
        "Care",
        [
            (item.value, ACTIVITY_WORDS[item.value])
            for item in Activity
            if item not in ADMINISTRATIVE_ACTIVITIES
        ],
    ),
    (
        "Never counted",
        [(item.value, ACTIVITY_WORDS[item.value]) for item in Activity if item in ADMINISTRATIVE_ACTIVITIES],
    ),
)
MODALITY_WORDS: Final = MappingProxyType(
    {item.value: "No contact" if item is Modality.NONE else _plain(item.value) for item in Modality}
)
OUTCOME_WORDS: Final = MappingProxyType(
    {Outcome.DONE.value: "Reached or done", Outcome.ATTEMPT.value: "Attempt only"}
)
PROGRAMME_WORDS: Final = MappingProxyType(
    {
        Programme.COCM.value: "Collaborative Care",
        Programme.BHI.value: "General behavioral health integration",
        Programme.CCM.value: "Chronic care management",
        Programme.PCM.value: "Principal care management",
        Programme.APCM.value: "Advanced primary care management",
        Programme.RPM.value: "Remote monitoring",
        Programme.OTHER.value: "Another programme",
    }
)
ROLE_WORDS: Final = MappingProxyType(
    {
        "bhcm": "care manager",
        "billing_practitioner": "billing practitioner",
        "psychiatric_consultant": "psychiatric consultant",
        "clinical_staff": "clinical staff",
    }
)


def minutes_words(seconds: int) -> str:
    """Seconds as minutes, with what is left where it is not whole: 25, 25:30."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}" if not rest else f"{minutes}:{rest:02d}"
