"""A line without units."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="units.none",
    title="Line without units",
    severity=Severity.BLOCK,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=(),
    cites="X12 005010X222A1: the quantity of a line",
    fix="Enter the units that the month earned, or leave the line out.",
)


def applies(f: Facts) -> Truth:
    """Every line with a CoCM code."""
    return f.is_cocm


def trips(f: Facts) -> Truth:
    """It has not even one unit."""
    return f.units < 1


CASES = (
    case("no unit", Verdict.FAIL, units=0),
    case("one unit", Verdict.PASS, units=1),
)
