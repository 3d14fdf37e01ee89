"""A clinic's code from a biller that nothing shows to be a clinic."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth, not_
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="code.clinic_code_of_other_biller",
    title="Clinic's code from another biller",
    severity=Severity.REVIEW,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=("codes.clinic_month",),
    fix=(
        "Bill the individual codes; where the biller is a rural or community clinic, use the clinic's "
        "place of service and taxonomy."
    ),
)


def applies(f: Facts) -> Truth:
    """A line with the payer's code of a clinic's month."""
    return f.is_clinic_month


def trips(f: Facts) -> Truth:
    """Nothing says that the biller is such a clinic."""
    return not_(f.biller_is_clinic)


CASES = (
    case("a group practice", Verdict.FAIL, is_clinic_month=True, biller_is_clinic=False),
    case("a health center", Verdict.PASS, is_clinic_month=True, biller_is_clinic=True),
    case("an individual code", Verdict.NOT_APPLICABLE, is_clinic_month=False),
    case("the payer's code is not established", Verdict.NO_DATA, is_clinic_month=UNKNOWN),
)
