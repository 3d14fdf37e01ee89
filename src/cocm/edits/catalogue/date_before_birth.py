"""A date of service before the patient's birth."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import Truth, not_
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="date.before_birth",
    title="Date of service before birth",
    severity=Severity.BLOCK,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=(),
    cites="X12 005010X222A1: birth date of the patient",
    fix="Correct the birth date or the date of service; the payer knows the member's birth date.",
)


def applies(f: Facts) -> Truth:
    """Every claim has a date of service."""
    return f.is_original | f.is_correction


def trips(f: Facts) -> Truth:
    """The patient was not born yet."""
    return not_(f.is_born)


CASES = (
    case("born afterwards", Verdict.FAIL, is_born=False, age_years=0),
    case("born before", Verdict.PASS, is_born=True),
)
