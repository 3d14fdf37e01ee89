"""Spoken consent where the payer wants it in writing."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth, not_
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="consent.not_written",
    title="Consent is not in writing",
    severity=Severity.REVIEW,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=("consent.form",),
    fix="Obtain the written consent that this payer asks for and keep it in the record.",
)


def applies(f: Facts) -> Truth:
    """The payer requires written consent, and the patient consented."""
    return f.consent_is_required & (f.consent_form_required == "written") & f.has_consent


def trips(f: Facts) -> Truth:
    """The consent is not in writing."""
    return not_(f.consent_is_written)


CASES = (
    case("spoken consent", Verdict.FAIL, consent_form_required="written", consent_is_written=False),
    case("written consent", Verdict.PASS, consent_form_required="written", consent_is_written=True),
    case(
        "a payer that takes spoken consent",
        Verdict.NOT_APPLICABLE,
        consent_form_required="verbal_or_written",
        consent_is_written=False,
    ),
    case(
        "the record does not say how it was given",
        Verdict.NO_DATA,
        consent_form_required="written",
        consent_is_written=UNKNOWN,
    ),
)
