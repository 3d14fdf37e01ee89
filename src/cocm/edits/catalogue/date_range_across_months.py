"""A range of dates over the end of a month."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="date.range_across_months",
    title="Range of dates across months",
    severity=Severity.BLOCK,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=(),
    cites="BCBS of Michigan, The Record, May 2022: one calendar month; denials of spans (CARC 267)",
    fix="Give one date of service in the month; a range must not leave it.",
)


def applies(f: Facts) -> Truth:
    """Every line with a CoCM code."""
    return f.is_cocm


def trips(f: Facts) -> Truth:
    """The line's range of dates leaves its month."""
    return f.range_crosses_months


CASES = (
    case("15 March to 14 April", Verdict.FAIL, range_crosses_months=True),
    case("one day", Verdict.PASS, range_crosses_months=False),
)
