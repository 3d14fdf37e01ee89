"""A line without a charge."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="charge.none",
    title="Line without a charge",
    severity=Severity.REVIEW,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=(),
    cites="X12 005010X222A1: the charge of a line",
    fix=(
        "Enter the practice's charge; a line of nothing is paid nothing, unless the payer takes it as "
        "an encounter."
    ),
)


def applies(f: Facts) -> Truth:
    """Every line with a CoCM code."""
    return f.is_cocm


def trips(f: Facts) -> Truth:
    """Its charge is nothing, or less."""
    return f.charge_cents <= 0


CASES = (
    case("no charge", Verdict.FAIL, charge_cents=0),
    case("a charge", Verdict.PASS, charge_cents=20000),
)
