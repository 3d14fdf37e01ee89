"""The later-month code in the first month of an episode."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="base.later_code_in_first_month",
    title="Later-month code in the first month",
    severity=Severity.REVIEW,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=(),
    cites="AMA CPT: psychiatric collaborative care management guidelines",
    fix="Check when the episode began: its first month has its own code.",
)


def applies(f: Facts) -> Truth:
    """A line with the payer's later-month code."""
    return f.is_base_later


def trips(f: Facts) -> Truth:
    """The record says it is the first month."""
    return f.is_first_month & (f.months_since_cocm == 0)


CASES = (
    case("the record says it is the first month", Verdict.FAIL, is_first_month=True, months_since_cocm=0),
    case("the record says it is a later month", Verdict.PASS, is_first_month=False, months_since_cocm=0),
    case("the practice billed an earlier month", Verdict.PASS, is_first_month=UNKNOWN, months_since_cocm=1),
    case(
        "a first-month line",
        Verdict.NOT_APPLICABLE,
        is_base_first=True,
        is_base_later=False,
        is_first_month=True,
    ),
    case("neither record nor history tells", Verdict.NO_DATA, is_first_month=UNKNOWN, months_since_cocm=0),
)
