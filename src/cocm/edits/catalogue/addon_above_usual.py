"""More add-on units in the month than payers pay without asking."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="addon.above_usual",
    title="Add-on units above the level that the payer questions",
    severity=Severity.REVIEW,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=("limit.addon_units_review_above",),
    fix="Check the time log of the month and keep it ready: the payer may ask for it.",
)


def applies(f: Facts) -> Truth:
    """An add-on line, at a payer that questions add-on units above a number."""
    return f.is_addon & f.has_usual_addon_units


def trips(f: Facts) -> Truth:
    """The month's add-on units exceed that number."""
    return f.addon_units_month > f.usual_addon_units


CASES = (
    case(
        "three units where two are usual",
        Verdict.FAIL,
        is_base=False,
        is_base_later=False,
        is_addon=True,
        addon_units_month=3,
        usual_addon_units=2,
    ),
    case(
        "two units where two are usual",
        Verdict.PASS,
        is_base=False,
        is_base_later=False,
        is_addon=True,
        addon_units_month=2,
        usual_addon_units=2,
    ),
    case(
        "a payer that never asks",
        Verdict.NOT_APPLICABLE,
        is_base=False,
        is_base_later=False,
        is_addon=True,
        addon_units_month=3,
        has_usual_addon_units=False,
    ),
    case(
        "nobody has established what is usual",
        Verdict.NO_DATA,
        is_base=False,
        is_base_later=False,
        is_addon=True,
        addon_units_month=3,
        has_usual_addon_units=UNKNOWN,
        usual_addon_units=UNKNOWN,
    ),
)
