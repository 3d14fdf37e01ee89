"""A date of service that is still to come."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="date.in_future",
    title="Date of service in the future",
    severity=Severity.BLOCK,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=(),
    cites="CMS internet-only manual 100-04: claims are for services rendered",
    fix="Wait until the month is over, or correct the date: nobody is paid for a service to come.",
)


def applies(f: Facts) -> Truth:
    """Every claim has a date of service."""
    return f.is_original | f.is_correction


def trips(f: Facts) -> Truth:
    """It is after the day of looking."""
    return f.days_since_service < 0


CASES = (
    case("tomorrow", Verdict.FAIL, days_since_service=-1),
    case("today", Verdict.PASS, days_since_service=0),
)
