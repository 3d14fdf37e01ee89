"""Whose consent a minor's care takes, as the state's rule has it; unknown stays unknown."""

from __future__ import annotations

from enum import StrEnum

from cocm.rules.minor_consent import ConsentBy, MinorConsent


class Consenter(StrEnum):
    """Whose consent it takes."""

    PATIENT = "patient"
    GUARDIAN = "guardian"
    EITHER = "either"
    BOTH = "both"
    UNKNOWN = "unknown"


_OF_AGE = {
    ConsentBy.GUARDIAN: Consenter.GUARDIAN,
    ConsentBy.MINOR: Consenter.PATIENT,
    ConsentBy.EITHER: Consenter.EITHER,
    ConsentBy.BOTH: Consenter.BOTH,
}


def is_minor(rule: MinorConsent, years: int) -> bool:
    """Whether somebody of an age is a minor in the state."""
    return years < rule.majority_years


def who_consents(rule: MinorConsent, years: int) -> Consenter:
    """Whose consent it takes for somebody of an age. Where the state's law is not known, that is the answer."""
    if not is_minor(rule, years):
        return Consenter.PATIENT
    if rule.consent_by is ConsentBy.UNKNOWN:
        return Consenter.UNKNOWN
    if rule.minor_years_from is None or years < rule.minor_years_from:
        return Consenter.GUARDIAN
    return _OF_AGE[rule.consent_by]


def consent_objection(rule: MinorConsent, years: int, given_by: str) -> str:
    """Why a consent given by `patient`, `guardian` or `both` is not enough, in words; empty where it is."""
    asked = who_consents(rule, years)
    enough = {
        Consenter.PATIENT: {"patient", "both"},
        Consenter.GUARDIAN: {"guardian", "both"},
        Consenter.EITHER: {"patient", "guardian", "both"},
        Consenter.BOTH: {"both"},
    }
    if asked is Consenter.UNKNOWN:
        return "whose consent a minor's care takes in this state is not known here: ask counsel"
    if given_by in enough[asked]:
        return ""
    words = {
        Consenter.PATIENT: "the patient's own consent",
        Consenter.GUARDIAN: "a guardian's consent",
        Consenter.EITHER: "the patient's or a guardian's consent",
        Consenter.BOTH: "the patient's and a guardian's consent",
    }
    return f"at {years}, care takes {words[asked]}"
