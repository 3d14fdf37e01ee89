"""A patient younger than the payer covers."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="patient.below_age",
    title="Patient is younger than the payer covers",
    severity=Severity.REVIEW,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=("patient.age_years_min",),
    fix="Check the birth date; where it is right, this payer does not cover the service yet.",
)


def applies(f: Facts) -> Truth:
    """The payer covers the service from an age on."""
    return f.has_age_minimum


def trips(f: Facts) -> Truth:
    """The patient is younger on the date of service."""
    return f.age_years < f.age_years_min


CASES = (
    case(
        "eleven where twelve is the least", Verdict.FAIL, has_age_minimum=True, age_years_min=12, age_years=11
    ),
    case(
        "twelve where twelve is the least", Verdict.PASS, has_age_minimum=True, age_years_min=12, age_years=12
    ),
    case("a payer that covers all ages", Verdict.NOT_APPLICABLE, has_age_minimum=False, age_years=4),
    case("nobody has established the age", Verdict.NO_DATA, has_age_minimum=UNKNOWN, age_years_min=UNKNOWN),
)
