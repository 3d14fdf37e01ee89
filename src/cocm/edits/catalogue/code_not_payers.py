"""A CoCM code that this payer does not take on the date of service."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth, not_
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="code.not_payers",
    title="Code is not the payer's on the date of service",
    severity=Severity.BLOCK,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=(
        "codes.first_month",
        "codes.later_month",
        "codes.addon",
        "codes.short_month",
        "codes.clinic_month",
    ),
    fix="Bill the payer's own code for the month, or none where the payer does not cover it.",
)


def applies(f: Facts) -> Truth:
    """Every line with a code that some payer uses for the service."""
    return f.is_cocm


def trips(f: Facts) -> Truth:
    """It is none of this payer's codes on that date."""
    return not_(f.is_base | f.is_addon | f.is_short_month | f.is_clinic_month)


CASES = (
    case("a retired code", Verdict.FAIL, is_base=False, is_base_later=False),
    case(
        "the code of a short month at a payer without one",
        Verdict.FAIL,
        is_base=False,
        is_base_later=False,
        short_month_code="",
    ),
    case("a base code", Verdict.PASS, is_base=True),
    case(
        "the code by which the payer has clinics report a month",
        Verdict.PASS,
        is_base=False,
        is_base_later=False,
        is_clinic_month=True,
    ),
    case("the payer's codes are not established", Verdict.NO_DATA, is_base=UNKNOWN, is_base_later=UNKNOWN),
)
