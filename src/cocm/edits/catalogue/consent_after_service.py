"""Consent dated after the service."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="consent.after_service",
    title="Consent is dated after the service",
    severity=Severity.BLOCK,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=("consent.required",),
    fix="Bill only service given from the day of consent on; check whether the consent's date is right.",
)


def applies(f: Facts) -> Truth:
    """The payer requires consent, and the patient consented."""
    return f.consent_is_required & f.has_consent


def trips(f: Facts) -> Truth:
    """The consent is later than the date of service."""
    return f.consent_day > f.service_day


CASES = (
    case("consent two days after the service", Verdict.FAIL, consent_day=9588, service_day=9586),
    case("consent on the day of service", Verdict.PASS, consent_day=9586, service_day=9586),
    case("no consent at all", Verdict.NOT_APPLICABLE, has_consent=False),
    case("the consent has no date", Verdict.NO_DATA, consent_day=UNKNOWN),
)
