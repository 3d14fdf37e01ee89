"""Billing without the patient's consent."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth, not_
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="consent.missing",
    title="No consent",
    severity=Severity.BLOCK,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=("consent.required",),
    fix="Bill nothing before the patient has agreed; document the consent with its date.",
)


def applies(f: Facts) -> Truth:
    """The payer requires consent."""
    return f.consent_is_required


def trips(f: Facts) -> Truth:
    """The patient has not consented."""
    return not_(f.has_consent)


CASES = (
    case("the patient declined", Verdict.FAIL, has_consent=False),
    case("consent is documented", Verdict.PASS, has_consent=True),
    case(
        "a payer that asks for no consent",
        Verdict.NOT_APPLICABLE,
        consent_is_required=False,
        has_consent=False,
    ),
    case("the record does not say", Verdict.NO_DATA, has_consent=UNKNOWN),
)
