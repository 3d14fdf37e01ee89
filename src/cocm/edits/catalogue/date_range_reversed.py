"""A range of dates that ends before it begins."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="date.range_reversed",
    title="Range of dates ends before it begins",
    severity=Severity.BLOCK,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=(),
    cites="X12 005010X222A1: date of service",
    fix="Correct the dates of the line.",
)


def applies(f: Facts) -> Truth:
    """Every line with a CoCM code."""
    return f.is_cocm


def trips(f: Facts) -> Truth:
    """The line's first day is after its last."""
    return f.range_is_reversed


CASES = (
    case("from the 31st to the 1st", Verdict.FAIL, range_is_reversed=True),
    case("one day", Verdict.PASS, range_is_reversed=False),
)
