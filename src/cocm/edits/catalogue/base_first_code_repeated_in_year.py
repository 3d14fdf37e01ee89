"""The first-month code more often in a calendar year than the payer pays it."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="base.first_code_repeated_in_year",
    title="First-month code repeated in the calendar year",
    severity=Severity.BLOCK,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=("episode.first_month_per_calendar_year_max",),
    fix="Bill the later-month code: this payer pays the first-month code no more often in a calendar year.",
)


def applies(f: Facts) -> Truth:
    """A first-month line, at a payer that limits it by calendar year."""
    return f.is_base_first & f.has_first_month_code_year_limit


def trips(f: Facts) -> Truth:
    """The year's other months already hold as many as the payer pays."""
    return f.same_code_lines_year >= f.first_month_code_year_limit


CASES = (
    case(
        "the second one in a year where one is the limit",
        Verdict.FAIL,
        is_base_first=True,
        is_base_later=False,
        has_first_month_code_year_limit=True,
        first_month_code_year_limit=1,
        same_code_lines_year=1,
    ),
    case(
        "the first one in the year",
        Verdict.PASS,
        is_base_first=True,
        is_base_later=False,
        has_first_month_code_year_limit=True,
        first_month_code_year_limit=1,
        same_code_lines_year=0,
    ),
    case(
        "a payer without this limit",
        Verdict.NOT_APPLICABLE,
        is_base_first=True,
        is_base_later=False,
        has_first_month_code_year_limit=False,
        same_code_lines_year=1,
    ),
    case(
        "nobody has established the limit",
        Verdict.NO_DATA,
        is_base_first=True,
        is_base_later=False,
        has_first_month_code_year_limit=UNKNOWN,
        first_month_code_year_limit=UNKNOWN,
        same_code_lines_year=1,
    ),
)
