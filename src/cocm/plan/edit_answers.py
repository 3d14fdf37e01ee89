"""What a plan does when a check of the catalogue fails, in words: for its policy, and for what a rule change turns."""

from __future__ import annotations

from typing import Final

from cocm.rules import Severity
from cocm.rules.plan_decisions import DenialRight, EditDenial

GOES_ON: Final = "noted; the line goes on"
PERSON_LOOKS: Final = "a person looks before anything is decided"


def answer_in_words(severity: Severity, denial: EditDenial) -> str:
    """The plan's answer to a failure that does at most this under its rules."""
    if denial.right is DenialRight.NOTE or severity is Severity.INFORM:
        return GOES_ON
    if severity is Severity.BLOCK:
        return f"denied {denial.codes.text}"
    return PERSON_LOOKS
