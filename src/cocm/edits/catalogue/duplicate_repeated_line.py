"""The same code on two lines of one claim."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="duplicate.repeated_line",
    title="Code repeated on another line",
    severity=Severity.REVIEW,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=(),
    cites="Novitas: common claim errors (duplicates)",
    fix="Send one line a code, with the units on it: two lines look like a duplicate.",
)


def applies(f: Facts) -> Truth:
    """Every line with a CoCM code."""
    return f.is_cocm


def trips(f: Facts) -> Truth:
    """Another line of the claim has the same code for the month."""
    return f.same_code_lines_claim > 1


CASES = (
    case(
        "two lines of one unit each",
        Verdict.FAIL,
        is_base=False,
        is_base_later=False,
        is_addon=True,
        addon_units_month=1,
        same_code_lines_claim=2,
    ),
    case(
        "one line of two units",
        Verdict.PASS,
        is_base=False,
        is_base_later=False,
        is_addon=True,
        addon_units_month=1,
        same_code_lines_claim=1,
        units=2,
    ),
)
