"""An individual code from a clinic, where the payer wants the clinic's own code."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth, not_
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="code.individual_of_clinic",
    title="Individual code from a clinic",
    severity=Severity.BLOCK,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=("codes.clinic_month",),
    fix="Bill the payer's one code for clinics.",
)


def applies(f: Facts) -> Truth:
    """An individual code, at a payer that has a code for clinics."""
    return (f.clinic_month_code != "") & (f.is_base | f.is_addon | f.is_short_month) & not_(f.is_clinic_month)


def trips(f: Facts) -> Truth:
    """The biller is a clinic."""
    return f.biller_is_clinic


CASES = (
    case("a health center", Verdict.FAIL, clinic_month_code="G0512", biller_is_clinic=True),
    case("a group practice", Verdict.PASS, clinic_month_code="G0512", biller_is_clinic=False),
    case("a payer without such a code", Verdict.NOT_APPLICABLE, clinic_month_code="", biller_is_clinic=True),
    case(
        "nobody has established it",
        Verdict.NO_DATA,
        clinic_month_code=UNKNOWN,
        biller_is_clinic=True,
        is_clinic_month=UNKNOWN,
    ),
)
