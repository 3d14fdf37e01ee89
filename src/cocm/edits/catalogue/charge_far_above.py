"""A charge many times what Medicare allows."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="charge.far_above",
    title="Charge far above Medicare's amount",
    severity=Severity.REVIEW,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=("limit.charge_multiple_review_above",),
    fix="Check the charge for a slip of the keyboard, such as cents taken for dollars.",
)


def applies(f: Facts) -> Truth:
    """Medicare has an amount for the code, and charges are questioned above a multiple of it."""
    return f.has_reference_amount & f.has_charge_multiple


def trips(f: Facts) -> Truth:
    """The charge is higher."""
    return f.charge_cents > f.charge_questioned_cents


CASES = (
    case("20,000 dollars", Verdict.FAIL, charge_cents=2000000, charge_questioned_cents=144960),
    case("200 dollars", Verdict.PASS, charge_cents=20000, charge_questioned_cents=144960),
    case(
        "no amount at hand",
        Verdict.NOT_APPLICABLE,
        has_reference_amount=False,
        reference_amount_cents=0,
        charge_cents=2000000,
        charge_questioned_cents=0,
    ),
    case(
        "nobody has established the multiple",
        Verdict.NO_DATA,
        has_charge_multiple=UNKNOWN,
        charge_multiple=UNKNOWN,
        charge_questioned_cents=UNKNOWN,
    ),
)
