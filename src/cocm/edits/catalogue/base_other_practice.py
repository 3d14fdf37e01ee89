"""The month was billed by another practice."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="base.other_practice",
    title="Another practice billed the same month",
    severity=Severity.REVIEW,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=(),
    cites="CMS frequently asked questions on behavioral health integration: one practitioner bills a month",
    fix="Ask the other practice who treats the patient in the programme: one practitioner bills a month.",
)


def applies(f: Facts) -> Truth:
    """A line with a code that reports a month."""
    return f.is_base | f.is_short_month


def trips(f: Facts) -> Truth:
    """A line of another practice stands for the same person and month."""
    return f.base_lines_elsewhere_month > 0


CASES = (
    case("a practice with another TIN billed the month", Verdict.FAIL, base_lines_elsewhere_month=1),
    case("nobody else billed the month", Verdict.PASS, base_lines_elsewhere_month=0),
    case(
        "an add-on line",
        Verdict.NOT_APPLICABLE,
        is_base=False,
        is_base_later=False,
        is_addon=True,
        addon_units_month=1,
        base_lines_elsewhere_month=1,
    ),
    case(
        "the payer's codes are not established",
        Verdict.NO_DATA,
        is_base=UNKNOWN,
        is_base_later=UNKNOWN,
        base_lines_elsewhere_month=1,
    ),
)
